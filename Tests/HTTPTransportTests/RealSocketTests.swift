import HTTPTransport
import NIOCore
import Primitives
import Testing

/// A server with an echo service on a port that the system chooses.
struct EchoServer {
  let server: HTTPServer
  let endpoint: Endpoint
  let configuration: ServerConfiguration

  static func router() -> CallRouter {
    var router = CallRouter()
    router.register("/test.Echo/Unary") { call in
      call.onRequest { call.finish($0) }
    }
    router.register("/test.Echo/Bidi") { call in
      call.onMessage = { call.send($0) }
      call.onHalfClose = { call.finish() }
    }
    router.register("/test.Echo/Thread") { call in
      call.onRequest { message in
        Task.detached { call.execute { call.finish(message) } }
      }
    }
    router.register("/test.Echo/Fail") { call in
      call.onRequest { _ in
        call.finish(CallStatus(.notFound, "there is no „Schlüssel“ at 100 %\n"))
      }
    }
    router.register("/test.Echo/Never") { call in
      call.onMessage = { _ in }
    }
    router.register("/test.Echo/Many") { call in
      call.onRequest { message in
        var left = 1_000
        func pump() {
          while left > 0, call.isWritable {
            call.send(message)
            left -= 1
          }
          if left == 0 { call.finish() }
        }
        call.onWritable = { pump() }
        pump()
      }
    }
    return router
  }

  static func start(
    _ adjust: (inout ServerConfiguration) -> Void = { _ in }
  ) async throws -> EchoServer {
    var configuration = ServerConfiguration()
    configuration.calls = router()
    adjust(&configuration)
    let server = HTTPServer()
    let endpoint = try await server.bind(
      to: .tcp(host: "127.0.0.1", port: 0), configuration: configuration)
    return EchoServer(server: server, endpoint: endpoint, configuration: configuration)
  }
}

@Suite("over real sockets", .serialized)
struct RealSocketTests {
  @Test("a unary call comes back, from the loop and from another thread")
  func unary() async throws {
    let echo = try await EchoServer.start()
    let client = try await ClientConnection.connect(to: echo.endpoint)
    #expect(try await client.unary("/test.Echo/Unary", message: [1, 2, 3]) == [1, 2, 3])
    #expect(try await client.unary("/test.Echo/Thread", message: []) == [])
    let large = Bytes(repeating: 7, count: 1_500_000)
    #expect(try await client.unary("/test.Echo/Unary", message: large) == large)
    await client.close()
    await echo.server.shutdown()
  }

  @Test("a status message travels unharmed")
  func status() async throws {
    let echo = try await EchoServer.start()
    let client = try await ClientConnection.connect(to: echo.endpoint)
    await #expect(throws: CallStatus(.notFound, "there is no „Schlüssel“ at 100 %\n")) {
      try await client.unary("/test.Echo/Fail", message: [])
    }
    await #expect(throws: CallStatus(.unimplemented, "unknown service test.Nothing")) {
      try await client.unary("/test.Nothing/X", message: [])
    }
    await #expect(throws: CallStatus(.unimplemented, "unknown method X for service test.Echo")) {
      try await client.unary("/test.Echo/X", message: [])
    }
    await client.close()
    await echo.server.shutdown()
  }

  @Test("a stream in both directions")
  func bidirectional() async throws {
    let echo = try await EchoServer.start()
    let client = try await ClientConnection.connect(to: echo.endpoint)
    let stream = try await client.openStream("/test.Echo/Bidi")
    for number in 0..<100 {
      try await stream.send([UInt8(number)])
      #expect(try await stream.receive() == [UInt8(number)])
    }
    stream.halfClose()
    #expect(try await stream.receive() == nil)
    await client.close()
    await echo.server.shutdown()
  }

  @Test("a slow reader gets every message of a fast server")
  func slowReader() async throws {
    let echo = try await EchoServer.start()
    let client = try await ClientConnection.connect(to: echo.endpoint)
    let stream = try await client.openStream("/test.Echo/Many")
    try await stream.send(Bytes(repeating: 1, count: 10_000))
    stream.halfClose()
    var count = 0
    for try await message in stream.responses {
      #expect(message.count == 10_000)
      count += 1
      if count % 100 == 0 { try await Task.sleep(nanoseconds: 2_000_000) }
    }
    #expect(count == 1_000)
    await client.close()
    await echo.server.shutdown()
  }

  @Test("a deadline ends a call that is never answered, a cancelled task too")
  func deadlines() async throws {
    let echo = try await EchoServer.start()
    let client = try await ClientConnection.connect(to: echo.endpoint)
    await #expect(throws: CallStatus(.deadlineExceeded, "context deadline exceeded")) {
      try await client.unary(
        "/test.Echo/Never", message: [], deadline: .now() + .milliseconds(30))
    }
    let task = Task { try await client.unary("/test.Echo/Never", message: []) }
    try await Task.sleep(nanoseconds: 20_000_000)
    task.cancel()
    await #expect(throws: CallStatus(.cancelled, "context canceled")) { try await task.value }
    #expect(try await client.unary("/test.Echo/Unary", message: [9]) == [9])
    await client.close()
    await echo.server.shutdown()
  }
}
