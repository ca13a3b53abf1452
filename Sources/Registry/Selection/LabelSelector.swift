/// Which objects are meant, by their labels: `app=web,tier!=db,env in (a,b),!old`.
public struct LabelSelector: Hashable, Sendable {
  /// What is asked of one label.
  enum Requirement: Hashable, Sendable {
    case exists(String)
    case isAbsent(String)
    case isOneOf(String, [String])
    /// Also an object without the label fulfils it.
    case isNoneOf(String, [String])
    case isGreater(String, Int64)
    case isLess(String, Int64)
  }

  /// All must be fulfilled.
  let requirements: [Requirement]

  /// Parses a selector as kubectl's `-l` takes it; an empty one means every object.
  public init(_ text: String) throws(SelectionError) {
    var parser = LabelSelectorParser(text)
    requirements = try parser.parse()
  }

  /// Whether an object's labels fulfil all that is asked.
  public func matches(_ object: Value) -> Bool {
    let labels = object[path: "metadata", "labels"]
    return requirements.allSatisfy { Self.isFulfilled($0, by: labels) }
  }

  private static func isFulfilled(_ requirement: Requirement, by labels: Value?) -> Bool {
    switch requirement {
    case .exists(let key): labels?[key] != nil
    case .isAbsent(let key): labels?[key] == nil
    case .isOneOf(let key, let values):
      labels?[key]?.text.map { value in values.contains { isSame($0, value) } } ?? false
    case .isNoneOf(let key, let values):
      labels?[key]?.text.map { value in !values.contains { isSame($0, value) } } ?? true
    case .isGreater(let key, let bound): number(labels?[key]).map { $0 > bound } ?? false
    case .isLess(let key, let bound): number(labels?[key]).map { $0 < bound } ?? false
    }
  }

  private static func number(_ label: Value?) -> Int64? { label?.text.flatMap { Int64($0) } }
}

/// Takes a selector apart.
private struct LabelSelectorParser {
  private enum Token: Hashable {
    case word(String)
    case symbol(String)
    case end
  }

  private static let symbols: Set<UInt8> = Set("!=<>(),".utf8)

  private let text: [UInt8]
  private var place = 0

  init(_ text: String) { self.text = Array(text.utf8) }

  mutating func parse() throws(SelectionError) -> [LabelSelector.Requirement] {
    var requirements: [LabelSelector.Requirement] = []
    if peek() == .end { return requirements }
    while true {
      requirements.append(try requirement())
      switch next() {
      case .end: return requirements
      case .symbol(","):
        // A comma at the end is let pass.
        if peek() == .end { return requirements }
      case let token: throw unexpected(token, wanting: "',' or the end")
      }
    }
  }

  private mutating func requirement() throws(SelectionError) -> LabelSelector.Requirement {
    if peek() == .symbol("!") {
      _ = next()
      return .isAbsent(try key())
    }
    let key = try key()
    switch peek() {
    case .end, .symbol(","): return .exists(key)
    case .symbol("="), .symbol("=="):
      _ = next()
      return .isOneOf(key, [try value()])
    case .symbol("!="):
      _ = next()
      return .isNoneOf(key, [try value()])
    case .symbol(">"):
      _ = next()
      return .isGreater(key, try number())
    case .symbol("<"):
      _ = next()
      return .isLess(key, try number())
    case .word("in"):
      _ = next()
      return .isOneOf(key, try values())
    case .word("notin"):
      _ = next()
      return .isNoneOf(key, try values())
    case let token: throw unexpected(token, wanting: "an operator: =, ==, !=, <, >, in, notin")
    }
  }

  private mutating func key() throws(SelectionError) -> String {
    guard case .word(let word) = next() else {
      throw SelectionError("a label selector needs the key of a label in front of each operator")
    }
    if let complaint = NameRules.complaint(qualifiedName: word) {
      throw SelectionError("the label key \"\(word)\" \(complaint)")
    }
    return word
  }

  private mutating func value() throws(SelectionError) -> String {
    guard case .word(let word) = peek() else {
      switch peek() {
      case .end, .symbol(","), .symbol(")"): return ""
      case let token: throw unexpected(token, wanting: "a value")
      }
    }
    _ = next()
    if let complaint = NameRules.complaint(labelValue: word) {
      throw SelectionError("the label value \"\(word)\" \(complaint)")
    }
    return word
  }

  private mutating func values() throws(SelectionError) -> [String] {
    let opening = next()
    guard opening == .symbol("(") else { throw unexpected(opening, wanting: "'('") }
    var values: [String] = []
    while true {
      values.append(try value())
      switch next() {
      case .symbol(")"): return values
      case .symbol(","): continue
      case let token: throw unexpected(token, wanting: "',' or ')'")
      }
    }
  }

  private mutating func number() throws(SelectionError) -> Int64 {
    let text = try value()
    guard let number = Int64(text) else {
      throw SelectionError("\"\(text)\" is no whole number, which '<' and '>' compare with")
    }
    return number
  }

  private func unexpected(_ token: Token, wanting wanted: String) -> SelectionError {
    switch token {
    case .word(let text), .symbol(let text):
      SelectionError("found '\(text)' in a label selector, expected \(wanted)")
    case .end: SelectionError("the label selector ends too early, expected \(wanted)")
    }
  }

  private func peek() -> Token {
    var ahead = self
    return ahead.next()
  }

  private mutating func next() -> Token {
    while place < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[place]) { place += 1 }
    guard place < text.count else { return .end }
    let start = place
    place += 1
    if Self.symbols.contains(text[start]) {
      let isPair =
        place < text.count && text[place] == UInt8(ascii: "=")
        && [UInt8(ascii: "="), UInt8(ascii: "!")].contains(text[start])
      if isPair { place += 1 }
      return .symbol(String(decoding: text[start..<place], as: UTF8.self))
    }
    while place < text.count, !Self.symbols.contains(text[place]),
      ![0x20, 0x09, 0x0a, 0x0d].contains(text[place])
    { place += 1 }
    return .word(String(decoding: text[start..<place], as: UTF8.self))
  }
}
