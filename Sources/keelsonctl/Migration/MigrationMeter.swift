internal import Glibc
internal import KeelsonClient
internal import Primitives

/// Tells on standard error how far a migration is: on a terminal in one line, elsewhere every ten seconds.
final class MigrationMeter {
  private let isOnTerminal = isatty(STDERR_FILENO) == 1
  private var interval: Duration { isOnTerminal ? .milliseconds(500) : .seconds(10) }
  private var nextUpdate = ContinuousClock.now
  private var begin = ContinuousClock.now
  private var isShown = false
  private var expectedKeys: Int64 = 0
  private var keys = 0
  private var bytes = 0
  private var events = 0

  /// Says something that stays.
  func say(_ line: String) {
    if isShown { Output.writeError("\r\u{1B}[K") }
    isShown = false
    Output.writeError(line + "\n")
  }

  func expect(keys: Int64) { expectedKeys = keys }

  func beginCopy() {
    (keys, bytes, begin) = (0, 0, .now)
    nextUpdate = .now + interval
  }

  func copied(keys: Int, bytes: Int) {
    self.keys += keys
    self.bytes += bytes
    show("\(self.keys) of about \(expectedKeys) keys, \(rates)")
  }

  func endCopy(at revision: Revision) {
    say("copied \(keys) keys as of revision \(revision), \(rates)")
    (events, begin) = (0, .now)
    nextUpdate = .now + interval
  }

  func count(events: Int) { self.events += events }

  func followed(to revision: Revision) {
    let rate = Double(events) / max(0.001, seconds)
    show("at the source's revision \(revision); \(events) changes so far, \(Int(rate)) changes/s")
  }

  private var seconds: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - begin).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  private var rates: String {
    let seconds = max(0.001, seconds)
    return "\(Int(Double(keys) / seconds)) keys/s, "
      + "\(ByteCount.text(Int64(Double(bytes) / seconds)))/s"
  }

  private func show(_ line: String) {
    guard ContinuousClock.now >= nextUpdate else { return }
    nextUpdate = .now + interval
    Output.writeError(isOnTerminal ? "\r\u{1B}[K" + line : line + "\n")
    isShown = isOnTerminal
  }
}
