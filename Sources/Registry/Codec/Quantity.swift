/// An amount of something, as the Kubernetes API writes it: `500m`, `2Gi`, `1e3`, `0.5`.
///
/// Holds any decimal number of at most 38 digits; what the API rounds (below a billionth) is rounded up as there.
struct Quantity: Hashable, Sendable {
  /// How the amount is written.
  enum Format: Hashable, Sendable {
    case decimal, binary, exponent
  }

  /// The amount in billionths.
  private(set) var billionths: Int128
  /// How it was written.
  private(set) var format: Format

  private static let decimalSuffixes: [(text: String, exponent: Int)] = [
    ("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15),
    ("E", 18),
  ]
  private static let binarySuffixes: [(text: String, power: Int)] = [
    ("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60),
  ]

  /// Reads an amount; nil if the text is none, or too large to be held.
  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    var isNegative = false
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      rest = rest.dropFirst()
    }
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    var digits = rest.prefix(while: isDigit)
    rest = rest.dropFirst(digits.count)
    var decimals = 0
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + fraction.count)
      decimals = fraction.count
      digits += fraction
    }
    guard !digits.isEmpty else { return nil }
    let suffix = String(decoding: rest, as: UTF8.self)
    var exponent = 0
    var power = 0
    if let found = Self.decimalSuffixes.first(where: { $0.text == suffix }) {
      format = .decimal
      exponent = found.exponent
    } else if let found = Self.binarySuffixes.first(where: { $0.text == suffix }) {
      format = .binary
      power = found.power
    } else if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e"),
      let number = Int16(suffix.dropFirst())
    {
      format = .exponent
      exponent = Int(number)
    } else {
      return nil
    }
    guard let amount = Self.scaled(digits, exponent: exponent - decimals + 9, power: power) else {
      return nil
    }
    billionths = isNegative ? -amount : amount
  }

  /// Digits times 10 to the exponent times 2 to the power, rounded up; nil if it is too large.
  private static func scaled(_ digits: ArraySlice<UInt8>, exponent: Int, power: Int) -> Int128? {
    var number: Int128 = 0
    var exponent = exponent
    var isRounded = false
    for byte in digits {
      // What lies below a billionth matters only for rounding.
      let (product, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) = product.addingReportingOverflow(Int128(byte & 15))
      if overflows || overflowsToo { return nil }
      number = sum
    }
    let (shifted, overflows) = number.multipliedReportingOverflow(by: 1 << Int128(power))
    if overflows { return nil }
    number = shifted
    if number == 0 { return 0 }
    while exponent < 0 {
      if number == 0 { break }
      if number % 10 != 0 { isRounded = true }
      number /= 10
      exponent += 1
    }
    guard exponent < 40 else { return nil }
    for _ in 0..<max(0, exponent) {
      let (product, overflows) = number.multipliedReportingOverflow(by: 10)
      if overflows { return nil }
      number = product
    }
    return isRounded ? number + 1 : number
  }

  /// The one way in which the API writes this amount: no fraction, and the largest suffix that needs none.
  var canonical: String {
    if billionths == 0 { return "0" }
    let magnitude = billionths.magnitude
    let sign = billionths < 0 ? "-" : ""
    let unit: UInt128 = 1_000_000_000
    // Binary suffixes are for whole numbers from 1024 on.
    if format == .binary, magnitude % unit == 0, magnitude / unit >= 1024 {
      var number = magnitude / unit
      var suffix = ""
      for (text, _) in Self.binarySuffixes where number % 1024 == 0 {
        number /= 1024
        suffix = text
      }
      return "\(sign)\(number)\(suffix)"
    }
    var number = magnitude
    var exponent = -9
    while number % 1000 == 0, exponent < 18 {
      number /= 1000
      exponent += 3
    }
    if format == .exponent {
      return exponent == 0 ? "\(sign)\(number)" : "\(sign)\(number)e\(exponent)"
    }
    let suffix = Self.decimalSuffixes.first { $0.exponent == exponent }?.text ?? ""
    return "\(sign)\(number)\(suffix)"
  }
}
