public import Primitives

extension Value {
  /// The value as JSON: compact, members in the order of their names.
  public var json: Bytes {
    var writer = JSONWriter()
    writer.write(self)
    return writer.bytes
  }

  /// The value as JSON for people: a line for each member and element, indented by four spaces as kubectl does.
  public var indentedJSON: Bytes {
    var writer = JSONWriter()
    writer.writeIndented(self, depth: 0)
    return writer.bytes
  }
}

extension Value {
  /// The same as an element of something else: every line behind as much space as `depth` levels have.
  public func indentedJSON(depth: Int) -> Bytes {
    var writer = JSONWriter()
    writer.writeSpace(depth)
    writer.writeIndented(self, depth: depth)
    return writer.bytes
  }
}

/// Appends values as JSON (RFC 8259).
struct JSONWriter {
  private(set) var bytes: Bytes = []

  mutating func write(_ value: Value) {
    switch value {
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(element)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(member.name)
        bytes.append(UInt8(ascii: ":"))
        write(member.value)
      }
      bytes.append(UInt8(ascii: "}"))
    default: writeScalar(value)
    }
  }

  mutating func writeIndented(_ value: Value, depth: Int) {
    switch value {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        breakLine(depth + 1)
        writeIndented(element, depth: depth + 1)
      }
      breakLine(depth)
      bytes.append(UInt8(ascii: "]"))
    case .object(let object) where !object.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        breakLine(depth + 1)
        write(member.name)
        bytes += [UInt8(ascii: ":"), UInt8(ascii: " ")]
        writeIndented(member.value, depth: depth + 1)
      }
      breakLine(depth)
      bytes.append(UInt8(ascii: "}"))
    default: write(value)
    }
  }

  private mutating func breakLine(_ depth: Int) {
    bytes.append(UInt8(ascii: "\n"))
    writeSpace(depth)
  }

  mutating func writeSpace(_ depth: Int) {
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 4 * depth))
  }

  private mutating func writeScalar(_ value: Value) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let truth): bytes += (truth ? "true" : "false").utf8
    case .integer(let number): bytes += String(number).utf8
    case .number(let number): bytes += NumberText.text(number).utf8
    case .string(let text): write(text)
    case .array, .object: write(value)
    }
  }

  mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    // Most text is written as it is.
    if text.utf8.contains(where: Self.isEscaped) {
      for byte in text.utf8 {
        if Self.isEscaped(byte) { writeEscaped(byte) } else { bytes.append(byte) }
      }
    } else {
      bytes += text.utf8
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case 0x0a: bytes += "\\n".utf8
    case 0x0d: bytes += "\\r".utf8
    case 0x09: bytes += "\\t".utf8
    default:
      bytes += "\\u00".utf8
      bytes += [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
    }
  }

  private static let digits = Bytes("0123456789abcdef".utf8)
}
