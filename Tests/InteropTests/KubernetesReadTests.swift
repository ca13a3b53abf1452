import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("kube-apiserver's reads", .serialized)
struct KubernetesReadTests {
  private static let pods = "/registry/pods/"

  @Test("an object now and at an older revision; a missing one is no error")
  func get() async throws {
    try await withStore { store, _ in
      let key = Self.pods + "default/a"
      let first = try await store.commit(Kubernetes.create(key, "one")).header.revision
      let second = try await store.commit(Kubernetes.update(key, "two", at: first)).header.revision
      #expect(second == first + 1)
      let now = try await store.range(Kubernetes.get(key))
      #expect(now.kvs.map(\.valueText) == ["two"])
      #expect(now.kvs[0].createRevision == first)
      #expect(now.kvs[0].modRevision == second)
      #expect(now.kvs[0].version == 2)
      #expect(now.header.revision == second)
      #expect(now.count == 1)
      #expect(!now.more)
      let old = try await store.range(Kubernetes.get(key, revision: first))
      #expect(old.kvs.map(\.valueText) == ["one"])
      #expect(old.header.revision == second)
      let missing = try await store.range(Kubernetes.get(Self.pods + "default/none"))
      #expect(missing.kvs.isEmpty)
      #expect(missing.count == 0)
      #expect(missing.header.revision == second)
    }
  }

