public import Primitives

extension Value {
  /// Reads one JSON document, as it lies in the store.
  /// - Throws: for anything that RFC 8259 does not allow, for names that occur twice in one object, and for
  ///   documents beyond the limits.
  public init(json bytes: Bytes, limits: DocumentLimits = DocumentLimits()) throws(SyntaxError) {
    var reader = JSONReader<Value>(bytes, limits: limits)
    self = try reader.readOnly()
  }
}

/// Reads JSON (RFC 8259) from bytes.
struct JSONReader<Tree: DocumentTree> {
  private let bytes: Bytes
  private let limits: DocumentLimits
  private(set) var place = 0
  private var line = 1
  private var lineStart = 0
  /// Bytes of the line that begin no character.
  private var lineContinuations = 0
  private var depth = 0
  private var nodes = 0

  init(_ bytes: Bytes, limits: DocumentLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The one document that the bytes hold.
  mutating func readOnly() throws(SyntaxError) -> Tree {
    guard let tree = try readNext() else { throw error("the document is empty") }
    skipSpace()
    guard place == bytes.count else { throw error("there is text behind the document") }
    return tree
  }

  /// The next of several documents that follow one another; nil at the end.
  mutating func readNext() throws(SyntaxError) -> Tree? {
    skipSpace()
    if place == bytes.count { return nil }
    let start = place
    nodes = 0
    let tree = try readValue()
    guard place - start <= limits.bytes else {
      throw error("the document is longer than \(limits.bytes) bytes")
    }
    return tree
  }

  private var position: Position {
    Position(line: line, column: place - lineStart - lineContinuations + 1)
  }

  private func error(_ message: String) -> SyntaxError { SyntaxError(position, message) }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = next {
      switch byte {
      case 0x20, 0x09, 0x0d: place += 1
      case 0x0a:
        place += 1
        line += 1
        lineStart = place
        lineContinuations = 0
      default: return
      }
    }
  }

  private mutating func readValue() throws(SyntaxError) -> Tree {
    nodes += 1
    guard nodes <= limits.nodes else {
      throw error("the document has more than \(limits.nodes) parts")
    }
    let start = position
    switch next {
    case UInt8(ascii: "{"): return try readObject(at: start)
    case UInt8(ascii: "["): return try readArray(at: start)
    case UInt8(ascii: "\""): return .scalar(.string(try readString()), at: start)
    case UInt8(ascii: "t"): return .scalar(try readWord("true", .bool(true)), at: start)
    case UInt8(ascii: "f"): return .scalar(try readWord("false", .bool(false)), at: start)
    case UInt8(ascii: "n"): return .scalar(try readWord("null", .null), at: start)
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return .scalar(try readNumber(), at: start)
    case nil: throw error("the document ends too early")
    case .some(let byte):
      throw error("expected a value, found \(Self.name(of: byte))")
    }
  }

  private static func name(of byte: UInt8) -> String {
    (0x21..<0x7f).contains(byte)
      ? "'\(Character(UnicodeScalar(byte)))'" : "the byte \(byte)"
  }

  private mutating func descend() throws(SyntaxError) {
    depth += 1
    guard depth <= limits.depth else {
      throw error("maps and lists lie deeper than \(limits.depth) levels")
    }
    place += 1
    skipSpace()
  }

  /// Takes what stands behind an element; false at the closing mark.
  private mutating func takesAnother(_ closing: Unicode.Scalar) throws(SyntaxError) -> Bool {
    skipSpace()
    switch next {
    case UInt8(ascii: closing):
      place += 1
      depth -= 1
      return false
    case UInt8(ascii: ","):
      place += 1
      skipSpace()
      return true
    case nil: throw error("the document ends too early")
    case .some(let byte):
      throw error("expected ',' or '\(closing)', found \(Self.name(of: byte))")
    }
  }

  private mutating func readArray(at start: Position) throws(SyntaxError) -> Tree {
    try descend()
    var elements: [Tree] = []
    if next == UInt8(ascii: "]") {
      place += 1
      depth -= 1
      return .array([], at: start)
    }
    repeat { elements.append(try readValue()) } while try takesAnother("]")
    return .array(elements, at: start)
  }

