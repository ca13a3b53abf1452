internal import Primitives

/// Quoted text in lines of transactions and interactive commands. Takes any input without failing hard.
enum QuotedText {
  /// Splits a line into words: bare, in double quotes with Go's escapes, or in single quotes as they are.
  static func words(_ line: Bytes) throws(Failure) -> [Bytes] {
    var words: [Bytes] = []
    var position = 0
    while position < line.count {
      switch line[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
        words.append(try quoted(line, at: &position))
      default:
        let end =
          line[position...].firstIndex { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
          ?? line.count
        words.append(Bytes(line[position..<end]))
        position = end
      }
    }
    return words
  }

  /// Reads quoted text; `position` stands on the opening quote, and after it behind the closing one.
  static func quoted(_ line: Bytes, at position: inout Int) throws(Failure) -> Bytes {
    let quote = line[position]
    position += 1
    var text: Bytes = []
    while position < line.count {
      let byte = line[position]
      position += 1
      if byte == quote { return text }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        try appendEscape(line, at: &position, to: &text)
      } else {
        text.append(byte)
      }
    }
    throw Failure(
      .invalidInput, "a closing quote is missing: \(String(decoding: line, as: UTF8.self))")
  }

  private static let simpleEscapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0c,
    UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "t"): 0x09,
    UInt8(ascii: "v"): 0x0b, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
  ]

  private static func appendEscape(
    _ line: Bytes, at position: inout Int, to text: inout Bytes
  ) throws(Failure) {
    let malformed = Failure(
      .invalidInput, "an escape is not valid: \(String(decoding: line, as: UTF8.self))")
    guard position < line.count else { throw malformed }
    let letter = line[position]
    if let byte = simpleEscapes[letter] {
      position += 1
      text.append(byte)
      return
    }
    let (width, radix) =
      switch letter {
      case UInt8(ascii: "x"): (2, 16)
      case UInt8(ascii: "u"): (4, 16)
      case UInt8(ascii: "U"): (8, 16)
      case UInt8(ascii: "0")...UInt8(ascii: "7"): (3, 8)
      default: (0, 0)
      }
    let start = radix == 8 ? position : position + 1
    guard width > 0, start + width <= line.count else { throw malformed }
    let digits = String(decoding: line[start..<start + width], as: UTF8.self)
    guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let number = UInt32(digits, radix: radix)
    else { throw malformed }
    position = start + width
    if width <= 3 {
      guard let byte = UInt8(exactly: number) else { throw malformed }
      text.append(byte)
    } else {
      guard let scalar = Unicode.Scalar(number) else { throw malformed }
      text.append(contentsOf: Bytes(String(scalar).utf8))
    }
  }
}
