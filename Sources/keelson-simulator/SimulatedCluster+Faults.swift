import Environment
import Primitives
import Raft
import ReplicaCore
import Simulation

/// What goes wrong.
extension SimulatedCluster {
  func harm() {
    count(\.faults)
    let victim = victim()
    let fault = plan.next(entropy)
    switch fault {
    case .crash:
      let downTime = below(3) == 0 ? below(2_000) : below(200)
      crash(victim, losingPower: below(3) > 0, downMilliseconds: 1 + downTime)
    case .powerLoss:
      // The power goes in the middle of one of the next calls of the disk.
      guard victim.isUp else { return }
      victim.disk.inject(DiskFault(call: 1 + below(12), duration: .forGood, kind: .powerLoss))
    case .diskError:
      guard victim.isUp else { return }
      let kind: DiskFault.Kind = below(2) == 0 ? .inputOutput : .noSpace
      victim.disk.inject(DiskFault(call: 1 + below(30), duration: .once, kind: kind))
    case .fullDisk:
      mark(.fullDisk)
      victim.fullUntil = now + .milliseconds(below(2_000))
      victim.disk.setCapacity(below(40_000))
    case .slowDisk:
      mark(.slowDisk)
      victim.slowUntil = now + .milliseconds(below(3_000))
    case .pause:
      mark(.pause)
      victim.busyUntil = now + .milliseconds(below(1_500))
    case .clockJump: jump(victim)
    case .tickBurst: queue.plan(.burst(victim.id), at: now)
    case .isolation: isolate(victim)
    case .split: split()
    case .weather:
      network.weather = SimulatedNetwork.Weather(
        lossPerMille: below(200), duplicatesPerMille: below(100), stragglersPerMille: below(60),
        delay: .microseconds(50 + below(2_000)), jitter: .microseconds(1 + below(4_000)),
        stragglerDelay: .milliseconds(1 + below(500)))
    case .transfer:
      guard let leader else { return }
      mark(.leaderTransfer)
      step(leader, .transferLeadership(to: members[below(members.count)].id))
    case .duel: duel()
    case .overtaking: beginOvertaking()
    case .massCrash:
      guard below(3) == 0 else { return }
      for member in members { crash(member, losingPower: true, downMilliseconds: below(400)) }
    case .rot, .engineDamage, .wipe: damage(victim, fault)
    case .replaceMember: replaceMember()
    case .resize: membership.voters = below(2) == 0 ? 3 : 5
    case .healing:
      network.heal()
      if below(2) == 0 { network.weather = .calm }
    }
  }

  private func victim() -> SimulatedMember {
    if below(3) == 0, let leader { return leader }
    let usable = members.filter(\.isUsable)
    return usable.isEmpty ? members[0] : usable[below(usable.count)]
  }

  /// The clock of a machine goes back, or, where nothing is measured by it, ahead.
  private func jump(_ victim: SimulatedMember) {
    guard victim.isUp else { return }
    mark(.clockJump)
    let jump = Duration.milliseconds(below(20_000))
    if victim.replica?.role == .leader || below(2) == 0 {
      victim.clockAtStart = victim.clockAtStart + (.zero - jump)
    } else {
      victim.clockAtStart = victim.clockAtStart + jump
    }
  }

  private func isolate(_ victim: SimulatedMember) {
    let mood = below(3)
    for other in members where other.id != victim.id {
      if mood != 1, below(5) > 0 { network.cut(.init(from: victim.id, to: other.id)) }
      if mood != 2, below(5) > 0 { network.cut(.init(from: other.id, to: victim.id)) }
    }
    if mood > 0 { mark(.oneWayCut) }
  }

  private func split() {
    mark(.partition)
    let sides = members.map { _ in below(2) }
    for (one, side) in zip(members, sides) {
      for (other, otherSide) in zip(members, sides) where side != otherSide {
        network.cut(.init(from: one.id, to: other.id))
      }
    }
  }

  /// What befalls a leader that has just been elected, or a voter whose vote matters just now: the latter is back
  /// before anybody noticed.
  func strike(_ member: SimulatedMember) {
    count(\.faults)
    if member.replica?.role != .leader {
      crash(member, losingPower: true, downMilliseconds: below(3))
    } else if below(3) == 0 {
      isolate(member)
    } else {
      crash(member, losingPower: below(2) == 0, downMilliseconds: 1 + below(300))
    }
  }

  /// The leader goes, two members stand at once, and those that vote crash in the middle of it.
  private func duel() {
    if let leader { crash(leader, losingPower: true, downMilliseconds: 60 + below(300)) }
    let voters = members.filter { $0.isUp && $0.busyUntil <= now }
    guard voters.count > 1 else { return }
    for _ in 0..<2 {
      queue.plan(
        .burst(voters[below(voters.count)].id), at: now + .microseconds(105_000 + below(4_000)))
    }
    for voter in voters where below(2) == 0 {
      queue.plan(
        .strike(voter.id, life: voter.life), at: now + .microseconds(105_000 + below(9_000)))
    }
  }
}
