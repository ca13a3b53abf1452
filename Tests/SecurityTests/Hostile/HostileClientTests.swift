import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// Clients that mean ill or are broken: what they cost is bounded, and others are served.
@Suite("hostile clients", .serialized)
struct HostileClientTests {
  private static let mebibyte = 1_048_576

  private static func isServed(_ port: Int) async throws -> Bool {
    let client = try await WireClient(port: port)
    try await client.put("served", "yes")
    let answer = try await client.range(.with { $0.key = Data("served".utf8) })
    await client.connection.close()
    return answer.count == 1
  }

  /// Bytes of the server that lie in memory.
  private static func residentBytes(_ server: ServerProcess) throws -> Int {
    let pid = try #require(server.process).pid
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return Int(line?.split(separator: " ").dropLast().last ?? "").map { $0 * 1_024 } ?? 0
  }

  @Test(
    "what is no JSON, no base64 or no request gets an answer from the gateway, and nothing else")
  func malformedBodies() async throws {
    try await withServer(.keelson) { server in
      let deep = 200_000
      let bodies = [
        "", "{", "}", "[]", "null", "\"\"", "{\"key\":}", "{\"key\":\"a\"", "{\"key\":\"%%%%\"}",
        "{\"key\":\"YQ=\"}", "{\"key\":\"Y\"}", "{\"key\":[1]}", "{\"key\":{}}", "{\"key\":1e999}",
        "{\"limit\":\"x\"}", "{\"limit\":1e400}", "{\"limit\":9223372036854775808}",
        "{\"key\":\"\\ud800\"}", "{\"key\":\"\\u00\"}", "{\"key\":\"\u{0}\"}", "{\"a\\",
        String(repeating: "[", count: deep), String(repeating: "{\"a\":", count: deep),
        "{\"success\":" + String(repeating: "[{\"request_txn\":{\"success\":", count: 20_000),
        String(repeating: " ", count: 1_000_000), "{\"sort_order\":\"UP\"}", "{} {}", "{}x",
        "{\"key\":\"" + String(repeating: "A", count: 1_000_001) + "\"}", "\u{feff}{}", "NaN",
      ]
      for path in ["kv/range", "kv/put", "kv/txn", "lease/grant", "watch", "auth/authenticate"] {
        for body in bodies {
          let socket = try RawSocket(port: server.clientPort)
          socket.write(
            "POST /v3/\(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
              + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
          // A stream of watches waits for a request that it can read.
          if path == "watch" { continue }
          let first = socket.read() ?? []
          #expect(
            String(decoding: first, as: UTF8.self).hasPrefix("HTTP/1.1 "),
            "\(path) \(body.prefix(40))")
        }
      }
      for bytes in [[0xff, 0xfe], [0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]] as [[UInt8]] {
        let socket = try RawSocket(port: server.clientPort)
        socket.write(
          "POST /v3/kv/put HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            + "Content-Length: \(bytes.count)\r\n\r\n")
        socket.write(bytes)
        #expect(String(decoding: socket.readToEnd(), as: UTF8.self).contains(" 400 "))
      }
      #expect(try await Self.isServed(server.clientPort))
      #expect(server.process?.hasEnded == false)
    }
  }

  @Test(
    "10,000 idle connections, and 300 that send a request byte by byte, cost little and hold up nobody"
  )
  func manyConnections() async throws {
    let count = min(10_000, Self.raiseDescriptors(to: 12_000) - 1_000)
    try #require(count >= 2_000, "too few file descriptors: ulimit -n")
    try await withServer(.keelson) { server in
      let before = try Self.residentBytes(server)
      var idle: [RawSocket] = []
      for number in 0..<count {
        let socket = try RawSocket(port: server.clientPort)
        // HTTP/2 with its settings, the beginning of HTTP/1.1, or nothing.
        switch number % 3 {
        case 0: socket.write(HostileHTTP2.preface)
        case 1: socket.write("G")
        default: break
        }
        idle.append(socket)
      }
      let slow = try (0..<300).map { _ in try RawSocket(port: server.clientPort) }
      for byte in "POST /v3/kv/put HTTP/1.1\r\nHost: h\r\nX: ".utf8 {
        for socket in slow { socket.write([byte]) }
      }
      #expect(try await Self.isServed(server.clientPort))
      let grown = try Self.residentBytes(server) - before
      // Of each: two buffers of a few kilobytes, and for a third of them a session of HTTP/2.
      #expect(grown < (64 << 20) + count * 24_576, "\(grown / Self.mebibyte) MiB")
      idle = []
      #expect(try await Self.isServed(server.clientPort))
    }
  }

  @Test(
    "a client that sends a byte now and then is cut off when its time is over, and others are not")
  func slowLoris() async throws {
    try await withServer(.keelson, flags: ["--http-request-timeout", "2s"]) { server in
      let heads = [
        "GET /health HTTP/1.1\r\nHost: h\r\nX: ",
        "POST /v3/kv/put HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n{",
      ]
      let sockets = try heads.flatMap { head in
        try (0..<20).map { _ in
          let socket = try RawSocket(port: server.clientPort)
          socket.write(head)
          return socket
        }
      }
      // Bytes that come in time do not buy more of it.
      var open = sockets
      for _ in 0..<600 where !open.isEmpty {
        open = open.filter { !$0.isClosed }
        for socket in open { socket.write("x") }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(open.isEmpty, "\(open.count) of \(sockets.count) are still served")
      #expect(try await Self.isServed(server.clientPort))
    }
  }

  /// Lets this process, and the servers that it starts, have more files open, if it may.
  /// - Returns: how many it may have.
  private static func raiseDescriptors(to count: Int) -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    if limit.rlim_cur < UInt(count) {
      limit.rlim_cur = min(limit.rlim_max, UInt(count))
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return Int(clamping: limit.rlim_cur)
  }

  @Test("1,000 watches on one stream get each event once")
  func manyWatches() async throws {
    try await withServer(.keelson) { server in
      let client = try await WireClient(port: server.clientPort)
      let watches = try await client.watches()
      for _ in 0..<1_000 {
        try await watches.create {
          $0.key = Data("k".utf8)
          $0.rangeEnd = Data("l".utf8)
        }
      }
      for _ in 0..<1_000 { #expect(try await watches.next().created) }
      for number in 0..<3 { try await client.put("k\(number)", "v") }
      var seen: [Int64: [String]] = [:]
      for _ in 0..<3_000 where seen.values.reduce(0, { $0 + $1.count }) < 3_000 {
        let answer = try await watches.next()
        seen[answer.watchID, default: []] += answer.events.map {
          String(decoding: $0.kv.key, as: UTF8.self)
        }
      }
      #expect(seen.count == 1_000)
      #expect(seen.values.allSatisfy { $0 == ["k0", "k1", "k2"] })
    }
  }

  @Test(
    "a client that never reads costs a bounded piece of memory",
    arguments: ["gRPC watch", "gateway watch", "gateway snapshot"])
  func neverReads(_ kind: String) async throws {
    try await withServer(.keelson, flags: ["--unsafe-no-fsync"]) { server in
      let client = try await WireClient(port: server.clientPort)
      let value = String(repeating: "v", count: 128 * 1_024)
      func load() async throws {
        for number in 0..<400 { try await client.put("k\(number % 40)", value) }
      }
      try await load()
      let before = try Self.residentBytes(server)
      var silent: [RawSocket] = []
      for _ in 0..<20 {
        let socket = try RawSocket(port: server.clientPort, receiveBuffer: 4_096)
        switch kind {
        case "gRPC watch": socket.write(HostileHTTP2.watchOfEverything)
        case "gateway watch":
          socket.write(
            Self.post("watch", "{\"create_request\":{\"key\":\"AA==\",\"range_end\":\"AA==\"}}"))
        default: socket.write(Self.post("maintenance/snapshot", "{}"))
        }
        silent.append(socket)
      }
      try await load()
      #expect(try await Self.isServed(server.clientPort))
      let grown = try Self.residentBytes(server) - before
      // The load itself leaves some 100 MiB of history; 20 clients that were waited for would cost 1,000.
      #expect(grown < 320 * Self.mebibyte, "\(kind): \(grown / Self.mebibyte) MiB")
      _ = silent.count
    }
  }

  private static func post(_ path: String, _ body: String) -> String {
    "POST /v3/\(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test("GHSA-6vch-q96h-7gc3: TLS handshakes that never finish are cut off, and others are served")
  func handshakes() async throws {
    let authority = try await TestAuthority.with(["server"])
    let server = try await SecureServer(authority)
    let halves = try (0..<200).map { number in
      let socket = try RawSocket(port: server.port)
      // Nothing, the beginning of a record, and the beginning of a ClientHello.
      let hello: [UInt8] =
        [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 7, count: 32)
      socket.write(Array(hello.prefix([0, 3, 43][number % 3])))
      return socket
    }
    #expect(SecureServer.isHealthy(try await server.health()))
    for socket in halves { #expect(socket.waitForEnd()) }
    #expect(SecureServer.isHealthy(try await server.health()))
  }
}

/// Bytes of HTTP/2 as a client sends them that looks after nothing (RFC 9113).
enum HostileHTTP2 {
  /// The preface, with settings that let the server send as much as it likes.
  static let preface: [UInt8] =
    Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    + frame(4, 0, 0, [0, 4, 0x7f, 0xff, 0xff, 0xff]) + frame(8, 0, 0, [0x7f, 0xfe, 0, 0])

  /// A watch of every key, whose answers nobody will read.
  static let watchOfEverything: [UInt8] = {
    let request = Etcdserverpb_WatchRequest.with {
      $0.createRequest = .with {
        $0.key = Data([0])
        $0.rangeEnd = Data([0])
      }
    }
    let message: [UInt8] = (try? request.serializedBytes()) ?? []
    let headers = [
      (":method", "POST"), (":scheme", "http"), (":path", "/etcdserverpb.Watch/Watch"),
      (":authority", "h"), ("te", "trailers"), ("content-type", "application/grpc"),
    ]
    // Literal fields without indexing (RFC 7541, section 6.2.2).
    var block: [UInt8] = []
    for (name, value) in headers {
      block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
      block += [UInt8(value.utf8.count)] + Array(value.utf8)
    }
    return preface + frame(1, 4, 1, block)
      + frame(0, 0, 1, [0, 0, 0, 0, UInt8(message.count)] + message)
  }()

  private static func frame(
    _ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]
  ) -> [UInt8] {
    [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), kind, flags, 0, 0, 0, stream]
      + payload
  }
}
