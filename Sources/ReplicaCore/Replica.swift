public import Engine
public import Environment
public import MVCC
public import Primitives
public import Raft
public import WriteAheadLog

/// One member's deterministic core: Raft, the log and the store, joined. Events in, effects out.
///
/// It reads and writes its log through the file system that the log was opened with, and nothing
/// else: no clock, no thread, no socket. One thread uses a replica; the store's reads go on beside
/// it.
///
/// The order that holds everywhere: applied ≤ durable in the log, so the engine, which is fed with
/// what was applied, is never ahead of the log; the log is cut only up to what the engine has
/// flushed.
public final class Replica {
  /// Who waits for an entry.
  enum Origin {
    case client(RequestID)
    case renewal(RequestID, LeaseID)
    case own
  }

  /// An entry of this leader's that is not applied yet.
  struct Pending {
    var index: LogIndex
    var origin: Origin
    var proposal: Proposal
  }

  /// Which alarms stand, for every command to be held to.
  struct StandingAlarms {
    let noSpace: Bool
    let corrupt: Bool

    init(_ cluster: ClusterState) {
      noSpace = cluster.hasAlarm(.noSpace)
      corrupt = cluster.hasAlarm(.corrupt)
    }
  }

  /// How the replica behaves.
  public let configuration: ReplicaConfiguration
  /// The replicated keys, leases and history.
  public let store: Store
  /// The replicated members and alarms.
  public internal(set) var cluster: ClusterState {
    didSet { alarms = StandingAlarms(cluster) }
  }
  /// The replicated users and roles.
  public let access: AccessStore
  /// When leases end, as long as this member leads.
  public let leases: LeaseTimes
  /// Whether the log or the store failed; nothing is done any more.
  public internal(set) var hasFailed = false
  /// The last entry that the engine holds durably.
  public internal(set) var flushedIndex: LogIndex

  /// Leases that have ended here because their time was over.
  public internal(set) var expiredLeases: UInt64 = 0

  /// Called before the replica waits for the disk, with the effects of the step up to there: none of them
  /// depends on what is about to be written, so the owner may carry out the first of them and take them away.
  /// So a leader's entries are under way to the others while it writes them itself. Nil: everything comes
  /// when the step ends.
  public var beforeSync: ((inout [ReplicaEffect]) -> Void)?

  let log: WriteAheadLog
  private(set) var alarms: StandingAlarms
  /// Whether leases may be renewed without the replica.
  var renewsAtOnce = false
  var node: RaftNode
  /// What the leader was asked to propose.
  var forwarded: ForwardedRequests
  /// What waits for reads to be confirmed, and what has been and waits for the state machine.
  var reads = PendingReads()
  /// Entries that have been proposed and not applied, in order, from `pendingHead` on.
  var pending: [Pending] = []
  var pendingHead = 0
  /// The last entry that the log held at the start: tokens that entries up to there issued have had
  /// their time.
  let replayEnd: LogIndex
  /// The term of the last entry applied, as the engine will have it.
  var appliedTerm: Term
  var now = MonotonicTime(nanoseconds: 0)
  /// Whether this term's first entry is applied: leases run, requests are taken.
  var isServing = false
  /// Changes of members, alarms and term that go to the engine with the present batch.
  var batch = EngineBatch()
  var isFlushing = false
  var bytesSinceFlush = 0
  /// Bytes of payload appended since the start, and when the log's next segment may be prepared
  /// again.
  var appendedBytes = 0
  var nextPreparation = MonotonicTime(nanoseconds: 0)
  /// Whether the NOSPACE alarm's raising or clearing is in the log and not applied.
  var hasQuotaProposal = false
  /// Bytes of the largest put that found no room since the alarm was raised: what must be free to
  /// clear it.
  var refusedBytes: Int64 = 0
  var raftEffects: [Raft.Effect] = []
  /// Members that told this leader that they have lost their logs.
  var forgetful: [(member: MemberID, life: MemberLife)] = []
  #if DEBUG || PLANTED_BUGS
    /// A fault for tests to find.
    package var plantedBug: PlantedBug? {
      didSet { node.plantedBug = plantedBug }
    }
  #endif
  /// Who is being sent a state, and an entry that it holds at least: those behind it stay in the log, or the
  /// receiver would need the next state as soon as it has this one.
  var statesUnderWay: [MemberID: LogIndex] = [:]
  private var hasStarted = false
  private var isStopping = false

  /// Joins an opened log and an opened store; `start` is the first event to follow.
  public convenience init(
    configuration: ReplicaConfiguration, log: WriteAheadLog, store: Store, engine: any Engine
  ) throws(ReplicaError) {
    let access = AccessStore(try AccessTable.load(engine))
    try self.init(
      configuration: configuration, log: log, store: store, engine: engine, access: access,
      leases: LeaseTimes())
  }

