import NIOCore
import Primitives
import Testing

@testable import HTTPTransport

/// A message of numbered bytes, which counts how many were asked for.
private final class NumberedBytes: MessageSource, @unchecked Sendable {
  let count: Int
  private(set) var read = 0

  init(count: Int) { self.count = count }

  func read(into writer: inout MessageWriter) {
    while writer.remaining > 0 {
      writer.append(Self.byte(read))
      read += 1
    }
  }

  static func byte(_ position: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: position &* 31 &+ position >> 8)
  }

  static func whole(_ count: Int) -> Bytes { (0..<count).map(byte) }
}

/// The message that the server sends, and its handler's call.
private final class Sender: @unchecked Sendable {
  weak var source: NumberedBytes?
  var call: ServerCall?
  private let make: () -> NumberedBytes

  init(_ make: @escaping @autoclosure () -> NumberedBytes) { self.make = make }

  func pair(client: ClientConfiguration = ClientConfiguration()) -> SessionPair {
    var configuration = ServerConfiguration()
    configuration.calls.registerUnary("/test.Pieces/Get") { call, _ in
      let source = self.make()
      self.source = source
      self.call = call
      call.finish(source)
    }
    return SessionPair(server: configuration, client: client)
  }
}

/// Says that it is as long as no message may be.
private final class Endless: MessageSource {
  let count = Limits.answerBytes + 1
  func read(into writer: inout MessageWriter) {}
}

@Suite("a message that is made while it is sent")
struct MessageSourceTests {
  @Test(
    "arrives as it is, whatever its length",
    arguments: [0, 1, 4, 5, 16_379, 16_384, 65_535, 131_072, 2_000_003])
  func lengths(count: Int) {
    let sender = Sender(NumberedBytes(count: count))
    let pair = sender.pair()
    let first = pair.call("/test.Pieces/Get", [[]])
    let second = pair.call("/test.Pieces/Get", [[]])
    pair.pump()
    let whole = NumberedBytes.whole(count)
    #expect(first.messages == [whole] && first.status == .ok)
    #expect(second.messages == [whole] && second.status == .ok)
    #expect(pair.server.bufferedBytes == 0 && pair.server.openStreams == 0)
    #expect(sender.source == nil)
  }

  @Test("is made no further than the client reads")
  func slowReader() throws {
    let count = 7_000_000
    let sender = Sender(NumberedBytes(count: count))
    let pair = sender.pair()
    let slow = pair.call("/test.Pieces/Get", [[]])
    pair.client.setPaused(slow.call, true)
    pair.pump()
    let made = try #require(sender.source).read
    #expect(made < count / 2)
    #expect(pair.server.output.capacity <= 1_048_576)
    // Whoever reads nothing cannot ask for more than for so many messages that were whole.
    #expect(pair.server.bufferedBytes == count + 5 - made - 5)
    pair.client.setPaused(slow.call, false)
    pair.pump()
    #expect(slow.messages == [NumberedBytes.whole(count)] && slow.status == .ok)
  }

  @Test("is let go when the client gives up, or is lost")
  func cancellation() throws {
    for isLost in [false, true] {
      let sender = Sender(NumberedBytes(count: 7_000_000))
      let pair = sender.pair()
      let given = pair.call("/test.Pieces/Get", [[]])
      pair.client.setPaused(given.call, true)
      pair.pump()
      #expect(try #require(sender.source).read > 0)
      if isLost {
        pair.server.connectionLost()
      } else {
        pair.client.cancel(given.call, CallStatus(.cancelled, "enough"))
        pair.pump()
      }
      #expect(sender.source == nil)
      #expect(pair.server.bufferedBytes == 0 && pair.server.openStreams == 0)
    }
  }

  @Test("is made whole where it is to be compressed")
  func compressed() {
    var client = ClientConfiguration()
    client.compressesMessages = true
    let sender = Sender(NumberedBytes(count: 300_000))
    let pair = sender.pair(client: client)
    let call = pair.call("/test.Pieces/Get", [Bytes(repeating: 1, count: 2_000)])
    pair.pump()
    #expect(sender.call?.takesPieces == false)
    #expect(call.messages == [NumberedBytes.whole(300_000)] && call.status == .ok)
  }

  @Test("is refused beyond what a client can take, in grpc-go's words")
  func tooLong() {
    var configuration = ServerConfiguration()
    configuration.calls.registerUnary("/test.Pieces/Get") { call, _ in call.finish(Endless()) }
    let pair = SessionPair(server: configuration)
    let call = pair.call("/test.Pieces/Get", [[]])
    pair.pump()
    #expect(
      call.status
        == CallStatus(
          .resourceExhausted,
          "grpc: trying to send message larger than max (2147483648 vs. 2147483647)"))
  }
}
