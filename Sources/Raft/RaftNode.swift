public import Primitives

/// One member's part in the Raft consensus algorithm: events in, effects out, no input or output of
/// its own, and no clock but ticks. The same events give the same effects.
///
/// Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014, and
/// Ongaro's dissertation of the same year; the names are the paper's.
///
/// Cost: with one voter a batch of proposals is one `persist` and one `apply`, without allocation
/// beyond the entries'.
public struct RaftNode: Sendable {
  /// What a member is in its term.
  public enum Role: Hashable, Sendable {
    case follower
    /// Asks whether it would be elected, before it begins a term.
    case preCandidate
    case candidate
    case leader
  }

  /// What a node starts from: what was durable when it stopped.
  public struct Start: Sendable {
    /// The durable hard state.
    public var hardState: HardState
    /// The terms of the durable entries.
    public var terms: TermRuns
    /// Where the log holds membership changes; those that are applied do no harm.
    public var membershipEntries: [LogIndex]
    /// The last entry that the state machine has applied.
    public var appliedIndex: LogIndex
    /// The present life of a member that has lost what it had promised in earlier ones, if it has.
    public var forgetfulLife: MemberLife?

    /// Describes a start; by default that of a member that has seen nothing.
    public init(
      hardState: HardState = HardState(), terms: TermRuns = TermRuns(),
      membershipEntries: [LogIndex] = [], appliedIndex: LogIndex = .zero,
      forgetfulLife: MemberLife? = nil
    ) {
      self.forgetfulLife = forgetfulLife
      self.hardState = hardState
      self.terms = terms
      self.membershipEntries = membershipEntries
      self.appliedIndex = appliedIndex
    }
  }

  /// This member.
  public let id: MemberID
  /// Times and bounds.
  public let settings: RaftSettings
  /// Who belongs to the group, as of the last entry applied.
  public internal(set) var configuration: Configuration
  /// What this member is in the current term.
  public internal(set) var role = Role.follower
  /// The leader of the current term, as far as it is known.
  public internal(set) var leader = MemberID.none
  /// The latest term that the member has seen.
  public internal(set) var currentTerm: Term
  /// Whom it votes for in that term.
  public internal(set) var votedFor: MemberID

  var log: RaftLog
  var random: SplitMix
  var electionElapsed = 0
  var electionTimeout = 0
  var votes = VoteCount()

  // As a leader.
  var heartbeatElapsed = 0
  /// The other members, in ascending order.
  var progress: [Progress] = []
  /// The first entry of the term that this member leads.
  var termStart = LogIndex.zero
  /// What was proposed and is not committed.
  var uncommitted = InFlight()
  var transferee = MemberID.none
  var rounds = ReadRounds()

  // As a follower.
  var forwarded: ForwardedReads
  /// The snapshot that is being put in place.
  var installing: SnapshotMark?
  /// Set while the member has forgotten what it had promised, and so counts for nothing.
  var forgetfulLife: MemberLife?
  /// The entry from which on a state may end its forgetfulness.
  var statesFrom: LogIndex?

  // What the present step has collected, and what waits to be durable.
  var sends: [Message] = []
  var promises: [Message] = []
  /// What is asked for beside messages and writes: entries to read, states to send or put in place.
  var demands: [Effect] = []
  var truncation: LogIndex?
  private var pendingPersists = PendingPersists()
  private var persistedHardState: HardState
  /// The last entry that a `persist` has asked for.
  private var persistedThrough: LogIndex

  #if DEBUG || PLANTED_BUGS
    /// A fault for tests to find.
    package var plantedBug: PlantedBug?
  #endif

  /// A follower that knows what was durable when it stopped.
  ///
  /// `seed` must differ from life to life and from member to member: timeouts are drawn from it, and
  /// forwarded reads are told apart by it.
  public init(
    id: MemberID, configuration: Configuration, settings: RaftSettings = RaftSettings(),
    seed: UInt64 = 0, from start: Start = Start()
  ) {
    self.id = id
    self.configuration = configuration
    self.settings = settings
    let lastTerm = start.terms.last.term
    currentTerm = max(start.hardState.term, lastTerm)
    votedFor = currentTerm == start.hardState.term ? start.hardState.votedFor : .none
    log = RaftLog(start)
    random = SplitMix(seed: seed ^ id.rawValue &* 0x9E37_79B9_7F4A_7C15)
    forwarded = ForwardedReads(first: random.next())
    forgetfulLife = start.forgetfulLife
    persistedHardState = start.hardState
    persistedThrough = start.terms.lastIndex
    drawElectionTimeout()
    checkInvariants()
  }

