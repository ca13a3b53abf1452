import Primitives
import Synchronization
import Testing

@testable import Registry

/// What kube-apiserver requires of every object that it finds in its store.
@Suite("Stored objects")
struct StoredObjectTests {
  private static let fields = ServerFields(
    now: { 1_700_000_000 }, random: { 0x0123_4567_89ab_cdef })

  /// The smallest object of a kind, as if a manifest had passed the checks.
  private static func manifest(_ type: ResourceType, version: String) -> Manifest {
    let apiVersion = type.apiVersion(version)
    var metadata: Value.Object = ["name": "a"]
    if type.isNamespaced { metadata["namespace"] = "n" }
    var object: Value.Object = [
      "apiVersion": .string(apiVersion), "kind": .string(type.kind), "metadata": .object(metadata),
    ]
    let schema = Schema.kubernetes.type(apiVersion: apiVersion, kind: type.kind)
    if schema?.field(named: "spec") != nil { object["spec"] = .emptyObject }
    return Manifest(
      file: "a.yaml", position: .start, type: type, schema: schema,
      namespace: type.isNamespaced ? "n" : nil, namespacePosition: .start, name: "a",
      object: .object(object))
  }

  @Test("of every kind, in every version, say what they are and have an identity")
  func kinds() throws {
    var binary = 0
    for type in ResourceTable.kubernetes.types {
      for version in type.versions {
        let title = "\(type.apiVersion(version)) \(type.kind)"
        let object = Self.fields.created(Self.manifest(type, version: version))
        let encoded = try ObjectCodec.encodeForStorage(object, type)
        #expect(encoded.issues.isEmpty, "\(title): \(encoded.issues)")
        let stored = try ObjectCodec.decode(encoded.bytes)
        #expect(stored.issues.isEmpty, "\(title)")
        let value = stored.value
        #expect(value["kind"]?.text == type.kind, "\(title)")
        // Definitions are read in every version; ours is the one that is served.
        let expected = type.kind == "CustomResourceDefinition" ? type.apiVersion("v1") : nil
        #expect(value["apiVersion"]?.text == expected ?? type.storageVersion, "\(title)")
        #expect(value[path: "metadata", "name"] == "a", "\(title)")
        #expect(value[path: "metadata", "namespace"]?.text == (type.isNamespaced ? "n" : nil))
        #expect(value[path: "metadata", "creationTimestamp"] == "2023-11-14T22:13:20Z", "\(title)")
        #expect(value[path: "metadata", "uid"]?.text?.utf8.count == 36, "\(title)")
        // The store's own revision is the version: none is written into the object.
        #expect(value[path: "metadata", "resourceVersion"] == nil, "\(title)")
        let isBinary = encoded.bytes.starts(with: [0x6b, 0x38, 0x73, 0])
        #expect(isBinary == type.isStoredAsProtobuf, "\(title)")
        if !isBinary { #expect(encoded.bytes == value.json, "\(title)") }
        binary += isBinary ? 1 : 0
      }
    }
    #expect(binary == 67)
  }

  /// Whether two types have the same fields, on the wire and in JSON.
  private static func areSame(
    _ left: FieldType, _ right: FieldType, _ seen: inout Set<[String]>
  ) -> Bool {
    switch (left, right) {
    case (.structure(let left), .structure(let right)):
      guard seen.insert([left.name, right.name]).inserted else { return true }
      return left.fields.count == right.fields.count
        && zip(left.fields, right.fields).allSatisfy {
          $0.name == $1.name && $0.wire == $1.wire && areSame($0.type, $1.type, &seen)
        }
    case (.list(let left), .list(let right)), (.map(let left), .map(let right)):
      return areSame(left, right, &seen)
    default: return left == right
    }
  }

  @Test("change their version only where no schema has other fields, and stay the same then")
  func versions() async throws {
    for kind in StorageVersion.unchanged.sorted() {
      let type = try #require(ResourceTable.kubernetes.types.first { $0.kind == kind })
      let schemas = type.versions.compactMap {
        Schema.kubernetes.type(apiVersion: type.apiVersion($0), kind: kind)
      }
      #expect(type.versions.count > 1, "\(kind)")
      for schema in schemas.dropFirst() {
        var seen: Set<[String]> = []
        #expect(Self.areSame(.structure(schemas[0]), .structure(schema), &seen), "\(schema.name)")
      }
    }
    let store = FakeStore()
    let policy = """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingAdmissionPolicy
      metadata: {name: a}
      spec:
        reinvocationPolicy: Never
        matchConstraints:
          resourceRules:
          - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
        mutations:
        - {patchType: JSONPatch, jsonPatch: {expression: "[]"}}

      """
    for (text, action) in [
      (policy, "created"), (policy, "unchanged"),
      // What was applied last is kept in the manifest's own version.
      (policy.replacing("io/v1", with: "io/v1beta1"), "configured"),
      (policy.replacing("io/v1", with: "io/v1beta1"), "unchanged"),
      (policy.replacing("Never", with: "IfNeeded"), "configured"),
    ] {
      let (lines, _) = try await importing(text, into: store)
      #expect(lines.count == 1 && lines[0].hasSuffix(" " + action), "\(action): \(lines)")
      #expect(
        try store.object("/registry/mutatingadmissionpolicies/a")?["apiVersion"]
          == "admissionregistration.k8s.io/v1beta1")
    }
  }

