/// Parses a template in kubectl's dialect of JSONPath
/// (kubernetes.io/docs/reference/kubectl/jsonpath).
struct JSONPathParser {
  /// Templates in brackets in templates. Beyond: an error.
  private static let depthMax = 32
  /// Parts of a template. Beyond: an error.
  private static let nodesMax = 10_000

  private let input: [Unicode.Scalar]
  private let depth: Int
  private var place = 0
  private var start = 0

  init(_ text: String, depth: Int = 0) {
    input = Array(text.unicodeScalars)
    self.depth = depth
  }

  /// The parts of a whole template: text, and a list for each pair of braces.
  mutating func template() throws(SelectionError) -> [JSONPathNode] {
    guard depth < Self.depthMax else { throw SelectionError("the path is nested too deeply") }
    var nodes: [JSONPathNode] = []
    while place < input.count {
      start = place
      while place < input.count, input[place] != "{" { place += 1 }
      if place > start { nodes.append(.text(consumed())) }
      guard place < input.count else { break }
      place += 1
      start = place
      nodes.append(.list(try action()))
      guard nodes.count <= Self.nodesMax else {
        throw SelectionError("the path has more than \(Self.nodesMax) parts")
      }
    }
    return nodes
  }

  /// The parts up to the closing brace.
  private mutating func action() throws(SelectionError) -> [JSONPathNode] {
    var nodes: [JSONPathNode] = []
    while true {
      guard nodes.count <= Self.nodesMax else {
        throw SelectionError("the path has more than \(Self.nodesMax) parts")
      }
      if isNext("}") {
        place += 1
        start = place
        return nodes
      }
      if isNext("[?(") {
        nodes.append(try filter())
        continue
      }
      if isNext("..") {
        if nodes.last == .descent { throw SelectionError("invalid multiple recursive descent") }
        place += 2
        start = place
        nodes.append(.descent)
        if place < input.count, Self.isWord(input[place]) { nodes.append(field()) }
        continue
      }
      guard let next = take(), next != "\n", next != "\r" else {
        throw SelectionError("unclosed action")
      }
      switch next {
      case " ", "@", "$": start = place
      case "[": nodes += try array()
      case "\"", "'": nodes.append(.text(try quoted(next)))
      case ".": nodes.append(field())
      case "+", "-", "0"..."9":
        place -= 1
        nodes.append(try number())
      default:
        guard Self.isWord(next) else {
          throw SelectionError("unrecognized character in action: '\(next)'")
        }
        place -= 1
        nodes.append(word())
      }
    }
  }

  // MARK: Parts

  private mutating func field() -> JSONPathNode {
    start = place
    while place < input.count, !Self.isTerminator(input[place]) {
      // What stands behind a backslash is part of the name.
      place += input[place] == "\\" ? 2 : 1
    }
    place = min(place, input.count)
    let name = consumed()
    if name == "*" { return .wildcard }
    return .field(String(name.filter { $0 != "\\" }))
  }

  private mutating func word() -> JSONPathNode {
    start = place
    while place < input.count, !Self.isTerminator(input[place]) { place += 1 }
    switch consumed() {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "range": return .range
    case "end": return .end
    case let word: return .unknown(word)
    }
  }

  private mutating func number() throws(SelectionError) -> JSONPathNode {
    start = place
    if input[place] == "+" || input[place] == "-" { place += 1 }
    while place < input.count, input[place] == "." || ("0"..."9").contains(input[place]) {
      place += 1
    }
    let text = consumed()
    if let integer = Int64(text) { return .integer(integer) }
    if let number = Double(text) { return .number(number) }
    throw SelectionError("cannot parse number \(text)")
  }

  private mutating func quoted(_ mark: Unicode.Scalar) throws(SelectionError) -> String {
    start = place - 1
    while true {
      guard let next = take(), next != "\n" else {
        throw SelectionError("unterminated quoted string")
      }
      if next == mark, input[place - 2] != "\\" || place - 2 == start { break }
    }
    let text = consumed()
    guard let plain = Self.unquoted(Array(text.unicodeScalars)) else {
      throw SelectionError("unquote string \(text) error invalid syntax")
    }
    return plain
  }

  /// What stands in brackets: names in quotes, indices, slices, or several of them.
  private mutating func array() throws(SelectionError) -> [JSONPathNode] {
    start = place
    while true {
      guard let next = take(), next != "\n" else { throw SelectionError("unterminated array") }
      if next == "]" { break }
    }
    let text = String(consumed().dropLast())
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    if parts.count > 1 {
      var paths: [[JSONPathNode]] = []
      for part in parts {
        let trimmed = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        paths.append(try inner("[" + String(trimmed) + "]"))
      }
      return [.union(paths)]
    }
    if text.hasPrefix("'"), text.hasSuffix("'"), text.count >= 2,
      !text.dropFirst().dropLast().contains("'")
    {
      return try inner("." + text.dropFirst().dropLast())
    }
    return [.slice(try Self.slice(text == "*" ? ":" : text))]
  }

