import Foundation
import NIOCore
import Primitives
import Testing

@testable import HTTPTransport

/// HTTP/2's ENHANCE_YOUR_CALM.
private let calmDown: UInt32 = 11

private func echo(_ adjust: (inout ServerConfiguration) -> Void = { _ in }) -> ServerConfiguration {
  var configuration = ServerConfiguration()
  configuration.calls = EchoServer.router()
  adjust(&configuration)
  return configuration
}

@Suite("a hostile client")
struct HostilePeerTests {
  @Test("that resets streams in rapid succession is told to go away")
  func rapidReset() {
    let raw = RawClient(echo())
    let request = RawClient.request("/test.Echo/Never")
    for number in 0..<UInt32(Limits.resetsPerSecond + 10) {
      raw.send(
        RawClient.frame(1, 4, 2 * number + 1, request)
          + RawClient.frame(3, 0, 2 * number + 1, [0, 0, 0, 8]))
    }
    #expect(raw.goAway?.code == calmDown && raw.goAway?.text == "too_many_resets")
    #expect(raw.server.closesAfterFlush && raw.server.openStreams == 0)
  }

  @Test("that resets streams at a bearable pace is served")
  func slowReset() {
    let raw = RawClient(echo())
    let request = RawClient.request("/test.Echo/Never")
    for number in 0..<UInt32(3 * Limits.resetsPerSecond) {
      raw.clock.now = raw.clock.now + .milliseconds(2)
      raw.send(
        RawClient.frame(1, 4, 2 * number + 1, request)
          + RawClient.frame(3, 0, 2 * number + 1, [0, 0, 0, 8]))
    }
    #expect(raw.goAway == nil)
  }

  @Test("that pings too often is told so, as by grpc-go")
  func pings() {
    let raw = RawClient(echo())
    raw.send(RawClient.frame(1, 4, 1, RawClient.request("/test.Echo/Never")))
    for _ in 0..<3 {
      raw.clock.now = raw.clock.now + .seconds(5)
      raw.send(RawClient.frame(6, 0, 0, Bytes(repeating: 0, count: 8)))
    }
    #expect(raw.goAway == nil)
    for _ in 0..<3 {
      raw.clock.now = raw.clock.now + .seconds(1)
      raw.send(RawClient.frame(6, 0, 0, Bytes(repeating: 0, count: 8)))
    }
    #expect(raw.goAway?.code == calmDown && raw.goAway?.text == "too_many_pings")
  }

  @Test("that answers no ping is dropped, one that does is kept")
  func keepalive() {
    let configuration = echo {
      $0.keepalive.intervalSeconds = 10
      $0.keepalive.timeoutSeconds = 3
    }
    let silent = RawClient(configuration)
    silent.server.tick()
    silent.clock.now = silent.clock.now + .seconds(11)
    silent.server.tick()
    #expect(!silent.server.isOver)
    silent.clock.now = silent.clock.now + .seconds(4)
    silent.server.tick()
    #expect(silent.server.isOver)

    let pair = SessionPair(server: configuration)
    pair.pump()
    for _ in 0..<10 {
      pair.clock.now = max(pair.clock.now, pair.server.nextWake)
      pair.server.tick()
      pair.pump()
    }
    #expect(!pair.server.isOver)
  }

