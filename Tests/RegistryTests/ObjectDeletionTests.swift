import Primitives
import Synchronization
import Testing

@testable import Registry

@Suite("Deleting objects")
struct ObjectDeletionTests {
  static let now: Int64 = 1_700_000_000

  /// A store with one object.
  private func store(_ key: String, _ json: String) -> FakeStore {
    let store = FakeStore()
    store.state.withLock { $0.set(Bytes(key.utf8), Bytes(json.utf8)) }
    return store
  }

  private func deletion(_ store: FakeStore) -> ObjectDeletion<FakeStore> {
    ObjectDeletion(in: store, now: { Self.now })
  }

  private func type(_ name: String) throws -> ResourceType {
    try #require(ResourceTable.kubernetes.type(named: name))
  }

  @Test("an object goes away, and one that is not there is said to be absent")
  func plain() async throws {
    let store = store("/registry/configmaps/a/b", #"{"metadata":{"name":"b"}}"#)
    var deletion = deletion(store)
    deletion.isDryRun = true
    #expect(try await deletion.delete(type("cm"), namespace: "a", name: "b") == .deleted)
    #expect(store.keys.count == 1)
    deletion.isDryRun = false
    #expect(try await deletion.delete(type("cm"), namespace: "a", name: "b") == .deleted)
    #expect(store.keys.isEmpty)
    #expect(try await deletion.delete(type("cm"), namespace: "a", name: "b") == .absent)
  }

  @Test("finalizers hold an object, which is marked once")
  func finalizers() async throws {
    let key = "/registry/configmaps/a/b"
    let store = store(
      key, #"{"metadata":{"finalizers":["x/y"],"generation":3,"name":"b"},"data":{"k":"v"}}"#)
    let held = DeletionOutcome.held(finalizers: ["x/y"])
    #expect(try await deletion(store).delete(type("cm"), namespace: "a", name: "b") == held)
    let marked = try #require(try store.object(key))
    #expect(marked[path: "metadata", "deletionTimestamp"] == .string(Timestamp.text(Self.now)))
    #expect(marked[path: "metadata", "deletionGracePeriodSeconds"] == 0)
    #expect(marked[path: "metadata", "generation"] == 4)
    #expect(marked[path: "data", "k"] == "v")
    #expect(marked[path: "metadata", "resourceVersion"] == nil)
    var forced = deletion(store)
    forced.isForced = true
    #expect(try await forced.delete(type("cm"), namespace: "a", name: "b") == held)
    #expect(store.state.withLock { $0.puts } == 1)
  }

  @Test("a running pod has its time to stop, unless it is forced or has ended")
  func pods() async throws {
    let key = "/registry/pods/a/b"
    let pod =
      #"{"metadata":{"name":"b"},"spec":{"nodeName":"n1","terminationGracePeriodSeconds":7},"#
    let running = store(key, pod + #""status":{"phase":"Running"}}"#)
    #expect(
      try await deletion(running).delete(type("po"), namespace: "a", name: "b")
        == .stopping(node: "n1", graceSeconds: 7))
    #expect(
      try running.object(key)?[path: "metadata", "deletionTimestamp"]
        == .string(Timestamp.text(Self.now + 7)))
    var forced = deletion(running)
    forced.isForced = true
    #expect(try await forced.delete(type("po"), namespace: "a", name: "b") == .deleted)
    let ended = store(key, pod + #""status":{"phase":"Succeeded"}}"#)
    #expect(try await deletion(ended).delete(type("po"), namespace: "a", name: "b") == .deleted)
    let waiting = store(key, #"{"metadata":{"name":"b"},"spec":{}}"#)
    #expect(try await deletion(waiting).delete(type("po"), namespace: "a", name: "b") == .deleted)
  }

  @Test("a namespace is left to its controller, and the first ones stay")
  func namespaces() async throws {
    let store = store(
      "/registry/namespaces/a",
      #"{"metadata":{"name":"a"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}"#
    )
    #expect(
      try await deletion(store).delete(type("ns"), namespace: nil, name: "a")
        == .emptying(finalizers: ["kubernetes"]))
    let marked = try #require(try store.object("/registry/namespaces/a"))
    #expect(marked[path: "status", "phase"] == "Terminating")
    #expect(marked[path: "metadata", "deletionTimestamp"] != nil)
    let first = self.store("/registry/namespaces/default", #"{"metadata":{"name":"default"}}"#)
    #expect(
      try await deletion(first).delete(type("ns"), namespace: nil, name: "default")
        == .refused("this namespace may not be deleted"))
    let empty = self.store("/registry/namespaces/b", #"{"metadata":{"name":"b"}}"#)
    #expect(try await deletion(empty).delete(type("ns"), namespace: nil, name: "b") == .deleted)
  }

  @Test("an object that others change meanwhile is looked at again, until it is too often")
  func conflicts() async throws {
    let key = "/registry/configmaps/a/b"
    let store = store(key, #"{"metadata":{"name":"b"}}"#)
    store.state.withLock {
      $0.beforePut = { state, key in
        if state.puts == 1 {
          state.set(key, Bytes(#"{"metadata":{"finalizers":["late"],"name":"b"}}"#.utf8))
        }
      }
    }
    #expect(
      try await deletion(store).delete(type("cm"), namespace: "a", name: "b")
        == .held(finalizers: ["late"]))
    let plain = Bytes(#"{"metadata":{"name":"b"}}"#.utf8)
    store.state.withLock {
      $0.set(Bytes(key.utf8), plain)
      $0.beforePut = { state, key in state.set(key, plain) }
    }
    let outcome = try await deletion(store).delete(type("cm"), namespace: "a", name: "b")
    #expect(outcome == .refused("others changed it 8 times meanwhile; try again"))
    #expect(store.keys == [key])
  }

  @Test("what cannot be read is deleted only by force")
  func unreadable() async throws {
    let store = store("/registry/secrets/a/b", "k8s:enc:aescbc:v1:key1:xxxx")
    guard
      case .refused(let reason) = try await deletion(store).delete(
        type("secrets"), namespace: "a", name: "b")
    else {
      Issue.record("it was not refused")
      return
    }
    #expect(reason.contains("encrypted (aescbc:v1:key1)"))
    var forced = deletion(store)
    forced.isForced = true
    #expect(try await forced.delete(type("secrets"), namespace: "a", name: "b") == .deleted)
  }

  @Test("an object in the binary form is marked in the binary form")
  func protobuf() async throws {
    let type = try type("deploy")
    let object = try Value(
      json: Bytes(
        #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"b","namespace":"a","finalizers":["x/y"]},"spec":{"replicas":2}}"#
          .utf8))
    let store = FakeStore()
    let key = type.key(namespace: "a", name: "b")
    let bytes = try ObjectCodec.encodeForStorage(object, type).bytes
    store.state.withLock { $0.set(key, bytes) }
    #expect(
      try await deletion(store).delete(type, namespace: "a", name: "b")
        == .held(finalizers: ["x/y"]))
    let record = try #require(try await store.record(key))
    guard case .protobuf(let marked) = StoredValue(record.value) else {
      Issue.record("it is no longer in the binary form")
      return
    }
    #expect(
      marked.value[path: "metadata", "deletionTimestamp"] == .string(Timestamp.text(Self.now)))
    #expect(marked.value[path: "spec", "replicas"] == 2)
  }
}
