internal import Environment
internal import MVCC
internal import Primitives
internal import Raft
internal import ReplicaCore
internal import Synchronization

/// What the replica thread does: it takes all that has queued, gives it to the replica as one
/// batch, and carries out the effects.
///
/// One such turn may also run on the thread of a client's request that finds the replica at rest
/// (`ReplicaThread+Here.swift`).
///
/// `@unchecked`: after `start`, which runs before the thread exists, only who holds the baton uses
/// the replica, the waiting requests and what else varies here.
final class ReplicaThread: @unchecked Sendable {
  var replica: Replica
  let shared: MemberState
  let clock: any Clock
  let directory: DataDirectory
  private let logSyncs: SyncDurations
  private var marks = TurnMarks()
  var contents = SubmissionQueue.Contents()
  private var requests: [ReplicaRequest] = []
  var effects: [ReplicaEffect] = []
  /// Requests that the replica has, by their number; free numbers are in `free`.
  private var waiting: [Submission?] = []
  private var free: [Int] = []
  /// Requests that wait for a leader.
  var parked: [Submission] = []
  /// When the next tick is due; nil while there are no other members.
  var nextTick: MonotonicTime?
  /// Ticks since there was a leader.
  var leaderlessTicks = 0
  var isRemoved = false
  /// The state that is being put in place.
  var arrival: StateArrival?
  /// When the member ends because it was removed.
  var removalDeadline: MonotonicTime?
  /// Until when a leader that stops waits for another one.
  private var stopDeadline: MonotonicTime?
  /// Who holds it runs a turn.
  let baton = Mutex<Void>(())
  /// When the thread looks again by itself; nil: when it is woken.
  var sleepsUntil: MonotonicTime?
  /// Whether the replica was prepared for the end: there are no turns any more.
  var isOver = false
  /// How crowded it was of late.
  var pace = ReplicaPace()

  /// What the thread does after a turn.
  private enum Next {
    case turn
    case sleep(nanoseconds: Int64?)
    case end
  }

  init(
    replica: Replica, shared: MemberState, clock: any Clock, directory: DataDirectory,
    logSyncs: SyncDurations
  ) {
    self.logSyncs = logSyncs
    self.replica = replica
    self.shared = shared
    self.clock = clock
    self.directory = directory
  }

  /// Replays the log. Cost: that of the entries since the engine's last flush.
  func start() throws(MemberError) {
    let now = clock.now()
    setHook()
    replica.step(.start(now), into: &effects)
    for case .fatal(let line) in effects { throw .file(reason: line) }
    carryOut()
    shared.publishPosition(of: replica)
    beginTicks(now)
  }

  /// Has the replica say when it is about to wait for the disk.
  func setHook() {
    replica.beforeSync = { [unowned self] effects in self.carryOutEarly(&effects) }
  }

  /// Runs until the queue is closed and empty.
  func run() {
    while true {
      switch baton.withLock({ _ in lastingTurn() }) {
      case .turn: break
      case .sleep(let nanoseconds): shared.queue.wait(timeoutNanoseconds: nanoseconds)
      case .end: return
      }
    }
  }

  /// One turn of the thread itself, which also ends the member.
  private func lastingTurn() -> Next {
    let hadWork = turn(clock.now())
    pace.note(submissions: contents.submissions.count, hadWork: hadWork)
    if contents.isClosed, contents.submissions.isEmpty, contents.reads.isEmpty,
      mayStop(clock.now())
    {
      finish()
      isOver = true
      return .end
    }
    if hadWork || !contents.submissions.isEmpty { return .turn }
    sleepsUntil = nextDue
    guard let sleepsUntil else { return .sleep(nanoseconds: nil) }
    let nanoseconds = (sleepsUntil - clock.now()).saturatingNanoseconds
    return nanoseconds > 0 ? .sleep(nanoseconds: nanoseconds) : .turn
  }

  /// Takes what has queued, and what is due, and carries it out. Only for who holds the baton.
  /// - Returns: whether anything came of it.
  func turn(_ now: MonotonicTime) -> Bool {
    marks = TurnMarks(taken: now)
    shared.queue.take(into: &contents)
    if let flushed = contents.flushedIndex {
      replica.step(.engineFlushed(through: flushed), into: &effects)
    }
    if let due = nextTick, due <= now { tick(now) }
    // What ends a round of reads among the messages begins the next one: for these as well.
    if !contents.messages.isEmpty { admitReads(at: now) }
    takeNews(now)
    if let due = replica.nextTimer, due <= now { replica.step(.timer(now), into: &effects) }
    if !contents.submissions.isEmpty || !contents.reads.isEmpty { admit(at: now) }
    let hadWork = !effects.isEmpty
    carryOut()
    if replica.hasPeers { noteLogged() }
    requests.removeAll(keepingCapacity: true)
    noteReads()
    return hadWork
  }