  private mutating func readObject(at start: Position) throws(SyntaxError) -> Tree {
    try descend()
    var members: [(name: String, position: Position, tree: Tree)] = []
    if next == UInt8(ascii: "}") {
      place += 1
      depth -= 1
    } else {
      repeat {
        let position = position
        guard next == UInt8(ascii: "\"") else { throw error("expected a name in quotes") }
        let name = try readString()
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw error("expected ':' behind the name") }
        place += 1
        skipSpace()
        members.append((name, position, try readValue()))
      } while try takesAnother("}")
    }
    if let object = Tree.object(members, at: start) { return object }
    let repeated = members[repeatedName(members.map(\.name)) ?? 0]
    throw SyntaxError(repeated.position, "the name \"\(repeated.name)\" occurs twice in this map")
  }

  private mutating func readWord(_ word: String, _ value: Value) throws(SyntaxError) -> Value {
    guard bytes[place...].starts(with: word.utf8) else {
      throw error("expected a value, found a word that JSON does not have")
    }
    place += word.utf8.count
    return value
  }

  private mutating func readNumber() throws(SyntaxError) -> Value {
    let start = place
    var isWhole = true
    func digits(from place: Int) -> Int {
      bytes[place...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
    }
    if next == UInt8(ascii: "-") { place += 1 }
    let whole = digits(from: place)
    guard whole > 0, whole == 1 || next != UInt8(ascii: "0") else {
      throw error("a number must not begin so")
    }
    place += whole
    if next == UInt8(ascii: ".") {
      isWhole = false
      let fraction = digits(from: place + 1)
      guard fraction > 0 else { throw error("a number must not end so") }
      place += 1 + fraction
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      place += 1
      if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") { place += 1 }
      let exponent = digits(from: place)
      guard exponent > 0 else { throw error("a number must not end so") }
      place += exponent
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, let number = Int64(text) { return .integer(number) }
    guard let number = Double(text), let value = Value.canonical(number) else {
      throw error("the number is too large")
    }
    return value
  }

  private mutating func readString() throws(SyntaxError) -> String {
    place += 1
    let start = place
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      place += 1
    }
    var text = Bytes(bytes[start..<place])
    while next != UInt8(ascii: "\"") {
      guard let byte = next else { throw error("a text is not closed") }
      guard byte >= 0x20 else { throw error("control characters must be escaped in a text") }
      if byte == UInt8(ascii: "\\") {
        text += String(try readEscape()).utf8
      } else {
        text.append(byte)
        place += 1
      }
    }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw error("the text is not UTF-8")
    }
    lineContinuations += bytes[start..<place].count { $0 & 0xc0 == 0x80 }
    place += 1
    return string
  }

  private mutating func readEscape() throws(SyntaxError) -> Unicode.Scalar {
    place += 1
    guard let byte = next else { throw error("a text is not closed") }
    if byte != UInt8(ascii: "u") {
      guard let scalar = Self.escapes[byte] else {
        throw error("JSON has no escape \(Self.name(of: byte))")
      }
      place += 1
      return scalar
    }
    let first = try readHexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // A character beyond U+FFFF is written as two halves.
    guard first < 0xdc00, next == UInt8(ascii: "\\"), place + 1 < bytes.count,
      bytes[place + 1] == UInt8(ascii: "u")
    else { throw error("an escape is half of a character") }
    place += 1
    let second = try readHexadecimal()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw error("an escape is half of a character") }
    return scalar
  }

  /// Reads the four digits behind the `u` at which the reader stands.
  private mutating func readHexadecimal() throws(SyntaxError) -> UInt32 {
    var number: UInt32 = 0
    for offset in 1...4 {
      guard place + offset < bytes.count,
        let digit = Character(UnicodeScalar(bytes[place + offset])).hexDigitValue
      else { throw error("an escape needs four hexadecimal digits") }
      number = number << 4 | UInt32(digit)
    }
    place += 5
    return number
  }

  private static var escapes: [UInt8: Unicode.Scalar] {
    [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
      UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n",
      UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
  }
}
