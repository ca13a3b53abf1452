import ClientHistory
import Engine
import Environment
import MVCC
import Primitives
import Raft
import ReplicaCore
import Simulation
import WriteAheadLog

/// A whole cluster in one thread: real replicas, logs and stores on simulated machines, a network that loses,
/// and clients. Everything follows from the seed.
final class SimulatedCluster {
  enum Happening {
    case message(Message)
    case chunk(StateChunk, StateTransfers.Transfer)
    case chunkTaken(StateTransfers.Transfer, number: UInt32, isTaken: Bool)
    case chunkOverdue(StateTransfers.Transfer, number: UInt32, attempt: Int)
    case tick(MemberID, life: Int)
    case burst(MemberID)
    case flushed(MemberID, life: Int)
    case restart(MemberID)
    case strike(MemberID, life: Int)
    case end(MemberID, life: Int, downMilliseconds: Int)
    case client(Int)
    case request(ReplicaRequest, MemberID, life: Int)
    case overdue(RequestID)
    case forwarded(ForwardedCalls.Call)
    case forwardRefused([(number: UInt64, error: ProposalError)], MemberID, life: Int)
    case watch
    case fault
    case operate
  }

  static let tick = Duration.milliseconds(10)
  static let id = ClusterID(rawValue: 7)

  let seed: UInt64
  let entropy: SeededEntropy
  let plantedBug: PlantedBug?
  let settings: SimulatedSettings
  let plan: FaultPlan
  var network: SimulatedNetwork
  var queue = EventQueue<Happening>()
  var now = MonotonicTime(nanoseconds: 1_000_000_000)
  /// Every machine that ever was; identifiers are never used again.
  var members: [SimulatedMember] = []
  var isHealing = false
  /// The first violation that was found.
  private(set) var violation: Violation?
  var report = Report()

  // What clients do and know.
  var requests: [RequestID: Request] = [:]
  var nextRequest: UInt64 = 0
  var nextValue: UInt64 = 0
  var known: [Bytes: RevisionHistory.Version?] = [:]
  var isQuiet = false
  var watchers: [Watcher] = []
  var operations: [ClientOperation] = []

  // What is held against them.
  var elections = ElectionSafety()
  var committed = CommittedEntries()
  var logs = LogMatching()
  var machines = StateMachines()
  var leases = LeaseLives()
  var durability = Durability()

  var transfers = StateTransfers()
  var forwardedCalls = ForwardedCalls()
  var overtaking = Overtaking()
  var membership: Membership

  init(seed: UInt64, plantedBug: PlantedBug? = nil) {
    self.seed = seed
    self.plantedBug = plantedBug
    entropy = SeededEntropy(seed: seed)
    network = SimulatedNetwork(entropy: entropy)
    settings = SimulatedSettings(entropy, forwards: seed % 4 == 1)
    plan = FaultPlan(entropy)
    membership = Membership(voters: entropy.next(below: 3) == 0 ? 5 : 3)
    let voters = (1...membership.voters).map {
      Self.description(MemberID(UInt64($0)), isLearner: false)
    }
    let cluster = ClusterState(cluster: Self.id, members: voters)
    for voter in voters {
      addMachine(voter.id, cluster, begin: EntryMark(index: LogIndex(1), term: Term(1)))
    }
    for number in 0..<6 { queue.plan(.client(number), at: now) }
    queue.plan(.fault, at: now + .milliseconds(500))
    queue.plan(.operate, at: now + .milliseconds(700))
    watchers = [Watcher(), Watcher(), Watcher(isNarrow: true)]
    queue.plan(.watch, at: now)
  }

  deinit { for member in members { member.hub?.close() } }

  static func description(_ id: MemberID, isLearner: Bool, gainsVote: Bool = false) -> ClusterMember
  {
    ClusterMember(
      id: id, name: "m\(id)", peerURLs: [], clientURLs: [], isLearner: isLearner,
      gainsVote: gainsVote)
  }

  func addMachine(_ id: MemberID, _ cluster: ClusterState, begin: EntryMark) {
    let member = SimulatedMember(id, cluster: cluster, begin: begin, settings: settings)
    invariant(Int(id.rawValue) == members.count + 1, "machine \(id) after \(members.count)")
    members.append(member)
    if plantedBug == .skippedSync { member.disk.setSkipsSyncs(true) }
    start(member)
  }

  func member(_ id: MemberID) -> SimulatedMember { members[Int(id.rawValue) - 1] }
  func below(_ bound: Int) -> Int { Int(entropy.next(below: UInt64(bound))) }
  func mark(_ mark: Mark) { report.marks[mark, default: 0] += 1 }
  func count(_ path: WritableKeyPath<Report, Int>) { report[keyPath: path] += 1 }

  /// The leader that a majority would follow, as somebody who sees everything knows.
  var leader: SimulatedMember? {
    var newest: SimulatedMember?
    for member in members where member.isUp && member.busyUntil <= now {
      guard let replica = member.replica, replica.role == .leader else { continue }
      if newest?.replica?.term ?? .zero < replica.term { newest = member }
    }
    return newest
  }

