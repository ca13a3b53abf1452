import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("kube-apiserver's writes", .serialized)
struct KubernetesWriteTests {
  private static let key = "/registry/configmaps/default/a"

  @Test("a create succeeds once; the failure has no answers")
  func create() async throws {
    try await withStore { store, _ in
      let created = try await store.commit(Kubernetes.create(Self.key, "one"))
      #expect(created.succeeded)
      #expect(created.header.revision == 2)
      #expect(created.responses.count == 1)
      #expect(created.responses[0].responsePut.header.revision == 2)
      #expect(!created.responses[0].responsePut.hasPrevKv)
      let again = try await store.commit(Kubernetes.create(Self.key, "two"))
      #expect(!again.succeeded)
      #expect(again.responses.isEmpty)
      #expect(again.header.revision == 2)
      let deleted = try await store.commit(Kubernetes.delete(Self.key, at: 2))
      #expect(deleted.succeeded)
      // Created again, the object begins a new life.
      let reborn = try await store.commit(Kubernetes.create(Self.key, "three"))
      #expect(reborn.succeeded)
      let object = try #require(try await store.range(Kubernetes.get(Self.key)).kvs.first)
      #expect(object.version == 1)
      #expect(object.createRevision == reborn.header.revision)
    }
  }

  @Test("an update at the wrong revision answers with the object as it is")
  func update() async throws {
    try await withStore { store, _ in
      let first = try await store.commit(Kubernetes.create(Self.key, "one")).header.revision
      let updated = try await store.commit(Kubernetes.update(Self.key, "two", at: first))
      #expect(updated.succeeded)
      #expect(updated.header.revision == first + 1)
      let stale = try await store.commit(Kubernetes.update(Self.key, "three", at: first))
      #expect(!stale.succeeded)
      #expect(stale.header.revision == first + 1)
      let current = try #require(stale.responses.first?.responseRange)
      #expect(current.kvs.map(\.valueText) == ["two"])
      #expect(current.kvs[0].modRevision == first + 1)
      #expect(current.count == 1)
      let gone = try await store.commit(Kubernetes.update("/registry/none", "x", at: 7))
      #expect(!gone.succeeded)
      #expect(try #require(gone.responses.first).responseRange.kvs.isEmpty)
    }
  }

  @Test("a delete at the wrong revision answers with the object; at the right one it is gone")
  func delete() async throws {
    try await withStore { store, _ in
      let first = try await store.commit(Kubernetes.create(Self.key, "one")).header.revision
      let stale = try await store.commit(Kubernetes.delete(Self.key, at: first + 5))
      #expect(!stale.succeeded)
      #expect(try #require(stale.responses.first).responseRange.kvs.map(\.valueText) == ["one"])
      let deleted = try await store.commit(Kubernetes.delete(Self.key, at: first))
      #expect(deleted.succeeded)
      #expect(try #require(deleted.responses.first).responseDeleteRange.deleted == 1)
      #expect(deleted.header.revision == first + 1)
      let again = try await store.commit(Kubernetes.delete(Self.key, at: first))
      #expect(!again.succeeded)
      #expect(again.header.revision == first + 1)
      #expect(try #require(again.responses.first).responseRange.kvs.isEmpty)
    }
  }

  @Test("of several compactors one wins each round, and compacts to the last round's revision")
  func compactor() async throws {
    try await withStore { store, _ in
      var revision: Int64 = 0
      for round in 0..<3 as Range<Int64> {
        for number in 0..<5 {
          try await store.put("/registry/x/\(number)", "\(round)")
        }
        let now = try await store.range(Kubernetes.get("/registry/x")).header.revision
        let winner = try await store.commit(Kubernetes.compactor(round: round, revision: now))
        #expect(winner.succeeded)
        let loser = try await store.commit(Kubernetes.compactor(round: round, revision: now))
        #expect(!loser.succeeded)
        let seen = try #require(loser.responses.first?.responseRange.kvs.first)
        #expect(seen.version == round + 1)
        #expect(seen.valueText == String(now))
        if revision > 0 {
          let _: Etcdserverpb_CompactionResponse = try await store.call(
            "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = revision })
          let status = await #expect(throws: CallStatus.self) {
            try await store.range(Kubernetes.get("/registry/x/0", revision: revision - 1))
          }
          #expect(status?.code == .outOfRange)
          #expect(
            try await store.range(Kubernetes.get("/registry/x/0", revision: revision)).count == 1)
        }
        revision = now
      }
    }
  }

  @Test("one lease serves many objects, and takes them with it in one revision")
  func leases() async throws {
    try await withStore { store, _ in
      let grant: Etcdserverpb_LeaseGrantResponse = try await store.call(
        "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 5 })
      #expect(grant.id != 0)
      #expect(grant.ttl >= 5)
      #expect(grant.error.isEmpty)
      // All at once, so that a busy machine is done before the lease is over.
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<100 {
          group.addTask {
            try await store.commit(
              Kubernetes.create("/registry/events/default/\(number)", "event", lease: grant.id)
            ).succeeded
          }
        }
        for try await isCreated in group { #expect(isCreated) }
      }
      let lease = try #require(
        try await store.range(Kubernetes.get("/registry/events/default/7")).kvs.first
      ).lease
      #expect(lease == grant.id)
      let before = try await store.range(Kubernetes.get("/registry/events")).header.revision
      let watch = try await store.watches()
      try await watch.create {
        $0.key = Data("/registry/events/".utf8)
        $0.rangeEnd = Kubernetes.end(of: "/registry/events/")
        $0.startRevision = before + 1
        $0.prevKv = true
      }
      #expect(try await watch.next().created)
      let events = try await watch.events(100)
      #expect(events.allSatisfy { $0.type == .delete && $0.kv.modRevision == before + 1 })
      #expect(events.allSatisfy { $0.prevKv.valueText == "event" })
      #expect(try await store.range(Kubernetes.count("/registry/events/")).count == 0)
      let unknown = await #expect(throws: CallStatus.self) {
        try await store.commit(Kubernetes.create("/registry/events/late", "x", lease: grant.id))
      }
      #expect(unknown == CallStatus(.notFound, "etcdserver: requested lease not found"))
    }
  }
}
