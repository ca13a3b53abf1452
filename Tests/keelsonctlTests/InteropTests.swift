import Foundation
import Testing
import TestPeers

/// Runs the real etcdctl and keelsonctl against one etcd, and compares what they print.
///
/// The peers are of version 3.5.1, keelsonctl prints as 3.7.1 does. What differs between the two is not
/// compared here but held in `PrinterTests`: columns of `endpoint status` and `snapshot status`, frames of
/// tables, `member list -w fields` (a revision that is zero), the byte 7f in quotes (`\u007f` in an older
/// Go), the revision of `endpoint hashkv`, the time that `defrag` took. Nor is compared what keelsonctl
/// does otherwise on purpose: no usage behind errors; what stands behind the arguments of put and get is
/// refused; a format that a command does not have is refused before anything is sent; words in single
/// quotes and comparisons of leases, on which etcdctl 3.5.1 fails; a refused connection is told at once.
@Suite("keelsonctl beside etcdctl", .enabled(if: RealEtcd.isInstalled), .serialized)
struct InteropTests {
  static let program =
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path + "/keelsonctl"

  static func keelsonctl(
    _ arguments: [String], _ etcd: RealEtcd, input: [UInt8] = [],
    environment: [String: String] = [:], seconds: Double = 30
  ) -> Tool.Outcome {
    Tool.run(
      [program] + arguments,
      environment: environment.merging(["KEELSONCTL_ENDPOINTS": etcd.endpoint]) { own, _ in own },
      input: input, seconds: seconds)
  }

