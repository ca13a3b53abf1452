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
    case chunk(StateChunk, Transfer)
    case chunkTaken(Transfer, number: UInt32, isTaken: Bool)
    case chunkOverdue(Transfer, number: UInt32)
    case tick(MemberID, life: Int)
    case flushed(MemberID, life: Int)
    case restart(MemberID)
    case client(Int)
    case overdue(RequestID)
    case watch
    case fault
  }

  /// A state on its way.
  struct Transfer: Hashable {
    var number: UInt64
    var from: MemberID
    var to: MemberID
    var term: Term
  }

  static let tick = Duration.milliseconds(10)

  let seed: UInt64
  let entropy: SeededEntropy
  let plantedBug: PlantedBug?
  var network: SimulatedNetwork
  var queue = EventQueue<Happening>()
  var now = MonotonicTime(nanoseconds: 1_000_000_000)
  var members: [SimulatedMember] = []
  var isHealing = false
  /// The first violation that was found.
  private(set) var violation: String?
  private(set) var report = Report()

  // What clients do and know.
  var clients: [Client] = []
  var requests: [RequestID: Request] = [:]
  var nextRequest: UInt64 = 0
  var nextValue: UInt64 = 0
  var known: [Bytes: (value: Bytes?, revision: Revision)] = [:]
  var leases: [LeaseID: KnownLease] = [:]
  var watcher: (stream: WatchStream, member: MemberID, life: Int)?

  // What is held against them.
  var logs = LogChecks()
  var history = HistoryCheck()
  var linearizability = LinearizabilityCheck()
  var watch = WatchCheck(after: Revision(1))

  private var readers: [Transfer: (reader: StateReader, last: StateChunk)] = [:]
  private var arriving: [MemberID: Transfer] = [:]
  private var nextTransfer: UInt64 = 0

  init(seed: UInt64, plantedBug: PlantedBug? = nil) {
    self.seed = seed
    self.plantedBug = plantedBug
    entropy = SeededEntropy(seed: seed)
    network = SimulatedNetwork(entropy: entropy)
    let count = entropy.next(below: 3) == 0 ? 5 : 3
    let all = (1...count + 1).map { MemberID(UInt64($0)) }
    let voters = all.dropLast().map { Self.description($0, isLearner: false) }
    let cluster = ClusterID(rawValue: 7)
    for id in all {
      // The last one waits to be added: it begins with nothing, and needs the state.
      let isFirst = id != all.last
      members.append(
        SimulatedMember(
          id, cluster: ClusterState(cluster: cluster, members: isFirst ? Array(voters) : []),
          begin: isFirst ? EntryMark(index: LogIndex(1), term: Term(1)) : .zero))
      if plantedBug == .skippedSync { member(id).disk.setSkipsSyncs(true) }
    }
    for member in members { start(member) }
    for number in 0..<6 {
      clients.append(Client(number: number))
      queue.plan(.client(number), at: now)
    }
    queue.plan(.fault, at: now + .milliseconds(500))
    queue.plan(.watch, at: now)
  }

  static func description(_ id: MemberID, isLearner: Bool) -> ClusterMember {
    ClusterMember(id: id, name: "m\(id)", peerURLs: [], clientURLs: [], isLearner: isLearner)
  }

  func member(_ id: MemberID) -> SimulatedMember { members[Int(id.rawValue) - 1] }
  func below(_ bound: Int) -> Int { Int(entropy.next(below: UInt64(bound))) }
  func mark(_ mark: Mark) { report.marks[mark, default: 0] += 1 }
  func count(_ path: WritableKeyPath<Report, Int>) { report[keyPath: path] += 1 }

  func check(_ problem: String?) {
    if let problem, violation == nil { violation = problem }
  }

  // MARK: Running

  /// Faults for a while; then everything is healed, and the cluster must go on.
  func run(seconds: Int) -> Report {
    let begin = now
    run(until: now + .seconds(seconds))
    if violation == nil { heal() }
    run(until: now + .seconds(5))
    if violation == nil { checkProgress() }
    report.simulatedSeconds = Double((now - begin).saturatingNanoseconds) / 1e9
    report.elections = logs.elections
    report.events = watch.events
    report.lost = network.lost
    report.duplicated = network.duplicated
    report.late = network.late
    return report
  }

  private func run(until end: MonotonicTime) {
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
    case .chunkOverdue(let transfer, let number):
      if readers[transfer]?.last.number == number { endTransfer(transfer, last: nil) }
    case .tick(let id, let life):
      guard member(id).life == life, member(id).isUp else { return }
      if wait(id, happening) { return }
      let period = Self.tick.saturatingNanoseconds
      queue.plan(happening, at: now + .nanoseconds(period - period / 1_000 * member(id).drift))
      tick(member(id))
    case .flushed(let id, let life):
      let member = member(id)
      guard member.life == life, let index = member.flushing else { return }
      member.flushing = nil
      member.engine.completeFlush()
      step(member, .engineFlushed(through: index))
    case .restart(let id): if !member(id).isUp { start(member(id)) }
    case .client(let number): act(number)
    case .overdue(let id): giveUp(id)
    case .watch:
      pullWatch()
      queue.plan(.watch, at: now + .milliseconds(5 + below(60)))
    case .fault:
      if isHealing { return }
      harm()
      queue.plan(.fault, at: now + .milliseconds(20 + below(600)))
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
    if below(8) == 0 { feed(member) }
  }

  // MARK: Members

  func start(_ member: SimulatedMember) {
    member.life += 1
    member.startedAt = now
    member.clockAtStart = MonotonicTime(nanoseconds: entropy.next(below: 1 << 50))
    member.drift = Int64(below(21)) - 10
    member.busyUntil = now
    logs.forget(member.id)
    if let refusal = member.open(entropy, plantedBug: plantedBug) {
      return check("a member does not start: \(member.id): \(refusal)")
    }
    guard member.isUp else { return mark(.removedMember) }
    if plantedBug == .skippedSync { member.disk.setSkipsSyncs(true) }
    queue.plan(.tick(member.id, life: member.life), at: now + .microseconds(below(10_000)))
    step(member, .start(member.time(now)))
  }

  func crash(_ member: SimulatedMember, losingPower: Bool, downMilliseconds: Int) {
    guard member.isUp else { return }
    if member.replica?.role == .leader { mark(.leaderCrash) }
    count(\.crashes)
    member.close(losingPower: losingPower, entropy)
    queue.plan(.restart(member.id), at: now + .milliseconds(downMilliseconds))
  }

  func step(_ member: SimulatedMember, _ event: ReplicaEvent) {
    guard let replica = member.replica else { return }
    var effects: [ReplicaEffect] = []
    let calls = member.disk.calls
    replica.step(event, into: &effects)
    count(\.steps)
    check(logs.look(at: replica, member.id))
    for effect in effects {
      carryOut(effect, member)
      if member.replica !== replica { return }
    }
    // A write takes the disk's time, and now and then much of it.
    if member.disk.calls != calls {
      let slow = !isHealing && below(300) == 0
      if slow { count(\.slowWrites) }
      member.busyUntil = max(
        member.busyUntil, now + .microseconds(slow ? below(150_000) : 50 + below(600)))
    }
  }

  private func carryOut(_ effect: ReplicaEffect, _ member: SimulatedMember) {
    switch effect {
    case .send(let messages):
      for message in messages {
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
    case .fatal(let line):
      guard line.contains("errno 5") || line.contains("no space") else {
        return check("a member ends itself: \(member.id): \(line)")
      }
      mark(.failedDisk)
      crash(member, losingPower: true, downMilliseconds: 1 + below(500))
    case .forward: invariant(false, "a follower forwards where none was told to")
    case .feedEngine, .clusterChanged, .statusChanged, .accessChanged, .tokenIssued: break
    }
  }

  func compareHistory(_ member: SimulatedMember) {
    guard let store = member.replica?.store else { return }
    check(history.compare(store, from: member.compared.next, of: member.id))
    member.compared = max(member.compared, store.currentRevision)
    checkLeases(member, store)
  }

  private func feed(_ member: SimulatedMember) {
    do { try member.replica?.store.feedEngine() } catch { check("the engine refuses: \(error)") }
    _ = member.replica?.store.compactSlice()
  }

  private func beginFlush(_ member: SimulatedMember) {
    guard let store = member.replica?.store, member.flushing == nil else { return }
    feed(member)
    do { try member.engine.beginFlush() } catch { check("the engine refuses: \(error)") }
    if plantedBug == .earlyCut { return step(member, .engineFlushed(through: store.appliedIndex)) }
    member.flushing = store.appliedIndex
    queue.plan(.flushed(member.id, life: member.life), at: now + .milliseconds(1 + below(300)))
  }

  // MARK: States on their way

  private func beginTransfer(from member: SimulatedMember, to: MemberID) {
    guard let replica = member.replica else { return }
    count(\.transfers)
    nextTransfer += 1
    let transfer = Transfer(number: nextTransfer, from: member.id, to: to, term: replica.term)
    do {
      let reader = try StateReader(replica.store.snapshotView(), chunkBytes: 512)
      guard let chunk = try reader.next() else { return }
      readers[transfer] = (reader, chunk)
      send(chunk, transfer)
    } catch {
      check("a state cannot be read: \(error)")
    }
  }

  private func send(_ chunk: StateChunk, _ transfer: Transfer) {
    var chunk = chunk
    if !isHealing, below(100) == 0, !chunk.content.isEmpty {
      chunk.content[below(chunk.content.count)] ^= 4
      mark(.damagedChunk)
    }
    let link = SimulatedNetwork.Link(from: transfer.from, to: transfer.to)
    for arrival in network.arrivals(on: link, now: now) {
      queue.plan(.chunk(chunk, transfer), at: arrival)
    }
    queue.plan(.chunkOverdue(transfer, number: chunk.number), at: now + .milliseconds(400))
  }

  private func take(_ chunk: StateChunk, _ transfer: Transfer) {
    let member = member(transfer.to)
    guard member.isUp else { return }
    if chunk.number == 0, arriving[member.id] != transfer {
      arriving[member.id] = transfer
      member.incoming = StateBuilder(engine: MemoryEngine())
    }
    guard arriving[member.id] == transfer, let builder = member.incoming else { return }
    // A chunk that arrives twice was taken.
    var isTaken = chunk.number < builder.expected
    if chunk.number == builder.expected {
      do {
        try builder.append(chunk)
        isTaken = true
      } catch {
        isTaken = false
      }
    }
    let back = SimulatedNetwork.Link(from: transfer.to, to: transfer.from)
    for arrival in network.arrivals(on: back, now: now) {
      queue.plan(.chunkTaken(transfer, number: chunk.number, isTaken: isTaken), at: arrival)
    }
    guard isTaken, builder.isComplete, chunk.isLast, let reader = readers[transfer]?.reader else {
      return
    }
    let message = Message(
      from: transfer.from, to: transfer.to, term: transfer.term, content: .snapshot(reader.mark))
    step(member, .messages([message], member.time(now)))
  }

  private func chunkTaken(_ transfer: Transfer, number: UInt32, isTaken: Bool) {
    guard let (reader, last) = readers[transfer], last.number == number else { return }
    guard isTaken else { return endTransfer(transfer, last: nil) }
    if last.isLast { return endTransfer(transfer, last: reader.mark.last.index) }
    do {
      guard let chunk = try reader.next() else { return }
      readers[transfer] = (reader, chunk)
      send(chunk, transfer)
    } catch {
      check("a state cannot be read: \(error)")
    }
  }

  private func endTransfer(_ transfer: Transfer, last: LogIndex?) {
    readers[transfer] = nil
    if last == nil { mark(.interruptedTransfer) }
    step(member(transfer.from), .snapshotSent(to: transfer.to, last: last))
  }

  /// The process begins again on the state that arrived; now and then only after a crash at this very point.
  private func replaceState(_ member: SimulatedMember) {
    mark(.installedState)
    let crashes = !isHealing && below(3) == 0
    if !crashes, let new = member.incoming?.engine as? MemoryEngine {
      member.engine = new
      member.incoming = nil
    }
    arriving[member.id] = nil
    member.close(losingPower: crashes, entropy)
    start(member)
  }
}
