internal import NIOCore
internal import Synchronization

/// How long the calls of a method took, in the buckets that Prometheus' clients use by default.
///
/// Cost of an observation: two atomic additions.
public final class CallDurations: Sendable {
  /// The bounds of the buckets in seconds; a last one without a bound follows.
  public static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  private static let boundNanoseconds = bounds.map { Int64($0 * 1e9) }

  private final class Cell: Sendable {
    let count = Atomic<Int>(0)
  }

  private let first = Atomic<Int>(0)
  private let further = (0..<bounds.count).map { _ in Cell() }
  private let nanoseconds = Atomic<Int64>(0)

  init() {}

  func observe(_ duration: TimeAmount) {
    nanoseconds.add(duration.nanoseconds, ordering: .relaxed)
    // Nearly all of them.
    if duration.nanoseconds <= Self.boundNanoseconds[0] {
      first.add(1, ordering: .relaxed)
      return
    }
    let index = Self.boundNanoseconds.firstIndex { duration.nanoseconds <= $0 }
    further[(index ?? Self.bounds.count) - 1].count.add(1, ordering: .relaxed)
  }

  /// Calls in each bucket, the unbounded one last.
  public var counts: [Int] {
    [first.load(ordering: .relaxed)] + further.map { $0.count.load(ordering: .relaxed) }
  }

  /// All durations together, in seconds.
  public var sum: Double { Double(nanoseconds.load(ordering: .relaxed)) / 1e9 }
}
