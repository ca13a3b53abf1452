internal import HTTPTransport
internal import Primitives

/// The JSON values of a body, one after the other: a stream of requests is written like that.
///
/// Only where a value ends is found out here; whether it is well formed is seen by the one who reads it.
/// Cost: each byte is looked at once.
struct JSONValues {
  private let body: Bytes
  private var position = 0

  init(_ body: Bytes) { self.body = body }

  /// The next value; nil at the end. Throws if something stands there that begins no value or that does not end.
  mutating func next() throws(CallStatus) -> Bytes? {
    while position < body.count, Self.isSpace(body[position]) { position += 1 }
    guard position < body.count else { return nil }
    let start = position
    switch body[position] {
    case UInt8(ascii: "{"), UInt8(ascii: "["): try skipNested()
    default: skipScalar()
    }
    let value = Bytes(body[start..<position])
    if value == Bytes("null".utf8) { return Bytes("{}".utf8) }
    guard value.first == UInt8(ascii: "{") else {
      throw CallStatus(.invalidArgument, "the request is not a JSON object")
    }
    return value
  }

  private mutating func skipNested() throws(CallStatus) {
    var depth = 0
    while position < body.count {
      let byte = body[position]
      position += 1
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return }
      case UInt8(ascii: "\""): skipString()
      default: break
      }
    }
    throw CallStatus(.invalidArgument, "unexpected EOF")
  }

  /// Goes on behind the closing quote.
  private mutating func skipString() {
    while position < body.count {
      let byte = body[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return }
      if byte == UInt8(ascii: "\\"), position < body.count { position += 1 }
    }
  }

  private mutating func skipScalar() {
    while position < body.count, !Self.isSpace(body[position]), body[position] != UInt8(ascii: "{")
    {
      position += 1
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
