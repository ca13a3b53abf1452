import Foundation
import ProcessHarness
import Testing

@Suite(
  "what the documents show",
  .serialized, .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct SessionTests {
  /// Masks ages, hashes, sizes and the member, and the widths that they have in a table.
  private static func masked(_ line: String) -> String {
    line.replacing(/\b\d+s$/, with: "AGE")
      .replacing(/\| [0-9a-f]{6,8} \|/, with: "| HASH |")
      .replacing(/memberID:\d+/, with: "memberID:M")
      .replacing(/\d+(\.\d+)? [kM]?B/, with: "SIZE")
      .replacing(/-{2,}/, with: "--").replacing(/\ {2,}/, with: " ")
      // What etcdutl counts as keys includes what a release keeps about itself.
      .replacing(/\| (\d+) \| \d+ \| SIZE/) { "| \($0.1) | KEYS | SIZE" }
  }

  @Test(
    "the session happens as it is shown",
    arguments: [
      ("README.md", "## A session", []), ("docs/operating.md", "## Backups", []),
      ("docs/operating.md", "## When it runs full", ["--quota-backend-bytes", "200000"]),
      ("docs/recipes/barriers.md", "## A session", []),
      ("docs/recipes/discovery.md", "## A session", []),
      ("docs/recipes/sequences.md", "## A session", []),
      ("docs/recipes/transactions.md", "## A session", []),
    ])
  func session(_ document: String, _ heading: String, _ flags: [String]) async throws {
    let steps = Documents.session(try Documents.block(of: document, under: heading))
    #expect(steps.count > 3)
    try await withServer(.keelson, flags: flags) { server in
      try FileManager.default.createSymbolicLink(
        atPath: server.folder.path + "/examples",
        withDestinationPath: Documents.root + "/examples")
      for (command, shown) in steps {
        let answer = try await run(
          "/bin/bash", ["-c", "cd \(server.folder.path) && \(command)"],
          environment: [
            "PATH": try searchPath(), "KEELSONCTL_ENDPOINTS": server.endpoint,
            "ETCDCTL_ENDPOINTS": server.endpoint, "ETCDCTL_API": "3",
          ])
        let got = (answer.output + answer.errors).split(
          separator: "\n", omittingEmptySubsequences: false
        ).map { Self.masked(String($0)) }
        let lines = Array(got.reversed().drop { $0.isEmpty }.reversed())
        #expect(
          Documents.matches(shown.map(Self.masked), lines),
          "$ \(command)\n\(lines.joined(separator: "\n"))")
      }
    }
  }

  @Test(
    "`make run` stores the samples, says how to talk to the member, and stops when it is asked to")
  func samples() async throws {
    let folder = try TemporaryDirectory()
    let programs = URL(filePath: try Programs.ours("keelson")).deletingLastPathComponent().path
    let endpoint = "127.0.0.1:\(LoopbackPorts.next())"
    for isFirst in [true, false] {
      let child = try ChildProcess(
        Documents.root + "/scripts/run-with-samples", [programs, folder.path + "/data"],
        environment: ["KEELSON_ENDPOINT": endpoint], in: folder.path)
      defer { child.signal(SIGTERM) }
      let isServing = try await child.wait(seconds: 60) { $0.output.contains("Press Ctrl-C") }
      #expect(isServing, "\(child.output)\(child.errors)")
      let summary = child.output.firstMatch(of: /\n(\d+) created, 0 configured, (\d+) unchanged/)
      #expect(summary.map { $0.1 != "0" } == isFirst, "\(child.output)")
      #expect(summary.map { $0.2 == "0" } == isFirst)
      #expect(child.output.contains("\n/registry/deployments/shop/storefront\n"))
      #expect(child.output.contains("Keelson serves on \(endpoint)"))
      child.signal(SIGTERM)
      #expect(try await child.wait(seconds: 30) == 0)
    }
  }
}
