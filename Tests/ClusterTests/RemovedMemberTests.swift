import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// Members that were removed while they were away.
@Suite("a member that was removed while it was away", .serialized)
struct RemovedMemberTests {
  @Test(
    "and comes back with its old data is told so, by members that have started again since, and ends",
    .timeLimit(.minutes(3)))
  func comesBack() async throws {
    let cluster = try TestCluster()
    try cluster.start()
    let leader = try await cluster.leader()
    let gone = try #require(cluster.nodes.first { $0.name != leader.name })
    let id = try #require(await gone.status()).header.memberID
    gone.process?.signal(SIGTERM)
    _ = try await gone.process?.wait(seconds: 30)
    let client = try await cluster.leader().client()
    let _: Etcdserverpb_MemberRemoveResponse = try await client.call(
      "Cluster/MemberRemove", Etcdserverpb_MemberRemoveRequest.with { $0.id = id }, seconds: 30)
    await client.connection.close()
    let others = cluster.nodes.filter { $0.name != gone.name }
    for node in others {
      node.process?.signal(SIGTERM)
      _ = try await node.process?.wait(seconds: 30)
    }
    for node in others { try cluster.start(node) }
    _ = try await cluster.leader()
    try cluster.start(gone)
    #expect(try await gone.process?.wait(seconds: 60) == 0)
    #expect(gone.log.contains("the member has been permanently removed from the cluster"))
  }
}
