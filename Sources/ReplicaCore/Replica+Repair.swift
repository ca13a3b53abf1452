public import Primitives
internal import Raft

/// What a member can do about a log or an engine of its own that is damaged.
public enum DamageRemedy: Hashable, Sendable {
  /// A majority holds what it has lost: it begins anew with an empty log and an engine that
  /// `ClusterTable.bootstrap(forgetting:into:)` marks, and gets the state from the others.
  case askOthers
  /// Nobody else is sure to have it: the member must not start, and a person must decide.
  case refuse(String)

  /// What a member of a cluster can do; `cluster` is nil where even that cannot be read.
  public static func remedy(for member: MemberID, in cluster: ClusterState?) -> DamageRemedy {
    guard let cluster, cluster.member(member) != nil else {
      return .refuse(
        "who belongs to the cluster cannot be read any more. If other members have a majority, remove "
          + "this one there and let it join again with an empty data directory; if not, restore from "
          + "a snapshot (keelsonctl snapshot restore)")
    }
    let voters = cluster.voters
    let others = voters.count { $0 != member }
    if others >= voters.count / 2 + 1 { return .askOthers }
    return .refuse(
      "no majority is left without this member, so nobody else is sure to have what it has lost. Check "
        + "the disk, then restore from a snapshot (keelsonctl snapshot restore)")
  }
}

/// A leader looks after members that have forgotten what they promised: it takes their vote away, which lets
/// them take the state, and gives it back when they have caught up. Learners that were added to get a vote then
/// get it as they do.
extension Replica {
  /// Entries behind the leader's commit index at which a member has caught up.
  private static let caughtUpEntries: UInt64 = 16

  /// Notes a member that has lost its log; what follows is proposed with one of the next ticks.
  func note(_ member: MemberID, havingForgotten life: MemberLife) {
    if let place = forgetful.firstIndex(where: { $0.member == member }) {
      forgetful[place].life = life
    } else {
      forgetful.append((member, life))
    }
  }

  /// Takes the next step for one of them.
  func repairMembers(into effects: inout [ReplicaEffect]) {
    guard isServing else { return forgetful.removeAll() }
    for (member, life) in forgetful where node.isForgetful(member, in: life) {
      if cluster.member(member)?.forgetfulLife == life {
        stepRaft(.demoted(member, life), into: &effects)
      } else if cluster.member(member) != nil {
        proposeRepair(.demote(member, life), into: &effects)
      }
      if hasFailed || !isServing { return }
    }
    forgetful.removeAll()
    // One that was added has told its name first: from then on it cannot come back without its data.
    let ready = cluster.members.first {
      $0.gainsVote && !$0.name.isEmpty && hasCaughtUp($0.id)
    }
    guard let member = ready else { return }
    proposeRepair(.promote(member.id), into: &effects)
  }

  private func hasCaughtUp(_ member: MemberID) -> Bool {
    node.followers.contains {
      $0.member == member && $0.isActive && $0.matchIndex > .zero
        && $0.matchIndex.rawValue + Self.caughtUpEntries >= node.commitIndex.rawValue
    }
  }
}
