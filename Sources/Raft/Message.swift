public import Primitives

/// What one member says to another, or to itself once something that it promises is durable.
public struct Message: Hashable, Sendable {
  /// What is said.
  public enum Content: Hashable, Sendable {
    /// "Vote for me in the message's term": RequestVote in figure 2 of the Raft paper.
    case voteRequest(VoteRequest)
    /// The answer to a request for a vote.
    case voteAnswer(VoteAnswer)
    /// "These entries follow that one": AppendEntries.
    case append(AppendRequest)
    /// The answer to `append`.
    case appendAnswer(AppendAnswer)
    /// "I lead": keeps elections away, and asks for the confirmation of a round of reads.
    case heartbeat(commit: LogIndex, round: ReadRound)
    /// "You do", as of that round.
    case heartbeatAnswer(round: ReadRound)
    /// A whole state has arrived, verified, from the leader: InstallSnapshot, as the last of its parts.
    case snapshot(SnapshotMark)
    /// "From which entry on may I serve the reads that wait here?" It `confirms` that the receiver leads, as of when
    /// it was sent, unless the sender has forgotten what it promised.
    case readRequest(ReadContext, confirms: Bool)
    /// "Once you have applied this entry."
    case readAnswer(ReadContext, index: LogIndex)
    /// "Stand for election now": the end of a transfer of leadership.
    case campaignNow
    /// "Your term is over": the answer to what a leader of an earlier term says.
    case deposed
    /// "What I had promised is lost, so my vote must not count": the answer of a member that was damaged to
    /// everything that a leader says.
    case forgot(MemberLife)
    /// "Your vote does not count any more, as of that entry: take the state."
    case demoted(MemberLife, at: LogIndex)
  }

  /// Who says it.
  public var from: MemberID
  /// To whom; it may be the sender.
  public var to: MemberID
  /// The sender's term when the message was made; a request for a pre-vote, and its granting, have the
  /// term that the election would have.
  public var term: Term
  /// What is said.
  public var content: Content

  /// Describes a message.
  public init(from: MemberID, to: MemberID, term: Term, content: Content) {
    self.from = from
    self.to = to
    self.term = term
    self.content = content
  }
}

/// A request for a vote.
public struct VoteRequest: Hashable, Sendable {
  /// The last entry of the candidate's log.
  public var last: EntryMark
  /// Whether it only asks what the answer would be: section 9.6 of Ongaro's dissertation.
  public var isPreVote: Bool
  /// Whether the leader asked for this election, so that hearing from it is no reason to refuse.
  public var isTransfer: Bool
  /// The last entry that the candidate knows to be committed.
  public var committed: EntryMark

  /// Describes a request.
  public init(
    last: EntryMark, isPreVote: Bool = false, isTransfer: Bool = false,
    committed: EntryMark = .zero
  ) {
    self.last = last
    self.isPreVote = isPreVote
    self.isTransfer = isTransfer
    self.committed = committed
  }
}

/// The answer to a request for a vote.
public struct VoteAnswer: Hashable, Sendable {
  /// Whether the vote is given.
  public var isGranted: Bool
  /// Whether it was only asked what the answer would be.
  public var isPreVote: Bool
  /// The last entry that the one who answers knows to be committed.
  public var committed: EntryMark

  /// Describes an answer.
  public init(isGranted: Bool, isPreVote: Bool = false, committed: EntryMark = .zero) {
    self.isGranted = isGranted
    self.isPreVote = isPreVote
    self.committed = committed
  }
}

/// Entries on their way to a follower.
public struct AppendRequest: Hashable, Sendable {
  /// The entry before the first of `entries`.
  public var previous: EntryMark
  /// The entries, in order; none to find out where the follower's log agrees.
  public var entries: [LogEntry]
  /// The leader's commit index.
  public var commit: LogIndex
  /// How often the leader has begun anew to feed this follower: what a rejection repeats, so that late
  /// ones are known.
  public var attempt: UInt32

  /// Describes a request.
  public init(previous: EntryMark, entries: [LogEntry], commit: LogIndex, attempt: UInt32 = 0) {
    self.previous = previous
    self.entries = entries
    self.commit = commit
    self.attempt = attempt
  }
}

/// What became of entries.
public enum AppendAnswer: Hashable, Sendable {
  /// The follower's log agrees with the leader's up to here, and is durable.
  case accepted(LogIndex)
  /// The follower does not have the entry `previous`; `hint` is the last one of its log that the leader
  /// may have.
  case rejected(previous: LogIndex, hint: EntryMark, attempt: UInt32)
}

/// A round of heartbeats that confirms reads; rounds of one term are in order.
public struct ReadRound: RawRepresentable, Hashable, Comparable, Sendable {
  /// The round as a plain number, from 1; 0 asks for nothing.
  public var rawValue: UInt64

  /// Wraps a plain number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static func < (left: ReadRound, right: ReadRound) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// One of the lives of a member that has forgotten earlier ones; no two are the same.
public struct MemberLife: RawRepresentable, Hashable, Sendable {
  /// The life as a plain number, never 0.
  public var rawValue: UInt64

  /// Wraps a plain number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Reads that a follower forwarded together; no two lives of a member use the same.
public struct ReadContext: RawRepresentable, Hashable, Sendable {
  /// The context as a plain number.
  public var rawValue: UInt64

  /// Wraps a plain number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}