  @Test("that sends a header list without end loses the stream, and the connection goes on")
  func headerFlood() {
    let raw = RawClient(echo())
    let fields = (0..<5).map { ("x-\($0)", String(repeating: "a", count: 15_000)) }
    let block = RawClient.request("/test.Echo/Unary") + RawClient.block(fields)
    let pieces = stride(from: 0, to: block.count, by: 16_000).map {
      Bytes(block[$0..<min($0 + 16_000, block.count)])
    }
    for (index, piece) in pieces.enumerated() {
      raw.send(
        RawClient.frame(index == 0 ? 1 : 9, index == pieces.count - 1 ? 4 : 0, 1, piece))
    }
    #expect(raw.frames.contains { $0.type == 3 && $0.stream == 1 })
    raw.send(
      RawClient.frame(1, 4, 3, RawClient.request("/test.Echo/Unary"))
        + RawClient.frame(0, 1, 3, [0, 0, 0, 0, 1, 42]))
    #expect(
      raw.frames.contains { $0.type == 0 && $0.stream == 3 && $0.payload == [0, 0, 0, 0, 1, 42] })
  }

  @Test("that never ends a header block loses the connection")
  func continuationFlood() {
    let raw = RawClient(echo())
    raw.send(RawClient.frame(1, 0, 1, RawClient.request("/test.Echo/Unary")))
    for _ in 0..<1_000 where !raw.server.isOver { raw.send(RawClient.frame(9, 0, 1, [])) }
    #expect(raw.server.isOver)
  }

  @Test(
    "that sends a header block or a frame byte by byte loses the connection, however often it sends"
  )
  func slowFrames() {
    let request = RawClient.frame(1, 4, 1, RawClient.request("/test.Echo/Never"))
    let block = RawClient.frame(1, 0, 1, RawClient.request("/test.Echo/Never"))
    let continuation = RawClient.frame(9, 0, 1, RawClient.block([("x-a", "a")]))
    let slow = [
      request, block + continuation + continuation,
      request + RawClient.frame(0, 0, 1, Bytes(repeating: 0, count: 200)),
      RawClient.frame(6, 0, 0, Bytes(repeating: 0, count: 8)),
    ]
    for (index, bytes) in slow.enumerated() {
      let raw = RawClient(echo { $0.frameSeconds = 8 })
      let quick = index == 2 ? request.count : 0
      raw.send(Bytes(bytes[..<quick]))
      #expect(!raw.server.isOver)
      for byte in bytes[quick...] where !raw.server.isOver {
        raw.send([byte])
        raw.clock.now = raw.clock.now + .seconds(1)
        raw.server.tick()
      }
      #expect(raw.server.isOver, "\(index)")
    }
  }

  @Test("whose frames end in time is kept, however the reads cut them")
  func cutFrames() {
    let raw = RawClient(echo { $0.frameSeconds = 8 })
    raw.send(RawClient.frame(1, 4, 1, RawClient.request("/test.Echo/Never")))
    let frame = RawClient.frame(0, 0, 1, Bytes(repeating: 0, count: 100))
    // Each read ends within the frame that follows.
    raw.send(Bytes(frame[..<50]))
    for _ in 0..<20 {
      raw.clock.now = raw.clock.now + .seconds(6)
      raw.server.tick()
      raw.send(Bytes(frame[50...]) + Bytes(frame[..<50]))
    }
    #expect(!raw.server.isOver)
    raw.send(Bytes(frame[50...]))
    raw.clock.now = raw.clock.now + .seconds(60)
    raw.server.tick()
    #expect(!raw.server.isOver, "an idle connection is none that stalls")
  }

  @Test(
    "that never ends its preface or sends no settings loses the connection",
    arguments: [0, 20, 24, 30])
  func slowPreface(count: Int) {
    let preface = Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + RawClient.frame(4, 0, 0, [])
    let raw = RawClient(echo { $0.handshakeSeconds = 5 }, sendsPreface: false)
    raw.send(Bytes(preface[..<count]))
    raw.clock.now = raw.clock.now + .seconds(4)
    raw.server.tick()
    #expect(!raw.server.isOver && raw.server.nextWake <= raw.clock.now + .seconds(1))
    raw.clock.now = raw.clock.now + .seconds(1)
    raw.server.tick()
    #expect(raw.server.isOver)
  }

  @Test(
    "that floods with frames that bring nothing loses the connection",
    arguments: [
      RawClient.frame(4, 0, 0, []), RawClient.frame(0, 0, 1, []),
      RawClient.frame(2, 0, 1, [0, 0, 0, 0, 1]),
    ])
  func idleFrames(frame: Bytes) {
    let raw = RawClient(echo())
    raw.send(RawClient.frame(1, 4, 1, RawClient.request("/test.Echo/Never")))
    for _ in 0..<(Limits.resetsPerSecond + 10) { raw.send(frame) }
    #expect(raw.goAway?.code == calmDown)
  }

  @Test("that does not read what it provokes is cut off")
  func unreadAcknowledgements() {
    let raw = RawClient(echo { $0.keepalive.minimumPingIntervalSeconds = 0 })
    for _ in 0..<2_000 {
      raw.clock.now = raw.clock.now + .hours(3)
      raw.send(RawClient.frame(6, 0, 0, Bytes(repeating: 0, count: 8)), reads: false)
    }
    #expect(raw.server.isOver)
  }

  @Test("that opens more streams than it may is refused those")
  func concurrentStreams() {
    let raw = RawClient(echo { $0.maxConcurrentStreams = 10 })
    let request = RawClient.request("/test.Echo/Never")
    for number in 0..<UInt32(20) { raw.send(RawClient.frame(1, 4, 2 * number + 1, request)) }
    #expect(raw.server.openStreams == 10)
    #expect(raw.frames.filter { $0.type == 3 && $0.payload == [0, 0, 0, 7] }.count == 10)
  }

  @Test("that begins large messages on many streams is bounded")
  func incompleteMessages() {
    let raw = RawClient(echo())
    let request = RawClient.request("/test.Echo/Unary")
    let piece = RawClient.frame(0, 0, 1, [0, 0, 32, 0, 0] + Bytes(repeating: 0, count: 16_000))
    for number in 0..<UInt32(5_000) {
      let stream = 2 * number + 1
      var data = piece
      for index in 0..<4 { data[5 + index] = UInt8(truncatingIfNeeded: stream >> (24 - 8 * index)) }
      raw.send(RawClient.frame(1, 4, stream, request) + data)
    }
    #expect(raw.server.assembledBytes <= Limits.assembledRequestBytes)
  }

  @Test("that says something else than HTTP/2 is cut off")
  func badPreface() {
    let raw = RawClient(echo(), sendsPreface: false)
    raw.send(Bytes("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".utf8))
    #expect(raw.server.isOver)
  }

  @Test("whose message ends early, or has a strange flag, gets INTERNAL")
  func cutMessages() {
    for data: Bytes in [[0, 0, 0, 0, 9, 1], [0, 0], [2, 0, 0, 0, 0]] {
      let raw = RawClient(echo())
      raw.send(RawClient.frame(1, 4, 1, RawClient.request("/test.Echo/Unary")))
      raw.send(RawClient.frame(0, 1, 1, data))
      #expect(raw.frames.filter { $0.type == 1 && $0.stream == 1 }.count == 1)
      #expect(raw.server.openStreams == 0)
    }
  }

  @Test("plain requests over HTTP/2 are answered whole, in pieces, or with headers alone")
  func plainRequests() {
    let raw = RawClient(
      echo {
        $0.http = Pieces(); $0.maxRequestBytes = 100
      })
    func request(_ method: String, _ path: String) -> Bytes {
      RawClient.block([
        (":method", method), (":scheme", "http"), (":path", path), (":authority", "t"),
      ])
    }
    func body(_ stream: UInt32) -> Bytes {
      raw.frames.filter { $0.type == 0 && $0.stream == stream }.flatMap { $0.payload }
    }
    raw.send(RawClient.frame(1, 5, 1, request("GET", "/whole?q")))
    raw.send(RawClient.frame(1, 5, 3, request("GET", "/pieces")))
    raw.send(RawClient.frame(1, 5, 5, request("HEAD", "/whole")))
    raw.send(RawClient.frame(1, 4, 7, request("POST", "/whole")))
    raw.send(RawClient.frame(0, 0, 7, Bytes(repeating: 1, count: 101)))
    #expect(body(1) == Bytes("/whole 0".utf8))
    #expect(body(3) == Bytes("one two".utf8))
    #expect(body(5).isEmpty && raw.frames.contains { $0.type == 1 && $0.stream == 5 })
    #expect(body(7) == Bytes("the request body is too large\n".utf8))
    #expect(raw.server.openStreams == 0 && raw.server.assembledBytes == 0)
  }

  @Test("a request of another content type goes to the HTTP handler")
  func otherContentType() {
    let raw = RawClient(echo())
    raw.send(
      RawClient.frame(1, 5, 1, RawClient.request("/test.Echo/Unary", contentType: "text/html")))
    #expect(raw.frames.contains { $0.type == 1 && $0.stream == 1 })
    #expect(raw.server.openStreams == 0)
  }
}

