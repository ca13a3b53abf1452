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

  /// Writes keys of all kinds, a lease, deletions, history, users and roles, and has permissions count from then
  /// on; returns the lease.
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
    try await AccessContent.fill(store)
    return lease.id
  }

  private struct Content: Equatable {
    var revision: Int64
    var access: AccessContent
    var now: [Mvccpb_KeyValue]
    var earlier: [Mvccpb_KeyValue]
    var leaseSeconds: Int64
    var leaseKeys: [Data]
    var hash: UInt32
  }

  private static func content(_ store: WireClient, lease: Int64) async throws -> Content {
    let root = try await AccessContent.login(store, "root", "r")
    let now: Etcdserverpb_RangeResponse = try await store.call(
      "KV/Range", everything, headers: root)
    var old = everything
    old.revision = 200
    let earlier: Etcdserverpb_RangeResponse = try await store.call(
      "KV/Range", old, headers: root)
    let time: Etcdserverpb_LeaseTimeToLiveResponse = try await store.call(
      "Lease/LeaseTimeToLive",
      Etcdserverpb_LeaseTimeToLiveRequest.with {
        $0.id = lease
        $0.keys = true
      }, headers: root)
    let hash: Etcdserverpb_HashKVResponse = try await store.call(
      "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = now.header.revision },
      headers: root)
    return Content(
      revision: now.header.revision, access: try await AccessContent(store, as: root),
      now: now.kvs, earlier: earlier.kvs, leaseSeconds: time.grantedTtl,
      leaseKeys: time.keys.sorted { $0.lexicographicallyPrecedes($1) }, hash: hash.hash)
  }

  /// Has a program save what a server holds.
  private static func save(_ server: ServerProcess, to file: String, with program: String)
    async throws
  {
    let saved = try await server.control(
      ["--user", "root:r", "snapshot", "save", file], program: program)
    #expect(saved.code == 0, "\(saved.output)\(saved.errors)")
  }

  /// Has a program make a server's directory of a file, and starts the server.
  private static func restore(
    _ file: String, to server: ServerProcess, with program: String, options: [String] = []
  ) async throws -> WireClient {
    let peer = "http://127.0.0.1:\(server.peerPort)"
    let restored = try await run(
      program,
      [
        "snapshot", "restore", file, "--data-dir", server.dataDirectory, "--name", "m1",
        "--initial-cluster", "m1=\(peer)", "--initial-advertise-peer-urls", peer,
        "--initial-cluster-token", "interop",
      ] + options)
    #expect(restored.code == 0, "\(restored.output)\(restored.errors)")
    try await server.start()
    return try await WireClient(port: server.clientPort)
  }

  /// Expects a server to hold what another one held, and to go on from there.
  private static func check(_ store: WireClient, holds expected: Content, lease: Int64)
    async throws
  {
    let got = try await content(store, lease: lease)
    #expect(got.revision == expected.revision)
    #expect(got.access == expected.access)
    #expect(got.leaseSeconds == expected.leaseSeconds)
    #expect(got.now == expected.now)
    #expect(got.earlier == expected.earlier)
    #expect(got.leaseKeys == expected.leaseKeys)
    #expect(got.hash == expected.hash)
    // Permissions hold as before: what a user may write can be written, and is the next revision.
    let user = try await AccessContent.login(store, "alice", "a")
    await #expect(throws: (any Error).self) {
      let _: Etcdserverpb_PutResponse = try await store.call(
        "KV/Put", Etcdserverpb_PutRequest.with { $0.key = Data("k1".utf8) }, headers: user)
    }
    let written: Etcdserverpb_PutResponse = try await store.call(
      "KV/Put", Etcdserverpb_PutRequest.with { $0.key = Data("own/1".utf8) }, headers: user)
    #expect(written.header.revision == expected.revision + 1)
  }

  /// Saves from one server and restores for another, with these programs.
  private static func move(
    from: ServerProcess.Kind, to: ServerProcess.Kind, save program: String,
    restore restorer: String, options: [String] = []
  ) async throws {
    let target = try ServerProcess(to)
    defer { target.kill() }
    let file = target.folder.path + "/saved.db"
    let (lease, expected) = try await withServer(from) { server in
      let store = try await WireClient(port: server.clientPort)
      let lease = try await fill(store)
      try await save(server, to: file, with: program)
      return (lease, try await content(store, lease: lease))
    }
    let store = try await restore(file, to: target, with: restorer, options: options)
    try await check(store, holds: expected, lease: lease)
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

  @Test("what went from etcd to Keelson goes back to etcd as it was")
  func thereAndBack() async throws {
    let (there, back) = (try ServerProcess(.keelson), try ServerProcess(.etcd))
    defer {
      there.kill()
      back.kill()
    }
    let (first, second) = (back.folder.path + "/first.db", back.folder.path + "/second.db")
    let (lease, expected) = try await withServer(.etcd) { server in
      let store = try await WireClient(port: server.clientPort)
      let lease = try await Self.fill(store)
      try await Self.save(server, to: first, with: try Programs.peer("bin/etcdctl"))
      return (lease, try await Self.content(store, lease: lease))
    }
    _ = try await Self.restore(
      first, to: there, with: try Programs.ours("keelsonctl"), options: Self.keepingHistory)
    try await Self.save(there, to: second, with: try Programs.ours("keelsonctl"))
    there.kill()
    let store = try await Self.restore(second, to: back, with: try Programs.peer("bin/etcdutl"))
    try await Self.check(store, holds: expected, lease: lease)
  }
}
