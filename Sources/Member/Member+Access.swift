public import Access
public import Primitives
internal import ReplicaCore
internal import Synchronization

/// What whoever checks callers must hear about.
public enum AccessNotice: Sendable {
  /// Users, roles or whether they count have changed, and with that some tokens are void.
  case changed(AccessOutcome.VoidTokens)
  /// From now on a token stands for a user.
  case tokenIssued(Bytes, user: AccessName)
}

extension Member {
  /// Has `observer` hear of every change of users and roles and of every token, in order and before whoever asked
  /// for it gets an answer. It is called on the replica's thread and must return at once; a later observer takes
  /// the place of an earlier one.
  public func observeAccess(_ observer: @escaping @Sendable (AccessNotice) -> Void) {
    shared.accessObserver.withLock { $0 = observer }
  }
}
