public import Primitives

/// What happens to a Raft node.
public enum Event: Sendable {
  /// A fixed share of the election timeout has passed.
  case tick
  /// Start an election now, without waiting for the timeout.
  case campaign
  /// A message for this member arrived.
  case message(Message)
  /// Entries to append, if this member leads: without an index and a term, which the node gives.
  case propose([ProposedEntry])
  /// Everything that `persist` asked for, entries up to `through` included, is durable.
  case persisted(through: LogIndex)
  /// The state machine has applied every entry up to `through`.
  case applied(through: LogIndex)
}

/// An entry that has no place in the log yet.
public struct ProposedEntry: Hashable, Sendable {
  /// What the payload is.
  public var kind: LogEntry.Kind
  /// The encoded command or membership change.
  public var payload: Bytes

  /// Describes a proposed entry.
  public init(kind: LogEntry.Kind = .command, payload: Bytes) {
    self.kind = kind
    self.payload = payload
  }
}

/// What a Raft node asks its surroundings to do, in the order given.
public enum Effect: Hashable, Sendable {
  /// Make the hard state (term, vote, commit), if one is given, and the node's `unstableEntries` up
  /// to `through` durable, report that with `persisted`, and only then send `thenSend`, those to
  /// itself included. Votes and append answers only ever travel here.
  case persist(HardState?, through: LogIndex, thenSend: [Message])
  /// Hand committed, locally durable entries up to `through` to the state machine, in order, and
  /// report that with `applied`.
  case apply(through: LogIndex)
}
