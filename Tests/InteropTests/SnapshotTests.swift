import EtcdProtocol
import Foundation
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite(
  "snapshots move between the two",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)),
  .serialized)
struct SnapshotTests {
  private static let everything = Etcdserverpb_RangeRequest.with {
    $0.key = Data([0])
    $0.rangeEnd = Data([0])
  }

  /// What makes keelsonctl's restore keep revisions as they are, as etcdutl's does.
  private static let keepingHistory = ["--bump-revision", "0", "--mark-compacted=false"]

  /// Writes keys of all kinds, a lease, deletions and history; returns the lease.
  private static func fill(_ store: WireClient) async throws -> Int64 {
    let lease: Etcdserverpb_LeaseGrantResponse = try await store.call(
      "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 7_200 })
    for number in 0..<300 {
      try await store.put(
        "k\(number % 200)", String(repeating: "\(number),", count: number),
        lease: number % 7 == 0 ? lease.id : 0)
    }
    let _: Etcdserverpb_DeleteRangeResponse = try await store.call(
      "KV/DeleteRange",
      Etcdserverpb_DeleteRangeRequest.with {
        $0.key = Data("k10".utf8)
        $0.rangeEnd = Data("k12".utf8)
      })
    let _: Etcdserverpb_CompactionResponse = try await store.call(
      "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = 120 })
    return lease.id
  }

  private struct Content: Equatable {
    var revision: Int64
    var now: [Mvccpb_KeyValue]
    var earlier: [Mvccpb_KeyValue]
    var leaseKeys: [Data]
    var hash: UInt32
  }

  private static func content(_ store: WireClient, lease: Int64) async throws -> Content {
    let now = try await store.range(everything)
    var old = everything
    old.revision = 200
    let time: Etcdserverpb_LeaseTimeToLiveResponse = try await store.call(
      "Lease/LeaseTimeToLive",
      Etcdserverpb_LeaseTimeToLiveRequest.with {
        $0.id = lease
        $0.keys = true
      })
    let hash: Etcdserverpb_HashKVResponse = try await store.call(
      "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = now.header.revision })
    return Content(
      revision: now.header.revision, now: now.kvs, earlier: try await store.range(old).kvs,
      leaseKeys: time.keys.sorted { $0.lexicographicallyPrecedes($1) }, hash: hash.hash)
  }

  /// Saves from one server and restores for another, with these programs.
  private static func move(
    from: ServerProcess.Kind, to: ServerProcess.Kind, save: String, restore: String,
    options: [String] = []
  ) async throws {
    let target = try ServerProcess(to)
    defer { target.kill() }
    let file = target.folder.path + "/saved.db"
    let (lease, expected) = try await withServer(from) { server in
      let store = try await WireClient(port: server.clientPort)
      let lease = try await fill(store)
      let saved = try await server.control(["snapshot", "save", file], program: save)
      #expect(saved.code == 0, "\(saved.output)\(saved.errors)")
      return (lease, try await content(store, lease: lease))
    }
    let peer = "http://127.0.0.1:\(target.peerPort)"
    let restored = try await run(
      restore,
      [
        "snapshot", "restore", file, "--data-dir", target.dataDirectory, "--name", "m1",
        "--initial-cluster", "m1=\(peer)", "--initial-advertise-peer-urls", peer,
        "--initial-cluster-token", "interop",
      ] + options)
    #expect(restored.code == 0, "\(restored.output)\(restored.errors)")
    try await target.start()
    let store = try await WireClient(port: target.clientPort)
    let got = try await content(store, lease: lease)
    #expect(got.revision == expected.revision)
    #expect(got.now == expected.now)
    #expect(got.earlier == expected.earlier)
    #expect(got.leaseKeys == expected.leaseKeys)
    #expect(got.hash == expected.hash)
    #expect(try await store.put("next", "1").header.revision == expected.revision + 1)
  }

  @Test("etcd serves every key of Keelson's snapshot")
  func toEtcd() async throws {
    try await Self.move(
      from: .keelson, to: .etcd, save: try Programs.peer("bin/etcdctl"),
      restore: try Programs.peer("bin/etcdutl"))
  }

  @Test("Keelson serves every key of etcd's snapshot")
  func fromEtcd() async throws {
    try await Self.move(
      from: .etcd, to: .keelson, save: try Programs.peer("bin/etcdctl"),
      restore: try Programs.ours("keelsonctl"), options: Self.keepingHistory)
  }

  @Test("Keelson serves every key of its own snapshot, saved with keelsonctl")
  func ownSnapshot() async throws {
    try await Self.move(
      from: .keelson, to: .keelson, save: try Programs.ours("keelsonctl"),
      restore: try Programs.ours("keelsonctl"), options: Self.keepingHistory)
  }
}
