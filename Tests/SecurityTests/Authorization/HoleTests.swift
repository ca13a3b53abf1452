import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// What etcd let pass until 2026, one test for each advisory; those about TLS are among the tests of TLS.
@Suite("holes that etcd had", .serialized)
struct HoleTests {
  private typealias Rows = AuthorizationRows
  private typealias Caller = AuthorizationServer.Caller

  private static func server() async throws -> AuthorizationServer {
    let server = try await AuthorizationServer(.keelson, try await AuthorizationServer.authority())
    for key in ["k", "z"] {
      let _: Etcdserverpb_PutResponse = try await server.call(
        "KV/Put", Rows.put(key), as: .user("root"))
    }
    return server
  }

  private static func value(_ key: String, _ server: AuthorizationServer) async throws
    -> Mvccpb_KeyValue
  {
    let answer: Etcdserverpb_RangeResponse = try await server.call(
      "KV/Range", Etcdserverpb_RangeRequest.with { $0.key = Data(key.utf8) }, as: .user("root"))
    return try #require(answer.kvs.first)
  }

  private static func expectDenied(
    _ method: String, _ request: any Message, as caller: Caller, _ server: AuthorizationServer
  ) async throws {
    await #expect(
      "\(method) as \(caller)",
      performing: {
        let _: Etcdserverpb_TxnResponse = try await server.call(method, request, as: caller)
      }, throws: { ($0 as? CallStatus)?.code == .permissionDenied })
  }

  @Test("CVE-2026-33413: no maintenance call goes without permission")
  func unguardedCalls() async throws {
    let server = try await Self.server()
    let calls: [(String, any Message)] = [
      ("KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = 2 }),
      ("Maintenance/Alarm", Etcdserverpb_AlarmRequest.with { $0.action = .activate }),
      ("Maintenance/Alarm", Etcdserverpb_AlarmRequest.with { $0.action = .deactivate }),
      ("Maintenance/Hash", Etcdserverpb_HashRequest()),
      ("Maintenance/HashKV", Etcdserverpb_HashKVRequest()),
      ("Maintenance/Defragment", Etcdserverpb_DefragmentRequest()),
      ("Maintenance/MoveLeader", Etcdserverpb_MoveLeaderRequest.with { $0.targetID = 1 }),
      ("Maintenance/Downgrade", Etcdserverpb_DowngradeRequest.with { $0.version = "3.5.0" }),
      ("Cluster/MemberAdd", Etcdserverpb_MemberAddRequest.with { $0.peerUrls = ["http://h:1"] }),
      ("Cluster/MemberRemove", Etcdserverpb_MemberRemoveRequest.with { $0.id = 1 }),
    ]
    for (method, request) in calls {
      for caller in [Caller.user("none"), .user("all")] {
        try await Self.expectDenied(method, request, as: caller, server)
      }
    }
  }

  @Test("CVE-2026-33343: a nested transaction neither reads nor writes what its caller may not")
  func nestedTransactions() async throws {
    let server = try await Self.server()
    let before = try await Self.value("z", server)
    let inner = [
      Rows.transaction(then: [Rows.operation(Rows.put("z"))]),
      Rows.transaction(then: [Rows.operation(delete: "z")]),
      Rows.transaction(then: [Rows.operation(range: "z")]), Rows.transaction(if: ["z"]),
      Rows.transaction(else: [Rows.operation(Rows.put("z"))]),
      Rows.nested(Rows.transaction(else: [Rows.operation(range: "k", "\0")])),
    ]
    for request in inner.map(Rows.nested) {
      try await Self.expectDenied("KV/Txn", request, as: .user("both"), server)
    }
    #expect(try await Self.value("z", server) == before)
  }

  @Test("CVE-2026-44283: prev_kv and lease of a Put count inside a transaction too")
  func putsInTransactions() async throws {
    let server = try await Self.server()
    let lease: Etcdserverpb_LeaseGrantResponse = try await server.call(
      "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 600 }, as: .user("root"))
    let _: Etcdserverpb_PutResponse = try await server.call(
      "KV/Put", Rows.put("z", lease: lease.id), as: .user("root"))
    let before = try await Self.value("k", server)
    for request in [Rows.put("k", previous: true), Rows.put("k", lease: lease.id)] {
      let plain = Rows.transaction(then: [Rows.operation(request)])
      for transaction in [plain, Rows.nested(plain)] {
        try await Self.expectDenied("KV/Txn", transaction, as: .user("write"), server)
      }
    }
    #expect(try await Self.value("k", server) == before)
  }

  @Test("GHSA-xg4h-6gfc-h4m8: a grant on one key lets a watch see that key, and none behind it")
  func watchOfOneKey() async throws {
    let server = try await Self.server()
    for end in ["\0", "l", "k\0\0"] {
      let watches = try await server.watches(as: .user("point"))
      try await watches.create {
        $0.key = Data("k".utf8)
        $0.rangeEnd = Data(end.utf8)
      }
      let answer = try await watches.next()
      #expect(answer.canceled && answer.cancelReason.hasSuffix("permission denied"))
    }
    let watches = try await server.watches(as: .user("point"))
    try await watches.create { $0.key = Data("k".utf8) }
    #expect(try await watches.next().created)
    for key in ["kk", "z", "k"] {
      let _: Etcdserverpb_PutResponse = try await server.call(
        "KV/Put", Rows.put(key), as: .user("root"))
    }
    let events = try await watches.events(1)
    #expect(events.map { String(decoding: $0.kv.key, as: UTF8.self) } == ["k"])
  }
}