private struct Pieces: HTTPHandler {
  func handle(_ request: HTTPRequest, responder: HTTPResponder) {
    if request.path == "/pieces" {
      responder.begin(status: 200)
      responder.write(Bytes("one ".utf8))
      responder.execute {
        responder.write(Bytes("two".utf8))
        responder.end()
      }
    } else {
      responder.respond(status: 200, body: Bytes("\(request.path) \(request.body.count)".utf8))
    }
  }
}

@Suite("arbitrary bytes")
struct FuzzTests {
  private static func mutate(_ bytes: Bytes, _ random: inout SeededNumbers) -> Bytes {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
      let position = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, position + Int.random(in: 1...40, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 2: bytes.removeSubrange(position..<end)
      case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
      default: bytes.append(contentsOf: bytes[position..<end])
      }
    }
    return bytes
  }

  /// `KEELSON_FUZZ_ROUNDS` asks for more.
  private static let rounds =
    ProcessInfo.processInfo.environment["KEELSON_FUZZ_ROUNDS"].flatMap(Int.init) ?? 700

  @Test("neither crash a session nor make it grow", arguments: [1, 2, 3] as [UInt64])
  func mutated(seed: UInt64) {
    var random = SeededNumbers(state: seed)
    let raw = RawClient.frame(4, 0, 0, []) + stream("/f.F/Unary", 1) + stream("/f.F/Stream", 3)
    let plain =
      RawClient.frame(1, 4, 5, RawClient.request("/s", contentType: "text/plain"))
      + RawClient.frame(0, 1, 5, Bytes(repeating: 3, count: 100))
    let seeds = [raw, raw + plain, raw + RawClient.frame(8, 0, 0, [0, 1, 0, 0]) + plain]
    for round in 0..<Self.rounds {
      let input = Self.mutate(seeds[round % seeds.count], &random)
      let choice = UInt8.random(in: 0...255, using: &random)
      fuzzHTTP2Server([choice] + input)
      fuzzHTTP2Client([choice] + input)
    }
    let compressed = Gzip.compress(Bytes(repeating: 9, count: 10_000))
    for _ in 0..<Self.rounds { fuzzGzip(Self.mutate(compressed, &random)) }
  }

  private func stream(_ path: String, _ stream: UInt32) -> Bytes {
    RawClient.frame(1, 4, stream, RawClient.request(path))
      + RawClient.frame(0, 0, stream, [0, 0, 0, 0, 10] + Bytes(repeating: 1, count: 10))
      + RawClient.frame(0, 1, stream, [0, 0, 0, 0, 3, 1, 2, 3])
  }
}

