public import Primitives

/// One member's part in the Raft consensus algorithm: events in, effects out, no input or output of
/// its own.
///
/// Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014; the
/// names are that paper's. The group that it can lead at present has one voter, itself; quorums,
/// progress and votes are counted by the configuration all the same.
public struct RaftNode: Sendable {
  /// What a member is in its term.
  public enum Role: Hashable, Sendable {
    case follower, candidate, leader
  }

  /// What the leader knows of a member's log: "volatile state on leaders", figure 2 of the paper.
  struct Progress: Sendable {
    /// The highest entry known to be durable on that member.
    var matchIndex: LogIndex
  }

  /// What a node starts from.
  public struct Start: Sendable {
    /// The durable hard state.
    public var hardState: HardState
    /// The last durable entry, or the last one that the state machine has applied if that is later.
    public var lastIndex: LogIndex
    /// The term of that entry.
    public var lastTerm: Term
    /// The last entry that the state machine has applied.
    public var appliedIndex: LogIndex

    /// Describes a start; by default that of a member that has seen nothing.
    public init(
      hardState: HardState = HardState(), lastIndex: LogIndex = .zero, lastTerm: Term = .zero,
      appliedIndex: LogIndex = .zero
    ) {
      self.hardState = hardState
      self.lastIndex = lastIndex
      self.lastTerm = lastTerm
      self.appliedIndex = appliedIndex
    }
  }

  /// Ticks without a leader before a follower starts an election.
  public static let electionTicks = 10

  /// This member.
  public let id: MemberID
  /// Who votes.
  public let configuration: Configuration
  /// What this member is in the current term.
  public private(set) var role = Role.follower
  /// The leader of the current term, as far as it is known.
  public private(set) var leader = MemberID.none
  /// The latest term that the member has seen.
  public private(set) var currentTerm: Term
  /// Whom it votes for in that term.
  public private(set) var votedFor: MemberID
  /// The highest entry known to be committed.
  public private(set) var commitIndex: LogIndex
  /// The highest entry that the state machine has applied.
  public private(set) var lastApplied: LogIndex
  /// The last entry of the log, durable or not.
  public private(set) var lastIndex: LogIndex
  /// The term of that entry.
  public private(set) var lastTerm: Term
  /// The last durable entry.
  public private(set) var stableIndex: LogIndex
  /// The entries that are not known to be durable, in order; they end at `lastIndex`.
  public private(set) var unstableEntries: [LogEntry] = []

  private var electionElapsed = 0
  private var votes: [MemberID: Bool] = [:]
  private var progress: [MemberID: Progress] = [:]
  /// The first entry of the term that this member leads, if it does.
  private var termStart = LogIndex.zero
  private var handedToApply: LogIndex
  private var persistedHardState: HardState

  /// A follower that knows what was durable when it stopped.
  public init(id: MemberID, configuration: Configuration, from start: Start = Start()) {
    invariant(
      configuration.voters.contains(id) || configuration.learners.contains(id),
      "member \(id) is not in its own configuration")
    self.id = id
    self.configuration = configuration
    currentTerm = max(start.hardState.term, start.lastTerm)
    votedFor = currentTerm == start.hardState.term ? start.hardState.votedFor : .none
    commitIndex = max(start.hardState.commit, start.appliedIndex)
    lastApplied = start.appliedIndex
    lastIndex = start.lastIndex
    lastTerm = start.lastTerm
    stableIndex = start.lastIndex
    handedToApply = start.appliedIndex
    persistedHardState = start.hardState
    checkInvariants()
  }

  /// The entry that a read must see applied, or nil where the member cannot tell without asking
  /// others or before it has committed an entry of its own term.
  public var readIndex: LogIndex? {
    guard role == .leader, configuration.quorum == 1, commitIndex >= termStart else { return nil }
    return commitIndex
  }

  /// Whether an entry proposed now would be appended.
  public var acceptsProposals: Bool { role == .leader }

  /// Takes one event and appends what it makes necessary to `effects`.
  public mutating func step(_ event: Event, into effects: inout [Effect]) {
    switch event {
    case .tick: tick(into: &effects)
    case .campaign: if role != .leader { campaign(into: &effects) }
    case .message(let message): receive(message, into: &effects)
    case .propose(let entries):
      invariant(acceptsProposals, "a proposal reached a member that does not lead: \(role)")
      append(entries, into: &effects)
    case .persisted(let through): persisted(through, into: &effects)
    case .applied(let through):
      invariant(through >= lastApplied, "applied went back from \(lastApplied) to \(through)")
      lastApplied = through
    }
    checkInvariants()
  }