  private static func slice(_ text: String) throws(SelectionError) -> JSONPathSlice {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let isPlain = text.unicodeScalars.allSatisfy {
      $0 == ":" || $0 == "-" || ("0"..."9").contains($0)
    }
    guard isPlain, parts.count <= 3,
      parts.allSatisfy({ $0.dropFirst().allSatisfy { $0 != "-" } })
    else { throw SelectionError("invalid array index \(text)") }
    var numbers: [Int?] = []
    for part in parts {
      guard let number = part.isEmpty ? .some(nil) : Int(part).map(Optional.some) else {
        throw SelectionError("array index \(part) is not a number")
      }
      numbers.append(number)
    }
    let start = numbers[0] ?? 0
    if numbers.count == 1 {
      return JSONPathSlice(start: start, end: start &+ 1, isIndex: true, step: nil)
    }
    return JSONPathSlice(
      start: start, end: numbers[1], isIndex: false, step: numbers.count > 2 ? numbers[2] : nil)
  }

  /// `[?(LEFT OPERATOR RIGHT)]`, or `[?(PATH)]` for what exists.
  private mutating func filter() throws(SelectionError) -> JSONPathNode {
    place += 3
    start = place
    var quote: Unicode.Scalar?
    var isClosed = false
    scan: while true {
      guard let next = take(), next != "\n" else { throw SelectionError("unterminated filter") }
      switch next {
      case "\"", "'":
        if quote == nil {
          quote = next
        } else if next == quote, input[place - 2] != "\\" {
          isClosed = true
        }
      case ")":
        if (quote != nil) == isClosed { break scan }
      default: continue
      }
    }
    guard take() == "]" else { throw SelectionError("unclosed array expect ]") }
    let text = Array(consumed().unicodeScalars.dropLast(2))
    let marks: Set<Unicode.Scalar> = ["!", "<", ">", "="]
    guard let first = text.firstIndex(where: marks.contains), first > 0 else {
      return .filter(left: try inner(text), operation: "exists", right: [])
    }
    let rest = text[first...].drop(while: marks.contains)
    guard !rest.isEmpty else {
      return .filter(left: try inner(text), operation: "exists", right: [])
    }
    return .filter(
      left: try inner(Array(text[..<first])),
      operation: Self.string(text[first..<rest.startIndex]),
      right: try inner(Array(rest)))
  }

  /// A path without braces around it.
  private func inner(_ text: some Sequence<Unicode.Scalar>) throws(SelectionError)
    -> [JSONPathNode]
  {
    try inner(Self.string(text))
  }

  private func inner(_ text: String) throws(SelectionError) -> [JSONPathNode] {
    var parser = JSONPathParser("{" + text + "}", depth: depth + 1)
    guard case .list(let nodes)? = try parser.template().first else { return [] }
    return nodes
  }

  // MARK: Characters

  private func isNext(_ text: String) -> Bool {
    input[place...].starts(with: text.unicodeScalars)
  }

  private mutating func take() -> Unicode.Scalar? {
    guard place < input.count else { return nil }
    defer { place += 1 }
    return input[place]
  }

  private mutating func consumed() -> String {
    defer { start = place }
    return Self.string(input[start..<place])
  }

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
  }

  private static func isTerminator(_ scalar: Unicode.Scalar) -> Bool {
    [" ", "\t", "\n", "\r", ".", ",", "[", "]", "$", "@", "{", "}"].contains(scalar)
  }

  /// The text between quotes, with Go's escapes; nil if an escape is not one.
  private static func unquoted(_ quoted: [Unicode.Scalar]) -> String? {
    let mark = quoted[0]
    let text = quoted.dropFirst().dropLast()
    var bytes: [UInt8] = []
    var place = text.startIndex
    let letters: [Unicode.Scalar: UInt8] = [
      "a": 0x07, "b": 0x08, "f": 0x0c, "n": 0x0a, "r": 0x0d, "t": 0x09, "v": 0x0b,
      "\\": 0x5c,
    ]
    func number(_ count: Int, _ radix: Int) -> UInt32? {
      guard text.endIndex - place >= count else { return nil }
      let digits = string(text[place..<place + count])
      guard digits.utf8.first != UInt8(ascii: "+"), digits.utf8.first != UInt8(ascii: "-") else {
        return nil
      }
      return UInt32(digits, radix: radix)
    }
    while place < text.endIndex {
      let scalar = text[place]
      place += 1
      guard scalar == "\\" else {
        if scalar == "\n" { return nil }
        bytes += String(scalar).utf8
        continue
      }
      guard place < text.endIndex else { return nil }
      let escape = text[place]
      place += 1
      switch escape {
      case "x":
        guard let byte = number(2, 16) else { return nil }
        place += 2
        bytes.append(UInt8(byte))
      case "u", "U":
        let width = escape == "u" ? 4 : 8
        guard let code = number(width, 16).flatMap(Unicode.Scalar.init) else { return nil }
        place += width
        bytes += String(code).utf8
      case "0"..."7":
        place -= 1
        guard let byte = number(3, 8), byte < 256 else { return nil }
        place += 3
        bytes.append(UInt8(byte))
      default:
        if let byte = letters[escape] {
          bytes.append(byte)
        } else if escape == mark {
          bytes += String(escape).utf8
        } else {
          return nil
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
