public import Engine
public import Environment
public import MVCC
public import Primitives
internal import Raft
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
    var command: Command
    var author = Author.unknown
  }

  /// How the replica behaves.
  public let configuration: ReplicaConfiguration
  /// The replicated keys, leases and history.
  public let store: Store
  /// The replicated members and alarms.
  public internal(set) var cluster: ClusterState
  /// The replicated users and roles.
  public let access: AccessStore
  /// Whether the log or the store failed; nothing is done any more.
  public private(set) var hasFailed = false
  /// The last entry that the engine holds durably.
  public internal(set) var flushedIndex: LogIndex

  /// Leases that have ended here because their time was over.
  public internal(set) var expiredLeases: UInt64 = 0

  let log: WriteAheadLog
  var node: RaftNode
  var leases = LeaseClock()
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
  private var appendedBytes = 0
  private var nextPreparation = MonotonicTime(nanoseconds: 0)
  /// Whether the NOSPACE alarm's raising or clearing is in the log and not applied.
  var hasQuotaProposal = false
  /// Bytes of the largest put that found no room since the alarm was raised: what must be free to
  /// clear it.
  var refusedBytes: Int64 = 0
  private var raftEffects: [Raft.Effect] = []
  private var hasStarted = false

  /// Joins an opened log and an opened store; `start` is the first event to follow.
  public init(
    configuration: ReplicaConfiguration, log: WriteAheadLog, store: Store, engine: any Engine
  ) throws(ReplicaError) {
    let (cluster, appliedTerm) = try ClusterTable.load(engine)
    guard cluster.member(configuration.member) != nil else {
      throw .notAMember(configuration.member)
    }
    guard log.firstIndex <= store.appliedIndex.next else {
      throw .missingEntries(from: store.appliedIndex.next, logBegins: log.firstIndex)
    }
    self.configuration = configuration
    self.log = log
    self.store = store
    self.cluster = cluster
    access = AccessStore(try AccessTable.load(engine))
    replayEnd = log.lastIndex
    self.appliedTerm = appliedTerm
    flushedIndex = store.appliedIndex
    invariant(
      store.appliedIndex <= log.lastIndex,
      "the engine has applied \(store.appliedIndex), the log ends at \(log.lastIndex)")
    let start = RaftNode.Start(
      hardState: log.hardState, lastIndex: log.lastIndex,
      lastTerm: log.term(at: log.lastIndex) ?? appliedTerm, appliedIndex: store.appliedIndex)
    let voters = cluster.members.filter { !$0.isLearner }.map(\.id)
    let learners = cluster.members.filter(\.isLearner).map(\.id)
    node = RaftNode(
      id: configuration.member, configuration: Configuration(voters: voters, learners: learners),
      from: start)
  }

  // MARK: What can be asked

  /// The current term.
  public var term: Term { node.currentTerm }
  /// The leader, or none.
  public var leader: MemberID { node.leader }
  /// The last committed entry.
  public var commitIndex: LogIndex { node.commitIndex }
  /// The last entry applied.
  public var appliedIndex: LogIndex { node.lastApplied }
  /// Whether a read sees every acknowledged write without asking other members first: only in a
  /// group of one voter, and only once the start-up replay and the term's first entry are applied.
  public var servesReadsAlone: Bool {
    guard isServing, !hasFailed, let index = node.readIndex else { return false }
    return index <= node.lastApplied
  }

  /// When a `timer` event is due next; nil if only other events can make something happen.
  public var nextTimer: MonotonicTime? {
    guard isServing, !hasFailed else { return nil }
    let quota = cluster.hasAlarm(.noSpace) ? now + .milliseconds(500) : nil
    guard let lease = leases.nextDeadline else { return quota }
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
      step(.campaign, into: &effects)
    case .requests(let requests, let now):
      advance(to: now)
      take(requests, into: &effects)
    case .timer(let now):
      advance(to: now)
      proposeDue(into: &effects)
    case .engineFlushed(let through): engineFlushed(through, into: &effects)
    case .prepareStop(let now):
      advance(to: now)
      proposeRemainders(into: &effects)
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
    do throws(LogError) {
      try log.truncatePrefix(through: through)
    } catch {
      fail("\(error)", into: &effects)
    }
  }

  // MARK: Raft's effects

  /// Gives Raft an event and carries out what it asks for, until it asks for nothing more.
  func step(_ event: Raft.Event, into effects: inout [ReplicaEffect]) {
    let role = node.role
    node.step(event, into: &raftEffects)
    var next = 0
    while next < raftEffects.count, !hasFailed {
      switch raftEffects[next] {
      case .persist(let hardState, let through, let thenSend):
        if !persist(hardState, into: &effects) { break }
        node.step(.persisted(through: through), into: &raftEffects)
        for message in thenSend { node.step(.message(message), into: &raftEffects) }
      case .apply(let through):
        apply(through: through, into: &effects)
        if !hasFailed { node.step(.applied(through: through), into: &raftEffects) }
      }
      next += 1
    }
    raftEffects.removeAll(keepingCapacity: true)
    if node.role != role { effects.append(.statusChanged) }
    if !isServing, !hasFailed, node.role == .leader, let index = node.readIndex,
      index <= node.lastApplied
    {
      beginServing(into: &effects)
    }
  }

  private func persist(_ hardState: HardState?, into effects: inout [ReplicaEffect]) -> Bool {
    do throws(LogError) {
      try log.append(contentsOf: node.unstableEntries)
      if let hardState { try log.setHardState(hardState) }
      appendedBytes += log.bufferedBytes
      try log.sync()
      prepareLog(into: &effects)
      return true
    } catch {
      fail("\(error)", into: &effects)
      return false
    }
  }

  /// A member that writes next to nothing needs no further segment; where the disk is full, asking
  /// once in a while is enough.
  private func prepareLog(into effects: inout [ReplicaEffect]) {
    guard appendedBytes >= configuration.snapshotLogBytes / 64, now >= nextPreparation else {
      return
    }
    guard let work = log.beginPreparation() else { return }
    nextPreparation = now + .seconds(1)
    effects.append(.prepareLog(work))
  }

  private func beginServing(into effects: inout [ReplicaEffect]) {
    isServing = true
    for lease in store.leases() {
      leases.start(
        lease.id, grantedSeconds: lease.seconds, remainder: lease.remainingSeconds, now: now)
    }
    effects.append(.statusChanged)
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
    case .renewLease(let id, _), .leaseTimeToLive(let id, _), .leases(let id): id
    }
  }
}