  // MARK: Elections

  private mutating func tick(into effects: inout [Effect]) {
    if role == .leader { return }
    electionElapsed += 1
    if electionElapsed >= Self.electionTicks { campaign(into: &effects) }
  }

  private mutating func campaign(into effects: inout [Effect]) {
    guard configuration.voters.contains(id) else { return }
    currentTerm = currentTerm.next
    role = .candidate
    leader = .none
    votedFor = id
    votes = [:]
    electionElapsed = 0
    // Its own vote counts only once it cannot be forgotten.
    let vote = Message(from: id, to: id, term: currentTerm, content: .voteAnswer(granted: true))
    persist(thenSend: [vote], into: &effects)
    applyCommitted(into: &effects)
  }

  private mutating func receive(_ message: Message, into effects: inout [Effect]) {
    invariant(message.to == id, "a message for \(message.to) reached \(id)")
    switch message.content {
    case .voteAnswer(let granted):
      guard role == .candidate, message.term == currentTerm else { return }
      votes[message.from] = granted
      let granting = configuration.voters.count { votes[$0] == true }
      if granting >= configuration.quorum { becomeLeader(into: &effects) }
    }
  }

  private mutating func becomeLeader(into effects: inout [Effect]) {
    role = .leader
    leader = id
    progress = [:]
    for member in configuration.voters + configuration.learners {
      progress[member] = Progress(matchIndex: .zero)
    }
    progress[id] = Progress(matchIndex: stableIndex)
    termStart = lastIndex.next
    // Entries of earlier terms are committed only below one of its own (section 5.4.2 of the
    // paper).
    append([ProposedEntry(kind: .empty, payload: [])], into: &effects)
  }

  // MARK: The log

  private mutating func append(_ entries: [ProposedEntry], into effects: inout [Effect]) {
    if entries.isEmpty { return }
    unstableEntries.reserveCapacity(unstableEntries.count + entries.count)
    for entry in entries {
      lastIndex = lastIndex.next
      unstableEntries.append(
        LogEntry(index: lastIndex, term: currentTerm, kind: entry.kind, payload: entry.payload))
    }
    lastTerm = currentTerm
    persist(thenSend: [], into: &effects)
  }

  private mutating func persist(thenSend: [Message], into effects: inout [Effect]) {
    let state = HardState(term: currentTerm, votedFor: votedFor, commit: commitIndex)
    // A commit index alone is worth no record: it goes along when there is something else to write.
    let changed = state != persistedHardState
    persistedHardState = state
    effects.append(.persist(changed ? state : nil, through: lastIndex, thenSend: thenSend))
  }

  private mutating func persisted(_ through: LogIndex, into effects: inout [Effect]) {
    invariant(through <= lastIndex, "durable index \(through) is past the last entry \(lastIndex)")
    if through > stableIndex {
      unstableEntries.removeFirst(Int(through.rawValue - stableIndex.rawValue))
      stableIndex = through
    }
    guard role == .leader else { return }
    progress[id] = Progress(matchIndex: stableIndex)
    let reached = configuration.quorumIndex { progress[$0]?.matchIndex ?? .zero }
    // Only entries of its own term are committed by counting (section 5.4.2).
    if reached > commitIndex, reached >= termStart { commitIndex = reached }
    applyCommitted(into: &effects)
  }

  private mutating func applyCommitted(into effects: inout [Effect]) {
    let through = min(commitIndex, stableIndex)
    guard through > handedToApply else { return }
    handedToApply = through
    effects.append(.apply(through: through))
  }

  /// Ends the process if the node's state contradicts itself.
  public func checkInvariants() {
    invariant(lastApplied <= handedToApply, "applied \(lastApplied) is past \(handedToApply)")
    invariant(
      handedToApply <= commitIndex, "handed on \(handedToApply) of \(commitIndex) committed entries"
    )
    invariant(
      commitIndex <= lastIndex, "commit \(commitIndex) is past the last entry \(lastIndex)")
    invariant(
      handedToApply <= stableIndex, "applied \(handedToApply) of \(stableIndex) durable ones")
    invariant(
      stableIndex.rawValue + UInt64(unstableEntries.count) == lastIndex.rawValue,
      "\(unstableEntries.count) entries between \(stableIndex) and \(lastIndex)")
    invariant(lastTerm <= currentTerm, "an entry of term \(lastTerm) in term \(currentTerm)")
    invariant(role != .leader || leader == id, "a leader that follows \(leader)")
  }
}
