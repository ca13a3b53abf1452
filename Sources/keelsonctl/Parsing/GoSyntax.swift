internal import Primitives

/// Numbers, durations and quoted text as programs written in Go read and print them: etcdctl's users, and
/// scripts that read its output, rely on the spelling.
enum GoSyntax {
  /// Reads a whole number.
  /// - Throws: the text that Go's `strconv` puts into messages.
  static func integer(_ text: String, radix: Int = 10) throws(Failure) -> Int64 {
    if let number = Int64(text, radix: radix) { return number }
    let digits = text.drop { $0 == "-" || $0 == "+" }
    let isNumber =
      !digits.isEmpty && digits.allSatisfy { $0.hexDigitValue.map { $0 < radix } ?? false }
    let reason = isNumber ? "value out of range" : "invalid syntax"
    throw .badArguments("strconv.ParseInt: parsing \(quoted(Bytes(text.utf8))): \(reason)")
  }

  /// Reads what Go accepts as a truth value; nil for anything else.
  static func boolean(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }

  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
    ("h", 3600e9),
  ]

  /// Reads a duration such as `1m30s`, `1.5h` or `300ms`; nil for anything else, and beyond 100 years.
  static func duration(_ text: String) -> Duration? {
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
    if rest == "0" { return .zero }
    guard !rest.isEmpty else { return nil }
    var nanoseconds = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
      rest = rest.dropFirst(unit.count)
      guard let amount = Double(number), let scale = units.first(where: { $0.name == unit })
      else { return nil }
      nanoseconds += amount * scale.nanoseconds
    }
    guard nanoseconds < 100 * 365 * 86_400e9 else { return nil }
    return .nanoseconds(Int64(isNegative ? -nanoseconds : nanoseconds))
  }

  /// A duration as Go prints it: `4.356722ms`, `1.5s`, `1m0.5s`.
  static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let total = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    if total == 0 { return "0s" }
    let sign = total < 0 ? "-" : ""
    let nanoseconds = total.magnitude
    switch nanoseconds {
    case ..<1_000: return "\(sign)\(nanoseconds)ns"
    case ..<1_000_000: return sign + fraction(nanoseconds, 1_000) + "µs"
    case ..<1_000_000_000: return sign + fraction(nanoseconds, 1_000_000) + "ms"
    default:
      let minutes = nanoseconds / 60_000_000_000
      let rest = fraction(nanoseconds % 60_000_000_000, 1_000_000_000) + "s"
      if minutes == 0 { return sign + rest }
      if minutes < 60 { return "\(sign)\(minutes)m\(rest)" }
      return "\(sign)\(minutes / 60)h\(minutes % 60)m\(rest)"
    }
  }

  private static func fraction(_ number: UInt64, _ unit: UInt64) -> String {
    guard number % unit != 0 else { return String(number / unit) }
    let width = String(unit).count - 1
    let digits = String(number % unit)
    var decimals = String(repeating: "0", count: width - digits.count) + digits
    while decimals.hasSuffix("0") { decimals.removeLast() }
    return "\(number / unit).\(decimals)"
  }

  /// Bytes in quotes, as Go's `%q` prints them: what cannot be printed is escaped.
  static func quoted(_ bytes: Bytes) -> String {
    var text = "\""
    var position = 0
    while position < bytes.count {
      let (scalar, length) = scalar(bytes, at: position)
      guard let scalar else {
        text += "\\x" + hexadecimal(UInt32(bytes[position]), width: 2)
        position += 1
        continue
      }
      text += escaped(scalar)
      position += length
    }
    return text + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\u{07}": return "\\a"
    case "\u{08}": return "\\b"
    case "\u{0C}": return "\\f"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\u{0B}": return "\\v"
    default: break
    }
    if isPrintable(scalar) { return String(scalar) }
    if scalar.value < 0x80 { return "\\x" + hexadecimal(scalar.value, width: 2) }
    if scalar.value < 0x10000 { return "\\u" + hexadecimal(scalar.value, width: 4) }
    return "\\U" + hexadecimal(scalar.value, width: 8)
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }

  /// The scalar whose UTF-8 begins at `position`, and its length; nil if there is none.
  static func scalar(_ bytes: Bytes, at position: Int) -> (Unicode.Scalar?, length: Int) {
    let length =
      switch bytes[position] {
      case ..<0x80: 1
      case 0xc2...0xdf: 2
      case 0xe0...0xef: 3
      case 0xf0...0xf4: 4
      default: 0
      }
    guard length > 0, position + length <= bytes.count,
      let text = String(validating: bytes[position..<position + length], as: UTF8.self)
    else { return (nil, 0) }
    return (text.unicodeScalars.first, length)
  }

  /// A number with at least `width` lower-case digits.
  static func hexadecimal(_ number: UInt32, width: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
