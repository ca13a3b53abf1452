/// When the next backup is due, by the clock on the wall, so that a restart neither skips one nor makes one more.
struct BackupSchedule: Sendable {
  private let interval: Int64
  /// The time of the newest good file; nil: there is none.
  private var last: Int64?
  private var notBefore: Int64?

  /// - Parameters:
  ///   - interval: seconds from one file to the next.
  ///   - last: Unix time of the newest good file that is there.
  init(interval: Int64, last: Int64?) {
    self.interval = interval
    self.last = last
  }

  /// Seconds until the next one is due; 0: now.
  func secondsUntilDue(now: Int64) -> Int64 {
    // A clock that was set back says nothing about the age of the newest file.
    guard let last, last <= now else { return pause(now) }
    return max(last + interval - now, pause(now), 0)
  }

  private func pause(_ now: Int64) -> Int64 {
    guard let notBefore, notBefore - now <= interval else { return 0 }
    return max(0, notBefore - now)
  }

  /// Notes a good file.
  mutating func noteSuccess(at now: Int64) {
    last = now
    notBefore = nil
  }

  /// Notes a failure: it is tried again after a tenth of the interval, at most five minutes.
  mutating func noteFailure(at now: Int64) { notBefore = now + min(300, max(1, interval / 10)) }
}
