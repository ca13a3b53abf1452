import NIOCore
import Primitives

@testable import HTTPTransport

/// Time that stands still unless it is moved.
final class TestClock: @unchecked Sendable {
  var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
}

/// A client and a server session that exchange bytes without a socket.
final class SessionPair {
  let clock = TestClock()
  let outbox = LoopOutbox(eventLoop: nil)
  let server: HTTP2ServerSession
  let client: HTTP2ClientSession
  /// All that the client has sent.
  private(set) var sent: Bytes = []

  init(
    server serverConfiguration: ServerConfiguration,
    client clientConfiguration: ClientConfiguration = ClientConfiguration()
  ) {
    let clock = clock
    server = HTTP2ServerSession(
      configuration: serverConfiguration,
      peer: PeerIdentity(remoteAddress: "test"), outbox: outbox, now: { clock.now })
    client = HTTP2ClientSession(
      configuration: clientConfiguration, authority: "test", outbox: outbox, now: { clock.now })
  }

  /// Carries bytes to and fro until neither side has any.
  func pump(serverWrites: Bool = true) {
    var isBusy = true
    while isBusy {
      isBusy = false
      outbox.drain()
      if client.produce(limit: 65_536) {
        isBusy = true
        let bytes = Bytes(client.output.readableBytesView)
        sent += bytes
        bytes.withUnsafeBytes { server.receive($0) }
      }
      if serverWrites, server.produce(limit: 65_536) {
        isBusy = true
        Bytes(server.output.readableBytesView).withUnsafeBytes { client.receive($0) }
      }
    }
  }

  /// Starts a call and sends its messages.
  func call(
    _ path: String, _ messages: [Bytes] = [], halfClose: Bool = true, headers: Headers = [],
    timeout: TimeAmount? = nil
  ) -> TestCall {
    let result = TestCall()
    let call = ClientCall(
      path: path, headers: headers, deadline: timeout.map { clock.now + $0 },
      maxMessageBytes: 8_388_608, onMessage: { result.messages.append($0) },
      onEnd: { result.status = $0 })
    result.call = call
    client.start(call)
    for message in messages { client.send(message, on: call) }
    if halfClose { client.halfClose(call) }
    return result
  }
}

/// What a call brought.
final class TestCall {
  var call: ClientCall!
  var messages: [Bytes] = []
  var status: CallStatus?
}

/// A client that writes frames by hand.
final class RawClient {
  let clock = TestClock()
  let outbox = LoopOutbox(eventLoop: nil)
  let server: HTTP2ServerSession
  private(set) var received: Bytes = []

  init(_ configuration: ServerConfiguration, sendsPreface: Bool = true) {
    let clock = clock
    server = HTTP2ServerSession(
      configuration: configuration, peer: PeerIdentity(remoteAddress: "test"), outbox: outbox,
      now: { clock.now })
    if sendsPreface {
      send(Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(4, 0, 0, []))
    }
  }

  func send(_ bytes: Bytes, reads: Bool = true) {
    bytes.withUnsafeBytes { server.receive($0) }
    outbox.drain()
    while reads, server.produce(limit: 65_536) { received += server.output.readableBytesView }
  }

  static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: Bytes) -> Bytes {
    var writer = ByteWriter()
    writer.append(UInt8(payload.count >> 16))
    writer.appendBigEndian(UInt16(truncatingIfNeeded: payload.count))
    writer.append(type)
    writer.append(flags)
    writer.appendBigEndian(stream)
    writer.append(payload)
    return writer.bytes
  }

  /// A header block without compression.
  static func block(_ fields: [(String, String)]) -> Bytes {
    var block: Bytes = []
    for (name, value) in fields { block += [0] + string(name) + string(value) }
    return block
  }

  private static func string(_ text: String) -> Bytes {
    var length = text.utf8.count
    var bytes: Bytes = []
    if length < 127 {
      bytes.append(UInt8(length))
    } else {
      bytes.append(127)
      length -= 127
      while length >= 128 {
        bytes.append(UInt8(length & 127 | 128))
        length >>= 7
      }
      bytes.append(UInt8(length))
    }
    return bytes + text.utf8
  }

  static func request(_ path: String, contentType: String = "application/grpc") -> Bytes {
    block([
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
      ("content-type", contentType), ("te", "trailers"),
    ])
  }

  /// The frames that came, as type, stream and payload.
  var frames: [(type: UInt8, stream: UInt32, payload: Bytes)] {
    var all: [(UInt8, UInt32, Bytes)] = []
    var position = 0
    while position + 9 <= received.count {
      let length = received[position..<position + 3].reduce(0) { $0 << 8 | Int($1) }
      let stream = received[position + 5..<position + 9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      all.append(
        (received[position + 3], stream, Bytes(received[position + 9..<position + 9 + length])))
      position += 9 + length
    }
    return all
  }

  /// The code and text of the GOAWAY that came.
  var goAway: (code: UInt32, text: String)? {
    guard let payload = frames.first(where: { $0.type == 7 })?.payload else { return nil }
    return (
      payload[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) },
      String(decoding: payload[8...], as: UTF8.self)
    )
  }
}
