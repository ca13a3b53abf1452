import Foundation
import ProcessHarness
import Testing

@Suite("recipes by processes that are killed", .serialized)
struct RecipeCommandTests {
  private static func start(
    _ words: [String], _ server: ServerProcess
  ) throws -> ChildProcess {
    try ChildProcess(
      try Programs.ours("keelsonctl"), ["--endpoints", server.endpoint] + words,
      in: server.folder.path)
  }

  private static func ctl(_ server: ServerProcess, _ words: String...) async throws -> Finished {
    try await server.control(words, program: try Programs.ours("keelsonctl"))
  }

  @Test("a lock whose holder is killed is the next one's when its lease ends, with a higher token")
  func killedHolder() async throws {
    try await withServer(.underTest) { server in
      let words = [
        "lock", "l", "--ttl", "2", "--", "sh", "-c", "echo rev $ETCD_LOCK_REV; sleep 60",
      ]
      let first = try Self.start(words, server)
      defer { first.kill() }
      #expect(try await first.wait(seconds: 30) { $0.output.contains("rev ") })
      let second = try Self.start(words, server)
      defer { second.kill() }
      for _ in 0..<600 {
        if try await Self.ctl(server, "get", "l/", "--prefix", "--count-only", "-w", "fields")
          .output.contains("\"Count\" : 2")
        {
          break
        }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(!second.output.contains("rev "))
      first.kill()
      #expect(try await second.wait(seconds: 60) { $0.output.contains("rev ") })
      func token(_ child: ChildProcess) -> Int {
        child.output.firstMatch(of: /rev (\d+)/).flatMap { Int($0.1) } ?? 0
      }
      #expect(token(second) > token(first) && token(first) > 0)
    }
  }

  @Test(
    "an instance whose process is killed is gone when its lease ends, one that is stopped at once")
  func registration() async throws {
    try await withServer(.underTest) { server in
      let watching = try Self.start(["discover", "web", "--watch"], server)
      defer { watching.kill() }
      let killed = try Self.start(
        ["register", "web", ":80", "--instance", "a", "--ttl", "2"], server)
      defer { killed.kill() }
      let stopped = try Self.start(["register", "web", ":81", "--instance", "b"], server)
      defer { stopped.kill() }
      #expect(
        try await watching.wait(seconds: 30) {
          $0.output.contains("+ a :80\n") && $0.output.contains("+ b :81\n")
        }, "\(watching.output)\(watching.errors)")
      #expect(try await Self.ctl(server, "discover", "web").output == "a :80\nb :81\n")
      let again = try await Self.ctl(
        server, "register", "web", ":82", "--instance", "a", "--", "true")
      #expect(again.code == 1 && again.errors.contains("is registered already"), "\(again.errors)")
      killed.kill()
      stopped.signal(SIGTERM)
      #expect(try await stopped.wait(seconds: 30) == 0)
      #expect(
        try await watching.wait(seconds: 60) {
          $0.output.contains("- a :80\n") && $0.output.contains("- b :81\n")
        }, "\(watching.output)")
      #expect(try await Self.ctl(server, "discover", "web").output == "")
    }
  }

  @Test("processes that enter a barrier begin together, and are not kept by one that is killed")
  func barrier() async throws {
    try await withServer(.underTest) { server in
      func enter(_ command: String) throws -> ChildProcess {
        try Self.start(
          [
            "barrier", "enter", "--participants", "3", "--ttl", "2", "start", "--", "sh", "-c",
            command,
          ], server)
      }
      let report = "echo began $KEELSON_BARRIER_REV"
      let children = [try enter(report), try enter(report), try enter(report + "; sleep 60")]
      defer { for child in children { child.kill() } }
      var rounds: Set<String> = []
      for child in children {
        #expect(try await child.wait(seconds: 30) { $0.output.contains("began ") })
        rounds.insert(child.output)
      }
      #expect(rounds.count == 1, "\(rounds)")
      #expect(children.prefix(2).allSatisfy { !$0.hasEnded })
      children[2].kill()
      for child in children.prefix(2) { #expect(try await child.wait(seconds: 60) == 0) }

      #expect(try await Self.ctl(server, "barrier", "hold", "gate").output == "OK\n")
      let waiting = try Self.start(["barrier", "wait", "gate"], server)
      defer { waiting.kill() }
      #expect(try await Self.ctl(server, "barrier", "hold", "gate").code == 1)
      #expect(!waiting.hasEnded)
      #expect(try await Self.ctl(server, "barrier", "release", "gate").output == "OK\n")
      #expect(try await waiting.wait(seconds: 30) == 0)
      #expect(try await Self.ctl(server, "barrier", "release", "gate").code == 1)
    }
  }

  @Test("processes that ask for the next key of a sequence get each its own")
  func sequence() async throws {
    try await withServer(.underTest) { server in
      let children = try (0..<6).map { try Self.start(["sequence", "jobs", "job \($0)"], server) }
      for child in children { #expect(try await child.wait(seconds: 60) == 0, "\(child.errors)") }
      let keys = children.map(\.output).sorted()
      #expect(keys == (1...6).map { "jobs/000000000000000\($0)\n" })
    }
  }
}
