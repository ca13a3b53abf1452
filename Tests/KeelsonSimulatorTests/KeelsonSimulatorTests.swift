import Foundation
import Primitives
import Testing

@testable import keelson_simulator

@Suite("The simulator")
struct KeelsonSimulatorTests {
  /// Clusters of 20 simulated seconds each. Where nothing is optimised, fewer must do.
  private static let seconds = 20
  private static let fixedSeeds: ClosedRange<UInt64> = {
    #if DEBUG
      1...2
    #else
      1...60
    #endif
  }()
  private static let randomSeeds = (fixedSeeds.count + 3) / 4

  @Test("finds nothing in a fixed set of clusters, which take every rare path, nor in random ones")
  func seeds() {
    var total = Report()
    let first = UInt64(Date().timeIntervalSince1970)
    for seed in Array(Self.fixedSeeds) + (0..<Self.randomSeeds).map({ first + UInt64($0) }) {
      let cluster = SimulatedCluster(seed: seed)
      total.add(cluster.run(seconds: Self.seconds))
      if let violation = cluster.violation {
        Issue.record(
          "\(violation); replay with: keelson-simulator --seed \(seed) --seconds \(Self.seconds)")
        return
      }
    }
    #expect(total.operations > 1_000 && total.faults > 50 && total.comparisons > 10_000)
    #if !DEBUG
      #expect(total.missingMarks.isEmpty, "never: \(total.missingMarks.map(\.rawValue))")
    #endif
  }

  /// A member's late word that it had forgotten its promises took away its vote once more: 104208. A crash
  /// brought back the voters before the last change, of whom too few were left: 400437.
  @Test("finds nothing where it once found something", arguments: [104_208, 400_437] as [UInt64])
  func found(seed: UInt64) {
    let cluster = SimulatedCluster(seed: seed)
    _ = cluster.run(seconds: 10)
    #expect(cluster.violation == nil)
  }

  @Test("does the same for the same seed")
  func determinism() {
    let reports = (0..<2).map { _ in SimulatedCluster(seed: 3).run(seconds: 5) }
    #expect(reports[0].steps == reports[1].steps)
    #expect(reports[0].operations == reports[1].operations)
    #expect(reports[0].events == reports[1].events)
    #expect(reports[0].comparisons == reports[1].comparisons)
  }

  /// Where nothing is optimised, only those that are found within a few clusters.
  private static let bounded: [PlantedBug] = {
    #if DEBUG
      SimulatorPlants.all.filter {
        ![.oldTermCommit, .unconfirmedRead, .forgottenVote, .forgetfulVoter, .oldLeaseClock]
          .contains($0)
      }
    #else
      SimulatorPlants.all
    #endif
  }()

  /// Where the search for a fault begins, and how many clusters it may take. It begins a little before the first
  /// one that finds the fault at present, so that it ends soon.
  private static func search(for bug: PlantedBug) -> (first: UInt64, seeds: UInt64) {
    switch bug {
    case .oldTermCommit: (240, 600)
    case .forgottenVote: (100, 400)
    case .unconfirmedRead: (30, 400)
    case .forgetfulVoter: (1, 400)
    default: (1, 40)
    }
  }

  @Test("finds every fault that is planted", arguments: bounded)
  func plants(bug: PlantedBug) async {
    // A check, or one of the program's invariants, ends the process.
    await #expect(processExitsWith: .failure) { [bug = bug.rawValue as String] in
      let (first, seeds) = PlantedBug(rawValue: bug).map { Self.search(for: $0) } ?? (1, 1)
      let options = try Options([
        "--plant", bug, "--seed", "\(first)", "--seeds", "\(seeds)", "--seconds", "20",
      ])
      let status = KeelsonSimulator.run(options)
      exit(status == 1 ? 1 : 0)
    }
  }

  @Test("prints the one command that runs a seed again")
  func replay() throws {
    let options = try Options(["--plant", "early-cut", "--seconds", "7", "--seeds", "3"])
    let words = options.replay(12).split(separator: " ").dropFirst().map(String.init)
    let again = try Options(words)
    #expect(again.seed == 12 && again.seeds == 1 && again.seconds == 7)
    #expect(again.plantedBug == .earlyCut)
  }

  @Test(
    "refuses what it does not know",
    arguments: [
      ["--seed"], ["--seed", "x"], ["--plant", "none"], ["--seeds", "0"], ["extra", "1"],
    ])
  func usage(arguments: [String]) {
    #expect(throws: UsageError.self) { try Options(arguments) }
  }
}
