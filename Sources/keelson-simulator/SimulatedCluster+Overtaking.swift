import Environment
import Primitives
import ReplicaCore
import Simulation

/// Figure 8 of the Raft paper, which chance alone hardly ever draws: a leader goes with entries that nobody else
/// has, the next one goes with an entry of its own that nobody else has, the first comes back and spreads its old
/// entries, and goes again when the second returns. Nothing of that may be committed before an entry of the
/// first one's new term is.
struct Overtaking {
  enum Stage {
    case none
    /// The next leader, if it is not this one, is to be alone with its entry.
    case awaitsSecond(first: MemberID)
    /// The next leader, if it is not this one, is to go soon.
    case awaitsFirst(second: MemberID)
  }

  var stage = Stage.none
  var since = MonotonicTime(nanoseconds: 0)
}

extension SimulatedCluster {
  func beginOvertaking() {
    guard overtaking.since + .seconds(3) < now, let leader else { return }
    network.heal()
    silence(leader)
    overtaking = Overtaking(stage: .awaitsSecond(first: leader.id), since: now)
    end(leader, inMicroseconds: 20_000 + below(150_000), downMilliseconds: 300 + below(200))
  }

  /// A member was elected, and nothing of what it says has left yet.
  func elected(_ member: SimulatedMember) {
    switch overtaking.stage {
    case .awaitsSecond(let first) where member.id != first:
      silence(member)
      overtaking.stage = .awaitsFirst(second: member.id)
      end(member, inMicroseconds: 500 + below(4_000), downMilliseconds: 300 + below(600))
    case .awaitsFirst(let second) where member.id != second:
      mark(.overtaking)
      overtaking.stage = .none
      end(member, inMicroseconds: 300 + below(6_000), downMilliseconds: 200 + below(600))
    default: break
    }
  }

  private func silence(_ member: SimulatedMember) {
    for other in members where other.id != member.id {
      network.cut(.init(from: member.id, to: other.id))
    }
  }

  private func end(_ member: SimulatedMember, inMicroseconds delay: Int, downMilliseconds: Int) {
    queue.plan(
      .end(member.id, life: member.life, downMilliseconds: downMilliseconds),
      at: now + .microseconds(delay))
  }
}
