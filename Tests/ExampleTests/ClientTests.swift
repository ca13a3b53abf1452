import Foundation
import ProcessHarness
import Testing

@Suite(
  "the client examples",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ClientTests {
  private static let readme = "examples/clients/README.md"

  /// Runs an example against a member and holds what it prints against the document, twice: what it
  /// left behind must not disturb it.
  private func check(
    _ heading: String, _ program: String, _ arguments: (ServerProcess) -> [String],
    environment: (ServerProcess) throws -> [String: String] = { _ in [:] }
  ) async throws {
    let shown = try Documents.block(of: Self.readme, under: heading)
    let server = try ServerProcess(.keelson, name: "keelson")
    defer { server.kill() }
    try await server.start()
    for _ in 1...2 {
      let answer = try await run(
        program, arguments(server), environment: try environment(server), seconds: 60)
      #expect(answer.code == 0, "\(answer.errors)")
      #expect(answer.output == shown)
    }
  }

  @Test("the shell's prints what its document shows", arguments: ["keelsonctl", "etcdctl"])
  func shell(_ program: String) async throws {
    try await check(
      "## Shell", Documents.root + "/examples/clients/shell/settings.sh", { _ in [] },
      environment: { server in
        [
          "KEELSONCTL_ENDPOINTS": server.endpoint, "KEELSONCTL": program, "ETCDCTL_API": "3",
          "PATH": try searchPath(),
        ]
      })
  }

  @Test("Python's prints what its document shows")
  func python() async throws {
    try await check(
      "## Python", try Programs.peer("python/bin/python3"),
      { [Documents.root + "/examples/clients/python/settings.py", $0.endpoint] },
      environment: { _ in ["PYTHONDONTWRITEBYTECODE": "1"] })
  }

  @Test("Swift's prints what its document shows")
  func swift() async throws {
    try await check(
      "## Swift", try Programs.ours("ClientExample"), { ["http://" + $0.endpoint] })
  }
}
