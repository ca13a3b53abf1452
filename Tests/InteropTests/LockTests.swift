import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("the Lock and Election services", .serialized)
struct LockTests {
  private static func lease(_ client: WireClient, seconds: Int64 = 600) async throws -> Int64 {
    let answer: Etcdserverpb_LeaseGrantResponse = try await client.call(
      "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = seconds })
    return answer.id
  }

  private static func lock(
    _ client: WireClient, _ name: String, _ lease: Int64
  ) async throws -> V3lockpb_LockResponse {
    try await client.call(
      "/v3lockpb.Lock/Lock",
      V3lockpb_LockRequest.with {
        $0.name = Data(name.utf8)
        $0.lease = lease
      })
  }

  private static func waiters(_ client: WireClient, _ name: String) async throws -> Int64 {
    let answer: Etcdserverpb_RangeResponse = try await client.call(
      "KV/Range",
      Etcdserverpb_RangeRequest.with {
        $0.key = Data((name + "/").utf8)
        $0.rangeEnd = Data((name + "0").utf8)
        $0.countOnly = true
      })
    return answer.count
  }

  /// Waits until so many stand in line.
  private static func wait(_ client: WireClient, _ name: String, for count: Int64) async throws {
    for _ in 0..<1_000 {
      if try await waiters(client, name) == count { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("\(name) has not \(count) in line: \(try await waiters(client, name))")
  }

  @Test("the lock passes on in the order of arrival, with rising revisions")
  func order() async throws {
    try await withStore { store, server in
      var leases: [Int64] = []
      for _ in 0..<5 { leases.append(try await Self.lease(store)) }
      let first = try await Self.lock(store, "l", leases[0])
      #expect(String(decoding: first.key, as: UTF8.self) == "l/" + String(leases[0], radix: 16))
      // Again with the same lease: it holds it already.
      #expect(try await Self.lock(store, "l", leases[0]).key == first.key)
      var revisions = [first.header.revision]
      var waiting: [Task<V3lockpb_LockResponse, any Error>] = []
      for (index, lease) in leases.dropFirst().enumerated() {
        waiting.append(
          Task {
            let client = try await WireClient(port: server.clientPort)
            return try await Self.lock(client, "l", lease)
          })
        try await Self.wait(store, "l", for: Int64(index + 2))
      }
      var held = first.key
      for task in waiting {
        let _: V3lockpb_UnlockResponse = try await store.call(
          "/v3lockpb.Lock/Unlock", V3lockpb_UnlockRequest.with { $0.key = held })
        let next = try await task.value
        held = next.key
        revisions.append(next.header.revision)
      }
      #expect(revisions == revisions.sorted() && Set(revisions).count == 5)
      #expect(try await Self.waiters(store, "l") == 1)
    }
  }

  @Test("a caller that gives up, or whose connection breaks, leaves the line")
  func cancellation() async throws {
    try await withStore { store, server in
      _ = try await Self.lock(store, "l", try await Self.lease(store))
      let lease = try await Self.lease(store)
      let patient = try await WireClient(port: server.clientPort)
      let task = Task { try await Self.lock(patient, "l", lease) }
      try await Self.wait(store, "l", for: 2)
      task.cancel()
      await #expect(throws: (any Error).self) { try await task.value }
      try await Self.wait(store, "l", for: 1)

      let lost = try await WireClient(port: server.clientPort)
      let call = Task { try await Self.lock(lost, "l", lease) }
      try await Self.wait(store, "l", for: 2)
      await lost.connection.close()
      await #expect(throws: (any Error).self) { try await call.value }
      try await Self.wait(store, "l", for: 1)
    }
  }

  @Test("a lease that ends takes the waiting call's place, and the call says so")
  func expiry() async throws {
    try await withStore { store, server in
      let first = try await Self.lock(store, "l", try await Self.lease(store))
      let lease = try await Self.lease(store)
      let other = try await WireClient(port: server.clientPort)
      let task = Task { try await Self.lock(other, "l", lease) }
      try await Self.wait(store, "l", for: 2)
      let _: Etcdserverpb_LeaseRevokeResponse = try await store.call(
        "Lease/LeaseRevoke", Etcdserverpb_LeaseRevokeRequest.with { $0.id = lease })
      let _: V3lockpb_UnlockResponse = try await store.call(
        "/v3lockpb.Lock/Unlock", V3lockpb_UnlockRequest.with { $0.key = first.key })
      let refused = await #expect(throws: CallStatus.self) { try await task.value }
      #expect(refused == CallStatus(.unknown, "mutex: session is expired"))
    }
  }

  @Test(
    "etcdctl and the service stand in one line, whoever came first",
    .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
  func mixed() async throws {
    try await withStore { store, server in
      let program = try Programs.peer("bin/etcdctl")
      func etcdctl(_ words: String...) throws -> ChildProcess {
        try ChildProcess(
          program, ["--endpoints", server.endpoint] + words, environment: ["ETCDCTL_API": "3"],
          in: server.folder.path)
      }
      let holder = try etcdctl("lock", "mixed")
      #expect(try await holder.wait(seconds: 10) { $0.output.hasPrefix("mixed/") })
      let other = try await WireClient(port: server.clientPort)
      let lease = try await Self.lease(store)
      let served = Task { try await Self.lock(other, "mixed", lease) }
      try await Self.wait(store, "mixed", for: 2)
      let last = try etcdctl("lock", "mixed", "echo", "mine")
      try await Self.wait(store, "mixed", for: 3)
      holder.signal(SIGTERM)
      let held = try await served.value
      #expect(!last.hasEnded)
      let _: V3lockpb_UnlockResponse = try await store.call(
        "/v3lockpb.Lock/Unlock", V3lockpb_UnlockRequest.with { $0.key = held.key })
      #expect(try await last.wait(seconds: 10) == 0)
      #expect(last.output == "mine\n")

      let leader = try etcdctl("elect", "office", "from etcdctl")
      #expect(try await leader.wait(seconds: 10) { $0.output.contains("from etcdctl") })
      let observer = try await store.stream("/v3electionpb.Election/Observe")
      try await observer.send(
        V3electionpb_LeaderRequest.with { $0.name = Data("office".utf8) }.serializedBytes())
      observer.halfClose()
      let seen = try V3electionpb_LeaderResponse(
        serializedBytes: try #require(try await observer.receive()))
      #expect(seen.kv.value == Data("from etcdctl".utf8))
      let campaign = Task {
        let answer: V3electionpb_CampaignResponse = try await other.call(
          "/v3electionpb.Election/Campaign",
          V3electionpb_CampaignRequest.with {
            $0.name = Data("office".utf8)
            $0.lease = lease
            $0.value = Data("from the service".utf8)
          })
        return answer.leader
      }
      try await Self.wait(store, "office", for: 2)
      leader.signal(SIGTERM)
      let elected = try await campaign.value
      let next = try V3electionpb_LeaderResponse(
        serializedBytes: try #require(try await observer.receive()))
      #expect(next.kv.value == Data("from the service".utf8))
      #expect(next.kv.createRevision == elected.rev)
      let _: V3electionpb_ProclaimResponse = try await store.call(
        "/v3electionpb.Election/Proclaim",
        V3electionpb_ProclaimRequest.with {
          $0.leader = elected
          $0.value = Data("again".utf8)
        })
      let last2 = try V3electionpb_LeaderResponse(
        serializedBytes: try #require(try await observer.receive()))
      #expect(last2.kv.value == Data("again".utf8))
      observer.cancel()
    }
  }
}
