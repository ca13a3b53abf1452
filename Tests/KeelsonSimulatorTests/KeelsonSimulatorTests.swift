import Foundation
import Primitives
import Testing

@testable import keelson_simulator

@Suite("The simulator")
struct KeelsonSimulatorTests {
  private static let seeds: [UInt64] = [2, 3]
  private static let seconds = 10

  private func run(_ seed: UInt64, _ total: inout Report) {
    let cluster = SimulatedCluster(seed: seed)
    total.add(cluster.run(seconds: Self.seconds))
    #expect(
      cluster.violation == nil,
      "replay with: keelson-simulator --seed \(seed) --seconds \(Self.seconds)")
  }

  @Test("finds nothing in a fixed set of clusters")
  func fixedSeeds() {
    var total = Report()
    for seed in Self.seeds { run(seed, &total) }
    #expect(total.operations > 1_000 && total.faults > 10)
  }

  @Test("does the same for the same seed")
  func determinism() {
    let reports = (0..<2).map { _ in SimulatedCluster(seed: 3).run(seconds: 5) }
    #expect(reports[0].steps == reports[1].steps)
    #expect(reports[0].operations == reports[1].operations)
    #expect(reports[0].events == reports[1].events)
  }

  @Test("finds every fault that is planted", arguments: SimulatorPlants.all)
  func plants(bug: PlantedBug) async {
    // A check, or one of the program's invariants, ends the process.
    await #expect(processExitsWith: .failure) { [bug = bug.rawValue as String] in
      var options = try Options(["--plant", bug, "--seeds", "60", "--seconds", "20"])
      options.seed = 1
      exit(KeelsonSimulator.run(options))
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
