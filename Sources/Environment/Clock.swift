/// A moment on a clock that never goes back, in nanoseconds since an arbitrary start.
///
/// Moments of different processes do not compare.
public struct MonotonicTime: Hashable, Comparable, Sendable {
  /// Nanoseconds since the clock's start.
  public var nanoseconds: UInt64

  /// Wraps a number of nanoseconds.
  @inlinable
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  @inlinable
  public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// A later moment, or an earlier one if `duration` is negative; stops at the clock's start and end.
  @inlinable
  public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    let step = duration.saturatingNanoseconds
    if step >= 0 {
      let (sum, overflow) = time.nanoseconds.addingReportingOverflow(UInt64(step))
      return MonotonicTime(nanoseconds: overflow ? .max : sum)
    }
    let back = step.magnitude
    return MonotonicTime(nanoseconds: time.nanoseconds < back ? 0 : time.nanoseconds - back)
  }

  /// A moment so many whole seconds later, none if they are negative; stops at the clock's end.
  @inlinable
  public func later(bySeconds seconds: Int64) -> MonotonicTime {
    let (step, isTooFar) = UInt64(max(0, seconds)).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow) = nanoseconds.addingReportingOverflow(step)
    return MonotonicTime(nanoseconds: isTooFar || overflow ? .max : sum)
  }

  /// What lies between two moments; negative if `right` is the later one.
  @inlinable
  public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
    let magnitude =
      left > right
      ? left.nanoseconds - right.nanoseconds
      : right.nanoseconds - left.nanoseconds
    let distance = Int64(clamping: magnitude)
    return .nanoseconds(left < right ? -distance : distance)
  }
}

/// A moment of the calendar: nanoseconds since the start of 1970, UTC. It may jump either way.
public struct WallTime: Hashable, Comparable, Sendable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public var nanoseconds: Int64

  /// Wraps a number of nanoseconds.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Whole seconds since 1970, rounded down.
  @inlinable
  public var seconds: Int64 {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  @inlinable
  public static func < (left: WallTime, right: WallTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

/// Tells the time; safe from any thread.
public protocol Clock: AnyObject, Sendable {
  /// The time for measuring and for timeouts.
  func now() -> MonotonicTime
  /// The time for people; never for correctness.
  func wallTime() -> WallTime
}

extension Duration {
  /// The duration in nanoseconds, at most about 292 years either way.
  @inlinable
  public var saturatingNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carry ? (seconds < 0 ? .min : .max) : sum
  }
}
