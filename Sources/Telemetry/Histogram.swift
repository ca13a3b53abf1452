internal import Synchronization

/// Counts observations in buckets by their size, in seconds as Prometheus has them.
///
/// Buckets double from the first bound; an observation costs a count of leading zeroes and two atomic additions.
public final class Histogram: Sendable {
  /// The number of finite buckets.
  public static let bucketCount = 14

  private struct Cells: ~Copyable, Sendable {
    let counts: [Cell]
    let nanoseconds = Atomic<Int64>(0)
  }

  private final class Cell: Sendable {
    let count = Atomic<Int64>(0)
  }

  private let cells = Cells(counts: (0...Histogram.bucketCount).map { _ in Cell() })
  private let firstBoundMicroseconds: Int64

  /// An empty histogram.
  ///
  /// - Parameter firstBoundMicroseconds: the upper bound of the first bucket; each further one doubles it.
  public init(firstBoundMicroseconds: Int64 = 1_000) {
    self.firstBoundMicroseconds = firstBoundMicroseconds
  }

  /// Counts one observation.
  public func observe(nanoseconds: Int64) {
    cells.nanoseconds.wrappingAdd(nanoseconds, ordering: .relaxed)
    let bound = firstBoundMicroseconds * 1_000
    var bucket = 0
    if nanoseconds > bound {
      let quotient = UInt64((nanoseconds - 1) / bound)
      bucket = min(64 - quotient.leadingZeroBitCount, Histogram.bucketCount)
    }
    cells.counts[bucket].count.wrappingAdd(1, ordering: .relaxed)
  }

  /// Observations up to each bound, cumulative as Prometheus has them; the last is all of them.
  var cumulative: [(bound: Double?, count: Int64)] {
    var sum: Int64 = 0
    return cells.counts.enumerated().map { bucket, cell in
      sum += cell.count.load(ordering: .relaxed)
      let bound = Double(firstBoundMicroseconds << Int64(bucket)) / 1_000_000
      return (bucket == Histogram.bucketCount ? nil : bound, sum)
    }
  }

  /// What has been counted so far, with labels.
  public func sample(labels: MetricRegistry.Labels) -> MetricRegistry.HistogramSample {
    MetricRegistry.HistogramSample(
      labels: labels,
      bounds: (0..<Histogram.bucketCount).map {
        Double(firstBoundMicroseconds << Int64($0)) / 1_000_000
      },
      counts: cells.counts.map { Int($0.count.load(ordering: .relaxed)) }, sum: sum)
  }

  /// The sum of all observations, in seconds.
  var sum: Double { Double(cells.nanoseconds.load(ordering: .relaxed)) / 1_000_000_000 }
}
