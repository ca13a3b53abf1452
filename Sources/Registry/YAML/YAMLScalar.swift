internal import Primitives

/// A scalar as it stands in YAML, and what it means to Kubernetes.
///
/// Kubernetes reads YAML 1.1 with its own rules (sigs.k8s.io/yaml): `yes` is true and `0777` is octal, but a date stays
/// text and `1:30` too. The tests compare these rules with kubectl's.
struct YAMLScalar {
  var text: String
  /// The tag, if there is one; `!` for "not what it looks like".
  var tag: String?
  /// Whether it stands without quotes.
  var isPlain: Bool

  private static let standard = "tag:yaml.org,2002:"

  /// Whether it is the key whose value is merged into the map.
  var isMergeKey: Bool {
    tag == Self.standard + "merge" || (tag == nil && isPlain && text == "<<")
  }

  /// What the scalar means, or why it means nothing.
  func resolved() throws(Unresolvable) -> Value {
    guard let tag else { return isPlain ? try Self.plain(text) : .string(text) }
    guard tag.hasPrefix(Self.standard) else { return .string(text) }
    let name = String(tag.dropFirst(Self.standard.count))
    switch name {
    case "str": return .string(text)
    case "binary":
      guard let bytes = Base64.decoded(text) else {
        throw Unresolvable("the text behind !!binary is not base64")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Unresolvable("the bytes behind !!binary are not UTF-8")
      }
      return .string(text)
    case "timestamp": return .string(text)
    case "null", "bool", "int", "float":
      let value = try Self.plain(text)
      guard Self.fits(value, name) else {
        throw Unresolvable("\"\(text)\" cannot be read as !!\(name)")
      }
      return value
    default: return .string(text)
    }
  }

  private static func fits(_ value: Value, _ name: String) -> Bool {
    switch (name, value) {
    case ("null", .null), ("bool", .bool), ("int", .integer), ("float", .integer),
      ("float", .number):
      true
    default: false
    }
  }

  /// A scalar that has no meaning, and why.
  struct Unresolvable: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// What text without quotes and tag means.
  static func plain(_ text: String) throws(Unresolvable) -> Value {
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
      UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "y"),
      UInt8(ascii: "Y"), UInt8(ascii: "o"), UInt8(ascii: "O"):
      return word(text)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      return try number(text)
    default: return .string(text)
    }
  }

  private static func word(_ text: String) -> Value {
    switch text {
    case "~", "null", "Null", "NULL": .null
    case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE": .bool(true)
    case "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE": .bool(false)
    default: .string(text)
    }
  }

  private static func number(_ text: String) throws(Unresolvable) -> Value {
    switch text {
    case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
      "-.Inf", "-.INF":
      throw Unresolvable("\(text) is a number that JSON cannot hold; put it in quotes for text")
    default: break
    }
    // Longer text is no number that could be held, and need not be looked at.
    guard text.utf8.count <= 400 else { return .string(text) }
    let isFraction = text.utf8.first == UInt8(ascii: ".")
    let digits = Bytes(text.utf8).filter { $0 != UInt8(ascii: "_") }
    if isFraction, !separatorsAreInside(text) { return .string(text) }
    if !isFraction, let whole = wholeNumber(digits) { return whole }
    if isDecimalFraction(digits), let number = Double(String(decoding: digits, as: UTF8.self)),
      let value = Value.canonical(number)
    {
      return value
    }
    return .string(text)
  }

  /// Whether every underscore stands between two digits.
  private static func separatorsAreInside(_ text: String) -> Bool {
    let bytes = Bytes(text.utf8)
    func isDigit(_ place: Int) -> Bool {
      bytes.indices.contains(place) && (0x30...0x39).contains(bytes[place])
    }
    return bytes.indices.allSatisfy {
      bytes[$0] != UInt8(ascii: "_") || (isDigit($0 - 1) && isDigit($0 + 1))
    }
  }

  /// A whole number in base 2, 8, 10 or 16 with an optional sign; nil for anything else.
  private static func wholeNumber(_ bytes: Bytes) -> Value? {
    var rest = bytes[...]
    var sign = ""
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
      sign = rest.first == UInt8(ascii: "-") ? "-" : ""
      rest = rest.dropFirst()
    }
    var radix = 10
    if rest.first == UInt8(ascii: "0"), rest.count > 1 {
      switch rest[rest.startIndex + 1] | 0x20 {
      case UInt8(ascii: "x"): radix = 16
      case UInt8(ascii: "b"): radix = 2
      case UInt8(ascii: "o"), 0x30...0x39: radix = 8
      default: return nil
      }
      let isMarked = !(0x30...0x39).contains(rest[rest.startIndex + 1])
      rest = rest.dropFirst(isMarked ? 2 : 1)
    }
    guard let digit = rest.first, digit != UInt8(ascii: "-"), digit != UInt8(ascii: "+") else {
      return nil
    }
    let digits = String(decoding: rest, as: UTF8.self)
    if let number = Int64(sign + digits, radix: radix) { return .integer(number) }
    // Kubernetes has no larger whole numbers: they become fractions as soon as JSON is made of them.
    if bytes.first != UInt8(ascii: "-"), bytes.first != UInt8(ascii: "+"),
      let number = UInt64(digits, radix: radix)
    {
      return .canonical(Double(number))
    }
    return nil
  }

  /// Digits with at most one point and an exponent, as YAML 1.1 has them.
  private static func isDecimalFraction(_ bytes: Bytes) -> Bool {
    var rest = bytes[...]
    func takeDigits() -> Int {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
      rest = rest.dropFirst()
    }
    let whole = takeDigits()
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      let fraction = takeDigits()
      if whole == 0, fraction == 0 { return false }
    } else if whole == 0 {
      return false
    }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
        rest = rest.dropFirst()
      }
      if takeDigits() == 0 { return false }
    }
    return rest.isEmpty
  }
}
