/// What one window of measurement saw of one server.
struct Window: Sendable {
  /// How long it was.
  var seconds: Double
  /// Calls that were answered as expected.
  var answers: Int
  /// CPU seconds of the server.
  var serverSeconds: Double
  /// CPU seconds of the load generator.
  var ownSeconds: Double

  /// The server's CPU for one call, in microseconds.
  var serverMicroseconds: Double { serverSeconds / Double(answers) * 1e6 }
  /// The load generator's CPU for one call, in microseconds.
  var ownMicroseconds: Double { ownSeconds / Double(answers) * 1e6 }
  /// Calls in a second.
  var rate: Double { Double(answers) / seconds }
}

extension Collection where Element == Double {
  /// The middle value, or the mean of the two in the middle; not a number if there is none.
  var median: Double {
    let sorted = self.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The least and the greatest value with one decimal: `8.1 – 9.4`.
  var spread: String {
    "\((self.min() ?? .nan).rounded(to: 1)) – \((self.max() ?? .nan).rounded(to: 1))"
  }
}

extension Double {
  /// The number with so many decimals.
  func rounded(to decimals: Int) -> String {
    guard isFinite else { return "none" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let units = Int64((magnitude * scale).rounded())
    let sign = self < 0 && units != 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(units) }
    let fraction = String(units % Int64(scale))
    return sign + "\(units / Int64(scale))."
      + String(repeating: "0", count: decimals - fraction.utf8.count) + fraction
  }
}
