import Primitives
import Synchronization
import Testing

@testable import Registry

@Suite("Options of an import")
struct ImportOptionTests {
  typealias Options = ManifestImport<FakeStore>.Options

  static func settings(_ name: String, labels: String = "{app: shop}") -> String {
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name), labels: \(labels)}\n---\n"
  }

  @Test("pruning deletes what was applied before, carries the labels and is not in the files")
  func prune() async throws {
    let store = FakeStore()
    let all =
      Self.settings("a") + Self.settings("b") + Self.settings("c", labels: "{app: other}")
      + "apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {app: shop}}\n---\n"
      + "apiVersion: v1\nkind: Namespace\nmetadata: {name: old, labels: {app: shop}}\n"
    _ = try await importing(all, into: store)
    // Somebody else's object carries the labels, but was never applied.
    let foreign = Value.object([
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": .object([
        "name": "foreign", "namespace": "default", "labels": .object(["app": "shop"]),
      ]),
    ])
    store.state.withLock {
      $0.set(Bytes("/registry/configmaps/default/foreign".utf8), foreign.json)
    }
    var options = Options()
    options.prune = try LabelSelector("app=shop")
    options.isDryRun = true
    let before = store.keys
    let (told, _) = try await importing(Self.settings("a"), into: store, options: options)
    #expect(store.keys == before)
    options.isDryRun = false
    let (lines, summary) = try await importing(Self.settings("a"), into: store, options: options)
    #expect(lines == told)
    #expect(
      Set(lines) == [
        "configmap/a unchanged", "configmap/b pruned", "node/n1 pruned", "namespace/old pruned",
      ])
    #expect(summary == "0 created, 0 configured, 1 unchanged, 3 pruned, 0 failed")
    #expect(
      store.keys == [
        "/registry/configmaps/default/a", "/registry/configmaps/default/c",
        "/registry/configmaps/default/foreign", "/registry/namespaces/old",
      ])
    // A namespace goes when its contents have gone: it is only marked.
    let namespace = try #require(try store.object("/registry/namespaces/old"))
    #expect(namespace[path: "status", "phase"] == "Terminating")
    #expect(namespace[path: "metadata", "deletionTimestamp"] != nil)
  }

  @Test("nothing is pruned after an error")
  func pruneAfterError() async throws {
    let store = FakeStore()
    _ = try await importing(Self.settings("a") + Self.settings("b"), into: store)
    var options = Options()
    options.prune = try LabelSelector("app=shop")
    let (_, summary) = try await importing(
      Self.settings("a") + "kind: [\n", into: store, options: options)
    #expect(summary == "0 created, 0 configured, 1 unchanged, 0 pruned, 1 failed")
    #expect(store.keys.count == 2)
  }

  @Test("the difference shows what changes, and no secret")
  func difference() async throws {
    let store = FakeStore()
    var options = Options()
    options.showsDifferences = true
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {mode: fast}\n"
    let (created, _) = try await importing(text, into: store, options: options)
    #expect(created[1].contains("+data:\n+  mode: fast\n"))
    let (changed, _) = try await importing(
      text.replacing("fast", with: "slow"), into: store, options: options)
    #expect(
      changed[1].hasPrefix(
        "--- LIVE/v1.ConfigMap.default.a\n+++ MERGED/v1.ConfigMap.default.a\n@@ "))
    #expect(changed[1].contains("-  mode: fast\n+  mode: slow\n"))
    #expect(!changed[1].contains("last-applied"))
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {p: one}\n"
    _ = try await importing(secret, into: store)
    let (lines, _) = try await importing(
      secret.replacing("one", with: "two"), into: store, options: options)
    #expect(lines[1].contains("-  p: '*** ("))
    #expect(!lines[1].contains("dHdv") && !lines[1].contains("two"))
  }

  @Test("unknown fields are refused, named or left out, as was asked for")
  func modes() async throws {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndatas: {}\ndata: {b: c}\n"
    let message = "test.yaml:4:1: a ConfigMap has no field \"datas\"; did you mean data?"
    for (mode, expected) in [
      (ValidationMode.strict, [message]), (.warn, ["Warning: " + message, "configmap/a created"]),
      (.ignore, ["configmap/a created"]),
    ] {
      let store = FakeStore()
      var options = Options()
      options.validation = mode
      #expect(try await importing(text, into: store, options: options).lines == expected)
      if mode != .strict {
        let object = try #require(try store.object("/registry/configmaps/default/a"))
        #expect(object["datas"] == nil)
        #expect(object[path: "data", "b"] == "c")
      }
    }
    // A wrong type is wrong in every mode.
    var options = Options()
    options.validation = .ignore
    let (lines, _) = try await importing(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: []\n", into: FakeStore(),
      options: options)
    #expect(lines == ["test.yaml:4:7: data must be a map, not a list"])
  }

  @Test("reports come in the order of the files, and one key's writes one after the other")
  func order() async throws {
    for concurrency in [1, 3, 64] {
      let store = FakeStore()
      var options = Options()
      options.concurrency = concurrency
      var text = ""
      for index in 0..<100 {
        text += index % 10 == 9 ? "kind: Pod\n---\n" : Self.settings("m\(index % 7)")
      }
      let (lines, summary) = try await importing(text, into: store, options: options)
      #expect(
        lines
          == (0..<100).map { index in
            index % 10 == 9
              ? "test.yaml:\(4 * index - 2 * (index / 10) + 1):1: the object has no apiVersion, such as v1"
              : "configmap/m\(index % 7) \(index < 7 ? "created" : "unchanged")"
          })
      #expect(summary == "7 created, 0 configured, 83 unchanged, 10 failed")
    }
  }

  @Test("what cannot be changed is not changed")
  func immutable() async throws {
    let store = FakeStore()
    let text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nimmutable: true\ndata: {b: c}\n"
    _ = try await importing(text, into: store)
    let (lines, _) = try await importing(text.replacing("c}", with: "d}"), into: store)
    #expect(
      lines == [
        "test.yaml:1:1: configmap/a: data cannot be changed: the object is immutable"
      ])
    let binding =
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n"
      + "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r1}\n"
    _ = try await importing(binding, into: store)
    let (more, _) = try await importing(
      binding.replacing("name: r1", with: "name: r2"), into: store)
    #expect(more.count == 1 && more[0].hasSuffix("roleRef cannot be changed"))
  }

  @Test("an object that kube-apiserver wrote is merged, and stays in its form")
  func foreignObject() async throws {
    let store = FakeStore()
    let key = "/registry/configmaps/default/a"
    let type = try #require(ResourceTable.kubernetes.type(named: "configmaps"))
    let object = Value.object([
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": .object([
        "name": "a", "namespace": "default", "uid": "u",
        "creationTimestamp": "2024-01-01T00:00:00Z",
        "labels": .object(["own": "er"]),
      ]), "data": .object(["theirs": "1"]),
    ])
    let stored = try ObjectCodec.encodeForStorage(object, type)
    store.state.withLock { $0.set(Bytes(key.utf8), stored.bytes) }
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {ours: '2'}\n"
    #expect(try await importing(text, into: store).lines == ["configmap/a configured"])
    #expect(
      store.state.withLock { $0.records[Bytes(key.utf8)]?.value.prefix(4) } == [
        0x6b, 0x38, 0x73, 0,
      ])
    let merged = try #require(try store.object(key))
    #expect(merged["data"] == .object(["ours": "2", "theirs": "1"]))
    #expect(merged[path: "metadata", "uid"] == "u")
    #expect(merged[path: "metadata", "labels", "own"] == "er")
    // What the manifest gives up goes, what it never had stays.
    let less = text.replacing("ours: '2'", with: "")
    #expect(try await importing(less, into: store).lines == ["configmap/a configured"])
    #expect(try store.object(key)?["data"] == .object(["theirs": "1"]))
  }
}
