/// Durations in Go's notation, which etcd's flags use: numbers with units one after another, such as `1h30m`.
enum GoDuration {
  /// The duration in nanoseconds, or nil if the text is none. A bare `0` needs no unit; empty counts as 0.
  static func nanoseconds(_ text: String) -> Int64? {
    if text.isEmpty || text == "0" { return 0 }
    var rest = text[...]
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { !($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(unit.count)
      guard let number = Double(digits), let factor = factors[String(unit)] else { return nil }
      total += number * factor
    }
    return total < 9e18 ? Int64(total) : nil
  }

  private static let factors: [String: Double] = [
    "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
  ]
}