  @Test("of custom kinds are JSON, in the version that the definition stores")
  func custom() async throws {
    let store = FakeStore()
    let definition = ImportTests.definition.replacing(
      "versions:\n",
      with: "versions:\n  - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {\n"
        + "      type: object, x-kubernetes-preserve-unknown-fields: true}}}\n")
    let (lines, _) = try await importing(
      definition + "---\n" + ImportTests.coupon, into: store)
    #expect(lines.allSatisfy { $0.hasSuffix(" created") }, "\(lines)")
    let text = try #require(store.text("/registry/example.com/coupons/default/ten"))
    let object = try Value(json: Bytes(text.utf8))
    #expect(object["apiVersion"] == "example.com/v1")
    #expect(object["kind"] == "Coupon")
    for field in ["uid", "creationTimestamp", "generation"] {
      #expect(object["metadata"]?[field] != nil, "\(field)")
    }
    #expect(Bytes(text.utf8) == object.json)
  }
}

@Suite("Imports that are broken off")
struct BrokenOffTests {
  private static let files =
    ImportTests.coupon + "---\n" + ImportTests.configMap + "---\n" + ImportTests.definition
    + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: late}\n---\n"
    + "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: late}\n"
    + "spec: {ports: [{port: 80}]}\n"

  /// All objects without what differs from run to run.
  private static func objects(_ store: FakeStore) throws -> [String: Value] {
    var objects: [String: Value] = [:]
    for key in store.keys {
      var object = try #require(try store.object(key)?.object)
      var metadata = try #require(object["metadata"]?.object)
      #expect(metadata["uid"] != nil && metadata["creationTimestamp"] != nil)
      metadata["uid"] = nil
      metadata["creationTimestamp"] = nil
      object["metadata"] = .object(metadata)
      objects[key] = .object(object)
    }
    return objects
  }

  /// Lets the store fail for good at its `count`-th write.
  private static func failing(
    _ store: FakeStore, atWrite count: Int, isDone: Bool
  ) {
    store.state.withLock { state in
      state.puts = 0
      state.beforePut = { state, _ in
        if state.puts > count || (state.puts == count && !isDone) {
          state.failure = StoreFailure("gone", isFinal: true)
        }
      }
    }
  }

  @Test(
    "at any write, done or not, and run again end as if nothing had been", arguments: [1, 16])
  func everyWrite(concurrency: Int) async throws {
    var options = ManifestImport<FakeStore>.Options()
    options.concurrency = concurrency
    let changed = Self.files.replacing("mode: fast", with: "mode: slow")
      .replacing("port: 80", with: "port: 81")
    let undisturbed = FakeStore()
    for text in [Self.files, changed] {
      _ = try await importing(text, into: undisturbed, options: options)
    }
    let expected = try Self.objects(undisturbed)
    #expect(expected.count == 5)
    for count in 1...5 {
      for isDone in [false, true] {
        let store = FakeStore()
        for text in [Self.files, changed] {
          Self.failing(store, atWrite: count, isDone: isDone)
          do { _ = try await importing(text, into: store, options: options) } catch {}
          store.state.withLock {
            $0.failure = nil
            $0.beforePut = { _, _ in }
          }
          let (_, summary) = try await importing(text, into: store, options: options)
          #expect(summary.hasSuffix(" 0 failed"))
        }
        #expect(try Self.objects(store) == expected, "write \(count)")
        let (lines, _) = try await importing(changed, into: store, options: options)
        #expect(lines.allSatisfy { $0.hasSuffix(" unchanged") })
      }
    }
  }
}
