import HTTPTransport
import Primitives
import Testing

@testable import EtcdAPI

@Suite("streams that are open")
struct OpenStreamsTests {
  @Test("are known until they end, by whichever side, and are ended by a server that stops")
  func ends() async throws {
    let streams = OpenStreams()
    var configuration = ServerConfiguration()
    configuration.calls.register("/test.Open/Stream") { call in
      guard streams.add(call) else { return }
      call.onMessage = { call.send($0) }
      call.onHalfClose = { call.finish() }
    }
    let server = HTTPServer()
    let endpoint = try await server.bind(
      to: .tcp(host: "127.0.0.1", port: 0), configuration: configuration)
    let client = try await ClientConnection.connect(to: endpoint)
    func open() async throws -> ClientStream {
      let stream = try await client.openStream("/test.Open/Stream")
      try await stream.send([1])
      #expect(try await stream.receive() == [1])
      return stream
    }
    let finished = try await open()
    let cancelled = try await open()
    let lasting = try await open()
    #expect(streams.count == 3)

    finished.halfClose()
    #expect(try await finished.receive() == nil)
    cancelled.cancel()
    while streams.count > 1 { await Task.yield() }

    let other = try await ClientConnection.connect(to: endpoint)
    let lost = try await other.openStream("/test.Open/Stream")
    try await lost.send([2])
    #expect(try await lost.receive() == [2])
    #expect(streams.count == 2)
    await other.close()
    while streams.count > 1 { await Task.yield() }

    streams.endAll()
    #expect(streams.count == 0)
    await #expect(throws: CallStatus.stopped) { try await lasting.receive() }
    let late = try await client.openStream("/test.Open/Stream")
    await #expect(throws: CallStatus.stopped) { try await late.receive() }
    await client.close()
    await server.shutdown()
  }
}
