public import Primitives

/// What happens to a Raft node.
public enum Event: Sendable {
  /// A fixed share of the election timeout has passed.
  case tick
  /// Stand for election now, without waiting for the timeout.
  case campaign
  /// A message for this member arrived.
  case message(Message)
  /// Entries to append, where `acceptsProposals`: without an index and a term, which the node gives.
  case propose([ProposedEntry])
  /// Everything that `persist` effects up to this one asked for is durable.
  case persisted(PersistNumber)
  /// The state machine has applied every entry up to `through`.
  case applied(through: LogIndex)
  /// The membership change at an entry has been applied: who belongs to the group now. Before
  /// `applied` for that entry.
  case reconfigured(Configuration)
  /// A read that must see every write acknowledged before it, by any member.
  case read(ReadID)
  /// Hand the leadership to another voter, if this member leads.
  case transfer(to: MemberID)
  /// The entries that a `load` effect asked for, in order, or as many as fitted.
  case loaded(for: MemberID, [LogEntry])
  /// The log was cut: entries up to this one, all applied, are no longer in it.
  case truncated(through: LogIndex)
  /// A `sendSnapshot` ended; nil where it failed, else the last entry of what was sent.
  case snapshotSent(to: MemberID, last: LogIndex?)
  /// The state that `install` named is in place and durable, and the log begins after it.
  case installed(SnapshotMark)
  /// What was sent to a member lately may be lost.
  case unreachable(MemberID)
  /// A member that a `forgotten` effect named has no vote any more, and that is applied.
  case demoted(MemberID, MemberLife)
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
///
/// Nothing that promises durability is ever in `send` before that is reported: votes, requests for
/// votes and append answers stay inside the node, behind the `persist` that makes them true, and come
/// out as `send` when `persisted` reports it. A crash forgets them together with what they promised.
public enum Effect: Hashable, Sendable {
  /// Send at once, in any order.
  case send([Message])
  /// Make this durable, after all earlier `persist` effects, and report that with `persisted`. What
  /// follows in the list need not wait for it.
  case persist(Persist)
  /// Hand committed, locally durable entries up to `through` to the state machine, in order; report
  /// membership changes among them with `reconfigured`, and the end with `applied`.
  case apply(through: LogIndex)
  /// Read entries from the log for a member that lags, up to `through` or `maxBytes` of payload, at
  /// least one, and give them back with `loaded`.
  case load(for: MemberID, from: LogIndex, through: LogIndex, maxBytes: Int)
  /// Send a member the applied state, and report the end with `snapshotSent`: the log no longer has what
  /// it needs. On arrival, whole and verified, it is a `snapshot` message of the sender's term.
  case sendSnapshot(to: MemberID)
  /// Replace state and log by the snapshot that just arrived, and report that with `installed`.
  case install(SnapshotMark)
  /// These reads may run as soon as the state machine has applied `at`.
  case serveReads([ReadID], at: LogIndex)
  /// These reads cannot be confirmed: there is no leader, or it changed. They may be asked again.
  case refuseReads([ReadID])
  /// A member has lost what it had promised: take its vote away, and report that with `demoted`. It is told
  /// again until then.
  case forgotten(MemberID, MemberLife)
}

/// What must become durable together.
public struct Persist: Hashable, Sendable {
  /// What `persisted` reports.
  public var number: PersistNumber
  /// First drop the log's entries from here on, if given.
  public var truncateFrom: LogIndex?
  /// Then append these of the node's `entries`, if any.
  public var entries: ClosedRange<LogIndex>?
  /// And the hard state, if it has changed.
  public var hardState: HardState?
}

/// The number of a `persist` effect; later ones are higher.
public struct PersistNumber: RawRepresentable, Hashable, Comparable, Sendable {
  /// The number, from 1.
  public var rawValue: UInt64

  /// Wraps a plain number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static func < (left: PersistNumber, right: PersistNumber) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What the owner of a node knows a read by.
public struct ReadID: RawRepresentable, Hashable, Sendable {
  /// A number of the owner's choice.
  public var rawValue: UInt64

  /// Wraps a plain number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}
