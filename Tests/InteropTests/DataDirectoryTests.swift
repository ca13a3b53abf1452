import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite(
  "a data directory of etcd is taken with its log",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)),
  .serialized)
struct DataDirectoryTests {
  /// All that a server holds.
  private struct Content: Equatable {
    var access: AccessContent
    var revision: Int64
    var hash: UInt32
    var now: [Mvccpb_KeyValue]
    var leases: [Int64: Int64] = [:]
    var keys: [Int64: [Data]] = [:]
  }

  private static func content(_ server: ServerProcess) async throws -> Content {
    let store = try await WireClient(port: server.clientPort)
    let root = try await AccessContent.login(store, "root", "r")
    let now: Etcdserverpb_RangeResponse = try await store.call(
      "KV/Range",
      Etcdserverpb_RangeRequest.with {
        $0.key = Data([0])
        $0.rangeEnd = Data([0])
      }, headers: root)
    let hash: Etcdserverpb_HashKVResponse = try await store.call(
      "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = now.header.revision },
      headers: root)
    var content = Content(
      access: try await AccessContent(store, as: root), revision: now.header.revision,
      hash: hash.hash, now: now.kvs)
    let leases: Etcdserverpb_LeaseLeasesResponse = try await store.call(
      "Lease/LeaseLeases", Etcdserverpb_LeaseLeasesRequest(), headers: root)
    for lease in leases.leases {
      let time: Etcdserverpb_LeaseTimeToLiveResponse = try await store.call(
        "Lease/LeaseTimeToLive",
        Etcdserverpb_LeaseTimeToLiveRequest.with {
          $0.id = lease.id
          $0.keys = true
        }, headers: root)
      content.leases[lease.id] = time.grantedTtl
      content.keys[lease.id] = time.keys.sorted { $0.lexicographicallyPrecedes($1) }
    }
    return content
  }

