internal import Synchronization

/// The metrics of a process, and their exposition in Prometheus' text format, version 0.0.4.
public final class MetricRegistry: Sendable {
  /// A metric's labels, in the order in which they are printed.
  public typealias Labels = [(name: String, value: String)]

  private enum Source: Sendable {
    case counter(Counter)
    case histogram(Histogram)
    case computed(@Sendable () -> Double)
    case collected(@Sendable () -> [(labels: Labels, value: Double)])
    case collectedHistograms(@Sendable () -> [HistogramSample])
  }

  /// A histogram as it stands, with its labels.
  public struct HistogramSample {
    var labels: Labels
    var bounds: [Double]
    var counts: [Int]
    var sum: Double

    /// - Parameters:
    ///   - bounds: upper bounds of the buckets, rising.
    ///   - counts: observations in each bucket and, as the last, beyond all of them.
    ///   - sum: all observations together.
    public init(labels: Labels, bounds: [Double], counts: [Int], sum: Double) {
      self.labels = labels
      self.bounds = bounds
      self.counts = counts
      self.sum = sum
    }
  }

  private struct Series: Sendable {
    let labels: String
    let source: Source
  }

  private struct Family: Sendable {
    let name: String
    let help: String
    let kind: String
    var series: [Series]
  }

  private let families = Mutex<[Family]>([])

  /// No metrics yet.
  public init() {}

  /// Adds a counter that the caller increments.
  public func counter(_ name: String, help: String, labels: Labels = []) -> Counter {
    let counter = Counter()
    add(name, help, "counter", labels, .counter(counter))
    return counter
  }

  /// Adds a histogram of durations that the caller observes.
  public func histogram(
    _ name: String, help: String, labels: Labels = [], _ histogram: Histogram
  ) {
    add(name, help, "histogram", labels, .histogram(histogram))
  }

  /// Adds a number that is asked for at each exposition.
  ///
  /// - Parameter isCounter: whether it only grows.
  public func computed(
    _ name: String, help: String, labels: Labels = [], isCounter: Bool = false,
    _ value: @escaping @Sendable () -> Double
  ) {
    add(name, help, isCounter ? "counter" : "gauge", labels, .computed(value))
  }

  /// Adds numbers that are asked for at each exposition, labels included: for series that come and go.
  ///
  /// - Parameter isCounter: whether they only grow.
  public func collected(
    _ name: String, help: String, isCounter: Bool = false,
    _ values: @escaping @Sendable () -> [(labels: Labels, value: Double)]
  ) {
    add(name, help, isCounter ? "counter" : "gauge", [], .collected(values))
  }

  /// Adds histograms that are asked for at each exposition, labels included.
  public func collectedHistograms(
    _ name: String, help: String, _ values: @escaping @Sendable () -> [HistogramSample]
  ) {
    add(name, help, "histogram", [], .collectedHistograms(values))
  }

  private func add(
    _ name: String, _ help: String, _ kind: String, _ labels: Labels, _ source: Source
  ) {
    let text = text(labels)
    families.withLock { families in
      let series = Series(labels: text, source: source)
      if let index = families.firstIndex(where: { $0.name == name }) {
        families[index].series.append(series)
      } else {
        families.append(Family(name: name, help: help, kind: kind, series: [series]))
      }
    }
  }

  private func text(_ labels: Labels) -> String {
    labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
  }

  private func escaped(_ value: String) -> String {
    var result = ""
    for character in value {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }

  /// Every metric with its present value, ordered by name.
  public func exposition() -> String {
    let snapshot = families.withLock { $0 }.sorted { $0.name < $1.name }
    var text = ""
    for family in snapshot {
      text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind)\n"
      for series in family.series { append(series, of: family.name, to: &text) }
    }
    return text
  }

  private func append(_ series: Series, of name: String, to text: inout String) {
    let braces = series.labels.isEmpty ? "" : "{\(series.labels)}"
    switch series.source {
    case .counter(let counter): text += "\(name)\(braces) \(counter.value)\n"
    case .computed(let value): text += "\(name)\(braces) \(plain(value()))\n"
    case .collected(let values):
      for (labels, value) in values() {
        text += "\(name){\(self.text(labels))} \(plain(value))\n"
      }
    case .collectedHistograms(let values):
      for sample in values() {
        var total: Int64 = 0
        let buckets = sample.counts.enumerated().map { index, count in
          total += Int64(count)
          return (sample.bounds.indices.contains(index) ? sample.bounds[index] : nil, total)
        }
        append(buckets, sum: sample.sum, labels: self.text(sample.labels), of: name, to: &text)
      }
    case .histogram(let histogram):
      append(histogram.cumulative, sum: histogram.sum, labels: series.labels, of: name, to: &text)
    }
  }

  private func append(
    _ buckets: [(bound: Double?, count: Int64)], sum: Double, labels: String, of name: String,
    to text: inout String
  ) {
    let comma = labels.isEmpty ? "" : ","
    let braces = labels.isEmpty ? "" : "{\(labels)}"
    for (bound, count) in buckets {
      let limit = bound.map { plain($0) } ?? "+Inf"
      text += "\(name)_bucket{\(labels)\(comma)le=\"\(limit)\"} \(count)\n"
    }
    text += "\(name)_sum\(braces) \(sum)\n\(name)_count\(braces) \(buckets.last?.count ?? 0)\n"
  }

  private func plain(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 9e15 { return String(Int64(value)) }
    return String(value)
  }
}