  static func etcdctl(
    _ arguments: [String], _ etcd: RealEtcd, input: [UInt8] = [], seconds: Double = 30
  ) -> Tool.Outcome {
    var outcome = Tool.run(
      [RealEtcd.programs! + "/etcdctl"] + arguments,
      environment: ["ETCDCTL_ENDPOINTS": etcd.endpoint], input: input, seconds: seconds)
    outcome.errors = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("{\"level\"") }.joined(separator: "\n")
    return outcome
  }

  /// Hides what two equal commands print differently.
  static func masked(_ outcome: Tool.Outcome) -> Tool.Outcome {
    var outcome = outcome
    for (pattern, replacement) in [
      (#"took(" : |":"| = )[0-9a-zµ.]+"#, "took$1TIME"), (#""Took" : \S+"#, "\"Took\" : TIME"),
      (#"\{"level".*\n?"#, ""),
    ] {
      outcome.output = outcome.output.replacingOccurrences(
        of: pattern, with: replacement, options: .regularExpression)
    }
    return outcome
  }

  /// Commands that change nothing, so that both programs find the same.
  static let reads: [[String]] = [
    ["get", "a"], ["get", "nokey"], ["get", "a", "d"], ["get", "--prefix", ""],
    ["get", "--prefix", "b"], ["get", "--from-key", "b"], ["get", "a", "--rev", "2"],
    ["get", "a", "--rev", "99999"], ["get", "--prefix", "", "--keys-only"],
    ["get", "--prefix", "", "--limit", "2"], ["get", "a", "--print-value-only"],
    ["get", "--prefix", "", "--sort-by", "modify", "--order", "descend"],
    ["get", "--prefix", "", "--sort-by", "value"], ["get", "--prefix", "", "--order", "DESCEND"],
    ["get", "--prefix", "", "--sort-by", "VERSION", "--order", "ASCEND"],
    ["get", "a", "--hex"], ["--hex", "get", "bin"], ["get", "bin"],
    ["get", "a", "--consistency", "s"],
    ["get", "--prefix", "", "--count-only", "-w", "fields"], ["get", ""],
    ["-w", "json", "get", "a"],
    ["get", "a", "-wjson"], ["get", "a", "--write-out=json"],
    ["get", "--prefix", "", "-w", "json"],
    ["get", "--prefix", "", "-w", "fields"], ["get", "a", "-w", "protobuf"],
    ["get", "--prefix=true", "b", "--keys-only=false"], ["get", "--", "-dash"],
    ["del", "nokey"], ["del", "nokey", "-w", "json"], ["del", "nokey", "-w", "fields"],
    ["lease", "list"], ["lease", "list", "-w", "json"], ["lease", "list", "-w", "fields"],
    ["lease", "timetolive", "123"], ["lease", "timetolive", "123", "-w", "json"],
    ["lease", "timetolive", "123", "-w", "fields"], ["lease", "timetolive", "77", "--keys"],
    ["lease", "revoke", "55"], ["lease", "keep-alive", "55", "--once"],
    ["lease", "keep-alive", "55"],
    ["lease", "keep-alive", "77", "--once"], ["lease", "keep-alive", "77", "--once", "-w", "json"],
    ["member", "list"], ["member", "list", "-w", "json"],
    ["endpoint", "health"], ["endpoint", "health", "-w", "json"],
    ["endpoint", "health", "-w", "fields"],
    ["endpoint", "health", "--cluster"], ["endpoint", "hashkv", "-w", "json"],
    ["alarm", "list"], ["alarm", "list", "-w", "json"], ["alarm", "list", "-w", "fields"],
    ["alarm", "disarm"], ["compaction", "99999"], ["compaction", "2"],
  ]

  /// Commands whose arguments do not fit; etcdctl prints usage behind some, keelsonctl one line.
  static let refused: [[String]] = [
    ["get"], ["get", "a", "--prefix", "--from-key"], ["get", "a", "b", "--prefix"],
    ["get", "a", "--order", "x"], ["get", "a", "--sort-by", "x"],
    ["get", "a", "--consistency", "q"],
    ["get", "a", "-w", "json", "--print-value-only"], ["get", "a", "-w", "bad"],
    ["get", "a", "-w", "table"], ["put"], ["put", "a", "b", "--lease", "zz"],
    ["put", "a", "--ignore-value", "b"], ["put", "a", "--ignore-value", "-w", "table"],
    ["put", "", "x"], ["del"], ["del", "a", "--prefix", "--from-key"], ["lease", "grant"],
    ["lease", "grant", "x"], ["lease", "revoke"], ["lease", "revoke", "zz"],
    ["lease", "timetolive"],
    ["lease", "keep-alive"], ["lease", "list", "-w", "table"], ["compaction"], ["compaction", "x"],
    ["txn", "foo"], ["watch"], ["snapshot", "save"], ["alarm", "list", "x"],
    ["endpoint", "health", "-w", "protobuf"], ["--cert", "x", "get", "a"],
  ]

  private func filled() throws -> RealEtcd {
    let etcd = try RealEtcd()
    for command in [
      ["put", "a", "1"], ["put", "a", "2"], ["put", "b", "<é&>"], ["put", "bb", "zz"],
      ["put", "--", "-dash", "-value"], ["lease", "grant", "1000"],
    ] { _ = Self.etcdctl(command, etcd) }
    _ = Self.etcdctl(["put", "bin"], etcd, input: [0x00, 0xff, 0x22, 0x5c, 0x0a])
    return etcd
  }

  @Test("reads, refusals and errors print the same, on the same stream, with the same status")
  func sameOutput() throws {
    let etcd = try filled()
    for arguments in Self.reads {
      let theirs = Self.masked(Self.etcdctl(arguments, etcd))
      // A compaction succeeds once.
      if arguments == ["compaction", "2"] { continue }
      let ours = Self.masked(Self.keelsonctl(arguments, etcd))
      #expect(ours == theirs, "\(arguments.joined(separator: " "))")
    }
    for arguments in Self.refused {
      var theirs = Self.etcdctl(arguments, etcd)
      theirs.errors = theirs.errors.split(separator: "\n").first.map { $0 + "\n" } ?? ""
      #expect(Self.keelsonctl(arguments, etcd) == theirs, "\(arguments.joined(separator: " "))")
    }
    let compacted = ["get", "a", "--rev", "1"]
    #expect(Self.keelsonctl(compacted, etcd) == Self.etcdctl(compacted, etcd))
  }

  @Test("writes do and print the same on two servers with equal histories")
  func sameWrites() throws {
    let (left, right) = (try RealEtcd(), try RealEtcd())
    let transaction = Array(
      "value(\"a\") = \"2\"\nver(\"a\") > \"0\"\n\nput \"x y\" \"a b\"\nget a --prefix\ndel b\n\nget a\n\n"
        .utf8)
    let steps: [(arguments: [String], input: [UInt8])] = [
      (["put", "a", "1"], []), (["put", "a", "2", "--prev-kv"], []), (["put", "b"], [0xff, 0x0a]),
      (["put", "a", "--ignore-value", "-w", "fields"], []),
      (["put", "c", "1", "--prev-kv", "-w", "json"], []),
      (["txn"], transaction), (["txn", "-w", "json"], transaction),
      (["txn", "-w", "fields"], transaction),
      (["txn"], Array("\n\n\n".utf8)),
      (["txn"], Array("mod(\"a\") > \"999\"\n\nput f 1\n\nget a\ndel c\n\n".utf8)),
      (["txn", "-i"], Array("create(\"zz\") = \"0\"\n\nput zz 1\n\n\n".utf8)),
      (["txn"], Array("\n\nput k v\nput k w\n\n\n".utf8)),
      (["del", "x", "y", "--range", "--prev-kv"].filter { $0 != "--range" }, []),
      (["del", "--prefix", "a", "--prev-kv"], []), (["del", "--from-key", "b", "-w", "json"], []),
      (["lease", "revoke", "1"], []), (["compaction", "3"], []), (["compaction", "3"], []),
      (["compaction", "4", "--physical"], []),
      (["get", "--prefix", "", "--rev", "9", "-w", "fields"], []),
    ]
    func anonymous(_ outcome: Tool.Outcome) -> Tool.Outcome {
      var outcome = outcome
      for (pattern, replacement) in [
        (#""(cluster|member)_id":[0-9]+"#, "\"$1_id\":ID"),
        (#""(Cluster|Member)ID" : [0-9]+"#, "ID"),
      ] {
        outcome.output = outcome.output.replacingOccurrences(
          of: pattern, with: replacement, options: .regularExpression)
      }
      outcome.errors = outcome.errors.replacingOccurrences(
        of: #"Warning: Keys between .*\n"#, with: "", options: .regularExpression)
      return outcome
    }
    for step in steps {
      let theirs = anonymous(Self.etcdctl(step.arguments, left, input: step.input))
      let ours = anonymous(Self.keelsonctl(step.arguments, right, input: step.input))
      #expect(ours == theirs, "\(step.arguments.joined(separator: " "))")
    }
  }

  @Test("a watch prints the same events, runs the same commands, and tells a compacted revision")
  func watches() throws {
    let etcd = try RealEtcd()
    for command in [
      ["put", "a", "1"], ["put", "a", "<\"é\">"], ["put", "ab", "2"], ["del", "a"],
    ] { _ = Self.etcdctl(command, etcd) }
    let cases: [[String]] = [
      ["watch", "a", "--rev", "2"], ["watch", "a", "--rev", "2", "--prev-kv"],
      ["watch", "--prefix", "a", "--rev", "2", "-w", "json"],
      ["watch", "a", "b", "--rev", "2", "--hex"],
      ["watch", "a", "--rev", "2", "--prev-kv", "-w", "fields"],
      ["watch", "a", "--rev", "2", "--", "sh", "-c", "env | grep ETCD_WATCH | sort"],
      ["watch", "a", "--rev", "2", "-w", "protobuf"],
    ]
    let environment = ["KEELSONCTL_ENDPOINTS": etcd.endpoint, "ETCDCTL_ENDPOINTS": etcd.endpoint]
    let pairs = try cases.map { arguments in
      (
        try Tool.Running([Self.program] + arguments, environment: environment),
        try Tool.Running(
          [RealEtcd.programs! + "/etcdctl"] + arguments, environment: environment)
      )
    }
    // Watches have no end of their own.
    usleep(4_000_000)
    for (arguments, (ours, theirs)) in zip(cases, pairs) {
      let (ours, theirs) = (ours.finish(seconds: 0), theirs.finish(seconds: 0))
      #expect(ours == theirs, "\(arguments.joined(separator: " "))")
      #expect(!ours.output.isEmpty)
    }
    let failing = ["watch", "a", "--rev", "2", "--", "false"]
    #expect(Self.keelsonctl(failing, etcd) == Self.etcdctl(failing, etcd))
    _ = Self.etcdctl(["compaction", "4"], etcd)
    let late = ["watch", "a", "--rev", "2"]
    #expect(Self.keelsonctl(late, etcd) == Self.etcdctl(late, etcd))
  }

  @Test(
    "an interactive watch takes several lines, tells progress and refuses what it does not know")
  func interactiveWatch() throws {
    let etcd = try RealEtcd()
    _ = Self.etcdctl(["put", "a", "1"], etcd)
    let lines = "watch a --rev 2\nfoo\nwatch\nwatch \"a\" --rev 2 --prev-kv\n"
    let outcome = Tool.run(
      [
        "/bin/sh", "-c",
        "(printf '%s' \"$LINES_IN\"; sleep 1; echo progress; sleep 1) | \(Self.program) watch -i",
      ], environment: ["KEELSONCTL_ENDPOINTS": etcd.endpoint, "LINES_IN": lines])
    #expect(outcome.status == 3)
    #expect(outcome.output.contains("PUT\na\n1\n"))
    #expect(outcome.output.components(separatedBy: "PUT\na\n1\n").count == 3)
    #expect(outcome.output.contains("progress notify: 2\n"))
    #expect(
      outcome.errors == """
        Invalid command foo (only support watch)
        Invalid command watch (command type or key is not provided)
        Error: error reading watch request line: EOF

        """)
  }

  @Test("a wrong flag, a refused connection and a deadline are told apart in one line each")
  func oneLineErrors() throws {
    let etcd = try RealEtcd()
    let flag = Self.keelsonctl(["put", "a", "b", "--nosuch"], etcd)
    #expect(flag.status == 1)
    #expect(flag.errors == "Error: unknown flag: --nosuch\n")
    let refused = Self.keelsonctl(
      ["get", "a"], etcd, environment: ["KEELSONCTL_ENDPOINTS": "127.0.0.1:1"])
    #expect(refused.status == 1)
    #expect(refused.errors == "Error: cannot connect to 127.0.0.1:1: connection refused\n")
    let silent = try SilentServer()
    let deadline = Self.keelsonctl(
      ["get", "a", "--command-timeout", "300ms"], etcd,
      environment: ["KEELSONCTL_ENDPOINTS": silent.endpoint])
    #expect(deadline.status == 1)
    #expect(deadline.errors.split(separator: "\n").count == 1)
    #expect(deadline.errors.contains("deadline"))
    let unhealthy = Self.keelsonctl(
      ["endpoint", "health"], etcd,
      environment: ["KEELSONCTL_ENDPOINTS": "127.0.0.1:1,\(etcd.endpoint)"])
    #expect(unhealthy.status == 1)
    #expect(unhealthy.output.hasPrefix("\(etcd.endpoint) is healthy"))
    #expect(
      unhealthy.errors == """
        127.0.0.1:1 is unhealthy: failed to commit proposal: cannot connect to 127.0.0.1:1: connection refused
        Error: unhealthy cluster

        """)
  }

  @Test("a saved snapshot is one that etcdutl reads, and both tell the same of it")
  func snapshots() throws {
    let etcd = try filled()
    let file = etcd.folder + "/saved.db"
    let saved = Self.keelsonctl(["snapshot", "save", file], etcd)
    #expect(
      saved == Tool.Outcome(status: 0, output: "Snapshot saved at \(file)\n", errors: ""))
    #expect(!FileManager.default.fileExists(atPath: file + ".part"))
    let theirs = Tool.run(
      [RealEtcd.programs! + "/etcdutl", "snapshot", "status", file, "-w", "fields"])
    let ours = Self.keelsonctl(["snapshot", "status", file, "-w", "fields"], etcd)
    #expect(ours.output == theirs.output + "\"Version\" : \n")
    let restored = Tool.run([
      RealEtcd.programs! + "/etcdutl", "snapshot", "restore", file, "--data-dir",
      etcd.folder + "/restored",
    ])
    #expect(restored.status == 0)
    let made = Self.keelsonctl(
      ["snapshot", "restore", file, "--data-dir", etcd.folder + "/ours"], etcd)
    #expect(made.status == 0)
    #expect(made.output.hasPrefix("restored 6 records at revision 1000000007 to "))
    let again = Self.keelsonctl(
      ["snapshot", "restore", file, "--data-dir", etcd.folder + "/ours"], etcd)
    #expect(again.status == 1)
    #expect(again.errors.contains("is not empty"))
    let live = Self.etcdctl(["endpoint", "hashkv"], etcd).output
    for path in [file, etcd.folder + "/restored/member/snap/db"] {
      let hash = Self.keelsonctl(["hashkv", path], etcd)
      #expect(hash.status == 0, "\(hash.errors)")
      let number = hash.output.prefix { $0 != "," }
      #expect(live == "\(etcd.endpoint), \(number)\n", "\(path)")
    }
    let future = Self.keelsonctl(["hashkv", file, "--rev", "99"], etcd)
    #expect(future.errors == "Error: \(file): required revision is a future revision\n")
    let rewritten = Self.keelsonctl(["defrag", "--data-dir", etcd.folder + "/ours"], etcd)
    #expect(rewritten.status == 0, "\(rewritten.errors)")
    #expect(
      rewritten.output.hasPrefix("Finished defragmenting directory \(etcd.folder)/ours. took "))
    let foreign = Self.keelsonctl(["defrag", "--data-dir", etcd.folder + "/restored"], etcd)
    #expect(foreign.status == 1 && foreign.errors.contains("which etcdutl defragments"))
    let empty = Self.keelsonctl(["defrag", "--data-dir", etcd.folder + "/none"], etcd)
    #expect(empty.status == 1 && empty.errors.contains("there is no member in"))
    let nowhere = Self.keelsonctl(["snapshot", "save", etcd.folder + "/none/s.db"], etcd)
    #expect(nowhere.status == 6)
    #expect(nowhere.errors.contains("No such file or directory"))
  }

  @Test("endpoint status, defrag, version and completion")
  func others() throws {
    let etcd = try RealEtcd()
    let status = Self.keelsonctl(["endpoint", "status"], etcd)
    #expect(status.status == 0)
    #expect(status.output.hasPrefix("\(etcd.endpoint), "))
    #expect(status.output.split(separator: ",", omittingEmptySubsequences: false).count == 16)
    let defrag = Self.keelsonctl(["defrag"], etcd)
    #expect(defrag.output.hasPrefix("Finished defragmenting etcd member[\(etcd.endpoint)]. took "))
    #expect(Self.keelsonctl(["version"], etcd).output.hasPrefix("keelsonctl version: "))
    for shell in ["bash", "zsh", "fish"] {
      #expect(Self.keelsonctl(["completion", shell], etcd).output.contains("keelsonctl"))
    }
    #expect(Self.keelsonctl(["completion", "csh"], etcd).status == 128)
  }
}
