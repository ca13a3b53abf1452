public import Environment
internal import Glibc

/// The machine's clocks.
public final class LinuxClock: Clock {
  /// The clocks have no state.
  public init() {}

  public func now() -> MonotonicTime {
    MonotonicTime(nanoseconds: UInt64(Self.nanoseconds(CLOCK_MONOTONIC)))
  }

  public func wallTime() -> WallTime { WallTime(nanoseconds: Self.nanoseconds(CLOCK_REALTIME)) }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    guard result == 0 else { fatalError("the clock cannot be read (errno \(errno))") }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
