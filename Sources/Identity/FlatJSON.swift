internal import Primitives

/// The top level of a JSON object (RFC 8259): what a token's header and claims are read from. Values that are arrays
/// or objects are passed over.
struct FlatJSON {
  enum Value: Equatable {
    case text(String)
    /// As it is written.
    case number(String)
    case other
  }

  private var members: [String: Value] = [:]
  private static let depthMax = 16

  /// Nil if it is no object, or names a member twice: readers would differ in what it means.
  init?(_ bytes: Bytes) {
    var reader = Reader(bytes: bytes)
    guard reader.take("{") else { return nil }
    if !reader.take("}") {
      repeat {
        guard let name = reader.string(), reader.take(":"), let value = reader.value(depth: 0),
          members.updateValue(value, forKey: name) == nil
        else { return nil }
      } while reader.take(",")
      guard reader.take("}") else { return nil }
    }
    guard reader.isAtEnd else { return nil }
  }

  func contains(_ name: String) -> Bool { members[name] != nil }

  /// A member that is text, or nil.
  func text(_ name: String) -> String? {
    if case .text(let text)? = members[name] { return text }
    return nil
  }

  /// A member that is a number of at least 0, rounded down; or nil.
  func whole(_ name: String) -> UInt64? {
    guard case .number(let text)? = members[name] else { return nil }
    if let whole = UInt64(text) { return whole }
    guard let number = Double(text), number >= 0, number < 0x1p63 else { return nil }
    return UInt64(number)
  }

  private struct Reader {
    let bytes: Bytes
    var position = 0

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return position == bytes.count
      }
    }

    private mutating func skipSpace() {
      while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
        position += 1
      }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) -> Value? {
      skipSpace()
      guard depth <= FlatJSON.depthMax, position < bytes.count else { return nil }
      switch bytes[position] {
      case UInt8(ascii: "\""): return string().map(Value.text)
      case UInt8(ascii: "{"): return list("{", "}", depth: depth, named: true)
      case UInt8(ascii: "["): return list("[", "]", depth: depth, named: false)
      case UInt8(ascii: "t"): return word("true")
      case UInt8(ascii: "f"): return word("false")
      case UInt8(ascii: "n"): return word("null")
      default: return number()
      }
    }

    private mutating func list(
      _ open: Unicode.Scalar, _ close: Unicode.Scalar, depth: Int, named: Bool
    ) -> Value? {
      guard take(open) else { return nil }
      if take(close) { return .other }
      repeat {
        if named { guard string() != nil, take(":") else { return nil } }
        guard value(depth: depth + 1) != nil else { return nil }
      } while take(",")
      return take(close) ? .other : nil
    }

    private mutating func word(_ text: String) -> Value? {
      guard bytes[position...].starts(with: text.utf8) else { return nil }
      position += text.utf8.count
      return .other
    }

    private mutating func number() -> Value? {
      let start = position
      while position < bytes.count, "+-.eE0123456789".utf8.contains(bytes[position]) {
        position += 1
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      return Double(text) == nil ? nil : .number(text)
    }

    mutating func string() -> String? {
      guard take("\"") else { return nil }
      var content: Bytes = []
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(validating: content, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let scalar = escape() else { return nil }
          content += Bytes(String(Character(scalar)).utf8)
        case 0..<0x20: return nil
        default: content.append(byte)
        }
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      guard position < bytes.count else { return nil }
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{C}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"):
        guard let high = hexadecimal() else { return nil }
        guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) }
        guard bytes[position...].starts(with: "\\u".utf8) else { return nil }
        position += 2
        guard let low = hexadecimal(), (0xDC00..<0xE000).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      default: return nil
      }
    }

    private mutating func hexadecimal() -> UInt32? {
      guard bytes.count - position >= 4 else { return nil }
      defer { position += 4 }
      return UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    }
  }
}
