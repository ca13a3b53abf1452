import NIOCore
import Primitives
import Synchronization
import Testing

@testable import HTTPTransport

/// An echo service whose calls are at hand.
private func echo(_ adjust: (inout ServerConfiguration) -> Void = { _ in }) -> ServerConfiguration {
  var configuration = ServerConfiguration()
  configuration.calls = EchoServer.router()
  adjust(&configuration)
  return configuration
}

/// What a handler saw; sessions without a socket run on one thread.
private final class Witness: @unchecked Sendable {
  var call: ServerCall?
  var reasons: [CallStatus] = []
  var messages: [Bytes] = []
}

@Suite("a server session without a socket")
struct ServerSessionTests {
  @Test("answers a unary call with its message and OK")
  func unary() {
    let pair = SessionPair(server: echo())
    let empty = pair.call("/test.Echo/Unary", [[]])
    let large = pair.call("/test.Echo/Unary", [Bytes(repeating: 5, count: 2_000_000)])
    pair.pump()
    #expect(empty.messages == [[]] && empty.status == .ok)
    #expect(large.messages == [Bytes(repeating: 5, count: 2_000_000)] && large.status == .ok)
    #expect(pair.server.openStreams == 0 && pair.server.bufferedBytes == 0)
    #expect(pair.server.assembledBytes == 0)
  }

  @Test("a unary method wants exactly one message")
  func cardinality() {
    let pair = SessionPair(server: echo())
    let none = pair.call("/test.Echo/Unary")
    let two = pair.call("/test.Echo/Unary", [[1], [2]])
    pair.pump()
    #expect(none.status?.code == .internalError && two.status?.code == .internalError)
  }

  @Test("an immediate error is one header block, and the client may still be sending")
  func trailersOnly() {
    let raw = RawClient(echo())
    raw.send(RawClient.frame(1, 4, 1, RawClient.request("/test.Nothing/X")))
    let headers = raw.frames.filter { $0.type == 1 && $0.stream == 1 }
    #expect(headers.count == 1)
    // RST_STREAM with NO_ERROR tells it to stop.
    #expect(raw.frames.contains { $0.type == 3 && $0.stream == 1 && $0.payload == [0, 0, 0, 0] })
    #expect(raw.server.openStreams == 0)
  }

  @Test("messages of a fast handler stay within the buffers until the client reads")
  func backpressure() throws {
    let pair = SessionPair(server: echo())
    let many = pair.call("/test.Echo/Many", [Bytes(repeating: 1, count: 10_000)])
    pair.client.setPaused(many.call, true)
    pair.pump()
    #expect(many.status == nil)
    #expect(pair.server.bufferedBytes <= Limits.streamBufferBytes + 10_005)
    #expect(many.messages.count < 60)
    pair.client.setPaused(many.call, false)
    pair.pump()
    #expect(many.messages.count == 1_000 && many.status == .ok)
  }

  @Test("a handler that pauses holds the client back and loses nothing")
  func pausedReading() {
    let witness = Witness()
    let pair = SessionPair(
      server: echo {
        $0.calls.register("/test.Echo/Pause") { call in
          witness.call = call
          call.onMessage = { message in
            witness.messages.append(message)
            call.pauseReading()
          }
          call.onHalfClose = { call.finish() }
        }
      })
    let messages = (0..<100).map { Bytes(repeating: UInt8($0), count: 10_000) }
    let result = pair.call("/test.Echo/Pause", messages)
    pair.pump()
    #expect(witness.messages.count == 1)
    #expect(result.call.output.byteCount > 700_000, "the window is at most 256 KiB")
    while let call = witness.call, result.status == nil, witness.messages.count <= messages.count {
      call.resumeReading()
      pair.pump()
    }
    #expect(witness.messages == messages && result.status == .ok)
  }