@Suite("the wire formats of gRPC")
struct WireFormatTests {
  @Test("grpc-timeout is read and written")
  func timeouts() {
    #expect(GRPCTimeout.parse("5S") == .seconds(5))
    #expect(GRPCTimeout.parse("100m") == .milliseconds(100))
    #expect(GRPCTimeout.parse("99999999H") != nil)
    for text in ["", "S", "5", "123456789S", "-1S", "5x", "5 S", "٣S"] {
      #expect(GRPCTimeout.parse(text) == nil)
    }
    #expect(TimeAmount.lasting(.nan) == .zero && TimeAmount.lasting(-1) == .zero)
    #expect(TimeAmount.lasting(0.5) == .milliseconds(500))
    #expect(TimeAmount.lasting(.infinity) == .nanoseconds(GRPCTimeout.century))
    for amount: TimeAmount in [.seconds(3), .milliseconds(1_500), .hours(30), .nanoseconds(7)] {
      #expect(GRPCTimeout.parse(GRPCTimeout.format(amount)) == amount)
    }
  }

  @Test("grpc-message survives percent-encoding, and broken encodings are left alone")
  func messages() {
    for text in ["", "plain", "100 %", "käse\n\u{0}", "漢字"] {
      let encoded = PercentEncoding.encode(text)
      #expect(encoded.utf8.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(PercentEncoding.decode(encoded) == text)
    }
    #expect(PercentEncoding.decode("%") == "%" && PercentEncoding.decode("%zz%4") == "%zz%4")
  }

  @Test("messages come out whole however they are cut")
  func assembling() throws {
    let messages: [Bytes] = [[], [1], Bytes(repeating: 2, count: 300), [], [3, 4]]
    var queue = SendQueue()
    for message in messages { queue.append(message, .identity) }
    for step in [1, 2, 3, 5, 7, 1_000] {
      var copy = queue
      var assembler = MessageAssembler(limit: 300)
      var seen: [Bytes] = []
      while copy.byteCount > 0 {
        var buffer = ByteBuffer()
        copy.move(min(step, copy.byteCount), to: &buffer)
        try Bytes(buffer.readableBytesView).withUnsafeBytes { chunk in
          var position = 0
          while let (message, _) = try assembler.next(chunk, &position) { seen.append(message) }
        }
      }
      #expect(seen == messages)
      #expect(copy.isBetweenMessages && assembler.isBetweenMessages)
    }
  }

  @Test("header fields keep their order and their duplicates")
  func headers() {
    let headers: Headers = [("A", "1"), ("b", ""), ("a", "2")]
    #expect(headers.first(named: "a") == "1" && headers.all(named: "a") == ["1", "2"])
    #expect(headers.first(named: "b") == "" && headers.first(named: "c") == nil)
    #expect(headers.count == 3 && headers.byteCount == 5)
  }
}
