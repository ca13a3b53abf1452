import Foundation
import ProcessHarness
import Testing

/// The real etcdctl against etcd 3.5.1 and against Keelson: the same words, the same answers.
@Suite(
  "etcdctl prints against Keelson what it prints against etcd",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)), .serialized)
struct EtcdctlTests {
  @Test("every command that concerns one member")
  func commands() async throws {
    try await Pair.reportWhatDiffersAgain {
      let pair = try await Pair()
      let before = try await pair.compare(
        CommandTable.keys + CommandTable.transactions + CommandTable.deletionsAndWatches
          + CommandTable.compaction)
      pair.kill()
      try await pair.start()
      return before
        + (try await pair.compare(
          CommandTable.afterRestart + CommandTable.leases + CommandTable.member))
    }
  }

  @Test("check perf and check datascale, which measure", .timeLimit(.minutes(5)))
  func checks() async throws {
    let pair = try await Pair()
    let (etcd, keelson) = (pair.left, pair.right)
    for words in [["check", "perf", "--load", "s"], ["check", "datascale", "--load", "s"]] {
      async let left = etcd.control(words, seconds: 120)
      async let right = keelson.control(words, seconds: 120)
      let (expected, got) = try await (left, right)
      // What each line is about, and its verdict: a peer that fails its own check on a busy machine decides nothing.
      func lines(_ text: String) -> [String] {
        text.matches(of: /(?:PASS|FAIL)(?::[A-Za-z ]+)?/).map { String($0.output) }
      }
      #expect(!lines(expected.output).isEmpty, "etcd: \(expected)")
      if expected.code == 0 {
        #expect(got.code == 0, "\(got)")
        #expect(lines(got.output) == lines(expected.output))
      } else {
        #expect(lines(got.output).count >= lines(expected.output).count, "\(got)")
      }
    }
    Pair.report(try await pair.compare([Step("get '' --prefix")]))
  }

  @Test("a full quota: the alarm, and the way out of it")
  func quota() async throws {
    let pair = try await Pair(flags: ["--quota-backend-bytes", "4194304"])
    var refusals: [String] = []
    for server in [pair.left, pair.right] {
      var refused: Finished?
      var generator = SeededGenerator(seed: 5)
      for number in 0..<60 where refused == nil {
        // What cannot be compressed takes its size in any store.
        let value = (0..<30_000).map { _ in String(generator.next(), radix: 36) }.joined()
        let put = try await server.control(["put", "fill/\(number)"], input: String(value))
        if put.code != 0 { refused = put }
      }
      let errors = try #require(refused, "\(server.kind): 24 MB went into a quota of 4 MB").errors
      refusals.append(errors.split(separator: "\n").last.map(String.init) ?? "")
    }
    #expect(refusals[0] == refusals[1])
    var differences = try await pair.compare([
      Step("alarm list"), Step("put a b"), Step("get a"), Step("endpoint health"),
      Step("txn", input: "\nput a b\n\n\n"),
      Step("lease grant 100"), Step("del fill/0"),
    ])
    for server in [pair.left, pair.right] {
      #expect(try await server.control(["del", "fill/", "--prefix"]).code == 0)
      let status = try await server.control(["get", "a", "-w", "json"]).output
      let revision = try #require(status.firstMatch(of: /"revision":([0-9]+)/)).1
      #expect(try await server.control(["compaction", "--physical", String(revision)]).code == 0)
      #expect(try await server.control(["defrag"]).code == 0)
    }
    differences += try await pair.compare([
      Step("alarm disarm"), Step("alarm list"), Step("put a b"), Step("endpoint health"),
      Step("get a"),
    ])
    Pair.report(differences)
  }
}

/// Two servers that get the same commands; the left one is etcd.
final class Pair {
  let left: ServerProcess
  let right: ServerProcess
  private var runners: (left: CommandRunner, right: CommandRunner)

  init(flags: [String] = []) async throws {
    left = try ServerProcess(.etcd, flags: flags)
    right = try ServerProcess(
      .underTest,
      flags: flags)
    try await left.start()
    try await right.start()
    runners = (try await CommandRunner(left), try await CommandRunner(right))
  }

  deinit { kill() }

  func kill() {
    left.kill()
    right.kill()
  }

  func start() async throws {
    try await left.start()
    try await right.start()
  }

  /// A step after which the two had not printed the same.
  struct Difference {
    var step: String
    var description: String
  }

  /// Runs each step on both; says where they differ.
  func compare(_ steps: [Step]) async throws -> [Difference] {
    var differences: [Difference] = []
    for step in steps {
      let current = runners
      async let left = Self.run(step, current.left)
      async let right = Self.run(step, current.right)
      let (expected, got): ([CommandRunner.Outcome], [CommandRunner.Outcome])
      (runners.left, expected) = try await left
      (runners.right, got) = try await right
      if expected.contains(where: { $0.ending.contains("without") }) {
        differences.append(
          Difference(
            step: step.text,
            description: "etcdctl \(step.text): against etcd itself it ended \(expected)"))
      }
      if expected != got {
        let input = step.input.isEmpty ? "" : " < \(step.input.prefix(200).debugDescription)"
        differences.append(
          Difference(
            step: step.text,
            description: """
              etcdctl \(step.text)\(input)
              etcd: \(expected.map(\.description).joined(separator: "\n"))
              keelson: \(got.map(\.description).joined(separator: "\n"))
              """))
      }
    }
    return differences
  }

  private static func run(
    _ step: Step, _ runner: CommandRunner
  ) async throws -> (CommandRunner, [CommandRunner.Outcome]) {
    var runner = runner
    let outcomes = try await runner.run(step)
    return (runner, outcomes)
  }

  /// Records where they differ, if they do so again on servers of their own: where a line stands, or whether a
  /// client retries, may be chance once.
  static func reportWhatDiffersAgain(_ compare: () async throws -> [Difference]) async throws {
    let first = try await compare()
    if first.isEmpty { return }
    for difference in first { print("differs once:", difference.description) }
    let steps = Set(first.map(\.step))
    report(try await compare().filter { steps.contains($0.step) })
  }

  static func report(_ differences: [Difference]) {
    guard !differences.isEmpty else { return }
    let descriptions = differences.map(\.description).joined(separator: "\n\n")
    Issue.record("\(differences.count) commands differ:\n\n\(descriptions)")
  }
}