  @Test("a handler that pauses and resumes at once sees all messages before the end")
  func pausedBriefly() {
    let witness = Witness()
    let pair = SessionPair(
      server: echo {
        $0.calls.register("/test.Echo/Pause") { call in
          witness.call = call
          call.pauseReading()
          call.onMessage = { message in
            call.pauseReading()
            witness.messages.append(message)
            call.resumeReading()
          }
          call.onHalfClose = { call.finish(CallStatus(.aborted, "\(witness.messages.count)")) }
        }
      })
    let result = pair.call("/test.Echo/Pause", [[1], [2], [3]])
    pair.pump()
    #expect(witness.messages.isEmpty)
    witness.call?.resumeReading()
    pair.pump()
    #expect(result.status == CallStatus(.aborted, "3"))
  }

  @Test("a call that has ended is freed, also if its handlers refer to it")
  func memory() {
    let pair = SessionPair(
      server: echo {
        $0.calls.register("/test.Echo/Early") { call in
          call.finish()
          call.onMessage = { call.send($0) }
          call.onCancel = { _ in call.finish() }
        }
      })
    for path in ["/test.Echo/Unary", "/test.Echo/Bidi", "/test.Echo/Never", "/test.Echo/Early"] {
      let result = pair.call(path, [[1]], halfClose: false)
      pair.pump(serverWrites: false)
      weak let call = pair.server.openCalls.first
      #expect(call != nil)
      pair.client.cancel(result.call, CallStatus(.cancelled))
      pair.pump()
      #expect(call == nil)
    }
  }

  @Test("requests wait unread while too many answers do")
  func starvation() {
    let pair = SessionPair(server: echo())
    let message = Bytes(repeating: 1, count: 900_000)
    let calls = (0..<40).map { _ in pair.call("/test.Echo/Unary", [message]) }
    for call in calls { pair.client.setPaused(call.call, true) }
    pair.pump()
    #expect(pair.server.bufferedBytes >= Limits.connectionAnswerBytes / 2)
    #expect(pair.server.bufferedBytes < Limits.connectionAnswerBytes + 2 * message.count)
    for call in calls { pair.client.setPaused(call.call, false) }
    pair.pump()
    #expect(calls.allSatisfy { $0.status == .ok && $0.messages == [message] })
  }

  @Test("a client's cancellation reaches the handler once, and a late answer does nothing")
  func cancellation() {
    let witness = Witness()
    let pair = SessionPair(
      server: echo {
        $0.calls.register("/test.Echo/Wait") { call in
          witness.call = call
          call.onCancel = { witness.reasons.append($0) }
        }
      })
    let waiting = pair.call("/test.Echo/Wait", [[1]])
    pair.pump()
    pair.client.cancel(waiting.call, CallStatus(.cancelled, "enough"))
    pair.pump()
    #expect(witness.reasons == [CallStatus(.cancelled, "context canceled")])
    #expect(witness.call?.isFinished == true)
    witness.call?.send([1])
    witness.call?.finish()
    pair.server.connectionLost()
    #expect(witness.reasons.count == 1)
  }

  @Test("a lost connection ends its calls, but not one that has finished")
  func connectionLost() {
    let witness = Witness()
    let pair = SessionPair(
      server: echo {
        $0.calls.register("/test.Echo/Wait") { call in
          call.onCancel = { witness.reasons.append($0) }
        }
        $0.calls.register("/test.Echo/Done") { call in
          call.onCancel = { witness.reasons.append($0) }
          call.finish()
        }
      })
    _ = pair.call("/test.Echo/Wait", halfClose: false)
    _ = pair.call("/test.Echo/Done", halfClose: false)
    pair.pump(serverWrites: false)
    pair.server.connectionLost()
    #expect(witness.reasons.count == 1 && pair.server.openStreams == 0)
  }

  @Test("a deadline ends the call on the server too")
  func deadline() {
    let witness = Witness()
    let pair = SessionPair(
      server: echo {
        $0.calls.register("/test.Echo/Wait") { call in
          call.onCancel = { witness.reasons.append($0) }
        }
      })
    let late = pair.call("/test.Echo/Wait", [[1]], headers: [("grpc-timeout", "50m")])
    let patient = pair.call("/test.Echo/Wait", [[1]], headers: [("grpc-timeout", "5S")])
    pair.pump()
    #expect(pair.server.nextWake == pair.clock.now + .milliseconds(50))
    pair.clock.now = pair.clock.now + .milliseconds(60)
    pair.server.tick()
    pair.pump()
    #expect(late.status == CallStatus(.deadlineExceeded, "context deadline exceeded"))
    #expect(witness.reasons == [CallStatus(.deadlineExceeded, "context deadline exceeded")])
    #expect(patient.status == nil)
  }

