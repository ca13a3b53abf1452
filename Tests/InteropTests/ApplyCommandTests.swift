import Foundation
import ProcessHarness
import Testing

/// Drives `keelsonctl apply` as a program: its flags, what it prints and where, and how it ends.
@Suite("keelsonctl apply", .serialized)
struct ApplyCommandTests {
  private static func configMap(_ name: String, _ data: String, app: String = "web") -> String {
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name), labels: {app: \(app)}}\n"
      + "data: {\(data)}\n"
  }

  private static func apply(
    _ server: ServerProcess, _ words: String..., input: String = ""
  ) async throws -> Finished {
    try await server.control(
      ["apply"] + words, program: Programs.ours("keelsonctl"), input: input)
  }

  private static func keys(_ server: ServerProcess) async throws -> [Substring] {
    try await server.control(
      ["get", "/registry/", "--prefix", "--keys-only"], program: Programs.ours("keelsonctl")
    ).output.split(separator: "\n")
  }

  /// Writes files below the server's folder.
  private static func write(_ server: ServerProcess, _ files: [String: String]) throws -> String {
    let root = server.folder.path + "/manifests"
    for (name, text) in files {
      let path = URL(filePath: root + "/" + name)
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: path)
    }
    return root
  }

  @Test("objects with errors are left out, the rest is stored, and the exit code is 1")
  func failures() async throws {
    try await withServer(.keelson) { server in
      let root = try Self.write(
        server,
        [
          "a.yaml": Self.configMap("one", "a: b") + "---\n" + Self.configMap("Two", "a: b"),
          "b.json": #"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}"#,
          "c.yml": "kind: [\n", "d.txt": "no manifest",
        ])
      let outcome = try await Self.apply(server, "-f", root)
      #expect(outcome.code == 1)
      #expect(
        outcome.output == """
          configmap/one created
          node/n created
          2 created, 0 configured, 0 unchanged, 2 failed

          """)
      let errors = outcome.errors.split(separator: "\n")
      #expect(errors.count == 2, "\(outcome.errors)")
      #expect(errors[0].hasPrefix("\(root)/a.yaml:8:18: metadata.name \"Two\" "))
      #expect(errors[1].hasPrefix("\(root)/c.yml:2:1: "))
      #expect(
        try await Self.keys(server) == ["/registry/configmaps/default/one", "/registry/minions/n"])
      let missing = try await Self.apply(server, "-f", root + "/none.yaml")
      #expect(missing.code != 0)
      #expect(missing.errors.contains("none.yaml: no such file or directory"))
      let empty = try await Self.apply(server, "-f", "-", input: "# nothing\n")
      #expect(empty.code == 1 && empty.errors == "Error: the files hold no objects\n")
    }
  }

  @Test("a dry run and a difference tell what would change, and change nothing")
  func dryRun() async throws {
    try await withServer(.keelson) { server in
      let dry = try await Self.apply(
        server, "-f", "-", "--dry-run", input: Self.configMap("one", "a: b"))
      #expect(
        dry.output == """
          configmap/one created (dry run)
          1 created, 0 configured, 0 unchanged, 0 failed (dry run)

          """)
      #expect(try await Self.keys(server).isEmpty)
      let real = try await Self.apply(server, "-f", "-", input: Self.configMap("one", "a: b"))
      #expect(real.code == 0 && real.errors.isEmpty)
      let difference = try await Self.apply(
        server, "-f", "-", "--dry-run", "--diff", input: Self.configMap("one", "a: c"))
      #expect(difference.code == 0)
      #expect(
        difference.output.hasPrefix(
          """
          configmap/one configured (dry run)
          --- LIVE/v1.ConfigMap.default.one
          +++ MERGED/v1.ConfigMap.default.one
          @@ -1,6 +1,6 @@
           apiVersion: v1
           data:
          -  a: b
          +  a: c

          """), "\(difference.output)")
      let value = try await server.control(
        ["kube", "get", "cm", "one", "-o", "jsonpath={.data.a}"],
        program: Programs.ours("keelsonctl"))
      #expect(value.output == "b")
    }
  }

  @Test("pruning deletes what the files no longer hold and carries the labels")
  func prune() async throws {
    try await withServer(.keelson) { server in
      let all =
        Self.configMap("one", "a: b") + "---\n" + Self.configMap("two", "a: b") + "---\n"
        + Self.configMap("other", "a: b", app: "db")
      #expect(try await Self.apply(server, "-f", "-", input: all).code == 0)
      let one = Self.configMap("one", "a: b")
      let told = try await Self.apply(
        server, "-f", "-", "--prune", "-l", "app=web", "--dry-run", input: one)
      #expect(try await Self.keys(server).count == 3)
      let done = try await Self.apply(
        server, "-f", "-", "--prune", "-l", "app=web", input: one)
      #expect(
        done.output == """
          configmap/one unchanged
          configmap/two pruned
          0 created, 0 configured, 1 unchanged, 1 pruned, 0 failed

          """)
      #expect(told.output.replacing(" (dry run)", with: "") == done.output)
      #expect(
        try await Self.keys(server) == [
          "/registry/configmaps/default/one", "/registry/configmaps/default/other",
        ])
    }
  }

  @Test("unknown fields are refused, named or ignored, as --validate says")
  func validate() async throws {
    try await withServer(.keelson) { server in
      let text = Self.configMap("one", "a: b") + "datas: {}\n"
      let message = "-:5:1: a ConfigMap has no field \"datas\"; did you mean data?\n"
      for (words, errors, code) in [
        ([], message, 1), (["--validate=strict"], message, 1),
        (["--validate=warn", "--dry-run"], "Warning: " + message, 0),
        (["--validate", "ignore"], "", 0),
      ] as [([String], String, Int32)] {
        let outcome = try await server.control(
          ["apply", "-f", "-"] + words, program: Programs.ours("keelsonctl"), input: text)
        #expect(outcome.errors == errors, "\(words)")
        #expect(outcome.code == code, "\(words)")
      }
    }
  }

  @Test("folders are read, and with -R those inside them; links to folders are not followed")
  func folders() async throws {
    try await withServer(.keelson) { server in
      let root = try Self.write(
        server,
        [
          "b.yaml": Self.configMap("b", "a: b"), "a/z.yml": Self.configMap("z", "a: b"),
          "a/deeper/y.json":
            #"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "y"}}"#,
        ])
      try FileManager.default.createSymbolicLink(
        atPath: root + "/a/loop", withDestinationPath: root)
      let flat = try await Self.apply(server, "-f", root)
      #expect(flat.output.hasPrefix("configmap/b created\n1 created"))
      let deep = try await Self.apply(server, "-R", "-f", root, "--concurrency", "1")
      #expect(
        deep.output == """
          configmap/y created
          configmap/z created
          configmap/b unchanged
          2 created, 0 configured, 1 unchanged, 0 failed

          """)
      let empty = try await Self.apply(server, "-f", root + "/a/deeper", "-f", root + "/b.yaml")
      #expect(empty.output.hasSuffix("0 created, 0 configured, 2 unchanged, 0 failed\n"))
    }
  }

  @Test("any number of objects at a time ends in the same objects, told in the order of the files")
  func concurrency() async throws {
    try await withServer(.keelson) { server in
      let names = (0..<200).map { "c\($0 * 7 % 200)" }
      var outputs: Set<String> = []
      for (round, concurrency) in ["1", "16", "1024"].enumerated() {
        let text = names.map { Self.configMap($0, "round: \"\(round)\"") }
        let outcome = try await Self.apply(
          server, "-f", "-", "--concurrency", concurrency, input: text.joined(separator: "---\n"))
        #expect(outcome.code == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.dropLast().map { $0.prefix { $0 != " " } } == names.map { "configmap/\($0)" })
        outputs.insert(
          try await server.control(
            [
              "kube", "get", "cm", "-o",
              "jsonpath={range .items[*]}{.metadata.name}{.data.round} {end}",
            ], program: Programs.ours("keelsonctl")
          ).output.replacing("\(round) ", with: " "))
      }
      #expect(outputs.count == 1)
    }
  }

  @Test(
    "arguments that do not fit together are refused",
    arguments: [
      ("", "apply command needs a file: -f"), ("-f - x", "accepts no arguments"),
      ("-f - --prune", "--prune needs --selector"), ("-f - -l a=b", "--selector is for --prune"),
      ("-f - --prune -l a(b", "--selector: "),
      ("-f - --validate=maybe", "--validate must be strict, warn or ignore"),
      ("-f - --concurrency 0", "--concurrency must be a number from 1 to 1024"),
      ("-f - --concurrency 2000", "--concurrency must be a number from 1 to 1024"),
      ("-f - -n No", "--namespace "),
    ])
  func refused(words: String, message: String) async throws {
    let outcome = try await run(
      try Programs.ours("keelsonctl"), ["apply"] + words.split(separator: " ").map(String.init))
    #expect(outcome.code == 128)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }
}
