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
  /// How long the calls took.
  var latencies = Histogram()
  /// The server's memory at the window's end.
  var memory = Memory()

  /// The server's CPU for one call, in microseconds.
  var serverMicroseconds: Double { serverSeconds / Double(answers) * 1e6 }
  /// The load generator's CPU for one call, in microseconds.
  var ownMicroseconds: Double { ownSeconds / Double(answers) * 1e6 }
  /// Calls in a second.
  var rate: Double { Double(answers) / seconds }
  /// The latency that so many of the calls stayed below, in microseconds.
  func quantile(_ share: Double) -> Double { latencies.quantile(share) }
}

/// Several windows of one server under one load.
struct Windows: Sendable {
  var list: [Window]

  /// The median over the windows of what each of them says.
  func median(_ value: (Window) -> Double) -> Double { list.map(value).median }

  var serverMicroseconds: Double { median(\.serverMicroseconds) }
  var ownMicroseconds: Double { median(\.ownMicroseconds) }
  var rate: Double { median(\.rate) }
}

extension Collection where Element == Double {
  /// The middle value, or the mean of the two in the middle; not a number if there is none.
  var median: Double {
    let sorted = self.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

extension Double {
  /// The number with so many decimals.
  func rounded(to decimals: Int) -> String {
    guard isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let units = Int64((magnitude * scale).rounded())
    let sign = self < 0 && units != 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(units) }
    let fraction = String(units % Int64(scale))
    return sign + "\(units / Int64(scale))."
      + String(repeating: "0", count: decimals - fraction.utf8.count) + fraction
  }

  /// The number with about three digits that count.
  var brief: String { rounded(to: magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0) }
}