  @Test("a message beyond the limit is refused in grpc-go's words")
  func oversize() {
    let pair = SessionPair(server: echo { $0.maxRequestBytes = 1_000 })
    let limit = 1_000 + Limits.messageOverheadBytes
    let fits = pair.call("/test.Echo/Unary", [Bytes(repeating: 0, count: limit)])
    let exceeds = pair.call("/test.Echo/Unary", [Bytes(repeating: 0, count: limit + 1)])
    pair.pump()
    #expect(fits.status == .ok)
    #expect(
      exceeds.status
        == CallStatus(
          .resourceExhausted,
          "grpc: received message larger than max (\(limit + 1) vs. \(limit))"))
  }

  @Test("gzip requests are read, answered in kind, and bounded")
  func gzip() {
    var client = ClientConfiguration()
    client.compressesMessages = true
    let pair = SessionPair(server: echo { $0.maxRequestBytes = 1_000_000 }, client: client)
    let text = Bytes(repeating: 65, count: 100_000)
    let fine = pair.call("/test.Echo/Unary", [text])
    let bomb = pair.call("/test.Echo/Unary", [Bytes(repeating: 0, count: 50_000_000)])
    pair.pump()
    #expect(fine.status == .ok && fine.messages == [text])
    #expect(bomb.status?.code == .resourceExhausted)
  }

  @Test("an unknown encoding is UNIMPLEMENTED, a flag without an encoding INTERNAL")
  func encodings() {
    let pair = SessionPair(server: echo())
    let unknown = pair.call("/test.Echo/Unary", [[1]], headers: [("grpc-encoding", "snappy")])
    pair.pump()
    #expect(
      unknown.status
        == CallStatus(
          .unimplemented, "grpc: Decompressor is not installed for grpc-encoding \"snappy\""))
    let raw = RawClient(echo())
    raw.send(RawClient.frame(1, 4, 1, RawClient.request("/test.Echo/Unary")))
    raw.send(RawClient.frame(0, 1, 1, [1, 0, 0, 0, 1, 9]))
    #expect(raw.frames.contains { $0.type == 1 && $0.stream == 1 })
    #expect(raw.server.openStreams == 0)
  }

  @Test("counts calls, outcomes and messages per method")
  func metrics() {
    let configuration = echo()
    let pair = SessionPair(server: configuration)
    _ = pair.call("/test.Echo/Unary", [[1]])
    _ = pair.call("/test.Echo/Fail", [[1]])
    _ = pair.call("/no.Such/Method", [[1]])
    pair.pump()
    #expect(configuration.metrics.methods.keys.sorted() == ["/test.Echo/Fail", "/test.Echo/Unary"])
    let unary = configuration.metrics.methods["/test.Echo/Unary"]
    #expect(unary?.handled == [.ok: 1])
    #expect(unary?.started.load(ordering: .relaxed) == 1)
    #expect(configuration.metrics.methods["/test.Echo/Fail"]?.handled == [.notFound: 1])
  }

  @Test("a connection that goes away lets open calls end and refuses new ones")
  func goAway() {
    let witness = Witness()
    let pair = SessionPair(
      server: echo { $0.calls.register("/test.Echo/Wait") { call in witness.call = call } })
    let open = pair.call("/test.Echo/Wait", [[1]])
    pair.pump()
    pair.server.announceShutdown()
    pair.pump()
    pair.server.refuseNewStreams()
    pair.pump()
    #expect(!pair.client.takesCalls && !pair.server.isOver)
    let refused = pair.call("/test.Echo/Unary", [[1]])
    #expect(refused.status?.code == .unavailable)
    witness.call?.finish([7])
    pair.pump()
    #expect(open.status == .ok && open.messages == [[7]])
    #expect(pair.server.isOver)
  }
}