  func check(_ problem: Violation?) {
    if let problem, violation == nil { violation = problem }
  }

  func fail(_ property: Violation.Property, _ detail: String) {
    check(Violation(property, detail))
  }

  // MARK: Running

  /// Faults for a while; then everything is healed, and the cluster must go on.
  func run(seconds: Int) -> Report {
    let begin = now
    run(until: now + .seconds(seconds))
    if violation == nil { heal() }
    if violation == nil { finish() }
    report.seeds = 1
    report.simulatedSeconds = Double((now - begin).saturatingNanoseconds) / 1e9
    report.elections = elections.elections
    report.marks[.leaseExpired] = leases.ended
    report.events = watchers.reduce(0) { $0 + $1.checker.events }
    report.comparisons = logs.compared + machines.compared
    report.lost = network.lost
    report.duplicated = network.duplicated
    report.late = network.late
    return report
  }

  func run(until end: MonotonicTime) {
    while violation == nil, let time = queue.nextTime, time <= end, let (_, next) = queue.next() {
      now = time
      take(next)
    }
    now = max(now, end)
  }

  private func take(_ happening: Happening) {
    switch happening {
    case .message(let message):
      if wait(message.to, happening) { return }
      step(member(message.to), .messages([message], member(message.to).time(now)))
    case .chunk(let chunk, let transfer):
      if wait(transfer.to, happening) { return }
      take(chunk, transfer)
    case .chunkTaken(let transfer, let number, let isTaken):
      chunkTaken(transfer, number: number, isTaken: isTaken)
    case .chunkOverdue(let transfer, let number, let attempt):
      chunkOverdue(transfer, number: number, attempt: attempt)
    case .tick(let id, let life):
      guard member(id).life == life, member(id).isUp else { return }
      if wait(id, happening) { return }
      let period = Self.tick.saturatingNanoseconds
      queue.plan(happening, at: now + .nanoseconds(period - period / 1_000 * member(id).drift))
      tick(member(id))
    case .burst(let id):
      mark(.tickBurst)
      for _ in 0..<10 + below(12) { step(member(id), .tick(member(id).time(now))) }
    case .flushed(let id, let life):
      let member = member(id)
      guard member.life == life, let index = member.flushing else { return }
      member.flushing = nil
      member.engine.completeFlush()
      step(member, .engineFlushed(through: index))
    case .restart(let id): if !member(id).isUp { start(member(id)) }
    case .strike(let id, let life):
      if !isHealing, member(id).life == life { strike(member(id)) }
    case .end(let id, let life, let downTime):
      if isHealing { return }
      network.heal()
      if member(id).life == life {
        crash(member(id), losingPower: false, downMilliseconds: downTime)
      }
    case .client(let number): act(number)
    case .request(let request, let id, let life):
      if wait(id, happening) { return }
      if member(id).life == life { step(member(id), .requests([request], member(id).time(now))) }
    case .overdue(let id): giveUp(id)
    case .forwarded(let call):
      if !wait(call.to, happening) { take(call) }
    case .forwardRefused(let refusals, let id, let life):
      if wait(id, happening) { return }
      if member(id).life == life { step(member(id), .forwardRefused(refusals)) }
    case .watch:
      for place in watchers.indices { pull(place) }
      queue.plan(.watch, at: now + .milliseconds(5 + below(60)))
    case .fault:
      if isHealing { return }
      harm()
      queue.plan(.fault, at: now + .milliseconds(20 + below(plan.mostMilliseconds)))
    case .operate:
      operate()
      queue.plan(.operate, at: now + .milliseconds(50 + below(200)))
    }
  }

  /// A member that is paused, or waits for its disk, finds later what came meanwhile.
  private func wait(_ id: MemberID, _ happening: Happening) -> Bool {
    guard member(id).busyUntil > now else { return false }
    queue.plan(happening, at: member(id).busyUntil)
    return true
  }

  private func tick(_ member: SimulatedMember) {
    let time = member.time(now)
    if let due = member.replica?.nextTimer, due <= time { step(member, .timer(time)) }
    step(member, .tick(time))
    member.hub?.tick(now: time.nanoseconds)
    member.ticks += 1
    if below(8) == 0 { feed(member) }
    compare(member)
  }

  /// What is too dear to be looked at after each step.
  private func compare(_ member: SimulatedMember) {
    guard let replica = member.replica else { return }
    if member.ticks % 16 == 0 { check(logs.look(at: replica, member.id)) }
    if member.ticks % 128 == 0 { check(machines.compareBytes(of: member.id, replica.store)) }
    guard member.comparedIndex < replica.appliedIndex else { return }
    member.comparedIndex = replica.appliedIndex
    check(leases.look(at: member.id, replica.store, now: now))
  }

  // MARK: Members

