import Foundation
import Primitives
import Raft
import Testing

@Suite("Random clusters")
struct RandomTests {
  /// Fewer where nothing is optimised, to end in seconds all the same; KEELSON_RAFT_SEEDS asks for
  /// more.
  private static let seeds: UInt64 = {
    if let wish = ProcessInfo.processInfo.environment["KEELSON_RAFT_SEEDS"].flatMap(UInt64.init) {
      return max(20, wish)
    }
    #if DEBUG
      return 20
    #else
      return 400
    #endif
  }()

  @Test("keep every property under faults, and go on when they end")
  func properties() {
    var failures: [String] = []
    var elections = 0
    var reads = 0
    var crashes = 0
    var snapshots = 0
    var changes = 0
    for seed in 1...Self.seeds {
      let cluster = RandomCluster(seed: seed)
      cluster.run()
      failures += cluster.checker.failures.map { "seed \(seed): \($0)" }
      elections += cluster.checker.elections
      reads += cluster.checker.servedReads
      crashes += cluster.crashes
      snapshots += cluster.snapshots
      changes += cluster.changes
    }
    #expect(failures.isEmpty, "\(failures.prefix(5))")
    // The rare paths were reached.
    let lives = Int(Self.seeds)
    #expect(elections > 2 * lives && reads > 5 * lives && crashes > lives)
    #expect(snapshots > lives / 4 && changes > lives / 4)
  }

  @Test("do the same for the same seed")
  func determinism() {
    for seed in 1...5 as ClosedRange<UInt64> {
      let (one, other) = (RandomCluster(seed: seed), RandomCluster(seed: seed))
      one.run()
      other.run()
      #expect(one.steps == other.steps && one.steps > 1_000)
      #expect(one.checker.commitIndex == other.checker.commitIndex)
    }
  }

  @Test(
    "find a planted bug",
    arguments: [
      PlantedBug.forgottenVote, .unconfirmedRead, .earlyOwnCount, .uncheckedAppend,
    ])
  func plantedBug(bug: PlantedBug) async {
    // A check, or one of the node's own invariants, ends the process.
    await #expect(processExitsWith: .failure) { [bug = bug.rawValue as String] in
      for seed in 1...400 as ClosedRange<UInt64> {
        let cluster = RandomCluster(seed: seed, plantedBug: PlantedBug(rawValue: bug))
        cluster.run()
        if !cluster.checker.failures.isEmpty { exit(EXIT_FAILURE) }
      }
    }
  }
}
