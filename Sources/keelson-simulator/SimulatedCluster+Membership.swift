import ClientHistory
import Engine
import Environment
import Primitives
import Raft
import ReplicaCore
import Simulation
import WriteAheadLog

/// What the operator of a cluster wants, and knows of its machines.
struct Membership {
  /// How many voters there should be.
  var voters: Int
  /// The one machine that has lost something, and has not been replaced or repaired.
  var weakened: (id: MemberID, since: MonotonicTime)?
  /// When a change was last asked for.
  var askedAt = MonotonicTime(nanoseconds: 0)

  init(voters: Int) { self.voters = voters }
}

/// The operator: replaces machines that are lost, adds and removes members one at a time. And damage, which never
/// befalls a second machine while a first one is not whole: a majority always holds what was acknowledged.
extension SimulatedCluster {
  /// As many machines as a cluster may use up.
  private static let mostMachines = 14

  func operate() {
    let newest = members.filter { $0.replica?.role == .leader }
      .max { $0.replica?.term ?? .zero < $1.replica?.term ?? .zero }
    guard let leader = newest, leader.busyUntil <= now, let replica = leader.replica,
      replica.acceptsMembershipChange
    else { return }
    let cluster = replica.cluster
    for known in cluster.members where Int(known.id.rawValue) == members.count + 1 {
      addMachine(
        known.id, ClusterState(cluster: Self.id, members: []), begin: .zero)
    }
    retireRemoved(cluster)
    observeWeakened(cluster)
    if let change = nextChange(replica) { ask(leader, change) }
  }

  private func retireRemoved(_ cluster: ClusterState) {
    for member in members where member.isUsable && cluster.member(member.id) == nil {
      guard let time = member.retiresAt else {
        mark(.memberRemoved)
        member.retiresAt = now + .milliseconds(below(3_000))
        continue
      }
      guard time <= now else { continue }
      if member.isUp { member.close(losingPower: false, entropy) }
      member.health = .retired
    }
  }

  private func observeWeakened(_ cluster: ClusterState) {
    guard let (id, since) = membership.weakened else { return }
    let member = member(id)
    let known = cluster.member(id)
    switch member.health {
    case .rotten:
      // Nobody is to rot unnoticed for longer.
      if since + .seconds(2) < now { crash(member, losingPower: false, downMilliseconds: 1) }
    case .damagedEngine: break
    case .forgetful:
      guard member.replica?.isForgetful == false, known?.isLearner == false,
        known?.forgetfulLife == nil
      else { return }
      mark(.regainedVote)
      member.health = .sound
      membership.weakened = nil
    case .lost: if known == nil { membership.weakened = nil }
    case .sound, .retired: membership.weakened = nil
    }
  }

  private func nextChange(_ replica: Replica) -> MembershipChange? {
    let cluster = replica.cluster
    if let lost = cluster.members.first(where: { member($0.id).health == .lost }) {
      return .remove(lost.id)
    }
    if let learner = cluster.members.first(where: { $0.isLearner && !$0.gainsVote }) {
      let applied = member(learner.id).replica?.appliedIndex ?? .zero
      if applied.rawValue + 20 < replica.appliedIndex.rawValue { return nil }
      mark(.memberPromoted)
      return .promote(learner.id)
    }
    // Those who get their vote again are counted.
    if cluster.members.count < membership.voters {
      mark(.memberAdded)
      // Every other one gets its vote without being asked for it.
      let id = MemberID(UInt64(members.count + 1))
      return .add(Self.description(id, isLearner: true, gainsVote: id.rawValue % 2 == 0))
    }
    guard cluster.members.count > membership.voters, membership.weakened == nil else { return nil }
    return .remove(cluster.members[below(cluster.members.count)].id)
  }

  private func ask(_ leader: SimulatedMember, _ change: MembershipChange) {
    membership.askedAt = now
    nextRequest += 1
    let request = propose(.membership(change), RequestID(rawValue: nextRequest))
    step(leader, .requests([request], leader.time(now)))
  }

  /// A member leaves, and another one comes for it.
  func replaceMember() {
    guard let leader, let cluster = leader.replica?.cluster, isWhole(cluster),
      leader.replica?.acceptsMembershipChange == true, members.count < Self.mostMachines
    else { return }
    ask(leader, .remove(cluster.members[below(cluster.members.count)].id))
  }

  /// Whether everybody is there, and nobody is about to leave.
  private func isWhole(_ cluster: ClusterState) -> Bool {
    membership.weakened == nil && membership.askedAt + .seconds(3) < now
      && cluster.members.count >= 3
      && cluster.members.allSatisfy { !$0.isLearner && member($0.id).health == .sound }
      && members.allSatisfy {
        !$0.isUsable || $0.replica.map { !$0.hasUnappliedMembership } ?? false
      }
  }

  // MARK: Damage

  /// Damages what a machine has stored, if the others can do without it.
  func damage(_ victim: SimulatedMember, _ fault: FaultPlan.Fault) {
    guard let cluster = leader?.replica?.cluster, isWhole(cluster),
      cluster.member(victim.id) != nil, members.count < Self.mostMachines
    else { return }
    switch fault {
    case .rot:
      guard victim.rot(entropy) else { return }
      victim.health = .rotten
      if below(2) == 0 { crash(victim, losingPower: below(2) == 0, downMilliseconds: below(300)) }
    case .engineDamage:
      victim.health = .damagedEngine
      crash(victim, losingPower: true, downMilliseconds: below(300))
      victim.engine.setFault { $0 == .read ? .corrupt(detail: "a block does not match") : nil }
    default:
      mark(.wipedMember)
      victim.health = .lost
      crash(victim, losingPower: true, downMilliseconds: 0)
    }
    membership.weakened = (victim.id, now)
  }

  /// A member found its log or its engine damaged: it begins anew if the others can give it back what it lost.
  func repair(_ member: SimulatedMember, _ reason: String) {
    let cluster: ClusterState?
    switch member.health {
    case .rotten:
      mark(.damagedLog)
      cluster = try? ClusterTable.load(member.engine).state
    case .damagedEngine:
      mark(.damagedEngine)
      cluster = leader?.replica?.cluster
    default: return fail(.operation, "\(member.id) does not start: \(reason)")
    }
    switch DamageRemedy.remedy(for: member.id, in: cluster) {
    case .askOthers:
      member.health = .forgetful
      member.beginAnew(Self.id, life: MemberLife(rawValue: entropy.next() | 1))
      start(member)
    case .refuse: member.health = .lost
    }
  }
}