  /// Tells those who bring reads whether they may leave them in the queue, because a round is under way.
  private func noteReads() {
    let awaitsReads = replica.awaitsReads
    if awaitsReads == shared.awaitsReads.load(ordering: .relaxed) { return }
    shared.awaitsReads.store(awaitsReads, ordering: .releasing)
    // Somebody may have left one meanwhile.
    if !awaitsReads, shared.queue.hasReads { shared.queue.signal() }
  }

  /// When there is something to do even if nothing comes.
  var nextDue: MonotonicTime? {
    let timer = replica.nextTimer
    guard let nextTick else { return timer }
    return min(timer ?? nextTick, nextTick)
  }

  /// Whether nothing is left to be done for the others: a leader hands its leadership on, if somebody takes it, so
  /// that nobody has to wait for an election.
  private func mayStop(_ now: MonotonicTime) -> Bool {
    guard replica.role == .leader, replica.hasPeers, !replica.hasFailed else { return true }
    if let stopDeadline { return now >= stopDeadline }
    let heirs = replica.followers.filter {
      $0.isActive && replica.cluster.member($0.member)?.isLearner == false
    }
    guard let heir = heirs.max(by: { $0.matchIndex < $1.matchIndex }) else { return true }
    stopDeadline = now + .milliseconds(shared.configuration.electionTimeoutMilliseconds)
    replica.step(.prepareStop(now), into: &effects)
    replica.step(.transferLeadership(to: heir.member), into: &effects)
    carryOut()
    return false
  }

  private func finish() {
    replica.step(.prepareStop(clock.now()), into: &effects)
    carryOut()
    refuseWaiting()
    for submission in parked { submission.refuse(.stopped) }
    parked = []
  }

  /// Gives the reads that have queued to the replica, as one request.
  private func admitReads(at now: MonotonicTime) {
    if contents.reads.isEmpty { return }
    requests.removeAll(keepingCapacity: true)
    let deadline = now + shared.configuration.requestTimeout
    admit(Submission(kind: .reads(contents.reads), asked: now, deadline: deadline), at: now)
    contents.reads = []
    if !requests.isEmpty { replica.step(.requests(requests, now), into: &effects) }
  }

  private func admit(at now: MonotonicTime) {
    admitReads(at: now)
    requests.removeAll(keepingCapacity: true)
    for submission in contents.submissions { admit(submission, at: now) }
    if requests.isEmpty { return }
    replica.step(.requests(requests, now), into: &effects)
    shared.counters.batches.add(1, ordering: .relaxed)
  }

  /// Gives what has waited for a leader to the replica, if there is one.
  func admitParked(at now: MonotonicTime) {
    if parked.isEmpty { return }
    let waiting = parked
    parked = []
    requests.removeAll(keepingCapacity: true)
    for submission in waiting { admit(submission, at: now) }
    if !requests.isEmpty { replica.step(.requests(requests, now), into: &effects) }
  }

  private func admit(_ submission: Submission, at now: MonotonicTime) {
    if submission.deadline < now {
      submission.refuse(.timeout)
      shared.counters.refused.add(1, ordering: .relaxed)
      return
    }
    if nextTick != nil, !replica.canServe, !replica.hasFailed { return park(submission) }
    switch submission.kind {
    case .propose(var proposal, _):
      proposal.id = wait(for: submission)
      requests.append(.propose(proposal))
    case .renewLease, .leaseTimeToLive, .leases:
      guard replica.role == .leader || replica.hasFailed || nextTick == nil else {
        return ask(replica.leader, submission)
      }
      admit(submission, ofLeader: wait(for: submission))
    case .reads: requests.append(.read(wait(for: submission)))
    }
  }

  private func admit(_ submission: Submission, ofLeader id: RequestID) {
    switch submission.kind {
    case .renewLease(let lease, _): requests.append(.renewLease(id, lease))
    case .leaseTimeToLive(let lease, _): requests.append(.leaseTimeToLive(id, lease))
    case .leases: requests.append(.leases(id))
    case .propose, .reads: break
    }
  }

  /// Keeps a request until there is a leader, or its time is over.
  func park(_ submission: Submission) {
    guard parked.count < Limits.queuedProposals else { return submission.refuse(.tooManyRequests) }
    parked.append(submission)
  }

  private func wait(for submission: Submission) -> RequestID {
    let slot = free.popLast() ?? waiting.count
    if slot == waiting.count { waiting.append(nil) }
    waiting[slot] = submission
    waiting[slot]?.marks.taken = marks.taken
    waiting[slot]?.marks.logged = marks.taken
    return RequestID(rawValue: UInt64(slot))
  }

  /// Notes for requests of this turn, which wait for other members now, when this member's log had them.
  private func noteLogged() {
    let logged = logged
    if logged == marks.taken { return }
    for case .propose(let proposal) in requests {
      let slot = Int(proposal.id.rawValue)
      if waiting[slot]?.marks.taken == marks.taken { waiting[slot]?.marks.logged = logged }
    }
  }

