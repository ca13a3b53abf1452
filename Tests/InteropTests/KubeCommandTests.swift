import Foundation
import ProcessHarness
import Testing

/// Drives the commands of `keelsonctl kube` against a running server.
@Suite("keelsonctl kube", .serialized)
struct KubeCommandTests {
  private static let manifests = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: one, namespace: shop, labels: {app: web, tier: a}}
    data: {size: "10", text: "first line"}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: two, namespace: shop, labels: {app: web, tier: b}}
    data: {size: "9"}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: c, image: i}]}

    """

  /// Runs a command of `kube`; `-A` and the like included.
  private static func kube(
    _ server: ServerProcess, _ words: String..., input: String = ""
  ) async throws -> Finished {
    try await server.control(
      ["kube"] + words, program: Programs.ours("keelsonctl"), input: input)
  }

  private static func apply(_ server: ServerProcess, _ text: String) async throws {
    let outcome = try await server.control(
      ["apply", "-f", "-"], program: Programs.ours("keelsonctl"), input: text)
    try #require(outcome.code == 0, "\(outcome.errors)")
  }

  @Test("objects are shown in every format, selected, ordered, and at a revision")
  func get() async throws {
    try await withServer(.keelson) { server in
      try await Self.apply(server, Self.manifests)
      func output(_ words: String...) async throws -> String {
        let outcome = try await server.control(
          ["kube", "get"] + words, program: Programs.ours("keelsonctl"))
        #expect(outcome.code == 0, "\(words): \(outcome.errors)")
        return outcome.output
      }
      #expect(
        try await output("cm,deploy", "-n", "shop", "-o", "name")
          == "configmap/one\nconfigmap/two\ndeployment.apps/web\n")
      #expect(
        try await output("all", "-n", "shop", "--no-headers").hasPrefix("deployment.apps/web   0/2")
      )
      #expect(
        try await output("cm", "-n", "shop", "-l", "tier in (b,c)", "-o", "name")
          == "configmap/two\n")
      #expect(
        try await output("cm", "-A", "--field-selector", "data.size!=9", "-o", "name")
          == "configmap/one\n")
      #expect(
        try await output("cm", "-n", "shop", "--sort-by", ".data.size", "-o", "name")
          == "configmap/two\nconfigmap/one\n")
      #expect(
        try await output(
          "cm", "-n", "shop", "-o", "jsonpath={range .items[*]}{.metadata.name}={.data.size};{end}")
          == "one=10;two=9;")
      #expect(
        try await output("cm/one", "-n", "shop", "-o", "jsonpath={.data.text}") == "first line")
      #expect(
        try await output(
          "cm", "-n", "shop", "-o", "custom-columns=N:.metadata.name,SIZE:.data.size")
          == "N     SIZE\none   10\ntwo   9\n")
      let yaml = try await output("cm", "-n", "shop", "-o", "yaml")
      #expect(
        yaml.hasPrefix("apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    size: \"10\"\n"))
      #expect(yaml.hasSuffix("kind: List\nmetadata:\n  resourceVersion: \"\"\n"))
      let json = try JSONSerialization.jsonObject(
        with: Data(try await output("cm", "-n", "shop", "-o", "json").utf8))
      let items = try #require((json as? [String: Any])?["items"] as? [[String: Any]])
      #expect(items.count == 2)
      let version = try #require(
        (items[1]["metadata"] as? [String: Any])?["resourceVersion"] as? String)
      let before = try #require(Int(version)) - 1
      #expect(
        try await output("cm", "-n", "shop", "-o", "name", "--revision", String(before))
          == "configmap/one\n")
      #expect(
        try await output("cm", "-n", "shop", "--show-labels", "-L", "tier").contains(
          "app=web,tier=a"))
    }
  }

  @Test("what cannot be done is said, with an exit code")
  func errors() async throws {
    try await withServer(.keelson) { server in
      try await Self.apply(server, Self.manifests)
      for (words, code, message) in [
        (["get", "cm", "none", "-n", "shop"], 1, "configmaps \"none\" not found"),
        (["get", "deploymnets"], 1, "did you mean deployments"),
        (["get"], 128, "needs a kind"),
        (["get", "cm", "-o", "xml"], 4, "unsupported output format"),
        (["get", "cm", "-l", "a in b"], 128, "expected '('"),
        (["get", "cm", "--field-selector", "data.a.b=c"], 128, "has no fields"),
        (["get", "deploy", "--field-selector", "spec.replics=2"], 128, "did you mean replicas"),
        (["get", "cm", "one", "-l", "a=b"], 128, "either named or selected"),
        (["get", "cm,deploy", "-w"], 128, "one kind"),
        (["delete", "cm"], 128, "needs names, a selector, or --all"),
        (["delete", "cm", "none"], 1, "configmaps \"none\" not found"),
        (["history", "cm"], 128, "the name of one object"),
        (["history", "cm", "none"], 1, "not found"),
        (["describe", "cm", "none"], 1, "not found"),
        (["explain", "pod.spec.conainers"], 1, "did you mean containers"),
      ] as [([String], Int32, String)] {
        let outcome = try await server.control(
          ["kube"] + words, program: Programs.ours("keelsonctl"))
        #expect(outcome.code == code, "\(words)")
        #expect(outcome.errors.contains(message), "\(words): \(outcome.errors)")
      }
      let none = try await Self.kube(server, "get", "pods", "-n", "shop")
      #expect(none.code == 0)
      #expect(none.errors == "No resources found in shop namespace.\n")
      #expect(try await Self.kube(server, "get", "cm", "x", "--ignore-not-found").code == 0)
    }
  }

  @Test("a watch shows what is there and what changes, and goes on after a restart of the server")
  func watch() async throws {
    try await withServer(.keelson) { server in
      try await Self.apply(server, Self.manifests)
      let folder = try TemporaryDirectory()
      let watch = try ChildProcess(
        Programs.ours("keelsonctl"),
        [
          "--endpoints", server.endpoint, "kube", "get", "cm", "-n", "shop", "-l", "app=web", "-w",
          "--output-watch-events", "-o", "custom-columns=NAME:.metadata.name,SIZE:.data.size",
        ], in: folder.path)
      defer { watch.kill() }
      func expect(_ lines: String) async throws {
        let isThere = try await watch.wait(seconds: 60) { $0.output.hasSuffix(lines) }
        #expect(isThere, "\(watch.output)\(watch.errors)")
      }
      try await expect("EVENT   NAME   SIZE\nADDED   one    10\nADDED   two    9\n")
      func configMap(_ name: String, app: String, size: String) -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name), namespace: shop, "
          + "labels: {app: \(app)}}\ndata: {size: \"\(size)\"}\n"
      }
      try await Self.apply(server, configMap("one", app: "web", size: "11"))
      try await expect("MODIFIED   one    11\n")
      // It no longer fits the selector, so that for this watch it is gone.
      try await Self.apply(server, configMap("one", app: "db", size: "12"))
      try await expect("DELETED    one    12\n")
      try await server.stop()
      try await server.start()
      #expect(try await Self.kube(server, "delete", "cm", "two", "-n", "shop").code == 0)
      try await expect("DELETED    two    9\n")
      watch.signal(SIGINT)
      #expect(try await watch.wait(seconds: 30) != 0)
    }
  }

  @Test("an object's history has its versions, deletions and the end that compaction has made")
  func history() async throws {
    try await withServer(.keelson) { server in
      func put(_ size: Int) async throws {
        try await Self.apply(
          server,
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: h}\ndata: {size: \"\(size)\"}\n")
      }
      try await put(1)
      try await put(2)
      let whole = try await Self.kube(server, "history", "cm/h")
      #expect(whole.code == 0 && whole.errors == "", "\(whole.errors)")
      #expect(whole.output.contains("created, version 1, 20"))
      #expect(whole.output.contains("\n-  size: \"1\"\n+  size: \"2\"\n"))
      #expect(try await Self.kube(server, "delete", "cm", "h").code == 0)
      try await put(3)
      func changes() async throws -> (lines: [String], errors: String) {
        let outcome = try await Self.kube(server, "history", "cm", "h", "-o", "table")
        let rows = outcome.output.split(separator: "\n").dropFirst().map { row in
          row.split(separator: " ").map(String.init)
        }
        return (rows.map { "\($0[1]) \($0[2])" }, outcome.errors)
      }
      #expect(
        try await changes().lines == ["1 created", "2 modified", "- deleted", "1 created"])
      let table = try await Self.kube(server, "history", "cm", "h", "-o", "table").output
      let second = try #require(
        table.split(separator: "\n").dropFirst(2).first?.split(separator: " ").first)
      let compaction = try await server.control(
        ["compaction", String(second)], program: Programs.ours("keelsonctl"))
      #expect(compaction.code == 0)
      let rest = try await changes()
      #expect(rest.lines == ["2 existing", "- deleted", "1 created"])
      #expect(rest.errors.contains("history begins at revision \(second)"))
      #expect(try await Self.kube(server, "delete", "cm", "h").code == 0)
      #expect(try await changes().lines.last == "- deleted")
    }
  }

  @Test("objects are deleted by name, by selector and by file, and what holds them is told")
  func delete() async throws {
    try await withServer(.keelson) { server in
      try await Self.apply(server, Self.manifests)
      let dry = try await Self.kube(
        server, "delete", "cm", "-n", "shop", "-l", "tier=a", "--dry-run")
      #expect(dry.output == "configmap \"one\" deleted from shop namespace (dry run)\n")
      let selected = try await Self.kube(server, "delete", "cm", "-n", "shop", "-l", "tier=a")
      #expect(selected.output == "configmap \"one\" deleted from shop namespace\n")
      let some = try await Self.kube(server, "delete", "cm", "-n", "shop", "two", "none")
      #expect(some.output == "configmap \"two\" deleted from shop namespace\n")
      #expect(some.errors == "Error: configmaps \"none\" not found\n")
      #expect(some.code == 1)
      let files = try await Self.kube(
        server, "delete", "-f", "-", "--ignore-not-found", input: Self.manifests)
      #expect(
        files.output == """
          deployment.apps "web" deleted from shop namespace
          namespace "shop" marked for deletion: the namespace controller removes what is in it, and \
          then itself

          """)
      #expect(
        try await Self.kube(server, "get", "ns", "shop", "--no-headers").output
          .hasPrefix("shop   Terminating   "))
    }
  }

  @Test("objects and kinds are described")
  func describe() async throws {
    try await withServer(.keelson) { server in
      try await Self.apply(server, Self.manifests)
      try await Self.apply(
        server,
        """
        apiVersion: v1
        kind: Event
        metadata: {name: web.1, namespace: shop}
        involvedObject: {kind: Deployment, name: web, namespace: shop}
        type: Normal
        reason: Scaled
        message: up to 2
        source: {component: tests}

        """)
      let deployment = try await Self.kube(server, "describe", "deploy", "we", "-n", "shop").output
      #expect(deployment.hasPrefix("Name:"))
      #expect(deployment.contains(/Replicas: +2 desired \| 0 updated/))
      #expect(deployment.contains("Normal  Scaled"))
      let explained = try await Self.kube(server, "explain", "deploy.spec.strategy").output
      #expect(
        explained.hasPrefix(
          "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: strategy <"))
      #expect(explained.contains("  rollingUpdate\t<RollingUpdateDeployment>\n"))
      let kinds = try await Self.kube(
        server, "api-resources", "--api-group", "batch", "--sort-by", "name")
      #expect(
        kinds.output == """
          NAME       SHORTNAMES   APIVERSION   NAMESPACED   KIND
          cronjobs   cj           batch/v1     true         CronJob
          jobs                    batch/v1     true         Job

          """)
    }
  }
}
