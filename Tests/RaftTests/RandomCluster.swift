import Environment
import Primitives
import Raft
import Simulation

/// A cluster on a bad network, with members that crash, pause and lose what they had not synced. All of it
/// follows from the seed.
final class RandomCluster {
  private enum Happening {
    case arrival(Packet)
    case tick(MemberID)
    case sync(MemberID, life: Int)
    case snapshotSent(from: MemberID, to: MemberID, last: LogIndex?)
    case crash(MemberID, downMicroseconds: Int)
    case restart(MemberID)
    case campaign(MemberID)
    case client
    case fault
  }

  let seed: UInt64
  private let entropy: SeededEntropy
  private var network: SimulatedNetwork
  private var queue = EventQueue<Happening>()
  private var now = MonotonicTime(nanoseconds: 0)
  private var members: [TestMember] = []
  private var lives: [MemberID: Int] = [:]
  private var wakes: [MemberID: MonotonicTime] = [:]
  private var plannedSyncs: Set<MemberID> = []
  private var isHealing = false
  /// Whether clients have stopped.
  private var isQuiet = false
  private var nextNumber: UInt64 = 0
  private(set) var checker = RaftChecker()
  private(set) var crashes = 0
  private(set) var snapshots = 0
  private(set) var changes = 0
  private(set) var steps = 0

  init(seed: UInt64, plantedBug: PlantedBug? = nil) {
    self.seed = seed
    entropy = SeededEntropy(seed: seed)
    network = SimulatedNetwork(entropy: entropy)
    let count = [3, 3, 5, 5, 4, 2][below(6)]
    let first = Configuration(voters: (1...count).map { MemberID(UInt64($0)) })
    var settings = RaftSettings(
      electionTicks: 5, appendBytes: [0, 16, 64, 1 << 20][below(4)],
      inFlightMessages: [1, 2, 64][below(3)],
      inFlightBytes: 4_096, uncommittedBytes: 2_048, windowBytes: [0, 64, 4_096][below(3)])
    if settings.inFlightMessages == 64 { settings.loadBytes = 16 }
    for number in 1...UInt64(count + 2) {
      let id = MemberID(number)
      let member = TestMember(
        id, configuration: first.isVoter(id) ? first : .unknown, settings: settings)
      member.plantedBug = plantedBug
      member.holdsDisk = true
      member.holdsSnapshots = true
      connect(member)
      members.append(member)
      start(member)
      queue.plan(.tick(id), at: now + .microseconds(below(10_000)))
    }
    queue.plan(.client, at: now)
    queue.plan(.fault, at: now)
  }

  private func below(_ bound: Int) -> Int { Int(entropy.next(below: UInt64(bound))) }

  private func connect(_ member: TestMember) {
    let id = member.id
    member.send = { [unowned self] packet in
      let link = SimulatedNetwork.Link(from: packet.message.from, to: packet.message.to)
      let arrivals = network.arrivals(on: link, now: now)
      for arrival in arrivals { queue.plan(.arrival(packet), at: arrival) }
      if packet.state != nil {
        let isSent = !arrivals.isEmpty
        queue.plan(
          .snapshotSent(
            from: id, to: packet.message.to, last: isSent ? packet.state?.last.index : nil),
          at: now + .milliseconds(isSent ? 2 : 50))
      }
    }
    member.startedSnapshot = { [unowned self, unowned member] to in
      snapshots += 1
      member.sendSnapshot(to: to)
    }
    member.appended = { [unowned self, unowned member] in checker.appended($0, by: member) }
    member.didApply = { [unowned self, unowned member] in checker.applied($0, by: member) }
    member.served = { [unowned self] in checker.served($0, $1, by: id) }
  }

  private func start(_ member: TestMember) {
    lives[member.id, default: 0] += 1
    member.start(seed: entropy.next())
    settle(member)
  }

  private func member(_ id: MemberID) -> TestMember { members[Int(id.rawValue) - 1] }

