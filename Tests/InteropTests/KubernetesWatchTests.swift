import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("kube-apiserver's watches", .serialized)
struct KubernetesWatchTests {
  private static let prefix = "/registry/pods/"

  private static func create(_ watch: WatchCall, after revision: Int64) async throws {
    try await watch.create {
      $0.key = Data(prefix.utf8)
      $0.rangeEnd = Kubernetes.end(of: prefix)
      $0.startRevision = revision + 1
      $0.prevKv = true
      $0.progressNotify = true
    }
  }

  @Test("a list and then a watch from its revision miss nothing and see nothing twice")
  func bootstrap() async throws {
    try await withStore { store, _ in
      let key = Self.prefix + "default/a"
      let first = try await store.commit(Kubernetes.create(key, "one")).header.revision
      let list = try await store.range(Kubernetes.list(Self.prefix, limit: 10_000))
      #expect(list.kvs.count == 1)
      #expect(!list.more)
      // Written before the watch exists, after the list.
      let second = try await store.commit(Kubernetes.update(key, "two", at: first)).header.revision
      let watch = try await store.watches()
      try await Self.create(watch, after: list.header.revision)
      let created = try await watch.next()
      #expect(created.created)
      #expect(!created.canceled)
      #expect(created.watchID == 0)
      #expect(created.events.isEmpty)
      let third = try await store.commit(Kubernetes.delete(key, at: second)).header.revision
      let fourth = try await store.commit(Kubernetes.create(key, "three")).header.revision
      try await store.put("/registry/podsecurity/x", "not watched")
      let events = try await watch.events(3)
      #expect(events.map(\.type) == [.put, .delete, .put])
      #expect(events.map(\.kv.modRevision) == [second, third, fourth])
      #expect(events.map(\.kv.keyText) == [key, key, key])
      #expect(events.map(\.prevKv.valueText) == ["one", "two", ""])
      // What was deleted is told by the previous value, and whether it was created by the revisions.
      #expect(events[1].hasPrevKv)
      #expect(events[1].prevKv.modRevision == second)
      #expect(!events[2].hasPrevKv)
      #expect(events[2].kv.createRevision == events[2].kv.modRevision)
    }
  }

  @Test("a transaction's events arrive in one response")
  func oneRevision() async throws {
    try await withStore { store, _ in
      let watch = try await store.watches()
      try await Self.create(watch, after: 1)
      #expect(try await watch.next().created)
      let revision = try await store.commit(
        .with {
          $0.success = (0..<50).map { number in
            .with {
              $0.requestPut = .with {
                $0.key = Data("\(Self.prefix)\(number)".utf8)
                $0.value = Data("v".utf8)
              }
            }
          }
        }
      ).header.revision
      let response = try await watch.next()
      #expect(response.events.count == 50)
      #expect(response.events.allSatisfy { $0.kv.modRevision == revision })
      #expect(response.header.revision == revision)
    }
  }

  @Test("a requested progress says how far every watch of the stream is")
  func manualProgress() async throws {
    try await withStore { store, _ in
      let watch = try await store.watches()
      try await Self.create(watch, after: 1)
      #expect(try await watch.next().created)
      let revision = try await store.put("/registry/other", "x").header.revision
      // As soon as the watch has caught up: the request may be sent again until it is answered.
      var progress = Etcdserverpb_WatchResponse()
      for _ in 0..<100 where progress.header.revision < revision {
        try await watch.requestProgress()
        progress = try await watch.next()
        #expect(progress.events.isEmpty)
        #expect(!progress.created)
      }
      #expect(progress.header.revision == revision)
      #expect(progress.watchID == -1)
    }
  }

  @Test("an idle watch that asked for it is told the revision from time to time")
  func progressNotify() async throws {
    try await withStore(flags: ["--watch-progress-notify-interval", "300ms"]) { store, _ in
      let watch = try await store.watches()
      try await Self.create(watch, after: 1)
      #expect(try await watch.next().created)
      let revision = try await store.put("/registry/other", "x").header.revision
      var progress = try await watch.next()
      while progress.header.revision < revision { progress = try await watch.next() }
      #expect(progress.events.isEmpty)
      #expect(progress.watchID == 0)
      #expect(progress.header.revision == revision)
    }
  }

  @Test("many resources share a stream, and each is cancelled alone")
  func manyWatches() async throws {
    try await withStore { store, _ in
      let watch = try await store.watches()
      var ids: [String: Int64] = [:]
      for number in 0..<50 {
        let prefix = "/registry/kind\(number + 100)/"
        try await watch.create {
          $0.key = Data(prefix.utf8)
          $0.rangeEnd = Kubernetes.end(of: prefix)
          $0.startRevision = 2
          $0.prevKv = true
        }
        let created = try await watch.next()
        #expect(created.created)
        ids[prefix] = created.watchID
      }
      #expect(Set(ids.values).count == 50)
      let cancelled = try #require(ids["/registry/kind107/"])
      try await watch.send(.with { $0.cancelRequest = .with { $0.watchID = cancelled } })
      let answer = try await watch.next()
      #expect(answer.canceled)
      #expect(answer.watchID == cancelled)
      for prefix in ids.keys.sorted() { try await store.put(prefix + "a", prefix) }
      var seen: [Int64: [String]] = [:]
      for _ in 0..<49 {
        let response = try await watch.next()
        seen[response.watchID, default: []] += response.events.map(\.kv.valueText)
      }
      for (prefix, id) in ids {
        #expect(seen[id] == (id == cancelled ? nil : [prefix]))
      }
    }
  }

  @Test("a watch from a compacted revision is cancelled with that revision")
  func compacted() async throws {
    try await withStore { store, _ in
      for number in 0..<10 { try await store.put(Self.prefix + "a", "\(number)") }
      let _: Etcdserverpb_CompactionResponse = try await store.call(
        "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = 7 })
      let watch = try await store.watches()
      try await Self.create(watch, after: 3)
      #expect(try await watch.next().created)
      let cancelled = try await watch.next()
      #expect(cancelled.canceled)
      #expect(cancelled.compactRevision == 7)
      // The same stream goes on to serve others.
      try await Self.create(watch, after: 10)
      #expect(try await watch.next().created)
      #expect(try await watch.events(1).map(\.kv.modRevision) == [11])
    }
  }
}
