internal import Synchronization

/// A number that only grows. Cost of an increment: one atomic addition.
public final class Counter: Sendable {
  private let count = Atomic<Int64>(0)

  /// Starts at 0.
  public init() {}

  /// Adds to the number.
  @inline(__always)
  public func add(_ amount: Int = 1) { count.wrappingAdd(Int64(amount), ordering: .relaxed) }

  /// The number so far.
  public var value: Int64 { count.load(ordering: .relaxed) }
}
