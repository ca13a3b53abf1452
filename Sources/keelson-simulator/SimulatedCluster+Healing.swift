import ClientHistory
import Environment
import Primitives
import Raft
import ReplicaCore
import Simulation

/// How everything ends well, and what must hold then.
extension SimulatedCluster {
  func heal() {
    isHealing = true
    network.heal()
    network.weather = .calm
    for member in members {
      member.busyUntil = now
      member.slowUntil = now
      member.fullUntil = now
      member.disk.setCapacity(.max)
      if member.isUp { member.disk.inject(nil) }
      if !member.isUp { start(member) }
    }
  }

  /// Progress within a bound; then the clients rest, and all that they saw is looked at.
  func finish() {
    let before = report.operations - report.refusals
    run(until: now + .seconds(3))
    for _ in 0..<24 where violation == nil && lack() != nil { run(until: now + .milliseconds(500)) }
    if let lack = lack() { return fail(.progress, lack) }
    if report.operations - report.refusals < before + 50 {
      return fail(.progress, "clients get no answers")
    }
    isQuiet = true
    run(until: now + .seconds(3))
    // A lease may end at this very moment.
    for _ in 0..<50 where violation == nil && !isLevel { run(until: now + .milliseconds(20)) }
    if violation == nil { checkEnd() }
  }

  /// What is not as it should be when everything has been healed for a while.
  private func lack() -> String? {
    guard let leader, let replica = leader.replica else { return "nobody leads" }
    if let (id, _) = membership.weakened { return "\(id) has not been repaired or replaced" }
    if replica.cluster.members.count != membership.voters {
      return "there are \(replica.cluster.members.count) members of \(membership.voters)"
    }
    for known in replica.cluster.members {
      if known.isLearner { return "\(known.id) has no vote" }
      guard Int(known.id.rawValue) <= members.count, let other = member(known.id).replica else {
        return "\(known.id) does not run"
      }
      if other.appliedIndex.rawValue + 50 < replica.appliedIndex.rawValue {
        return "\(known.id) is at \(other.appliedIndex) of \(replica.appliedIndex)"
      }
    }
    return nil
  }

  /// Whether all members have applied the same entries.
  private var isLevel: Bool {
    guard let replica = leader?.replica else { return false }
    return replica.cluster.members.allSatisfy {
      member($0.id).replica?.appliedIndex == replica.appliedIndex
    }
  }

  private func checkEnd() {
    guard let replica = leader?.replica else { return fail(.progress, "nobody leads in the end") }
    for known in replica.cluster.members {
      let other = member(known.id)
      compareHistory(other)
      guard let its = other.replica, its.appliedIndex == replica.appliedIndex else {
        fail(.progress, "\(known.id) does not come to where \(replica.appliedIndex) is applied")
        continue
      }
      check(logs.look(at: its, known.id))
      check(machines.compareState(of: known.id, its))
      check(machines.compareBytes(of: known.id, its.store))
    }
    let history = machines.history
    check(durability.look(at: replica.store, history))
    let surroundings = LinearizabilityChecker.Surroundings(history: history)
    check(LinearizabilityChecker.check(operations, in: surroundings).first)
    for place in watchers.indices {
      for _ in 0..<8 { pull(place) }
      check(watchers[place].checker.take(progressAt: history.last, in: history))
    }
  }
}
