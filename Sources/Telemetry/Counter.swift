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

/// A number that goes up and down.
public final class Gauge: Sendable {
  private let current = Atomic<Int64>(0)

  /// Starts at 0.
  public init() {}

  /// Sets the number.
  public func set(_ value: Int64) { current.store(value, ordering: .relaxed) }

  /// Adds to the number, or takes from it.
  public func add(_ amount: Int) { current.wrappingAdd(Int64(amount), ordering: .relaxed) }

  /// The number now.
  public var value: Int64 { current.load(ordering: .relaxed) }
}
