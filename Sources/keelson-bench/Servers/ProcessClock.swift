internal import Glibc
internal import Primitives

/// The CPU time that all threads of a process have used, ended ones included.
///
/// Read from the process's CPU clock, `clock_getcpuclockid(3)`: nanoseconds, where /proc/PID/stat
/// counts ticks of 10 ms.
struct ProcessClock: Sendable {
  private let clock: clockid_t

  /// This process.
  static let own = ProcessClock(clock: CLOCK_PROCESS_CPUTIME_ID)

  private init(clock: clockid_t) { self.clock = clock }

  /// The clock of a process; nil if there is none of that number, or it may not be read.
  init?(pid: pid_t) {
    var clock = clockid_t()
    var time = timespec()
    guard pid > 0, unsafe clock_getcpuclockid(pid, &clock) == 0,
      unsafe clock_gettime(clock, &time) == 0
    else { return nil }
    self.clock = clock
  }

  /// Seconds so far; nil if the process has ended.
  var seconds: Double? { Self.read(clock) }

  /// Seconds of the monotonic clock.
  static var now: Double {
    guard let seconds = read(CLOCK_MONOTONIC) else { fatalError("there is no monotonic clock") }
    return seconds
  }

  private static func read(_ clock: clockid_t) -> Double? {
    var time = timespec()
    guard unsafe clock_gettime(clock, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
