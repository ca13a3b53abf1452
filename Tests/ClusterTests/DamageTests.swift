import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import Testing

/// Members whose disks have damaged what they held.
@Suite("a member that finds its data damaged", .serialized)
struct DamageTests {
  enum Place: CaseIterable, CustomTestStringConvertible {
    case log, engine

    var testDescription: String { self == .log ? "log" : "engine" }
  }

  @Test(
    "names file and offset, and repairs itself from the others",
    .timeLimit(.minutes(3)), arguments: Place.allCases)
  func repair(place: Place) async throws {
    let cluster = try TestCluster()
    try cluster.start()
    let leader = try await cluster.leader()
    let victim = try #require(cluster.nodes.first { $0.name != leader.name })
    let client = try await leader.client()
    for number in 0..<60 {
      _ = try await client.put("k\(number)", String(repeating: "v", count: 300))
    }
    try await agree(cluster)
    // An orderly end leaves everything in the engine.
    victim.process?.signal(SIGTERM)
    _ = try await victim.process?.wait(seconds: 30)
    let path = try Self.damage(victim, place)
    _ = try await client.put("meanwhile", "1")
    try cluster.start(victim)
    try await waits("the damage to be named", cluster) {
      victim.log.contains("this member's data is damaged") && victim.log.contains(path)
    }
    if place == .log { #expect(victim.log.contains("\"offset\":")) }
    try await waits("the state to come from the others", cluster) {
      victim.log.contains("the state that the leader sent is in place")
    }
    _ = try await client.put("afterwards", "1")
    try await agree(cluster)
    // It has its vote again, and what was damaged is gone.
    for _ in 0..<1_500 where try await Self.learners(client) > 0 {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try await Self.learners(client) == 0)
    try await waits("what was damaged to be removed", cluster) {
      !FileManager.default.fileExists(atPath: victim.dataDirectory + "/member/damaged")
    }
  }

  /// Flips a bit in the middle of what a member holds; returns the damaged file or directory.
  private static func damage(_ node: Node, _ place: Place) throws -> String {
    let member = node.dataDirectory + "/member"
    let folder = member + (place == .log ? "/log" : "/engine")
    let ending = place == .log ? ".wal" : ".sst"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(ending) }.sorted()
    let path = folder + "/" + (try #require(names.last))
    let bytes = try Data(contentsOf: URL(filePath: path))
    let end = (try #require(bytes.lastIndex { $0 != 0 })) + 1
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    // A table's data comes first, and all of it is read at a start; its index is at the end.
    let offset = place == .log ? end / 2 : end / 4
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: Data([bytes[offset] ^ 0x10]))
    try file.close()
    return place == .log ? path : folder
  }

  private static func learners(_ client: WireClient) async throws -> Int {
    let list: Etcdserverpb_MemberListResponse = try await client.call(
      "Cluster/MemberList", Etcdserverpb_MemberListRequest())
    return list.members.count { $0.isLearner }
  }

  /// Waits until all members have the same history.
  private func agree(_ cluster: TestCluster) async throws {
    var hashes: [UInt32] = []
    for _ in 0..<1_500 {
      hashes = []
      for node in cluster.nodes {
        guard let client = try? await node.client() else { continue }
        let answer: Etcdserverpb_HashKVResponse? = try? await client.call(
          "Maintenance/HashKV", Etcdserverpb_HashKVRequest(), seconds: 5)
        await client.connection.close()
        if let answer { hashes.append(answer.hash) }
      }
      if hashes.count == cluster.nodes.count, Set(hashes).count == 1 { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("the members differ: \(hashes)")
  }
}
