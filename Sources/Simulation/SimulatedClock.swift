public import Environment
internal import Synchronization

/// A clock that moves only when it is told to.
public final class SimulatedClock: Clock {
  private struct Times: Sendable {
    var monotonic: MonotonicTime
    var wall: WallTime
  }

  private let times: Mutex<Times>

  /// A clock that stands at the given times; by default one second after its start, on 2026-01-01.
  public init(
    now: MonotonicTime = MonotonicTime(nanoseconds: 1_000_000_000),
    wallTime: WallTime = WallTime(nanoseconds: 1_767_225_600_000_000_000)
  ) {
    times = Mutex(Times(monotonic: now, wall: wallTime))
  }

  public func now() -> MonotonicTime { times.withLock { $0.monotonic } }

  public func wallTime() -> WallTime { times.withLock { $0.wall } }

  /// Lets time pass on both clocks; `duration` must not be negative.
  public func advance(by duration: Duration) {
    let step = duration.saturatingNanoseconds
    precondition(step >= 0, "time does not go back")
    times.withLock {
      $0.monotonic = $0.monotonic + duration
      $0.wall.nanoseconds &+= step
    }
  }

  /// Sets the calendar forward or, if `duration` is negative, back; the monotonic clock stands still.
  public func jump(by duration: Duration) {
    times.withLock { $0.wall.nanoseconds &+= duration.saturatingNanoseconds }
  }
}
