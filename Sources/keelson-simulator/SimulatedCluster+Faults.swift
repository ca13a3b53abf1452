import Environment
import MVCC
import Primitives
import Raft
import ReplicaCore
import Simulation

/// What goes wrong, and how everything ends well.
extension SimulatedCluster {
  func harm() {
    count(\.faults)
    let victim = victim()
    switch below(14) {
    case 0, 1:
      let downTime = below(3) == 0 ? below(2_000) : below(200)
      crash(victim, losingPower: below(3) > 0, downMilliseconds: 1 + downTime)
    case 2:
      // The power goes in the middle of one of the next calls of the disk.
      guard victim.isUp else { return }
      victim.disk.inject(
        DiskFault(call: 1 + below(12), duration: .forGood, kind: .powerLoss))
    case 3:
      guard victim.isUp else { return }
      let kind: DiskFault.Kind = below(2) == 0 ? .inputOutput : .noSpace
      victim.disk.inject(DiskFault(call: 1 + below(30), duration: .once, kind: kind))
    case 4, 5:
      mark(.pause)
      victim.busyUntil = now + .milliseconds(below(1_500))
    case 6, 7:
      for other in members where other.id != victim.id {
        if below(5) > 0 { network.cut(.init(from: victim.id, to: other.id)) }
        if below(5) > 0 { network.cut(.init(from: other.id, to: victim.id)) }
      }
    case 8:
      network.weather = SimulatedNetwork.Weather(
        lossPerMille: below(200), duplicatesPerMille: below(100), stragglersPerMille: below(60),
        delay: .microseconds(50 + below(2_000)), jitter: .microseconds(1 + below(4_000)),
        stragglerDelay: .milliseconds(1 + below(500)))
    case 9: changeMembership()
    case 10:
      if let leader { step(leader, .transferLeadership(to: members[below(members.count)].id)) }
    case 11 where below(6) == 0:
      for member in members { crash(member, losingPower: true, downMilliseconds: below(400)) }
    default: network.heal()
    }
  }

  var leader: SimulatedMember? {
    members.first { $0.isUp && $0.busyUntil <= now && $0.replica?.role == .leader }
  }

  private func victim() -> SimulatedMember {
    if below(3) == 0, let leader { return leader }
    return members[below(members.count)]
  }

  /// The last machine joins as a learner and gains its vote. It never leaves: an identifier is not used
  /// again.
  private func changeMembership() {
    guard let leader, let last = members.last, let cluster = leader.replica?.cluster else { return }
    let change: MembershipChange
    switch cluster.member(last.id) {
    case nil: change = .add(Self.description(last.id, isLearner: true))
    case .some(let known) where known.isLearner: change = .promote(last.id)
    default: return
    }
    mark(.membershipChange)
    nextRequest += 1
    let id = RequestID(rawValue: nextRequest)
    let command = Command.membership(change)
    let proposal = Proposal(id: id, command: command, payload: command.encoded())
    step(leader, .requests([.propose(proposal)], leader.time(now)))
  }

  func heal() {
    isHealing = true
    network.heal()
    network.weather = .calm
    for member in members {
      member.busyUntil = now
      if member.isUp { member.disk.inject(nil) }
      if !member.isUp { start(member) }
    }
  }

  // MARK: In the end

  /// Somebody leads, what was acknowledged is everywhere, and the members hold the same.
  func checkProgress() {
    for member in members { compareHistory(member) }
    check(linearizability.compare(with: history))
    guard let leader = members.first(where: { $0.replica?.role == .leader }),
      let store = leader.replica?.store, let cluster = leader.replica?.cluster
    else { return check("progress: nobody leads when everything is healed") }
    if store.currentRevision < linearizability.newest {
      check(
        "durability: \(linearizability.newest) was acknowledged, \(store.currentRevision) is left")
    }
    for known in cluster.members {
      guard let other = member(known.id).replica else {
        check("progress: \(known.id) does not run")
        continue
      }
      if other.store.currentRevision.rawValue + 5 < store.currentRevision.rawValue {
        check(
          "progress: \(known.id) is at \(other.store.currentRevision) of \(store.currentRevision)")
      }
      if other.appliedIndex == leader.replica?.appliedIndex { compare(other, leader.replica) }
    }
  }

  private func compare(_ one: Replica, _ other: Replica?) {
    guard let other else { return }
    if one.cluster != other.cluster || one.store.leases() != other.store.leases() {
      check("state machines: members or leases differ at \(one.appliedIndex)")
    }
    let hashes = (try? one.store.hashKV(), try? other.store.hashKV())
    if let left = hashes.0, let right = hashes.1, left.compactRevision == right.compactRevision,
      left.hash != right.hash
    {
      check("state machines: the histories differ at \(one.appliedIndex)")
    }
  }
}
