internal import MVCC
internal import Primitives

/// A set of keys that ranges cover, for which a lookup is a binary search: transactions may hold very many ranges.
struct KeyIntervals {
  private struct Interval {
    var start: Bytes
    /// The key before which it ends, or nil where it has no end.
    var end: Bytes?

    func reaches(_ key: Bytes) -> Bool { end.map { !isOrdered($0, before: key) } ?? true }
  }

  /// In ascending order; they neither overlap nor touch.
  private var intervals: [Interval] = []

  /// The keys that some ranges name; one that ends before it begins names none.
  init(_ ranges: [KeyRange]) {
    var all: [Interval] = []
    for range in ranges {
      let interval = Interval(start: range.key, end: range.upperBound)
      if interval.end.map({ isOrdered(range.key, before: $0) }) ?? true { all.append(interval) }
    }
    all.sort { isOrdered($0.start, before: $1.start) }
    for interval in all { append(interval) }
  }

  /// Whether a key is among them. Cost: O(log n) comparisons.
  func contains(_ key: Bytes) -> Bool {
    var (low, high) = (0, intervals.count)
    while low < high {
      let middle = (low + high) / 2
      if isOrdered(key, before: intervals[middle].start) { high = middle } else { low = middle + 1 }
    }
    guard low > 0 else { return false }
    return intervals[low - 1].end.map { isOrdered(key, before: $0) } ?? true
  }

  /// Adds the keys of another set. Cost: linear in both.
  mutating func formUnion(_ other: KeyIntervals) {
    if other.intervals.isEmpty { return }
    var (left, right) = (intervals[...], other.intervals[...])
    intervals = []
    intervals.reserveCapacity(left.count + right.count)
    while let first = left.first, let second = right.first {
      if isOrdered(second.start, before: first.start) {
        append(second)
        right.removeFirst()
      } else {
        append(first)
        left.removeFirst()
      }
    }
    for interval in left { append(interval) }
    for interval in right { append(interval) }
  }

  /// Adds an interval that begins no earlier than those that are there.
  private mutating func append(_ interval: Interval) {
    guard let last = intervals.last, last.reaches(interval.start) else {
      intervals.append(interval)
      return
    }
    guard let end = last.end else { return }
    if interval.end.map({ isOrdered(end, before: $0) }) ?? true {
      intervals[intervals.count - 1].end = interval.end
    }
  }
}
