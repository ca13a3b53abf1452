extension Value {
  /// The value as YAML in block style, with quotes only where they are needed; ends with a line break.
  public var yaml: String {
    var writer = YAMLWriter()
    writer.writeDocument(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// Appends values as YAML, laid out as kubectl does.
struct YAMLWriter {
  private(set) var bytes: [UInt8] = []

  mutating func writeDocument(_ value: Value) {
    switch value {
    case .object(let object) where !object.isEmpty: writeMembers(object, indent: 0, isBroken: true)
    case .array(let elements) where !elements.isEmpty:
      writeElements(elements, indent: 0, isBroken: true)
    default:
      writeInline(value, indent: 0)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  private mutating func append(_ text: String) { bytes += text.utf8 }

  private mutating func appendIndent(_ indent: Int) {
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
  }

  /// - Parameter isBroken: whether a new line has begun, so that the first member needs its indentation.
  private mutating func writeMembers(_ object: Value.Object, indent: Int, isBroken: Bool) {
    for (index, member) in object.members.enumerated() {
      if index > 0 || isBroken { appendIndent(indent) }
      writeName(member.name, indent: indent)
      switch member.value {
      case .object(let inner) where !inner.isEmpty:
        append("\n")
        writeMembers(inner, indent: indent + 2, isBroken: true)
      case .array(let elements) where !elements.isEmpty:
        append("\n")
        writeElements(elements, indent: indent, isBroken: true)
      default:
        append(" ")
        writeInline(member.value, indent: indent + 2)
        append("\n")
      }
    }
  }

  private mutating func writeElements(_ elements: [Value], indent: Int, isBroken: Bool) {
    for (index, element) in elements.enumerated() {
      if index > 0 || isBroken { appendIndent(indent) }
      append("- ")
      switch element {
      case .object(let inner) where !inner.isEmpty:
        writeMembers(inner, indent: indent + 2, isBroken: false)
      case .array(let inner) where !inner.isEmpty:
        writeElements(inner, indent: indent + 2, isBroken: false)
      default:
        writeInline(element, indent: indent + 2)
        append("\n")
      }
    }
  }

  private mutating func writeName(_ name: String, indent: Int) {
    // libyaml takes at most 1024 characters for a name that is not marked.
    if name.utf8.count > 500 {
      append("? ")
      writeQuoted(name)
      append("\n")
      appendIndent(indent)
    } else if YAMLText.isSafePlain(name) {
      append(name)
    } else {
      writeQuoted(name)
    }
    append(":")
  }

  private mutating func writeInline(_ value: Value, indent: Int) {
    switch value {
    case .null: append("null")
    case .bool(let truth): append(truth ? "true" : "false")
    case .integer(let number): append(String(number))
    case .number(let number): append(NumberText.text(number))
    case .array: append("[]")
    case .object: append("{}")
    case .string(let text):
      if YAMLText.isSafePlain(text) {
        append(text)
      } else if YAMLText.isSafeBlock(text) {
        writeBlock(text, indent: indent)
      } else {
        writeQuoted(text)
      }
    }
  }

  /// Several lines as they are. The last line's break is written by whoever asked.
  private mutating func writeBlock(_ text: String, indent: Int) {
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true {
      lines.removeLast()
      append(lines.last?.isEmpty == true ? "|+" : "|")
    } else {
      append("|-")
    }
    for line in lines {
      append("\n")
      if !line.isEmpty { appendIndent(max(indent, 2)) }
      bytes += line
    }
  }

  private mutating func writeQuoted(_ text: String) {
    // Double quotes where the text without quotes would be something else; so do other tools.
    if YAMLText.isPrintable(text), !text.utf8.contains(UInt8(ascii: "\n")),
      !YAMLText.looksLikeOther(text)
    {
      append("'")
      for byte in text.utf8 {
        if byte == UInt8(ascii: "'") { bytes.append(byte) }
        bytes.append(byte)
      }
      append("'")
      return
    }
    append("\"")
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": append("\\\"")
      case "\\": append("\\\\")
      case "\n": append("\\n")
      case "\t": append("\\t")
      case "\r": append("\\r")
      default:
        if YAMLText.isPrintable(scalar) {
          append(String(scalar))
        } else {
          let digits = String(scalar.value, radix: 16, uppercase: true)
          let width = scalar.value > 0xffff ? 8 : 4
          append(width == 8 ? "\\U" : "\\u")
          append(String(repeating: "0", count: width - digits.count) + digits)
        }
      }
    }
    append("\"")
  }
}

/// Which texts may stand in YAML without quotes.
enum YAMLText {
  /// Whether a text without quotes is read back as the same text, also by YAML 1.1 readers that know dates.
  static func isSafePlain(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 4096 else { return false }
    if "-?:,[]{}#&*!|>'\"%@`=<~ ".utf8.contains(first) || last == 0x20 || last == 0x3a {
      return false
    }
    guard isPrintable(text), !bytes.contains(0x0a) else { return false }
    for (left, right) in zip(bytes, bytes.dropFirst()) {
      if left == UInt8(ascii: ":"), right == 0x20 { return false }
      if left == 0x20, right == UInt8(ascii: "#") { return false }
    }
    return text != "..." && !text.hasPrefix("... ") && !looksLikeOther(text)
  }

  /// Whether a text without quotes would be read as something else than text.
  static func looksLikeOther(_ text: String) -> Bool {
    guard case .string? = try? YAMLScalar.plain(text) else { return true }
    return looksLikeDateOrTime(Array(text.utf8))
  }

  /// Digits with a dash or a colon between them: dates, and numbers to the base 60.
  private static func looksLikeDateOrTime(_ bytes: [UInt8]) -> Bool {
    let rest = bytes.drop { (0x30...0x39).contains($0) }
    guard rest.count < bytes.count, let mark = rest.first else { return false }
    return mark == UInt8(ascii: ":") || (mark == UInt8(ascii: "-") && bytes.count - rest.count == 4)
  }

  /// Whether a text may be written as a block of lines.
  static func isSafeBlock(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.contains(0x0a), let first = bytes.first, first != 0x0a, first != 0x20 else {
      return false
    }
    return isPrintable(text)
  }

  /// Whether all characters may stand for themselves.
  static func isPrintable(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isPrintable) }

  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0a, 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd,
      0x10000...0x10ffff:
      true
    default: false
    }
  }
}