  func start(_ member: SimulatedMember) {
    guard member.isUsable else { return }
    if member.fullUntil <= now { member.disk.setCapacity(.max) }
    member.life += 1
    member.startedAt = now
    member.clockAtStart = MonotonicTime(nanoseconds: entropy.next(below: 1 << 50))
    member.drift = Int64(below(21)) - 10
    member.busyUntil = now
    committed.forget(member.id)
    logs.forget(member.id)
    leases.forget(member.id)
    let (opening, hasTornTail) = member.open(entropy, plantedBug: plantedBug)
    if hasTornTail { mark(.tornTail) }
    switch opening {
    case .running: break
    case .removed:
      member.health = .retired
      return mark(.removedMember)
    case .unavailable: return queue.plan(.restart(member.id), at: now + .milliseconds(50))
    case .damaged(let reason): return repair(member, reason)
    case .refused(let reason):
      return fail(.operation, "\(member.id) does not start: \(reason)")
    }
    if member.health == .rotten { member.health = .sound }
    queue.plan(.tick(member.id, life: member.life), at: now + .microseconds(below(10_000)))
    step(member, .start(member.time(now)))
  }

  func crash(_ member: SimulatedMember, losingPower: Bool, downMilliseconds: Int) {
    guard member.isUp else { return }
    if member.replica?.role == .leader { mark(.leaderCrash) }
    count(\.crashes)
    member.close(losingPower: losingPower, entropy)
    transfers.readers = transfers.readers.filter { $0.key.from != member.id }
    queue.plan(.restart(member.id), at: now + .milliseconds(downMilliseconds))
  }

  func step(_ member: SimulatedMember, _ event: ReplicaEvent) {
    guard let replica = member.replica else { return }
    var effects: [ReplicaEffect] = []
    let calls = member.disk.calls
    let wasLeader = replica.role == .leader
    let applied = replica.appliedIndex
    replica.step(event, into: &effects)
    count(\.steps)
    look(at: replica, member.id)
    if !wasLeader, replica.role == .leader, !isHealing { elected(member) }
    for effect in effects {
      carryOut(effect, member)
      if member.replica !== replica { return }
    }
    if replica.appliedIndex > applied { check(machines.compareState(of: member.id, replica)) }
    if !wasLeader, replica.role == .leader, plan.strikesNewLeaders, below(3) > 0 {
      let delay = [400, 2_000, 8_000][below(3)]
      queue.plan(.strike(member.id, life: member.life), at: now + .microseconds(below(delay)))
    }
    // A write takes the disk's time, and now and then much of it.
    if member.disk.calls != calls {
      let isSlow = !isHealing && (member.slowUntil > now || below(300) == 0)
      if isSlow { count(\.slowWrites) }
      member.busyUntil = max(
        member.busyUntil, now + .microseconds(isSlow ? below(150_000) : 50 + below(600)))
    }
  }

  private func look(at replica: Replica, _ id: MemberID) {
    check(
      elections.look(
        at: id, role: replica.role, term: replica.term, log: replica.logTerms, committed: committed)
    )
    check(
      committed.look(
        at: id, commit: replica.commitIndex, term: replica.term, log: replica.logTerms))
  }

  private func carryOut(_ effect: ReplicaEffect, _ member: SimulatedMember) {
    switch effect {
    case .send(let messages):
      for message in messages where Int(message.to.rawValue) <= members.count {
        let link = SimulatedNetwork.Link(from: message.from, to: message.to)
        for arrival in network.arrivals(on: link, now: now) {
          queue.plan(.message(message), at: arrival)
        }
      }
    case .sendSnapshot(let to): beginTransfer(from: member, to: to)
    case .replaceState: replaceState(member)
    case .answer(let id, let result): answered(id, result, member)
    case .publish(let revision):
      compareHistory(member)
      member.hub?.publish(through: revision)
    case .flushEngine: beginFlush(member)
    case .prepareLog(let work): work.run()
    case .fatal(let line): died(member, line)
    case .forward(let leader, let proposals): forward(proposals, from: member, to: leader)
    case .feedEngine, .clusterChanged, .statusChanged, .accessChanged, .tokenIssued: break
    }
  }

  private func died(_ member: SimulatedMember, _ line: String) {
    let isPlanned =
      line.contains("errno 5") || line.contains("no space")
      || member.health == .rotten && line.contains("damaged")
    guard isPlanned else { return fail(.operation, "\(member.id) ends itself: \(line)") }
    mark(.failedDisk)
    crash(member, losingPower: true, downMilliseconds: 1 + below(500))
  }

  func compareHistory(_ member: SimulatedMember) {
    guard let store = member.replica?.store else { return }
    check(machines.compareHistory(of: member.id, store, from: member.compared.next))
    member.compared = max(member.compared, store.currentRevision)
  }

  func feed(_ member: SimulatedMember) {
    do { try member.replica?.store.feedEngine() } catch {
      fail(.operation, "the engine refuses: \(error)")
    }
    _ = member.replica?.store.compactSlice()
  }

  private func beginFlush(_ member: SimulatedMember) {
    guard let store = member.replica?.store, member.flushing == nil else { return }
    feed(member)
    do { try member.engine.beginFlush() } catch {
      fail(.operation, "the engine refuses: \(error)")
    }
    if plantedBug == .earlyCut { return step(member, .engineFlushed(through: store.appliedIndex)) }
    member.flushing = store.appliedIndex
    queue.plan(.flushed(member.id, life: member.life), at: now + .milliseconds(1 + below(300)))
  }
}
