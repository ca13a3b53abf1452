import Foundation
import Primitives
import Synchronization
import Testing

@testable import Registry

@Suite("Importing manifests")
struct ImportTests {
  static let configMap = """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      labels: {app: shop}
    data:
      mode: fast

    """

  static let coupon = """
    apiVersion: example.com/v1
    kind: Coupon
    metadata: {name: ten}
    spec: {percent: 10}

    """

  static let definition = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: coupons.example.com}
    spec:
      group: example.com
      scope: Namespaced
      names: {kind: Coupon, plural: coupons, singular: coupon}
      versions:
      - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {
          type: object, x-kubernetes-preserve-unknown-fields: true}}}

    """

  @Test("a new object gets what an API server fills in")
  func created() async throws {
    let store = FakeStore()
    let (lines, summary) = try await importing(Self.configMap, into: store)
    #expect(lines == ["configmap/settings created"])
    #expect(summary == "1 created, 0 configured, 0 unchanged, 0 failed")
    let object = try #require(try store.object("/registry/configmaps/default/settings"))
    #expect(object[path: "metadata", "creationTimestamp"] == "2023-11-14T22:13:20Z")
    #expect(object[path: "metadata", "namespace"] == "default")
    #expect(object[path: "metadata", "generation"] == nil)
    let uid = try #require(object[path: "metadata", "uid"]?.text)
    let parts = uid.split(separator: "-")
    #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
    #expect(parts[2].first == "4")
    #expect("89ab".contains(parts[3].first ?? "x"))
  }

  @Test("importing again changes nothing, and a change keeps the identity")
  func again() async throws {
    let store = FakeStore()
    _ = try await importing(Self.configMap, into: store)
    let key = Bytes("/registry/configmaps/default/settings".utf8)
    let first = try #require(store.state.withLock { $0.records[key]?.value })
    let second = try await importing(Self.configMap, into: store, now: 1_800_000_000)
    #expect(second.lines == ["configmap/settings unchanged"])
    #expect(store.state.withLock { $0.records[key]?.value } == first)
    let changed = Self.configMap.split(separator: "fast").joined(separator: "slow")
    let third = try await importing(changed, into: store, now: 1_800_000_000)
    #expect(third.lines == ["configmap/settings configured"])
    let object = try #require(try store.object("/registry/configmaps/default/settings"))
    let before = try #require(StoredValue(first).object)
    #expect(object[path: "data", "mode"] == "slow")
    for field in ["uid", "creationTimestamp"] {
      #expect(object["metadata"]?[field] == before["metadata"]?[field])
    }
  }

  @Test("built-in kinds lie in kube-apiserver's binary form, custom resources as JSON")
  func forms() async throws {
    let store = FakeStore()
    _ = try await importing(
      Self.configMap + "---\n" + Self.definition + "---\n" + Self.coupon, into: store)
    func prefix(_ key: String) -> Bytes {
      Bytes(store.state.withLock { $0.records[Bytes(key.utf8)]?.value ?? [] }.prefix(4))
    }
    #expect(prefix("/registry/configmaps/default/settings") == [0x6b, 0x38, 0x73, 0])
    #expect(prefix("/registry/example.com/coupons/default/ten").first == UInt8(ascii: "{"))
    let object = try #require(try store.object("/registry/example.com/coupons/default/ten"))
    #expect(object["apiVersion"] == "example.com/v1")
    #expect(object["kind"] == "Coupon")
    #expect(object[path: "metadata", "uid"] != nil)
    #expect(object[path: "metadata", "creationTimestamp"] != nil)
  }

  @Test("what belongs to others stays when an object is replaced")
  func others() async throws {
    let store = FakeStore()
    let text = """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 1
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: web, image: nginx}]}
      status: {replicas: 9}

      """
    _ = try await importing(text, into: store)
    let key = "/registry/deployments/default/web"
    var object = try #require(try store.object(key)?.object)
    #expect(object["status"] == nil)
    var metadata = try #require(object["metadata"]?.object)
    #expect(metadata["generation"] == 1)
    metadata["finalizers"] = .array(["example.com/hold"])
    metadata["managedFields"] = .array([])
    object["metadata"] = .object(metadata)
    object["status"] = .object(["readyReplicas": .integer(1)])
    store.state.withLock { $0.set(Bytes(key.utf8), Value.object(object).json) }
    #expect(try await importing(text, into: store).lines == ["deployment.apps/web unchanged"])
    let changed = text.split(separator: "replicas: 1").joined(separator: "replicas: 3")
    #expect(try await importing(changed, into: store).lines == ["deployment.apps/web configured"])
    let after = try #require(try store.object(key))
    #expect(after[path: "metadata", "generation"] == 2)
    #expect(after[path: "metadata", "finalizers"] == .array(["example.com/hold"]))
    #expect(after[path: "status", "readyReplicas"] == 1)
    #expect(after[path: "metadata", "uid"] == metadata["uid"])
  }

  @Test("fields of the server in a manifest are not stored")
  func serverFields() async throws {
    let store = FakeStore()
    _ = try await importing(
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: a, uid: mine, resourceVersion: "7", creationTimestamp: null, generation: 4,
        managedFields: [], annotations: null}

      """, into: store)
    let metadata = try #require(
      try store.object("/registry/configmaps/default/a")?["metadata"]?.object)
    #expect(
      metadata.members.map(\.name) == [
        "annotations", "creationTimestamp", "name", "namespace", "uid",
      ])
    #expect(metadata["uid"] != "mine")
  }

  @Test("a Secret's texts are folded into its data")
  func secrets() async throws {
    let store = FakeStore()
    _ = try await importing(
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: a}
      data: {user: cm9vdA==, password: b2xk}
      stringData: {password: new}

      """, into: store)
    let secret = try #require(try store.object("/registry/secrets/default/a"))
    #expect(secret["type"] == "Opaque")
    #expect(secret["stringData"] == nil)
    #expect(secret["data"] == .object(["user": "cm9vdA==", "password": "bmV3"]))
  }

  @Test("a namespace has its label, finalizer and phase")
  func namespaces() async throws {
    let store = FakeStore()
    let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    _ = try await importing(text, into: store)
    let namespace = try #require(try store.object("/registry/namespaces/shop"))
    #expect(namespace[path: "metadata", "labels", "kubernetes.io/metadata.name"] == "shop")
    #expect(namespace[path: "spec", "finalizers"] == .array(["kubernetes"]))
    #expect(namespace[path: "status", "phase"] == "Active")
    #expect(try await importing(text, into: store).lines == ["namespace/shop unchanged"])
  }

  @Test("namespaces and definitions come first, wherever they stand")
  func order() async throws {
    let store = FakeStore()
    let (lines, _) = try await importing(
      Self.coupon + "---\n" + Self.configMap,
      Self.definition + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
      into: store)
    #expect(
      lines == [
        "customresourcedefinition.apiextensions.k8s.io/coupons.example.com created",
        "namespace/shop created", "coupon.example.com/ten created", "configmap/settings created",
      ])
    #expect(
      store.keys == [
        "/registry/apiextensions.k8s.io/customresourcedefinitions/coupons.example.com",
        "/registry/configmaps/default/settings", "/registry/example.com/coupons/default/ten",
        "/registry/namespaces/shop",
      ])
    #expect(
      try store.object("/registry/example.com/coupons/default/ten")?[
        path: "metadata", "generation"] == 1)
  }

  @Test("a kind that a definition in the store makes is known")
  func storedDefinitions() async throws {
    let store = FakeStore()
    for index in 0..<4 {
      let definition = Self.definition.replacing("coupon", with: "thing\(index)")
        .replacing("Coupon", with: "Thing\(index)")
      _ = try await importing(definition, into: store)
    }
    _ = try await importing(Self.definition, into: store)
    #expect(
      try await importing(Self.coupon, into: store).lines == ["coupon.example.com/ten created"])
    let table = try await Catalogue(store).table()
    #expect(table.type(named: "thing3s")?.kind == "Thing3")
  }

  @Test("lists are taken apart")
  func lists() async throws {
    let store = FakeStore()
    let (lines, _) = try await importing(
      """
      apiVersion: v1
      kind: List
      items:
      - {apiVersion: v1, kind: Node, metadata: {name: a}}
      - apiVersion: v1
        kind: ConfigMapList
        items: [{metadata: {name: b}}, {metadata: {name: c, namespace: x}}]
      ---
      apiVersion: v1
      kind: PodList
      items: null

      """, into: store)
    #expect(lines == ["node/a created", "configmap/b created", "configmap/c created"])
    #expect(
      store.keys == [
        "/registry/configmaps/default/b", "/registry/configmaps/x/c", "/registry/minions/a",
      ])
  }

  @Test("what is too long for an annotation is applied without it, and a warning says so")
  func untracked() async throws {
    let store = FakeStore()
    let key = "/registry/configmaps/default/a"
    func text(_ bytes: Int) -> String {
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {own: b}}\n"
        + "data: {c: \(String(repeating: "x", count: bytes))}\n"
    }
    func annotations() throws -> [String]? {
      try store.object(key)?[path: "metadata", "annotations"]?.object?.members.map(\.name)
    }
    #expect(try await importing(text(1_000), into: store).lines == ["configmap/a created"])
    #expect(try annotations() == ["kubectl.kubernetes.io/last-applied-configuration", "own"])
    for action in ["configured", "unchanged"] {
      let (lines, summary) = try await importing(text(300_000), into: store)
      #expect(lines.count == 2)
      #expect(lines[0].hasPrefix("Warning: test.yaml:1:1: configmap/a: it is too long to be kept"))
      #expect(lines[1] == "configmap/a \(action)")
      #expect(summary.hasSuffix(" 0 failed"))
      #expect(try annotations() == ["own"])
    }
    #expect(try await importing(text(10), into: store).lines == ["configmap/a configured"])
    #expect(try annotations()?.count == 2)
  }

  @Test("an object that others change meanwhile is tried again, until it is theirs too often")
  func races() async throws {
    let store = FakeStore()
    _ = try await importing(Self.configMap, into: store)
    let changed = Self.configMap.replacing("fast", with: "slow")
    store.state.withLock { state in
      state.puts = 0
      state.beforePut = { state, key in
        guard state.puts == 2 else { return }
        // Somebody adds a finalizer between the read and the write.
        state.change(key) { object in
          var metadata = object["metadata"]?.object ?? Value.Object()
          metadata["finalizers"] = .array(["example.com/hold"])
          object["metadata"] = .object(metadata)
        }
      }
    }
    #expect(try await importing(changed, into: store).lines == ["configmap/settings configured"])
    let object = try #require(try store.object("/registry/configmaps/default/settings"))
    #expect(object[path: "metadata", "finalizers"] == .array(["example.com/hold"]))
    #expect(object[path: "data", "mode"] == "slow")

    store.state.withLock { state in
      state.beforePut = { state, key in
        guard let record = state.records[key] else { return }
        state.set(key, record.value)
      }
    }
    let (lines, summary) = try await importing(Self.configMap, into: store)
    #expect(
      lines == [
        "test.yaml:1:1: configmap/settings: others changed it 8 times meanwhile; try again"
      ])
    #expect(summary == "0 created, 0 configured, 0 unchanged, 1 failed")
  }

  @Test("an object that vanishes meanwhile is created again")
  func vanished() async throws {
    let store = FakeStore()
    _ = try await importing(Self.configMap, into: store)
    store.state.withLock { state in
      state.puts = 0
      state.beforePut = { state, key in if state.puts == 2 { state.set(key, nil) } }
    }
    let changed = Self.configMap.replacing("fast", with: "slow")
    #expect(try await importing(changed, into: store).lines == ["configmap/settings created"])
  }

  @Test(
    "what cannot be read is not overwritten",
    arguments: [
      (Bytes("k8s".utf8) + [0, 10, 2], "Kubernetes protobuf"),
      (Bytes("k8s:enc:aescbc:v1:key1:xxxx".utf8), "encrypted"), ([0xd9, 0xd9, 0xf7, 0xa0], "CBOR"),
      (Bytes("hello".utf8), "no object"), (Bytes("[1]".utf8), "no object"), ([], "no object"),
    ])
  func foreign(value: Bytes, word: String) async throws {
    let store = FakeStore()
    let key = "/registry/configmaps/default/settings"
    store.state.withLock { $0.set(Bytes(key.utf8), value) }
    let (lines, summary) = try await importing(Self.configMap, into: store)
    #expect(lines.count == 1 && lines[0].contains(word) && lines[0].contains(key))
    #expect(summary == "0 created, 0 configured, 0 unchanged, 1 failed")
    #expect(store.state.withLock { $0.records[Bytes(key.utf8)]?.value } == value)
  }

  @Test("errors leave the other objects alone")
  func partial() async throws {
    let store = FakeStore()
    let (lines, summary) = try await importing(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: A}\n---\n" + Self.configMap + "---\na: [\n",
      into: store)
    #expect(lines.count == 3)
    #expect(lines[1] == "configmap/settings created")
    #expect(summary == "1 created, 0 configured, 0 unchanged, 2 failed")
  }

  @Test("a dry run tells what would happen and writes nothing")
  func dryRun() async throws {
    let store = FakeStore()
    var options = ManifestImport<FakeStore>.Options()
    options.isDryRun = true
    let (lines, _) = try await importing(
      Self.definition + "---\n" + Self.coupon, into: store, options: options)
    #expect(lines.last == "coupon.example.com/ten created")
    #expect(store.keys.isEmpty)
    _ = try await importing(Self.configMap, into: store)
    let revision = store.state.withLock(\.revision)
    let again = try await importing(
      Self.configMap.replacing("fast", with: "slow"), into: store, options: options)
    #expect(again.lines == ["configmap/settings configured"])
    #expect(store.state.withLock(\.revision) == revision)
  }

  @Test("a namespace that is asked for is the only one")
  func namespaceOption() async throws {
    let store = FakeStore()
    var options = ManifestImport<FakeStore>.Options()
    options.namespace = "shop"
    let (lines, _) = try await importing(
      Self.configMap + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: other}\n"
        + "---\napiVersion: v1\nkind: Node\nmetadata: {name: a}\n", into: store, options: options)
    #expect(
      lines == [
        "configmap/settings created",
        "test.yaml:11:32: the object belongs to the namespace \"other\", not to \"shop\", which was "
          + "asked for",
        "node/a created",
      ])
    #expect(store.keys == ["/registry/configmaps/shop/settings", "/registry/minions/a"])
  }

  @Test("the examples are imported, and importing them again changes nothing")
  func examples() async throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("examples/manifests")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .map { name in
        MemoryFile(try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
      }
    let store = FakeStore()
    var first = ManifestImport(into: store, now: { 1 }, random: { 2 })
    var failures: [String] = []
    let created = try await first.run(files) {
      if case .failed(let error) = $0 { failures.append("\(error)") }
    }
    #expect(failures == [])
    #expect(created.created > 10)
    #expect(created.created == created.objects)
    var second = ManifestImport(into: store, now: { 1 }, random: { 2 })
    let unchanged = try await second.run(files) { _ in }
    #expect(unchanged.unchanged == created.objects)
    #expect(unchanged.objects == created.objects)
    #expect(store.keys.contains("/registry/shop.example.com/coupons/shop/spring"))
  }

  @Test("a store that cannot be reached ends the import, one that refuses an object does not")
  func failures() async throws {
    let store = FakeStore()
    store.state.withLock { $0.failure = StoreFailure("connection refused", isFinal: true) }
    await #expect(throws: StoreFailure("connection refused", isFinal: true)) {
      try await importing(Self.configMap, into: store)
    }
    store.state.withLock { $0.failure = StoreFailure("request is too large", isFinal: false) }
    let (lines, _) = try await importing(Self.configMap, into: store)
    #expect(lines == ["test.yaml:1:1: configmap/settings: request is too large"])
  }
}
