public import Access

/// Who wants what a log entry says.
public enum Author: Hashable, Sendable {
  /// Nobody has logged in: authentication was off, or the entry is the work of a leader's own clock.
  case unknown
  /// The member itself, for what it does unasked, such as automatic compaction.
  case member
  /// A user, checked at the auth revision that stands beside the name.
  case user(Caller)

  /// The user, if there is one.
  public var caller: Caller? {
    if case .user(let caller) = self { return caller }
    return nil
  }
}
