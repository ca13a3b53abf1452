internal import HTTPTransport
internal import Synchronization

/// The calls that last until somebody ends them: a stopping server ends them at once, since waiting for them would
/// be in vain.
final class OpenStreams: Sendable {
  private struct Entry: Sendable {
    /// Held until it ends. A weak reference would make each retain and release of the call a slow one.
    var call: ServerCall
    /// What it wants done on its event loop when users or roles have changed.
    var onAccessChange: (@Sendable () -> Void)?
  }

  private struct State: Sendable {
    var entries: [Int: Entry] = [:]
    var added = 0
    var isStopping = false
  }

  private let state = Mutex(State())

  /// Takes note of a call until it ends; false, and the call has ended, if the server is stopping. On the call's event
  /// loop, before its handlers are set.
  func add(_ call: ServerCall, onAccessChange: (@Sendable () -> Void)? = nil) -> Bool {
    if call.isFinished { return false }
    let number = state.withLock { state -> Int? in
      if state.isStopping { return nil }
      state.added += 1
      state.entries[state.added] = Entry(call: call, onAccessChange: onAccessChange)
      return state.added
    }
    guard let number else {
      call.finish(.stopped)
      return false
    }
    call.onEnd = { self.remove(number) }
    return true
  }

  private func remove(_ number: Int) {
    // The call is let go outside the lock.
    _ = state.withLock { $0.entries.removeValue(forKey: number) }
  }

  /// The calls that are open.
  var count: Int { state.withLock { $0.entries.count } }

  /// Lets calls look whether they are still allowed.
  func accessChanged() {
    for entry in entries {
      if let body = entry.onAccessChange { entry.call.execute(body) }
    }
  }

  /// Ends the calls whose clients would rather ask another member than wait for a leader.
  func endThoseThatRequireLeader() {
    for call in entries.map(\.call) {
      call.execute { if APIContext.requiresLeader(call) { call.finish(.noLeader) } }
    }
  }

  /// Ends the calls that show what this member stores: it may be wrong.
  func endThoseThatShowHistory() {
    for call in entries.map(\.call) {
      call.execute { if APIContext.showsHistory(call) { call.finish(.corrupt) } }
    }
  }

  /// Ends the calls that are open, and from now on all that come.
  func endAll() {
    let ended = state.withLock { state in
      state.isStopping = true
      defer { state.entries = [:] }
      return state.entries
    }
    for call in ended.values.map(\.call) { call.execute { call.finish(.stopped) } }
  }

  private var entries: [Entry] { state.withLock { Array($0.entries.values) } }
}
