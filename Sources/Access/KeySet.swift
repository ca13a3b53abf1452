public import Primitives

/// A set of keys made of ranges: overlapping and touching ones are merged, so that a lookup is a binary search.
public struct KeySet: Hashable, Sendable {
  private struct Interval: Hashable, Sendable {
    var start: Bytes
    /// The key before which it ends, or nil where it has no end.
    var end: Bytes?

    func reaches(_ key: Bytes) -> Bool { end.map { !isOrdered($0, before: key) } ?? true }
  }

  /// In ascending order; they neither overlap nor touch.
  private var intervals: [Interval] = []

  /// The keys that some ranges name; one that ends before it begins names none. Cost: O(n log n).
  public init(_ ranges: [KeyRange]) {
    var all: [Interval] = []
    for range in ranges {
      let interval = Interval(start: range.key, end: range.upperBound)
      if interval.end.map({ isOrdered(range.key, before: $0) }) ?? true { all.append(interval) }
    }
    all.sort { isOrdered($0.start, before: $1.start) }
    for interval in all { append(interval) }
  }

  /// Whether there is no key in it.
  public var isEmpty: Bool { intervals.isEmpty }

  /// Whether a key is in the set. Cost: O(log n) comparisons.
  public func contains(_ key: Bytes) -> Bool {
    guard let place = place(of: key) else { return false }
    return intervals[place].end.map { isOrdered(key, before: $0) } ?? true
  }

  /// Whether every key that a range names is in the set: an interval must lie in one merged interval as a whole,
  /// also where it reads no key at all. A range that ends before it begins needs its first key, as in etcd.
  /// Cost: O(log n) comparisons, and no allocation.
  public func covers(_ range: KeyRange) -> Bool {
    if range.isSingleKey { return contains(range.key) }
    guard contains(range.key), let place = place(of: range.key) else { return false }
    guard let end = intervals[place].end else { return true }
    return !range.isOpen && !isOrdered(end, before: range.end)
  }

  /// Adds the keys of another set. Cost: linear in both.
  public mutating func formUnion(_ other: KeySet) {
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

  /// The last interval that begins at or before a key.
  private func place(of key: Bytes) -> Int? {
    var (low, high) = (0, intervals.count)
    while low < high {
      let middle = (low + high) / 2
      if isOrdered(key, before: intervals[middle].start) { high = middle } else { low = middle + 1 }
    }
    return low > 0 ? low - 1 : nil
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
