internal import HTTPTransport
internal import Synchronization

/// The calls that last until somebody ends them: a stopping server ends them at once, since waiting for them would
/// be in vain.
final class OpenStreams: Sendable {
  private struct Entry: Sendable {
    weak var call: ServerCall?
    /// What it wants done on its event loop when users or roles have changed.
    var onAccessChange: (@Sendable () -> Void)?
  }

  private struct State: Sendable {
    var entries: [Entry] = []
    /// The number of entries at which those of calls that are gone are looked for.
    var pruneCount = OpenStreams.leastPruneCount
    var isStopping = false
  }

  private static let leastPruneCount = 64

  private let state = Mutex(State())

  /// Takes note of a call that lasts; false, and the call has ended, if the server is stopping. On the call's event
  /// loop, before its handlers are set.
  func add(_ call: ServerCall, onAccessChange: (@Sendable () -> Void)? = nil) -> Bool {
    let isStopping = state.withLock { state in
      if state.isStopping { return true }
      if state.entries.count >= state.pruneCount {
        state.entries.removeAll { $0.call == nil }
        state.pruneCount = max(Self.leastPruneCount, 2 * state.entries.count)
      }
      state.entries.append(Entry(call: call, onAccessChange: onAccessChange))
      return false
    }
    if isStopping { call.finish(.stopped) }
    return !isStopping
  }

  /// Lets calls look whether they are still allowed.
  func accessChanged() {
    for entry in state.withLock({ $0.entries }) {
      if let call = entry.call, let body = entry.onAccessChange { call.execute(body) }
    }
  }

  /// Ends the calls whose clients would rather ask another member than wait for a leader.
  func endThoseThatRequireLeader() {
    for entry in state.withLock({ $0.entries }) {
      guard let call = entry.call else { continue }
      call.execute { if APIContext.requiresLeader(call) { call.finish(.noLeader) } }
    }
  }

  /// Ends the calls that show what this member stores: it may be wrong.
  func endThoseThatShowHistory() {
    for entry in state.withLock({ $0.entries }) {
      guard let call = entry.call else { continue }
      call.execute { if APIContext.showsHistory(call) { call.finish(.corrupt) } }
    }
  }

  /// Ends the calls that are open, and from now on all that come.
  func endAll() {
    let calls = state.withLock { state in
      state.isStopping = true
      defer { state.entries = [] }
      return state.entries.compactMap(\.call)
    }
    for call in calls { call.execute { call.finish(.stopped) } }
  }
}
