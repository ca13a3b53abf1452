/// Latencies, counted in buckets that are at most 1.6 % wide: constant memory, and a few
/// instructions a value.
struct Histogram: Sendable {
  private var counts = [UInt32](repeating: 0, count: Self.bucketCount)
  /// Values that were added.
  private(set) var count = 0

  /// Buckets between two powers of two.
  private static let subBuckets = 64
  private static let bucketCount = 64 * 58

  /// Adds a value, in nanoseconds.
  mutating func add(_ nanoseconds: Int64) {
    counts[Self.bucket(of: UInt64(max(0, nanoseconds)))] += 1
    count += 1
  }

  /// Adds what another has counted.
  mutating func add(_ other: Histogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    count += other.count
  }

  /// The value below which a share of the values lies, in microseconds; not a number without
  /// values.
  func quantile(_ share: Double) -> Double {
    guard count > 0 else { return .nan }
    let rank = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (bucket, number) in counts.enumerated() where number > 0 {
      seen += Int(number)
      if seen >= rank { return Self.middle(of: bucket) / 1_000 }
    }
    return .nan
  }

  private static func bucket(of value: UInt64) -> Int {
    if value < UInt64(subBuckets) { return Int(value) }
    let power = 63 - value.leadingZeroBitCount
    let rest = Int(truncatingIfNeeded: value >> UInt64(power - 6)) - subBuckets
    return (power - 5) * subBuckets + rest
  }

  private static func middle(of bucket: Int) -> Double {
    if bucket < subBuckets { return Double(bucket) }
    let power = bucket / subBuckets + 5
    let width = Double(UInt64(1) << UInt64(power - 6))
    return (Double(bucket % subBuckets + subBuckets) + 0.5) * width
  }
}
