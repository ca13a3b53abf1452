internal import NIOCore
internal import Primitives

/// The value of `grpc-timeout`: up to eight digits and a unit.
enum GRPCTimeout {
  /// The largest number that the eight digits can hold.
  private static let largest: Int64 = 99_999_999

  /// Units from small to large, in nanoseconds.
  private static let units: [(letter: Character, nanoseconds: Int64)] = [
    ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000), ("M", 60_000_000_000),
    ("H", 3_600_000_000_000),
  ]

  static func parse(_ text: String) -> TimeAmount? {
    let digits = text.dropLast()
    guard let letter = text.last, let unit = units.first(where: { $0.letter == letter }),
      (1...8).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = Int64(digits)
    else { return nil }
    // Anything beyond a century is as good as a century, and does not overflow.
    let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: unit.nanoseconds)
    return .nanoseconds(overflow ? century : min(nanoseconds, century))
  }

  static let century: Int64 = 36_525 * 24 * 3_600_000_000_000

  static func format(_ amount: TimeAmount) -> String {
    let nanoseconds = max(0, amount.nanoseconds)
    for unit in units {
      let count = nanoseconds / unit.nanoseconds + (nanoseconds % unit.nanoseconds == 0 ? 0 : 1)
      if count <= largest { return "\(count)\(unit.letter)" }
    }
    return "\(largest)H"
  }
}

extension TimeAmount {
  /// A span of seconds, of any size and sign, cut to what is not negative and at most a century.
  static func lasting(_ seconds: Double) -> TimeAmount {
    let nanoseconds = seconds * 1e9
    guard nanoseconds > 0 else { return .zero }
    return .nanoseconds(
      nanoseconds < Double(GRPCTimeout.century) ? Int64(nanoseconds) : GRPCTimeout.century)
  }
}

/// The encoding of `grpc-message`: percent signs, control bytes and everything beyond ASCII as `%XX`.
enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  static func encode(_ text: String) -> String {
    if text.utf8.allSatisfy(isPlain) { return text }
    var encoded: Bytes = []
    for byte in text.utf8 {
      if isPlain(byte) {
        encoded.append(byte)
      } else {
        encoded.append(UInt8(ascii: "%"))
        encoded.append(digits[Int(byte >> 4)])
        encoded.append(digits[Int(byte & 15)])
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  static func decode(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(UInt8(ascii: "%")) else { return text }
    var decoded: Bytes = []
    var position = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
        let high = value(bytes[position + 1]), let low = value(bytes[position + 2])
      {
        decoded.append(high << 4 | low)
        position += 3
      } else {
        decoded.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
  }

  private static func value(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension Headers {
  /// The fields that end a call.
  static func grpcTrailers(_ status: CallStatus, _ extra: Headers) -> Headers {
    var fields: Headers = [
      ("grpc-status", String(status.code.rawValue)),
      ("grpc-message", PercentEncoding.encode(status.message)),
    ]
    fields.append(extra)
    return fields
  }

  /// Adds all fields of `other` at the end.
  mutating func append(_ other: Headers) {
    unsafe other.visit { name, value in
      unsafe append(name: name, value: value)
      return true
    }
  }
}
