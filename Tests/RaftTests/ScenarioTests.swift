import Foundation
import Primitives
import Testing

/// The files beside this one.
enum ScenarioFiles {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Scenarios")

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".txt") }.sorted()
  }()

  static let isRewriting = ProcessInfo.processInfo.environment["KEELSON_REWRITE"] != nil
}

@Suite("Scenarios")
struct ScenarioTests {
  @Test("are all found")
  func found() { #expect(ScenarioFiles.names.count >= 20) }

  /// With KEELSON_REWRITE set, the traces in the files are written anew; what `expect` says is checked
  /// all the same.
  @Test("go as they are written down", arguments: ScenarioFiles.names)
  func run(name: String) throws {
    let file = ScenarioFiles.folder.appendingPathComponent(name)
    let text = try String(contentsOf: file, encoding: .utf8)
    var scenario = Scenario()
    let found = scenario.run(text)
    #expect(scenario.failures.isEmpty, "\(name): \(scenario.failures)")
    if ScenarioFiles.isRewriting {
      try found.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let difference = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      found.split(separator: "\n", omittingEmptySubsequences: false)
    ).first { $0 != $1 }
    #expect(
      found == text,
      "\(name): first \(String(describing: difference)); KEELSON_REWRITE=1 writes the traces anew")
  }

  @Test(
    "notice a planted bug",
    arguments: [
      ("vote-once.txt", PlantedBug.forgottenVote), ("old-term.txt", .oldTermCommit),
      ("own-log.txt", .earlyOwnCount), ("read-pause.txt", .unconfirmedRead),
    ])
  func plantedBug(name: String, bug: PlantedBug) async {
    // The node's own invariants may end the process first.
    await #expect(processExitsWith: .failure) { [name, bug = bug.rawValue as String] in
      let file = ScenarioFiles.folder.appendingPathComponent(name)
      var scenario = Scenario(plantedBug: PlantedBug(rawValue: bug))
      _ = scenario.run(try String(contentsOf: file, encoding: .utf8))
      if !scenario.failures.isEmpty { exit(EXIT_FAILURE) }
    }
  }
}