  @Test("pages at the first page's revision, each with the exact count of what remains")
  func pages() async throws {
    try await withStore { store, _ in
      for number in 0..<53 {
        _ = try await store.commit(Kubernetes.create(Self.key(number), "v\(number)"))
      }
      _ = try await store.commit(Kubernetes.create("/registry/podsecurity/x", "a neighbour"))
      var page = try await store.range(Kubernetes.list(Self.pods, limit: 10))
      let revision = page.header.revision
      var keys = page.kvs.map(\.keyText)
      #expect(page.count == 53)
      #expect(page.more)
      var writes = 0
      while Int64(page.kvs.count) < page.count {
        // What is written between two pages belongs to no page.
        let new = 100 + writes
        _ = try await store.commit(Kubernetes.create(Self.key(new), "late"))
        let last = try await store.range(Kubernetes.get(Self.key(writes + 10)))
        _ = try await store.commit(
          Kubernetes.delete(Self.key(writes + 10), at: try #require(last.kvs.first).modRevision))
        writes += 1
        let start = Data((try #require(keys.last) + "\0").utf8)
        let remaining = Int64(53 - keys.count)
        page = try await store.range(
          Kubernetes.list(Self.pods, from: start, limit: 10, revision: revision))
        #expect(page.count == remaining)
        #expect(page.more == (remaining > 10))
        keys += page.kvs.map(\.keyText)
      }
      #expect(keys == (0..<53).map(Self.key))
      let all = try await store.range(Kubernetes.list(Self.pods, limit: 0, revision: revision))
      #expect(all.kvs.count == 53)
      #expect(all.count == 53)
      let watchPage = try await store.range(Kubernetes.list(Self.pods, limit: 10_000))
      #expect(watchPage.count == 53)
      #expect(!watchPage.more)
    }
  }

  private static func key(_ number: Int) -> String {
    pods + "default/" + String(number + 1_000_000)
  }

  @Test("a read of the bare prefix gives the revision; a count gives no objects")
  func revisionAndCount() async throws {
    try await withStore { store, _ in
      let empty = try await store.range(Kubernetes.get("/registry/pods"))
      #expect(empty.header.revision == 1)
      for number in 0..<7 {
        _ = try await store.commit(Kubernetes.create(Self.key(number), "v"))
      }
      let bare = try await store.range(Kubernetes.get("/registry/pods"))
      #expect(bare.kvs.isEmpty)
      #expect(bare.header.revision == 8)
      #expect(bare.header.clusterID != 0)
      #expect(bare.header.memberID != 0)
      #expect(bare.header.raftTerm > 0)
      let count = try await store.range(Kubernetes.count(Self.pods))
      #expect(count.count == 7)
      #expect(count.kvs.isEmpty)
      let health = try await store.range(
        .with { $0.key = Data("/registry/health".utf8) })
      #expect(health.kvs.isEmpty)
    }
  }

  @Test("compacted and future revisions have the errors that become 410 and 504")
  func revisionErrors() async throws {
    try await withStore { store, _ in
      let key = Self.key(1)
      let first = try await store.commit(Kubernetes.create(key, "one")).header.revision
      _ = try await store.commit(Kubernetes.update(key, "two", at: first))
      let compacted: Etcdserverpb_CompactionResponse = try await store.call(
        "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = first + 1 })
      #expect(compacted.header.revision == first + 1)
      let old = await #expect(throws: CallStatus.self) {
        try await store.range(Kubernetes.list(Self.pods, limit: 500, revision: first))
      }
      #expect(
        old == CallStatus(.outOfRange, "etcdserver: mvcc: required revision has been compacted"))
      let future = await #expect(throws: CallStatus.self) {
        try await store.range(Kubernetes.get(key, revision: 1_000_000))
      }
      #expect(
        future
          == CallStatus(.outOfRange, "etcdserver: mvcc: required revision is a future revision"))
    }
  }

  @Test("a streamed list is the list in chunks; only the last has header and count")
  func rangeStream() async throws {
    try await withStore { store, _ in
      for number in 0..<200 {
        _ = try await store.commit(
          Kubernetes.create(Self.key(number), String(repeating: "v", count: number * 100)))
      }
      var request = Kubernetes.list(Self.pods, limit: 0)
      let whole = try await store.range(request)
      try await Self.expectStream(store, request, equals: whole)
      request.limit = 37
      try await Self.expectStream(store, request, equals: try await store.range(request))
      request.limit = 0
      request.revision = 100
      try await Self.expectStream(store, request, equals: try await store.range(request))
      try await Self.expectStream(
        store, Kubernetes.list("/registry/none/", limit: 0),
        equals: try await store.range(Kubernetes.list("/registry/none/", limit: 0)))

      request.sortOrder = .descend
      await #expect(throws: CallStatus.self) { try await Self.chunks(store, request) }
      do { _ = try await Self.chunks(store, request) } catch let status as CallStatus {
        #expect(status.code == .unimplemented)
      }
      request = Kubernetes.list(Self.pods, limit: 0)
      request.minModRevision = 3
      do { _ = try await Self.chunks(store, request) } catch let status as CallStatus {
        #expect(status.code == .unimplemented)
      }
      request = Kubernetes.list(Self.pods, limit: 0, revision: 1_000_000)
      do {
        _ = try await Self.chunks(store, request)
        Issue.record("a stream at a future revision ended well")
      } catch let status as CallStatus {
        #expect(status.code == .outOfRange)
      }
    }
  }

  private static func chunks(
    _ store: WireClient, _ request: RangeRequest
  ) async throws -> [Etcdserverpb_RangeResponse] {
    let stream = try await store.stream("KV/RangeStream")
    try await stream.send(try request.serializedBytes())
    stream.halfClose()
    var chunks: [Etcdserverpb_RangeResponse] = []
    while let message = try await stream.receive() {
      chunks.append(try Etcdserverpb_RangeStreamResponse(serializedBytes: message).rangeResponse)
    }
    return chunks
  }

  private static func expectStream(
    _ store: WireClient, _ request: RangeRequest, equals whole: Etcdserverpb_RangeResponse
  ) async throws {
    let chunks = try await chunks(store, request)
    let last = try #require(chunks.last)
    #expect(chunks.flatMap(\.kvs) == whole.kvs)
    #expect(last.count == whole.count)
    #expect(last.more == whole.more)
    #expect(last.header == whole.header)
    for chunk in chunks.dropLast() {
      #expect(!chunk.hasHeader)
      #expect(chunk.count == 0)
      #expect(!chunk.more)
    }
    if whole.kvs.count > 10 {
      #expect(chunks.count > 1)
      #expect(chunks[0].kvs.count == 10)
    }
  }
}
