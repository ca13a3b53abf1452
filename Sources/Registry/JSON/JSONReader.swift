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

/// Reads JSON (RFC 8259) from bytes in memory, or from a source through a window.
struct JSONReader<Tree: DocumentTree> {
  private var bytes: Bytes
  /// Where more bytes come from; nil if there are none.
  private var source: (any DocumentSource)?
  private let limits: DocumentLimits
  private(set) var place = 0
  /// Bytes that came before those in the window.
  private var released = 0
  private(set) var line = 1
  private var lineStart = 0
  /// Bytes of the line that begin no character.
  private var lineContinuations = 0
  private var depth = 0
  private var nodes = 0
  /// The list whose objects are being handed out.
  var list: ObjectList?

  private static var windowBytes: Int { 65_536 }

  init(_ bytes: Bytes, limits: DocumentLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  init(_ source: any DocumentSource, limits: DocumentLimits) {
    bytes = []
    self.source = source
    self.limits = limits
  }

  /// The one document that the bytes hold.
  mutating func readOnly() throws(SyntaxError) -> Tree {
    guard let tree = try readNext() else { throw error("the document is empty") }
    try skipSpace()
    guard place == bytes.count else { throw error("there is text behind the document") }
    return tree
  }

  /// The next of several documents that follow one another; nil at the end.
  mutating func readNext() throws(SyntaxError) -> Tree? {
    try skipSpace()
    if place == bytes.count { return nil }
    startPart()
    return try readValue()
  }

  /// Bytes that have been read.
  var bytesDone: Int { released + place }

  /// Drops what has been read, and counts parts anew.
  mutating func startPart() {
    nodes = 0
    guard place >= Self.windowBytes else { return }
    bytes.removeFirst(place)
    released += place
    lineStart -= place
    place = 0
  }

  /// What has not been read yet.
  mutating func rest() -> any DocumentSource {
    ResumedSource(Bytes(bytes[place...]), then: source)
  }

  /// Whether a line of dashes comes next, which begins a YAML document.
  mutating func isAtDashes() throws(SyntaxError) -> Bool {
    guard list == nil, source != nil else { return false }
    try skipSpace()
    guard try next() == UInt8(ascii: "-") else { return false }
    while bytes.count < place + 3, try refill() {}
    return place == lineStart && bytes[place...].starts(with: "---".utf8)
  }

  var position: Position {
    Position(line: line, column: place - lineStart - lineContinuations + 1)
  }

  func error(_ message: String) -> SyntaxError { SyntaxError(position, message) }

  /// Reads more into the window; false if there is no more.
  private mutating func refill() throws(SyntaxError) -> Bool {
    guard let source else { return false }
    guard bytes.count <= limits.bytes + Self.windowBytes else {
      throw error("the document is longer than \(limits.bytes) bytes")
    }
    do throws(SourceError) {
      let more = try source.read(upTo: Self.windowBytes)
      if more.isEmpty { self.source = nil }
      bytes += more
      return !more.isEmpty
    } catch {
      throw self.error(error.message)
    }
  }

  /// The byte at which the reader stands; nil at the end.
  @inline(__always)
  mutating func next() throws(SyntaxError) -> UInt8? {
    if place < bytes.count { return bytes[place] }
    return try refill() ? bytes[place] : nil
  }

  mutating func skip() { place += 1 }

  mutating func skipSpace() throws(SyntaxError) {
    while let byte = try next() {
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

  mutating func readValue() throws(SyntaxError) -> Tree {
    nodes += 1
    guard nodes <= limits.nodes else {
      throw error("the document has more than \(limits.nodes) parts")
    }
    let start = position
    switch try next() {
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

  mutating func descend() throws(SyntaxError) {
    depth += 1
    guard depth <= limits.depth else {
      throw error("maps and lists lie deeper than \(limits.depth) levels")
    }
    place += 1
    try skipSpace()
  }

  mutating func ascend() {
    place += 1
    depth -= 1
  }

  /// Takes what stands behind an element; false at the closing mark.
  mutating func takesAnother(_ closing: Unicode.Scalar) throws(SyntaxError) -> Bool {
    try skipSpace()
    switch try next() {
    case UInt8(ascii: closing):
      ascend()
      return false
    case UInt8(ascii: ","):
      place += 1
      try skipSpace()
      return true
    case nil: throw error("the document ends too early")
    case .some(let byte):
      throw error("expected ',' or '\(closing)', found \(Self.name(of: byte))")
    }
  }

  private mutating func readArray(at start: Position) throws(SyntaxError) -> Tree {
    try descend()
    if try next() == UInt8(ascii: "]") {
      ascend()
      return .array([], at: start)
    }
    var elements: [Tree] = []
    try readElements(into: &elements)
    return .array(elements, at: start)
  }

  /// Reads up to the end of an array at an element of which the reader stands.
  mutating func readElements(into elements: inout [Tree]) throws(SyntaxError) {
    repeat { elements.append(try readValue()) } while try takesAnother("]")
  }

  private mutating func readObject(at start: Position) throws(SyntaxError) -> Tree {
    try descend()
    var members: [(name: String, position: Position, tree: Tree)] = []
    if try next() == UInt8(ascii: "}") {
      ascend()
    } else {
      repeat {
        let position = position
        let name = try readName()
        members.append((name, position, try readValue()))
      } while try takesAnother("}")
    }
    if let object = Tree.object(members, at: start) { return object }
    let repeated = members[repeatedName(members.map(\.name)) ?? 0]
    throw SyntaxError(repeated.position, "the name \"\(repeated.name)\" occurs twice in this map")
  }

  /// Reads a member's name and what stands between it and the value.
  mutating func readName() throws(SyntaxError) -> String {
    guard try next() == UInt8(ascii: "\"") else { throw error("expected a name in quotes") }
    let name = try readString()
    try skipSpace()
    guard try next() == UInt8(ascii: ":") else { throw error("expected ':' behind the name") }
    place += 1
    try skipSpace()
    return name
  }

  private mutating func readWord(_ word: String, _ value: Value) throws(SyntaxError) -> Value {
    let start = place
    while bytes.count < start + word.utf8.count, try refill() {}
    guard bytes[start...].starts(with: word.utf8) else {
      throw error("expected a value, found a word that JSON does not have")
    }
    place += word.utf8.count
    return value
  }

  /// Takes digits; how many there were.
  private mutating func takeDigits() throws(SyntaxError) -> Int {
    let start = place
    while let byte = try next(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      place += 1
    }
    return place - start
  }

  private mutating func readNumber() throws(SyntaxError) -> Value {
    let start = place
    var isWhole = true
    if try next() == UInt8(ascii: "-") { place += 1 }
    let beginsWithZero = try next() == UInt8(ascii: "0")
    let digitsPlace = place
    let whole = try takeDigits()
    guard whole > 0, whole == 1 || !beginsWithZero else {
      place = digitsPlace
      throw error("a number must not begin so")
    }
    if try next() == UInt8(ascii: ".") {
      isWhole = false
      place += 1
      guard try takeDigits() > 0 else { throw error("a number must not end so") }
    }
    if let mark = try next(), mark | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      place += 1
      if let sign = try next(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        place += 1
      }
      guard try takeDigits() > 0 else { throw error("a number must not end so") }
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, let number = Int64(text) { return .integer(number) }
    guard let number = Double(text), let value = Value.canonical(number) else {
      throw error("the number is too large")
    }
    return value
  }

  mutating func readString() throws(SyntaxError) -> String {
    place += 1
    let start = place
    while let byte = try next(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"),
      byte >= 0x20
    {
      place += 1
    }
    var text = Bytes(bytes[start..<place])
    while let byte = try next(), byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("control characters must be escaped in a text") }
      if byte == UInt8(ascii: "\\") {
        text += String(try readEscape()).utf8
      } else {
        text.append(byte)
        place += 1
      }
    }
    guard place < bytes.count else { throw error("a text is not closed") }
    guard let string = String(validating: text, as: UTF8.self) else {
      throw error("the text is not UTF-8")
    }
    lineContinuations += bytes[start..<place].count { $0 & 0xc0 == 0x80 }
    place += 1
    return string
  }

  private mutating func readEscape() throws(SyntaxError) -> Unicode.Scalar {
    place += 1
    guard let byte = try next() else { throw error("a text is not closed") }
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
    guard first < 0xdc00, try next() == UInt8(ascii: "\\") else {
      throw error("an escape is half of a character")
    }
    place += 1
    guard try next() == UInt8(ascii: "u") else { throw error("an escape is half of a character") }
    let second = try readHexadecimal()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw error("an escape is half of a character") }
    return scalar
  }

  /// Reads the four digits behind the `u` at which the reader stands.
  private mutating func readHexadecimal() throws(SyntaxError) -> UInt32 {
    var number: UInt32 = 0
    while bytes.count < place + 5, try refill() {}
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