  /// Goes on where another replica ended with `replaceState`, with the store as it is now. Its users and roles are
  /// those of the new state as well.
  public convenience init(
    following last: Replica, configuration: ReplicaConfiguration
  ) throws(ReplicaError) {
    invariant(last.hasFailed, "a replica is replaced that goes on")
    let engine = last.store.engine
    last.leases.reset()
    last.access.replace(with: try AccessTable.load(engine))
    try self.init(
      configuration: configuration, log: last.log, store: last.store, engine: engine,
      access: last.access, leases: last.leases)
  }

  private init(
    configuration: ReplicaConfiguration, log: WriteAheadLog, store: Store, engine: any Engine,
    access: AccessStore, leases: LeaseTimes
  ) throws(ReplicaError) {
    let (cluster, appliedTerm) = try ClusterTable.load(engine)
    // A member that joins begins without a cluster; one that was removed has nothing to do.
    guard cluster.members.isEmpty || cluster.member(configuration.member) != nil else {
      throw .notAMember(configuration.member)
    }
    guard cluster.level <= configuration.level else {
      throw .tooOld(configuration.level, cluster: cluster.level)
    }
    guard log.firstIndex <= store.appliedIndex.next else {
      throw .missingEntries(from: store.appliedIndex.next, logBegins: log.firstIndex)
    }
    self.configuration = configuration
    self.log = log
    self.store = store
    self.cluster = cluster
    alarms = StandingAlarms(cluster)
    self.access = access
    self.leases = leases
    forwarded = ForwardedRequests(seed: configuration.seed)
    replayEnd = log.lastIndex
    self.appliedTerm = appliedTerm
    flushedIndex = store.appliedIndex
    invariant(
      store.appliedIndex <= log.lastIndex,
      "the engine has applied \(store.appliedIndex), the log ends at \(log.lastIndex)")
    let start = RaftNode.Start(
      hardState: log.hardState, terms: log.terms, membershipEntries: log.membershipEntries,
      appliedIndex: store.appliedIndex, forgetfulLife: try ClusterTable.forgetfulLife(engine))
    node = RaftNode(
      id: configuration.member, configuration: cluster.raftConfiguration,
      settings: configuration.raft, seed: configuration.seed, from: start)
  }

  // MARK: What can be asked

  /// The current term.
  public var term: Term { node.currentTerm }
  /// The leader, or none.
  public var leader: MemberID { node.leader }
  /// The last committed entry.
  public var commitIndex: LogIndex { node.commitIndex }
  /// Whether the member has lost what it promised, and so takes no part until others have given it the state.
  public var isForgetful: Bool { node.isForgetful }
  /// What this member is in its term.
  public var role: RaftNode.Role { node.role }
  /// The terms of the entries in the log.
  public var logTerms: TermRuns { node.terms }
  /// The entries of a range of the log that are in memory or on disk, for checks.
  package func logEntries(from first: LogIndex) throws(LogError) -> [LogEntry] {
    try log.entries(from: first, through: log.lastIndex, maxBytes: .max)
  }
  /// The file of the log that was last written, and where the last write begins: for tests that damage what lies
  /// before it.
  package var lastWrite: (path: String, offset: Int)? { log.lastWrite }
  /// Whether a membership change proposed now would reach the log.
  package var acceptsMembershipChange: Bool { isServing && node.acceptsMembershipChange }
  /// Whether the log has a membership change that is not applied.
  package var hasUnappliedMembership: Bool { node.hasUnappliedMembership }
  /// The last entry applied.
  public var appliedIndex: LogIndex { node.lastApplied }
  /// Whether a read sees every acknowledged write without asking other members first: only in a
  /// group of one voter, and only once the start-up replay and the term's first entry are applied.
  public var servesReadsAlone: Bool {
    guard isServing, !hasFailed, let index = node.readIndex else { return false }
    return index <= node.lastApplied
  }

  /// Whether other members have been asked to confirm reads, and have not answered.
  public var awaitsReads: Bool { node.awaitsReads }

  /// Whether there is anybody else in the group, so that ticks matter.
  public var hasPeers: Bool { node.configuration.members != [configuration.member] }
  /// Whether this member's vote counts.
  public var isVoter: Bool { node.configuration.isVoter(configuration.member) }
  /// Whether requests can be taken: by this member or, through it, by the leader.
  public var canServe: Bool {
    if hasFailed { return false }
    return isServing || node.leader != .none && node.leader != configuration.member
  }
  /// The other members, how far their logs are known to be durable, and whether they were heard of lately, while
  /// this member leads.
  public var followers: [(member: MemberID, matchIndex: LogIndex, isActive: Bool)] {
    node.followers
  }

  /// When a `timer` event is due next; nil if only other events can make something happen.
  public var nextTimer: MonotonicTime? {
    guard isServing, !hasFailed else { return nil }
    let quota = alarms.noSpace ? now + .milliseconds(500) : nil
    guard let lease = leases.withClock({ $0.nextDeadline }) else { return quota }
    return quota.map { min($0, lease) } ?? lease
  }

  // MARK: Events

