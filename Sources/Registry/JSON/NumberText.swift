/// Numbers as the Kubernetes API machinery writes them in JSON.
enum NumberText {
  /// The shortest digits that give the number back, with an exponent below 1e-6 and from 1e21 on.
  static func text(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return "0" }
    let (digits, exponent) = decimal(number.magnitude)
    let sign = number < 0 ? "-" : ""
    if exponent < -6 || exponent >= 21 {
      let fraction = digits.count > 1 ? "." + String(decoding: digits[1...], as: UTF8.self) : ""
      return sign + String(decoding: digits[..<1], as: UTF8.self) + fraction
        + (exponent < 0 ? "e-\(-exponent)" : "e+\(exponent)")
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1)
        + String(decoding: digits, as: UTF8.self)
    }
    if digits.count <= exponent + 1 {
      return sign + String(decoding: digits, as: UTF8.self)
        + String(repeating: "0", count: exponent + 1 - digits.count)
    }
    return sign + String(decoding: digits[...exponent], as: UTF8.self) + "."
      + String(decoding: digits[(exponent + 1)...], as: UTF8.self)
  }

  /// Digits d1 d2 d3 … and the exponent e of d1.d2d3… × 10^e, from Swift's shortest description.
  private static func decimal(_ magnitude: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var exponent = 0
    var point: Int?
    let text = Array(magnitude.description.utf8)
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        point = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    exponent += (point ?? digits.count) - 1
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(leading)
    exponent -= leading
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, exponent)
  }
}
