internal import Synchronization
internal import WriteAheadLog

/// The log, read on a thread of its own while the caller opens the engine.
///
/// Reading it waits for the disk, reading an engine for the processors.
final class AsideReading: Sendable {
  private final class Outcome: Sendable {
    let result = Mutex<Result<LogReading, LogError>?>(nil)
  }

  private let outcome = Outcome()
  private let read: @Sendable () throws(LogError) -> LogReading
  private let thread: MemberThread?

  /// Begins to read. Where no thread can be had, `take` reads.
  init(_ read: @escaping @Sendable () throws(LogError) -> LogReading) {
    self.read = read
    thread = try? MemberThread("keelson-log-in") { [outcome] in
      let result = Result(catching: read)
      outcome.result.withLock { $0 = result }
    }
  }

  /// Waits until the log is read, and hands it over. Once.
  func take() throws(LogError) -> LogReading {
    thread?.join()
    guard let result = outcome.result.withLock({ $0.take() }) else { return try read() }
    return try result.get()
  }

  /// Waits until the thread is done, and lets go of what it read, the lock on the log's directory included.
  func drop() {
    thread?.join()
    outcome.result.withLock { $0 = nil }
  }
}