  /// Takes one event and appends what it makes necessary to `effects`.
  public func step(_ event: ReplicaEvent, into effects: inout [ReplicaEffect]) {
    if hasFailed { return refuseAll(event, into: &effects) }
    switch event {
    case .start(let now):
      invariant(!hasStarted, "a replica started twice")
      hasStarted = true
      advance(to: now)
      stepRaft(.applied(through: store.appliedIndex), into: &effects)
      if node.configuration.voters == [configuration.member] { stepRaft(.campaign, into: &effects) }
    case .requests(let requests, let now):
      advance(to: now)
      take(requests, into: &effects)
    case .timer(let now):
      advance(to: now)
      proposeDue(into: &effects)
    case .engineFlushed(let through): engineFlushed(through, into: &effects)
    case .tick(let now):
      advance(to: now)
      stepRaft(.tick, into: &effects)
      expireForwarded(into: &effects)
      if !hasFailed { repairMembers(into: &effects) }
    case .messages(let messages, let now):
      advance(to: now)
      for message in messages where !hasFailed { stepRaft(.message(message), into: &effects) }
    case .snapshotSent(let member, let last):
      statesUnderWay[member] = last
      stepRaft(.snapshotSent(to: member, last: last), into: &effects)
    case .forwardRefused(let refusals): refuse(refusals, into: &effects)
    case .unreachable(let member): stepRaft(.unreachable(member), into: &effects)
    case .transferLeadership(let member): stepRaft(.transfer(to: member), into: &effects)
    case .prepareStop(let now):
      advance(to: now)
      // What is renewed after its remainder was noted would end too early at the next start.
      isStopping = true
      renewsAtOnce = false
      leases.setRenewsAtOnce(false)
      proposeRemainders(into: &effects)
    }
    if (servesReadsAlone && !isStopping) != renewsAtOnce {
      renewsAtOnce.toggle()
      leases.setRenewsAtOnce(renewsAtOnce)
    }
    if !hasFailed { checkInvariants() }
  }

  /// The clock that events carry never goes back; one that did must not lengthen leases.
  private func advance(to time: MonotonicTime) { now = max(now, time) }

  private func refuseAll(_ event: ReplicaEvent, into effects: inout [ReplicaEffect]) {
    guard case .requests(let requests, _) = event else { return }
    for request in requests {
      effects.append(.answer(request.id, .failure(.stopped)))
    }
  }

  private func engineFlushed(_ through: LogIndex, into effects: inout [ReplicaEffect]) {
    invariant(
      through <= node.lastApplied, "the engine flushed \(through) of \(node.lastApplied) applied")
    isFlushing = false
    guard through > flushedIndex else { return }
    flushedIndex = through
    // Followers that lag a little are served from the log.
    let lagging = through.rawValue - min(through.rawValue, configuration.catchUpEntries)
    let needed =
      node.role == .leader ? max(lagging, node.firstNeededIndex.rawValue - 1) : lagging
    let held = heldForStates(behind: LogIndex(lagging))
    let aged = hasPeers ? log.lastIndex(beforeNewest: configuration.catchUpBytes) : through
    do throws(LogError) {
      try log.truncatePrefix(through: min(through, held, aged, LogIndex(needed)))
      stepRaft(.truncated(through: LogIndex(log.firstIndex.rawValue - 1)), into: &effects)
    } catch {
      fail("\(error)", into: &effects)
    }
  }

  /// The last entry that nobody needs who was sent a state and has not caught up since; `behind` is what stays for
  /// everybody. Whoever is not heard of any more is not waited for, nor who is too far behind.
  private func heldForStates(behind kept: LogIndex) -> LogIndex {
    var held = LogIndex(UInt64.max)
    for follower in node.followers {
      guard let state = statesUnderWay[follower.member] else { continue }
      let reached = max(state, follower.matchIndex)
      let isNear = kept.rawValue <= reached.rawValue + Limits.entriesHeldForState
      if follower.isActive, isNear, reached < kept {
        held = min(held, reached)
      } else if !follower.isActive || !isNear || follower.matchIndex >= kept {
        statesUnderWay[follower.member] = nil
      }
    }
    return held
  }

  func fail(_ line: String, into effects: inout [ReplicaEffect]) {
    hasFailed = true
    effects.append(.fatal(line))
  }

  /// Ends the process if the parts contradict each other.
  public func checkInvariants() {
    invariant(
      node.lastApplied <= log.durableIndex,
      "applied \(node.lastApplied) is past the durable log, \(log.durableIndex)")
    invariant(
      flushedIndex <= node.lastApplied,
      "the engine flushed \(flushedIndex) of \(node.lastApplied) applied")
    invariant(
      log.firstIndex <= flushedIndex.next,
      "the log begins at \(log.firstIndex), the engine ends at \(flushedIndex)")
    invariant(
      node.stableIndex <= log.durableIndex,
      "Raft counts \(node.stableIndex) durable entries of \(log.durableIndex)")
    invariant(!isServing || node.role == .leader, "requests are taken by a \(node.role)")
  }
}

extension ReplicaRequest {
  /// What the answer is known by.
  public var id: RequestID {
    switch self {
    case .propose(let proposal): proposal.id
    case .renewLease(let id, _), .leaseTimeToLive(let id, _), .leases(let id), .read(let id): id
    }
  }
}