  /// When the log was last synced in this turn; its beginning if it was not.
  private var logged: MonotonicTime { max(marks.taken, logSyncs.lastEnd) }

  func carryOut() {
    if effects.isEmpty { return }
    // Whoever is told of a write may read the position that it brought.
    shared.publishPosition(of: replica)
    var isFed = false
    var mark: SnapshotMark?
    var letters: [Message] = []
    for effect in effects {
      // A member that is about to go still has to hear what was said before.
      if case .clusterChanged = effect { send(&letters) }
      switch effect {
      case .answer(let id, let result): answer(Int(id.rawValue), result)
      case .publish(let revision): shared.watches.publish(through: revision)
      case .feedEngine: isFed = true
      case .flushEngine: shared.engineWork.requestFlush()
      case .prepareLog(let work): shared.engineWork.prepare(work)
      case .clusterChanged(let cluster): clusterChanged(cluster)
      case .accessChanged(let tokens): shared.tellOfAccess(.changed(tokens))
      case .tokenIssued(let token, let user):
        shared.tellOfAccess(.tokenIssued(token, user: user))
      case .statusChanged: break
      case .send(let messages): letters.append(contentsOf: messages)
      case .sendSnapshot(let member): sendState(to: member)
      case .forward(let leader, let proposals): forward(proposals, to: leader)
      case .replaceState(let new): mark = new
      case .fatal(let line): shared.fail(line)
      }
    }
    effects.removeAll(keepingCapacity: true)
    send(&letters)
    if replica.hasFailed { refuseWaiting() }
    if let mark { replaceState(mark) }
    if isFed { shared.engineWork.noteUnfed(shared.store.unfedBytes) }
  }

  /// Carries out what a step has brought so far, while the replica is about to wait for the disk: answers to
  /// what is applied, and messages, up to the first effect of another kind.
  private func carryOutEarly(_ effects: inout [ReplicaEffect]) {
    var count = 0
    var isFed = false
    var letters: [Message] = []
    shared.publishPosition(of: replica)
    loop: for effect in effects {
      switch effect {
      case .answer(let id, let result): answer(Int(id.rawValue), result)
      case .publish(let revision): shared.watches.publish(through: revision)
      case .feedEngine: isFed = true
      case .send(let messages): letters.append(contentsOf: messages)
      default: break loop
      }
      count += 1
    }
    effects.removeFirst(count)
    // What is answered behind the sync has a time of its own.
    marks.applied = nil
    send(&letters)
    if isFed { shared.engineWork.noteUnfed(shared.store.unfedBytes) }
  }

  /// Sends messages, and of those with entries only what the next to the same member does not say as well.
  private func send(_ letters: inout [Message]) {
    if letters.isEmpty { return }
    var place = 0
    while place < letters.count {
      if letters[place].isRepeated(in: letters[(place + 1)...]) {
        letters.remove(at: place)
      } else {
        place += 1
      }
    }
    shared.peers?.send(letters)
    letters.removeAll()
  }

  /// Answers what the replica can't any more. Whether a write is in the log is not known, so it is a timeout.
  private func refuseWaiting() {
    for slot in waiting.indices {
      guard let submission = waiting[slot].take() else { continue }
      free.append(slot)
      submission.refuse(.timeout)
    }
  }

  private func answer(_ slot: Int, _ result: Result<ReplicaAnswer, ProposalError>) {
    guard var submission = waiting[slot].take() else {
      invariant(false, "request \(slot) was answered twice")
      return
    }
    free.append(slot)
    // Nothing was done, and there may be a leader again before the time is over.
    if case .failure(.noLeader) = result, nextTick != nil { return park(submission) }
    if case .propose = submission.kind {
      switch result {
      case .success, .failure(.store): shared.counters.applied.add(1, ordering: .relaxed)
      case .failure: shared.counters.refused.add(1, ordering: .relaxed)
      }
    }
    let applied = marks.applied ?? clock.now()
    marks.applied = applied
    let isOfThisTurn = submission.marks.taken == marks.taken
    if isOfThisTurn { submission.marks.logged = logged }
    submission.complete(
      result, (agreed: isOfThisTurn ? submission.marks.logged : marks.taken, applied: applied))
  }
}

extension Message {
  /// Whether this only tells a follower what is committed, and a later message tells it too. Raft bears the loss
  /// of any message, and of this one nothing is lost.
  fileprivate func isRepeated(in later: ArraySlice<Message>) -> Bool {
    guard case .append(let request) = content, request.entries.isEmpty else { return false }
    return later.contains { message in
      guard message.to == to, message.term == term, case .append(let next) = message.content else {
        return false
      }
      return next.previous == request.previous && next.commit >= request.commit
        && next.attempt == request.attempt
    }
  }
}
