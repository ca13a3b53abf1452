import Environment
import Simulation

/// Which faults a cluster suffers, and how often: each seed draws its own mixture, so that some meet nothing but
/// one kind all the time.
struct FaultPlan {
  /// What can be done to a cluster.
  enum Fault: CaseIterable {
    case crash, powerLoss, diskError, fullDisk, slowDisk
    case pause, clockJump, tickBurst
    case isolation, split, weather, healing
    case transfer, duel, overtaking, massCrash
    case rot, engineDamage, wipe
    case replaceMember, resize
  }

  private var bag: [Fault] = []
  /// The longest time between two faults.
  let mostMilliseconds: Int
  /// Whether leaders are struck right after their election.
  let strikesNewLeaders: Bool

  init(_ entropy: SeededEntropy) {
    for fault in Fault.allCases {
      // A third of the kinds is left out, and some come thick.
      let weight = [0, 0, 1, 1, 2, 6][Int(entropy.next(below: 6))]
      bag += Array(repeating: fault, count: weight)
    }
    // Without it nothing would ever be whole again.
    bag += Array(repeating: .healing, count: max(2, bag.count / 5))
    mostMilliseconds = [150, 600, 600, 1_500][Int(entropy.next(below: 4))]
    strikesNewLeaders = entropy.next(below: 3) == 0
  }

  func next(_ entropy: SeededEntropy) -> Fault { bag[Int(entropy.next(below: UInt64(bag.count)))] }
}