  // MARK: Running

  /// Lets faults happen for a while, then heals everything and asks for progress.
  func run(faultMilliseconds: Int = 1_000, healMilliseconds: Int = 1_000) {
    run(until: now + .milliseconds(faultMilliseconds))
    heal()
    run(until: now + .milliseconds(healMilliseconds / 2))
    let marker = proposeMarker()
    run(until: now + .milliseconds(healMilliseconds / 2))
    // With one entry in a message and one message under way, on slow disks, catching up takes a while.
    isQuiet = true
    for _ in 0..<40 where checker.failures.isEmpty && !hasEveryoneApplied(marker) {
      run(until: now + .milliseconds(100))
    }
    if checker.failures.isEmpty { checkProgress(marker) }
  }

  private func run(until end: MonotonicTime) {
    while checker.failures.isEmpty, let time = queue.nextTime, time <= end,
      let (_, happening) = queue.next()
    {
      now = time
      steps += 1
      take(happening)
    }
    now = max(now, end)
  }

  private func take(_ happening: Happening) {
    switch happening {
    case .arrival(let packet):
      if wait(for: packet.message.to, .arrival(packet)) { return }
      let member = member(packet.message.to)
      member.receive(packet)
      settle(member)
    case .tick(let id):
      // Clocks run at rates of their own.
      let period = 9_000 + 100 * Int(id.rawValue % 20)
      if wait(for: id, .tick(id)) { return }
      queue.plan(.tick(id), at: now + .microseconds(period))
      member(id).step(.tick)
      settle(member(id))
    case .sync(let id, let life):
      plannedSyncs.remove(id)
      guard lives[id] == life else { return }
      member(id).sync(1 + below(3))
      settle(member(id))
    case .snapshotSent(let from, let to, let last):
      member(from).step(.snapshotSent(to: to, last: last))
      settle(member(from))
    case .crash(let id, let downTime): crash(member(id), downMicroseconds: downTime)
    case .campaign(let id):
      if wait(for: id, .campaign(id)) { return }
      member(id).step(.campaign)
      settle(member(id))
    case .restart(let id): if !member(id).isUp { start(member(id)) }
    case .client:
      if isQuiet { return }
      act()
      queue.plan(.client, at: now + .microseconds(200 + below(6_000)))
    case .fault:
      if isHealing { return }
      harm()
      queue.plan(.fault, at: now + .microseconds(2_000 + below(60_000)))
    }
  }

  /// A member that is stopped finds everything that came meanwhile when it wakes.
  private func wait(for id: MemberID, _ happening: Happening) -> Bool {
    guard let wake = wakes[id], wake > now else { return false }
    queue.plan(happening, at: wake)
    return true
  }

  private func settle(_ member: TestMember) {
    checker.look(at: member)
    guard member.hasWrites, plannedSyncs.insert(member.id).inserted else { return }
    let time = below(40) == 0 ? below(60_000) : 100 + below(2_000)
    queue.plan(.sync(member.id, life: lives[member.id] ?? 0), at: now + .microseconds(time))
  }

  // MARK: Clients

  private func act() {
    let member = members[below(members.count)]
    guard let node = member.node, (wakes[member.id] ?? now) <= now else { return }
    switch below(12) {
    case 0..<3:
      nextNumber += 1
      let read = ReadID(rawValue: nextNumber)
      checker.asked(read)
      member.step(.read(read))
    case 3 where node.acceptsMembershipChange && !isHealing && below(3) == 0: change(member)
    case 4 where node.role == .leader && !isHealing && below(4) == 0:
      member.step(.transfer(to: members[below(members.count)].id))
    case 5 where below(4) == 0:
      let behind = UInt64(below(8))
      member.compact(
        through: LogIndex(node.lastApplied.rawValue - min(behind, node.lastApplied.rawValue)))
    default:
      guard let leader = members.first(where: { $0.node?.acceptsProposals == true }),
        (wakes[leader.id] ?? now) <= now
      else { return }
      leader.step(.propose((0...below(3)).map { _ in ProposedEntry(payload: number()) }))
      settle(leader)
    }
    settle(member)
  }

