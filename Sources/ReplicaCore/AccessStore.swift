public import Access
internal import Synchronization

/// The replicated users and roles, as one thread changes and any thread reads them.
///
/// A change is seen by readers as soon as it is applied, before anything that is applied after it.
public final class AccessStore: Sendable {
  private let state: Mutex<AccessState>
  /// The number of changes since the start, doubled, and one while authentication is on.
  private let marker: Atomic<UInt64>

  init(_ state: AccessState) {
    marker = Atomic(state.isEnabled ? 1 : 0)
    self.state = Mutex(state)
  }

  /// Whether permissions count. Cost: one atomic load.
  public var isEnabled: Bool { marker.load(ordering: .acquiring) & 1 == 1 }

  /// A number that differs after every change. Cost: one atomic load.
  public var generation: UInt64 { marker.load(ordering: .acquiring) }

  /// The auth revision.
  public var revision: AuthRevision { state.withLock { $0.revision } }

  /// What decides about a caller's requests, as of now.
  public func subject(_ caller: Caller?) -> Subject { state.withLock { $0.subject(caller) } }

  /// What decides about the requests of a user who has been proved to be one just now.
  public func subject(user: AccessName) -> Subject {
    state.withLock { $0.subject(Caller(user: user, revision: $0.revision)) }
  }

  /// A user, and the auth revision at which that is the user.
  public func userAndRevision(_ name: AccessName) -> (user: User?, revision: AuthRevision) {
    state.withLock { ($0.user(name), $0.revision) }
  }

  /// All of it, as of now.
  public var snapshot: AccessState { state.withLock { $0 } }

  /// A user, or nil.
  public func user(_ name: AccessName) -> User? { state.withLock { $0.user(name) } }

  /// A role, or nil.
  public func role(_ name: AccessName) -> Role? { state.withLock { $0.role(name) } }

  /// Carries out a change. For the thread that applies entries.
  func apply(_ change: AccessChange) -> Result<AccessOutcome, AccessError> {
    state.withLock { state in
      do throws(AccessError) {
        let outcome = try state.apply(change)
        if outcome.hasNewRevision {
          let count = marker.load(ordering: .relaxed) >> 1
          marker.store((count + 1) << 1 | (state.isEnabled ? 1 : 0), ordering: .releasing)
        }
        return .success(outcome)
      } catch {
        return .failure(error)
      }
    }
  }

  /// Goes on with another state: that of a later moment, which came whole.
  func replace(with new: AccessState) {
    state.withLock { state in
      state = new
      let count = marker.load(ordering: .relaxed) >> 1
      marker.store((count + 1) << 1 | (new.isEnabled ? 1 : 0), ordering: .releasing)
    }
  }

  /// Throws unless a token may be given to a user whose password was checked at an auth revision.
  func checkToken(of user: AccessName, checkedAt revision: AuthRevision) throws(AccessError) {
    try state.withLock { (state) throws(AccessError) in
      if !state.isEnabled { throw .notEnabled }
      guard state.user(user)?.passwordHash != nil else { throw .authenticationFailed }
      // The password that was checked may be another one by now.
      if revision != state.revision { throw .revisionOld }
    }
  }
}