  // MARK: What can be asked

  /// Whether the log has a membership change that is not applied.
  package var hasUnappliedMembership: Bool { !log.unappliedMembership.isEmpty }
  /// Whether the member has lost what it promised in earlier lives, and counts for nothing.
  public var isForgetful: Bool { forgetfulLife != nil }
  /// The highest entry known to be committed.
  public var commitIndex: LogIndex { log.commitIndex }
  /// The highest entry that the state machine has applied.
  public var lastApplied: LogIndex { log.lastApplied }
  /// The last entry of the log, durable or not.
  public var lastIndex: LogIndex { log.lastIndex }
  /// The last entry's index and term.
  public var lastEntry: EntryMark { log.last }
  /// The last durable entry.
  public var stableIndex: LogIndex { log.stableIndex }
  /// The terms of all entries in the log.
  public var terms: TermRuns { log.terms }

  /// The entries that are not known to be durable, in order; they end at `lastIndex`.
  public var unstableEntries: ArraySlice<LogEntry> {
    lastIndex > stableIndex ? log.entries(stableIndex.next...lastIndex) : []
  }

  /// Entries of a range that a `persist` effect named, when it is taken.
  public func entries(_ range: ClosedRange<LogIndex>) -> ArraySlice<LogEntry> {
    log.entries(range)
  }

  /// Entries of a range of the log that are still in memory; nil where some are not, which the log has. They are
  /// as they were persisted.
  public func heldEntries(_ range: ClosedRange<LogIndex>) -> ArraySlice<LogEntry>? {
    range.lowerBound >= log.windowFirst ? log.entries(range) : nil
  }

  /// Whether a round of reads is under way, of this leader's or, as a question, of this follower's. Those who come
  /// meanwhile wait for the next one.
  public var awaitsReads: Bool { rounds.isUnderWay || forwarded.isUnderWay }

  /// The entry that a read must see applied, or nil where the member cannot tell without asking
  /// others or before it has committed an entry of its own term.
  public var readIndex: LogIndex? {
    guard role == .leader, isAlone, commitIndex >= termStart else { return nil }
    return commitIndex
  }

  /// The first entry of the term that this member leads, once it is committed; nil where it does not lead,
  /// or cannot know yet what earlier terms have committed.
  public var servedTermStart: LogIndex? {
    role == .leader && commitIndex >= termStart ? termStart : nil
  }

  /// Whether entries proposed now would be appended: the member leads, does not hand the leadership on,
  /// and what is not committed stays within its bound.
  public var acceptsProposals: Bool {
    role == .leader && transferee == .none && uncommitted.bytes < settings.uncommittedBytes
  }

  /// Whether a membership change proposed now would be appended: there is no other under way.
  public var acceptsMembershipChange: Bool {
    acceptsProposals && commitIndex >= termStart && log.unappliedMembership.isEmpty
  }

  /// The first entry that some follower, fed from the log, still lacks; one past the last where there is
  /// none. An owner that cuts the log beyond makes such followers need a snapshot.
  public var firstNeededIndex: LogIndex {
    var needed = lastIndex
    for member in progress where member.isActive && member.state != .snapshot {
      needed = min(needed, member.matchIndex)
    }
    return needed.next
  }

  /// How far each other member's log is known to be durable, while this member leads.
  public var followers: [(member: MemberID, matchIndex: LogIndex, isActive: Bool)] {
    progress.map { ($0.member, $0.matchIndex, $0.isActive) }
  }

  /// Whether this member decides without others: it is the only one.
  var isAlone: Bool {
    configuration.voters.count == 1 && configuration.voters[0] == id
  }

  // MARK: Events

  /// Takes one event and appends what it makes necessary to `effects`.
  public mutating func step(_ event: Event, into effects: inout [Effect]) {
    switch event {
    case .tick: tick(into: &effects)
    case .campaign: campaign()
    case .message(let message): receive(message, into: &effects)
    case .propose(let entries):
      invariant(acceptsProposals, "a proposal reached a \(role) that takes none")
      propose(entries)
    case .persisted(let number): persisted(number, into: &effects)
    case .applied(let through):
      log.applied(through: through)
      if role != .leader { trimWindow() }
    case .reconfigured(let configuration): reconfigure(configuration, into: &effects)
    case .read(let read): take(read, into: &effects)
    case .transfer(let member): transfer(to: member)
    case .loaded(let member, let entries): sendLoaded(entries, to: member, into: &effects)
    case .truncated(let through): log.drop(through: through)
    case .snapshotSent(let member, let last):
      snapshotSent(to: member, last: last, into: &effects)
    case .installed(let mark): installed(mark)
    case .unreachable(let member): unreachable(member)
    case .demoted(let member, let life): feed(member, life)
    }
    settle(into: &effects)
    checkInvariants()
  }