  private func number() -> Bytes {
    nextNumber += 1
    return Bytes("\(nextNumber)".utf8) + Bytes(repeating: 0x78, count: below(20))
  }

  private func change(_ leader: TestMember) {
    let present = leader.state.configuration
    let other = members[below(members.count)].id
    var voters = present.voters.filter { $0 != other }
    var learners = present.learners.filter { $0 != other }
    if !present.contains(other) {
      if below(2) == 0 { voters.append(other) } else { learners.append(other) }
    } else if present.learners.contains(other) {
      if below(3) > 0 { voters.append(other) }
    } else if voters.count < 2 {
      return
    }
    changes += 1
    let payload = Configuration(voters: voters, learners: learners).testPayload
    leader.step(.propose([ProposedEntry(kind: .membership, payload: payload)]))
  }

  // MARK: Faults

  private func harm() {
    let victim = victim()
    switch below(12) {
    case 0..<4:
      // Some are back before anybody noticed.
      crash(victim, downMicroseconds: below(2) == 0 ? below(3_000) : below(200_000))
    case 4: wakes[victim.id] = now + .milliseconds(below(200))
    case 9, 10: duel()
    default: network.heal()
    }
  }

  private func crash(_ victim: TestMember, downMicroseconds: Int) {
    guard victim.isUp else { return }
    crashes += 1
    // What is on the disk when the power goes is a part of what was written.
    victim.syncSilently(below(3))
    victim.crash()
    checker.look(at: victim)
    queue.plan(.restart(victim.id), at: now + .microseconds(downMicroseconds))
  }

  /// The leader goes, two members stand at once, and those that vote crash in the middle of it.
  private func duel() {
    if let leader = members.first(where: { $0.node?.role == .leader }) {
      crash(leader, downMicroseconds: 60_000 + below(60_000))
    }
    let time = now + .microseconds(50_000 + below(20_000))
    for _ in 0..<2 {
      let candidate = members[below(members.count)]
      for _ in 0..<3 {
        queue.plan(.campaign(candidate.id), at: time + .microseconds(below(4_000)))
      }
    }
    for voter in members where below(2) == 0 {
      queue.plan(
        .crash(voter.id, downMicroseconds: below(500)), at: time + .microseconds(below(8_000)))
    }
  }

  /// Any member, and often one that matters just now.
  private func victim() -> TestMember {
    let any = members[below(members.count)]
    if below(3) > 0 { return any }
    return members.first { $0.node.map { $0.role == .leader || $0.role == .candidate } ?? false }
      ?? any
  }

  private func heal() {
    isHealing = true
    network.heal()
    network.weather = .calm
    wakes = [:]
    for member in members where !member.isUp { start(member) }
  }

  // MARK: Progress

  private func proposeMarker() -> Bytes? {
    guard let leader = members.first(where: { $0.node?.acceptsProposals == true }) else {
      return nil
    }
    let marker = number()
    leader.step(.propose([ProposedEntry(payload: marker)]))
    settle(leader)
    return marker
  }

  private func hasEveryoneApplied(_ marker: Bytes?) -> Bool {
    guard let marker, let leader = members.first(where: { $0.node?.role == .leader }) else {
      return false
    }
    return leader.state.configuration.members.allSatisfy {
      member($0).state.commands.contains(marker)
    }
  }

  private func checkProgress(_ marker: Bytes?) {
    guard let marker else { return checker.fail("progress: nobody takes proposals") }
    guard
      let leader = members.first(where: {
        $0.node?.role == .leader && $0.state.commands.contains(marker)
      })
    else { return checker.fail("progress: the last proposal is not committed") }
    for id in leader.state.configuration.members where !member(id).state.commands.contains(marker) {
      checker.fail("progress: \(id) lacks the last proposal")
    }
  }
}
