import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// A member whose history is in doubt.
@Suite("a member with the CORRUPT alarm", .serialized)
struct AlarmTests {
  private static let corrupt = "etcdserver: corrupt cluster"

  @Test(
    "refuses reads, writes, watches and leases over the wire, and serves again once it is disarmed",
    .timeLimit(.minutes(2)))
  func corruptMember() async throws {
    let cluster = try TestCluster()
    try cluster.start()
    _ = try await cluster.leader()
    let (sound, doubted) = (cluster.nodes[0], cluster.nodes[2])
    let (client, other) = (try await sound.client(), try await doubted.client())
    _ = try await client.put("key", "value")
    let id = try #require(await doubted.status()).header.memberID
    let watch = try await other.watches()
    try await watch.create { $0.key = Data("key".utf8) }
    #expect(try await watch.next().created)

    // As the leader does when a member's history differs from that of most.
    let raised: Etcdserverpb_AlarmResponse = try await client.call(
      "Maintenance/Alarm",
      Etcdserverpb_AlarmRequest.with {
        ($0.action, $0.memberID, $0.alarm) = (.activate, id, .corrupt)
      })
    #expect(raised.alarms.map(\.memberID) == [id])

    // The watch that was open ends, and nothing new begins.
    await refused("the watch") { while true { _ = try await watch.next() } }
    let range = Etcdserverpb_RangeRequest.with { $0.key = Data("key".utf8) }
    var stale = range
    stale.serializable = true
    let granted = Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 60 }
    let transaction = Etcdserverpb_TxnRequest.with {
      $0.success = [.with { $0.requestRange = range }]
    }
    await refused("a range") { _ = try await other.range(range) }
    await refused("a stale range") { [stale] in _ = try await other.range(stale) }
    await refused("a put") { _ = try await other.put("key", "another") }
    await refused("a transaction that reads") { _ = try await other.commit(transaction) }
    await refused("a lease") {
      let _: Etcdserverpb_LeaseGrantResponse = try await other.call("Lease/LeaseGrant", granted)
    }
    await refused("a compaction") {
      let _: Etcdserverpb_CompactionResponse = try await other.call(
        "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = 1 })
    }
    await refused("a new watch") {
      let watch = try await other.watches()
      try await watch.create { $0.key = Data("key".utf8) }
      _ = try await watch.next()
    }
    // Whose history is the majority's shows it, and takes no writes, as with etcd.
    await refused("a put elsewhere") { _ = try await client.put("key", "another") }
    #expect(try await client.range(range).kvs.first?.value == Data("value".utf8))
    // Who looks after the cluster gets answers.
    #expect(await doubted.status()?.errors.contains { $0.contains("CORRUPT") } == true)

    let control = try Programs.ours("keelsonctl")
    let endpoint = ["--endpoints", "127.0.0.1:\(doubted.clientPort)"]
    let line = "memberID:\(id) alarm:CORRUPT"
    #expect(try await run(control, endpoint + ["alarm", "list"]).output.contains(line))
    let health = try await run(control, endpoint + ["endpoint", "health"])
    #expect(health.code != 0, "\(health.output)")
    let disarmed = try await run(control, endpoint + ["alarm", "disarm"])
    #expect(disarmed.code == 0 && disarmed.output.contains(line), "\(disarmed.errors)")
    #expect(try await run(control, endpoint + ["alarm", "list"]).output.isEmpty)

    // It compares itself with the others first.
    var served: Data?
    for _ in 0..<600 where served == nil {
      served = try? await other.range(range).kvs.first?.value
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(served == Data("value".utf8), "\(doubted.log.suffix(2_000))")
    _ = try await other.put("key", "another")
    #expect(try await other.range(range).kvs.first?.value == Data("another".utf8))
  }

  /// Expects the error that etcd's clients know.
  private func refused(_ what: String, _ body: @Sendable () async throws -> Void) async {
    do {
      try await body()
      Issue.record("\(what) is served")
    } catch let status as CallStatus {
      #expect(status.code == .dataLoss && status.message == Self.corrupt, "\(what): \(status)")
    } catch {
      Issue.record("\(what): \(error)")
    }
  }
}
