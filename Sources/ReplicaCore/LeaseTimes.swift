public import Environment
public import Primitives
internal import Synchronization

/// The leases' clock, as the replica moves it and as other threads renew leases by it.
///
/// A member that is the only voter, and leads, needs to ask nobody whether a lease goes on: the thread that
/// received a keep-alive renews the lease itself. Everywhere else renewals go through the replica, which has a
/// majority confirm that it still leads.
public final class LeaseTimes: Sendable {
  /// What became of a renewal at once.
  public enum Renewal: Hashable, Sendable {
    /// The lease has its whole lifetime again, in seconds.
    case renewed(seconds: Int64)
    /// There is no such lease, or its time is over.
    case notFound
    /// The replica must be asked: others have to confirm, or something has to be replicated first.
    case needsReplica
  }

  private struct State {
    var clock = LeaseClock()
    var renewsAtOnce = false
  }

  private let state = Mutex(State())

  init() {}

  /// Renews a lease without the replica where that is allowed; any thread. Cost: a lock, and one
  /// dictionary access.
  public func renewAtOnce(_ lease: LeaseID, now: MonotonicTime) -> Renewal {
    state.withLock { state in
      guard state.renewsAtOnce else { return .needsReplica }
      return switch state.clock.renew(lease, now: now) {
      case .renewed(let seconds): .renewed(seconds: seconds)
      case .notFound: .notFound
      case .checkpointed: .needsReplica
      }
    }
  }

  // MARK: For the replica

  /// Says whether leases may be renewed without it.
  func setRenewsAtOnce(_ isAllowed: Bool) { state.withLock { $0.renewsAtOnce = isAllowed } }

  /// Forgets everything: another member leads, or nobody.
  func reset() { state.withLock { $0 = State() } }

  /// Reads or moves the clock.
  func withClock<Result>(_ body: (inout LeaseClock) -> Result) -> Result {
    state.withLock { body(&$0.clock) }
  }
}
