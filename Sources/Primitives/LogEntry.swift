/// One entry of the replicated log.
public struct LogEntry: Hashable, Sendable {
  /// What an entry's payload is.
  public enum Kind: UInt8, Hashable, Sendable {
    /// No payload: what a new leader appends so that earlier terms' entries can be committed.
    case empty = 0
    /// A command for the state machine.
    case command = 1
    /// A change of the cluster's membership.
    case membership = 2
  }

  /// Where the entry stands.
  public var index: LogIndex
  /// The term of the leader that appended it.
  public var term: Term
  /// What the payload is.
  public var kind: Kind
  /// The encoded command or membership change.
  public var payload: Bytes

  /// Describes one entry.
  public init(index: LogIndex, term: Term, kind: Kind, payload: Bytes) {
    self.index = index
    self.term = term
    self.kind = kind
    self.payload = payload
  }
}

/// What a member must not forget: "persistent state on all servers", figure 2 of the Raft paper, and the
/// commit index as far as it was known.
public struct HardState: Hashable, Sendable {
  /// The latest term that the member has seen.
  public var term: Term
  /// Whom it voted for in that term.
  public var votedFor: MemberID
  /// The highest entry that it knows to be committed.
  public var commit: LogIndex

  /// Describes a hard state; by default that of a member that has seen nothing.
  public init(term: Term = .zero, votedFor: MemberID = .none, commit: LogIndex = .zero) {
    self.term = term
    self.votedFor = votedFor
    self.commit = commit
  }
}