  /// Writes of every kind. What comes after permissions count and the compaction, with both of which etcd commits
  /// to its database, an etcd that is killed then has in its log alone.
  private static func load(_ store: WireClient) async throws {
    for number in 0..<60 { try await store.put("old\(number % 20)", "\(number)") }
    let revision = try await store.put("revision", "").header.revision
    let _: Etcdserverpb_CompactionResponse = try await store.call(
      "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = revision - 10 })
    try await AccessContent.fill(store)
    let root = try await AccessContent.login(store, "root", "r")
    let leases = try await grantLeases(store, as: root)
    for number in 0..<150 {
      try await put(
        store, "k\(number % 80)", String(repeating: "\(number),", count: number),
        lease: number % 3 == 0 ? leases[number % 4] : 0, as: root)
    }
    var requests = RandomRequests(seed: 42)
    requests.floor = revision - 10
    for number in 0..<200 {
      if number % 10 == 0 {
        requests.revision = try await put(store, "revision", "", as: root).header.revision
      }
      let (method, request) = requests.next()
      if method == "KV/Compact" { continue }
      // Many are refused, which is part of what the log has to say.
      _ = try? await store.connection.unary(
        "/etcdserverpb." + method, headers: root, message: try request.serializedBytes())
    }
    let _: Etcdserverpb_LeaseRevokeResponse = try await store.call(
      "Lease/LeaseRevoke", Etcdserverpb_LeaseRevokeRequest.with { $0.id = leases[2] },
      headers: root)
    // What an alarm refuses stands in the log, and must not be carried out.
    try await alarm(store, .activate, as: root)
    _ = try? await put(store, "refused", "for want of space", as: root)
    try await alarm(store, .deactivate, as: root)
    try await changeAccess(store, as: root)
    let alice = try await AccessContent.login(store, "alice", "a")
    for key in ["own/1", "refused", "single", "own/2"] {
      _ = try? await put(store, key, "alice's", as: alice)
    }
  }

  private static func grantLeases(_ store: WireClient, as root: Headers) async throws -> [Int64] {
    var leases: [Int64] = []
    for number in 1...4 {
      let lease: Etcdserverpb_LeaseGrantResponse = try await store.call(
        "Lease/LeaseGrant",
        Etcdserverpb_LeaseGrantRequest.with {
          $0.ttl = Int64(number * 3_600)
          $0.id = number == 1 ? 4_711 : 0
        }, headers: root)
      leases.append(lease.id)
    }
    return leases
  }

  private static func changeAccess(_ store: WireClient, as root: Headers) async throws {
    let _: Etcdserverpb_AuthUserAddResponse = try await store.call(
      "Auth/UserAdd",
      Etcdserverpb_AuthUserAddRequest.with {
        $0.name = "late"
        $0.password = "l"
      }, headers: root)
    let _: Etcdserverpb_AuthUserGrantRoleResponse = try await store.call(
      "Auth/UserGrantRole",
      Etcdserverpb_AuthUserGrantRoleRequest.with {
        $0.user = "late"
        $0.role = "reader"
      }, headers: root)
    let _: Etcdserverpb_AuthRoleGrantPermissionResponse = try await store.call(
      "Auth/RoleGrantPermission",
      Etcdserverpb_AuthRoleGrantPermissionRequest.with {
        $0.name = "reader"
        $0.perm.key = Data("later".utf8)
      }, headers: root)
  }

  @discardableResult
  private static func put(
    _ store: WireClient, _ key: String, _ value: String, lease: Int64 = 0, as user: Headers
  ) async throws -> Etcdserverpb_PutResponse {
    try await store.call(
      "KV/Put",
      Etcdserverpb_PutRequest.with {
        $0.key = Data(key.utf8)
        $0.value = Data(value.utf8)
        $0.lease = lease
      }, headers: user)
  }

  private static func alarm(
    _ store: WireClient, _ action: Etcdserverpb_AlarmRequest.AlarmAction, as root: Headers
  ) async throws {
    let _: Etcdserverpb_AlarmResponse = try await store.call(
      "Maintenance/Alarm",
      Etcdserverpb_AlarmRequest.with {
        $0.action = action
        $0.alarm = .nospace
        $0.memberID = 1
      }, headers: root)
  }

  private static func restore(_ folder: String, to server: ServerProcess) async throws -> Finished {
    let peer = "http://127.0.0.1:\(server.peerPort)"
    return try await run(
      try Programs.ours("keelsonctl"),
      [
        "snapshot", "restore", folder, "--data-dir", server.dataDirectory, "--name", "m1",
        "--initial-advertise-peer-urls", peer, "--initial-cluster-token", "interop",
        "--bump-revision", "0", "--mark-compacted=false",
      ])
  }

  @Test("everything that a killed etcd had acknowledged is there")
  func killed() async throws {
    // The database is written so rarely that the log alone has what is written here.
    let etcd = try ServerProcess(
      .etcd, flags: ["--backend-batch-interval", "1h", "--backend-batch-limit", "100000"])
    let keelson = try ServerProcess(.keelson)
    defer {
      etcd.kill()
      keelson.kill()
    }
    try await etcd.start()
    try await Self.load(try await WireClient(port: etcd.clientPort))
    let busy = try await Self.restore(etcd.dataDirectory, to: keelson)
    #expect(busy.code == 1)
    #expect(busy.errors.contains("a server runs in \(etcd.dataDirectory)"), "\(busy.errors)")
    #expect(busy.errors.contains("snapshot save"), "\(busy.errors)")
    etcd.kill()
    let copy = etcd.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: etcd.dataDirectory, toPath: copy)

    let restored = try await Self.restore(copy, to: keelson)
    #expect(restored.code == 0, "\(restored.output)\(restored.errors)")
    let count = restored.output.firstMatch(of: /and (\d+) entries of the log/)
    #expect(count.flatMap { Int($0.1) } ?? 0 > 200, "\(restored.output)")

    try await etcd.start()
    let expected = try await Self.content(etcd)
    try await keelson.start()
    let got = try await Self.content(keelson)
    #expect(got.access == expected.access)
    #expect(got.revision == expected.revision)
    #expect(got.now == expected.now)
    #expect(got.leases == expected.leases)
    #expect(got.keys == expected.keys)
    #expect(got.hash == expected.hash)
  }

  @Test(
    "damage in the log is named with its file and its place; a record cut short at its end is not")
  func damage() async throws {
    let etcd = try ServerProcess(
      .etcd, flags: ["--backend-batch-interval", "1h", "--backend-batch-limit", "100000"])
    defer { etcd.kill() }
    try await etcd.start()
    let store = try await WireClient(port: etcd.clientPort)
    for number in 0..<20 { try await store.put("k\(number)", String(repeating: "v", count: 1_500)) }
    etcd.kill()
    let log = etcd.dataDirectory + "/member/wal/0000000000000000-0000000000000000.wal"
    var bytes = try Data(contentsOf: URL(filePath: log))
    let end = try #require(bytes.lastIndex { $0 != 0 })

    // The last record's second half never reached the disk.
    var torn = bytes
    torn.replaceSubrange((end - 800)...end, with: Data(count: 801))
    try torn.write(to: URL(filePath: log))
    let target = try ServerProcess(.keelson)
    let cut = try await Self.restore(etcd.dataDirectory, to: target)
    #expect(cut.code == 0, "\(cut.errors)")
    #expect(cut.errors.contains("\(log): offset "), "\(cut.errors)")

    let middle = try #require(bytes.firstRange(of: Data("k9".utf8))).lowerBound
    bytes[middle] ^= 1
    try bytes.write(to: URL(filePath: log))
    let damaged = try await Self.restore(etcd.dataDirectory, to: try ServerProcess(.keelson))
    #expect(damaged.code == 1)
    #expect(damaged.errors.contains("\(log): offset "), "\(damaged.errors)")
    #expect(damaged.errors.contains("do not have its checksum"), "\(damaged.errors)")
  }
}
