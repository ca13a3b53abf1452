import Foundation
import HTTPTransport
import NIOCore
import Primitives
import Testing

/// Answers with what was asked, or in pieces.
private struct Describe: HTTPHandler {
  func handle(_ request: HTTPRequest, responder: HTTPResponder) {
    if request.path == "/pieces" {
      responder.begin(status: 200)
      // A thread, not a task: the tests beside this one may keep every thread of the tasks' pool busy.
      Thread.detachNewThread {
        for number in 1...3 {
          responder.execute { responder.write(Bytes("piece \(number);".utf8)) }
        }
        responder.execute { responder.end() }
      }
      return
    }
    let text =
      "\(request.method) \(request.path) \(request.query ?? "-") \(request.body.count)"
      + " \(request.headers.first(named: "x-test") ?? "-")"
    responder.respond(status: 200, body: Bytes(text.utf8))
  }
}

extension Endpoint {
  fileprivate var port: Int {
    if case .tcp(_, let port) = self { port } else { 0 }
  }
}

@Suite("connections", .serialized)
struct ConnectionTests {
  @Test("HTTP/1.1 shares the port: keep-alive, pipelining, chunks, HEAD and 404")
  func http1() async throws {
    let echo = try await EchoServer.start { $0.http = Describe() }
    let socket = PlainSocket(port: echo.endpoint.port)
    socket.write("GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Test: t\r\n\r\n")
    #expect(socket.read(until: "GET /a b=c 0 t")?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
    socket.write("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
    #expect(socket.read(until: "POST /p - 5 -") != nil)
    socket.write("GET /pieces HTTP/1.1\r\nHost: x\r\n\r\nGET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
    let pieces = try #require(socket.read(until: "GET /1 - 0 -"))
    #expect(pieces.contains("transfer-encoding: chunked") && pieces.contains("8\r\npiece 3;\r\n0"))
    socket.write("HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    let head = try #require(socket.read())
    #expect(head.hasSuffix("\r\n\r\n") && head.contains("content-length: 13"))
    await echo.server.shutdown()

    let bare = try await EchoServer.start()
    let other = PlainSocket(port: bare.endpoint.port)
    other.write("GET / HTTP/1.0\r\n\r\n")
    #expect(other.read()?.contains("404") == true)
    await bare.server.shutdown()
  }

  @Test("HTTP/1.1 bodies and header lists are bounded, and nonsense is refused")
  func http1Bounds() async throws {
    let echo = try await EchoServer.start {
      $0.http = Describe()
      $0.maxRequestBytes = 1_000
    }
    let large = PlainSocket(port: echo.endpoint.port)
    large.write(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n"
        + String(repeating: "a", count: 2_000))
    #expect(large.read()?.hasPrefix("HTTP/1.1 413 ") == true)
    let fields = PlainSocket(port: echo.endpoint.port)
    fields.write(
      "GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "a", count: 1_000_000) + "\r\n\r\n")
    #expect(fields.read()?.contains("200 OK") == false)
    let nonsense = PlainSocket(port: echo.endpoint.port)
    nonsense.write("\u{1}\u{2}\u{3}\r\n\r\n")
    #expect(nonsense.read()?.contains("200 OK") == false)
    await echo.server.shutdown()
  }

  @Test("connections that stay silent are closed, under TLS too, and disturb nobody")
  func silence() async throws {
    let certificates = try TestCertificates()
    let echo = try await EchoServer.start { $0.handshakeSeconds = 0.2 }
    let secure = try await EchoServer.start {
      $0.handshakeSeconds = 0.2
      $0.tls = certificates.server(.none)
    }
    let silent = PlainSocket(port: echo.endpoint.port)
    let halfPreface = PlainSocket(port: echo.endpoint.port)
    halfPreface.write("PRI * HT")
    let handshake = PlainSocket(port: secure.endpoint.port)
    let client = try await ClientConnection.connect(to: echo.endpoint)
    #expect(silent.read() == "" && halfPreface.read() == "" && handshake.read() == "")
    #expect(try await client.unary("/test.Echo/Unary", message: [1]) == [1])
    await client.close()
    await echo.server.shutdown()
    await secure.server.shutdown()
  }

  @Test("mutual TLS hands the client's certificate up, and refuses strangers")
  func mutualTLS() async throws {
    let certificates = try TestCertificates()
    let echo = try await EchoServer.start {
      $0.tls = certificates.server(.require)
      $0.calls.register("/test.Echo/Who") { call in
        call.onRequest { _ in
          call.finish(call.peer.isSecure ? call.peer.certificates.first ?? [] : [])
        }
      }
    }
    let address = Endpoint.tcp(host: "localhost", port: echo.endpoint.port)
    let client = try await ClientConnection.connect(
      to: address, configuration: certificates.client(as: "client"))
    let certificate = try await client.unary("/test.Echo/Who", message: [])
    let pem = try String(contentsOfFile: certificates.path("client.pem"), encoding: .utf8)
    let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
    #expect(Data(certificate) == Data(base64Encoded: base64))
    await client.close()

    for configuration in [
      certificates.client(as: "stranger"), certificates.client(),
      certificates.client(as: "client", authority: "other"),
    ] {
      await #expect(throws: (any Error).self) {
        let refused = try await ClientConnection.connect(
          to: address, configuration: configuration)
        // With TLS 1.3 the client learns of the refusal with the first answer.
        _ = try await refused.unary("/test.Echo/Unary", message: [])
      }
    }
    await echo.server.shutdown()
  }

  @Test("a server that only requests certificates takes clients without one; files are read again")
  func requestedCertificatesAndReload() async throws {
    let certificates = try TestCertificates()
    let generation = certificates.path("generation")
    let echo = try await EchoServer.start {
      $0.tls = certificates.server(.request)
      $0.tlsGeneration = { FileManager.default.fileExists(atPath: generation) ? 2 : 1 }
    }
    let address = Endpoint.tcp(host: "localhost", port: echo.endpoint.port)
    let client = try await ClientConnection.connect(
      to: address, configuration: certificates.client())
    #expect(try await client.unary("/test.Echo/Unary", message: [1]) == [1])
    await client.close()

    for name in ["pem", "key"] {
      try FileManager.default.removeItem(atPath: certificates.path("server." + name))
      try FileManager.default.copyItem(
        atPath: certificates.path("stranger." + name), toPath: certificates.path("server." + name))
    }
    try "".write(toFile: generation, atomically: true, encoding: .utf8)
    let other = try await ClientConnection.connect(
      to: address, configuration: certificates.client(authority: "other"))
    #expect(try await other.unary("/test.Echo/Unary", message: [1]) == [1])
    await other.close()
    await echo.server.shutdown()
  }

  @Test("pages can be fetched, in plain text and under TLS")
  func fetch() async throws {
    let certificates = try TestCertificates()
    let plain = try await EchoServer.start { $0.http = Describe() }
    let secure = try await EchoServer.start {
      $0.http = Describe()
      $0.tls = certificates.server(.none)
    }
    let page = try await HTTPAnswer.fetch("/health?x=1", from: plain.endpoint)
    #expect(page.status == 200 && page.body == Bytes("GET /health x=1 0 -".utf8))
    let pieces = try await HTTPAnswer.fetch(
      "/pieces", from: .tcp(host: "localhost", port: secure.endpoint.port),
      tls: certificates.client().tls)
    #expect(pieces.body == Bytes("piece 1;piece 2;piece 3;".utf8))
    await #expect(throws: TransportError.self) {
      try await HTTPAnswer.fetch("/pieces", from: plain.endpoint, limit: 10)
    }
    await plain.server.shutdown()
    await secure.server.shutdown()
  }

  @Test("errors of addresses and files say what is wrong")
  func errors() async throws {
    let echo = try await EchoServer.start()
    let second = HTTPServer()
    await #expect(throws: TransportError.self) {
      try await second.bind(to: echo.endpoint, configuration: ServerConfiguration())
    }
    await #expect(throws: TransportError.self) {
      var configuration = ServerConfiguration()
      configuration.tls = .server(certificateFile: "/nowhere.pem", privateKeyFile: "/nowhere.key")
      _ = try await second.bind(
        to: .tcp(host: "127.0.0.1", port: 0), configuration: configuration)
    }
    await echo.server.shutdown()
    await second.shutdown()
    await #expect(throws: TransportError.self) {
      try await ClientConnection.connect(to: echo.endpoint)
    }
  }

  @Test("a graceful shutdown lets open calls end; what is still open then is cut")
  func shutdown() async throws {
    let echo = try await EchoServer.start {
      $0.calls.register("/test.Echo/Slow") { call in
        call.onRequest { message in
          call.eventLoop?.scheduleTask(in: .milliseconds(150)) { call.finish(message) }
        }
      }
    }
    let client = try await ClientConnection.connect(to: echo.endpoint)
    let slow = Task { try await client.unary("/test.Echo/Slow", message: [5]) }
    let never = Task { try await client.unary("/test.Echo/Never", message: [5]) }
    try await Task.sleep(nanoseconds: 50_000_000)
    await echo.server.shutdown(graceSeconds: 0.5)
    #expect(try await slow.value == [5])
    await #expect(throws: CallStatus.self) { try await never.value }
    await client.waitUntilClosed()
    #expect(!client.isOpen)
  }

  @Test("serves Unix sockets, and several listeners at once")
  func unixSocket() async throws {
    let echo = try await EchoServer.start()
    let path = NSTemporaryDirectory() + "keelson-\(UUID().uuidString.prefix(8)).sock"
    let bound = try await echo.server.bind(
      to: .unix(path: path), configuration: echo.configuration)
    for endpoint in [echo.endpoint, bound] {
      let client = try await ClientConnection.connect(to: endpoint)
      #expect(try await client.unary("/test.Echo/Unary", message: [1]) == [1])
      await client.close()
    }
    await echo.server.shutdown()
  }
}