  /// Turns what the step has collected into effects, so that nothing leaves before what it promises.
  private mutating func settle(into effects: inout [Effect]) {
    let isNewTerm =
      currentTerm != persistedHardState.term || votedFor != persistedHardState.votedFor
    if isNewTerm {
      // Whatever is said in a term that could be forgotten waits as well.
      promises.append(contentsOf: sends)
      sends.removeAll(keepingCapacity: true)
    }
    // A leader's entries travel while they are written here.
    releaseSends(into: &effects)
    // Who votes must not be forgotten in a crash: others may have left since, and could not say it again.
    let learnsVoters = log.committedMembership.map { $0 > persistedHardState.commit } ?? false
    if isNewTerm || truncation != nil || lastIndex > persistedThrough || learnsVoters {
      effects.append(.persist(makePersist()))
    } else if !promises.isEmpty {
      if pendingPersists.isEmpty {
        swap(&sends, &promises)
        releaseSends(into: &effects)
      } else {
        pendingPersists.attach(promises)
        promises.removeAll(keepingCapacity: true)
      }
    }
    if !demands.isEmpty {
      effects.append(contentsOf: demands)
      demands.removeAll(keepingCapacity: true)
    }
    handOverCommitted(into: &effects)
  }

  private mutating func releaseSends(into effects: inout [Effect]) {
    if sends.isEmpty { return }
    effects.append(.send(sends))
    sends.removeAll()
  }

  private mutating func makePersist() -> Persist {
    let state = HardState(term: currentTerm, votedFor: votedFor, commit: commitIndex)
    // A commit index alone is worth no record, unless it tells of a change of the membership: it goes along when
    // there is something else to write.
    let changed = state != persistedHardState
    persistedHardState = state
    if let truncation {
      pendingPersists.truncate(from: truncation)
      persistedThrough = min(persistedThrough, LogIndex(truncation.rawValue - 1))
    }
    let entries =
      lastIndex > persistedThrough ? persistedThrough.next...lastIndex : nil
    persistedThrough = lastIndex
    let number = pendingPersists.add(through: lastIndex, promises: promises)
    if !promises.isEmpty { promises.removeAll() }
    defer { truncation = nil }
    return Persist(
      number: number, truncateFrom: truncation, entries: entries, hardState: changed ? state : nil)
  }

  private mutating func persisted(_ number: PersistNumber, into effects: inout [Effect]) {
    while let done = pendingPersists.next(through: number) {
      log.stabilize(through: done.through)
      for message in done.promises {
        if message.to == id {
          receive(message, into: &effects)
        } else {
          sends.append(message)
        }
      }
    }
    if role == .leader { advanceCommit(into: &effects) }
    trimWindow()
  }

  private mutating func handOverCommitted(into effects: inout [Effect]) {
    let through = min(commitIndex, stableIndex)
    guard through > log.handedToApply, installing == nil else { return }
    log.handedToApply = through
    effects.append(.apply(through: through))
  }

  /// Begins the log anew behind a snapshot: nothing that was asked for before matters any more.
  mutating func resetLog(to mark: EntryMark) {
    log.reset(to: mark)
    truncation = nil
    pendingPersists.truncate(from: mark.index.next)
    persistedThrough = mark.index
  }

  // MARK: Common parts

  /// Queues a message that promises nothing.
  mutating func send(_ content: Message.Content, to member: MemberID, term: Term? = nil) {
    sends.append(Message(from: id, to: member, term: term ?? currentTerm, content: content))
  }

  /// Queues a message that may leave only when everything up to now is durable.
  mutating func promise(_ content: Message.Content, to member: MemberID) {
    promises.append(Message(from: id, to: member, term: currentTerm, content: content))
  }

  /// Whether a fault was planted; never outside of tests.
  @inline(__always)
  func has(_ bug: PlantedBug) -> Bool {
    #if DEBUG || PLANTED_BUGS
      plantedBug == bug
    #else
      false
    #endif
  }

  /// Ends the process if the node's state contradicts itself.
  public func checkInvariants() {
    log.checkInvariants()
    invariant(
      log.last.term <= currentTerm, "an entry of term \(log.last.term) in term \(currentTerm)")
    invariant(role != .leader || leader == id, "a leader that follows \(leader)")
    invariant(
      role == .leader || progress.isEmpty, "a \(role) that keeps \(progress.count) followers")
  }
}
