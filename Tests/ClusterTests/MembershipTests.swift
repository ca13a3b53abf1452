import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// Members that come and go.
@Suite("members that come and go", .serialized)
struct MembershipTests {
  @Test(
    "three members become five and three again under load, and no request fails but for a change of leader",
    .timeLimit(.minutes(2)))
  func fiveAndBack() async throws {
    let cluster = try TestCluster(3, spares: 2)
    let founders = Array(cluster.nodes.prefix(3))
    let spares = Array(cluster.nodes.suffix(2))
    for node in founders { try cluster.start(node) }
    _ = try await cluster.leader(of: founders)
    let history = History()
    let watcher = FollowingWatcher(founders[0])
    let seed = SeededGenerator.fromEnvironment()
    let load = (0..<4).map { number in
      Task {
        var client = LoadClient(
          cluster: cluster, nodes: founders, history: history,
          generator: SeededGenerator(seed: seed.seed &+ UInt64(number)))
        client.seconds = 30
        await client.run()
      }
    }
    let watching = Task { await watcher.run() }
    defer { for task in load + [watching] { task.cancel() } }

    var joined: [UInt64] = []
    for node in spares {
      try await progress(history, cluster)
      joined.append(try await cluster.join(node, by: founders[0]))
      try await follows(node, cluster)
    }
    try await progress(history, cluster)
    for (node, id) in zip(spares, joined) {
      try await cluster.remove(id, by: founders[0])
      try await waits("\(node.name) to end because it was removed", cluster) {
        node.process?.hasEnded ?? true
      }
      #expect(node.process?.exitCode == 0, "\(node.log.suffix(1_000))")
      try await progress(history, cluster)
    }
    for task in load { task.cancel() }
    for task in load { await task.value }

    let last = try await write("end", at: founders[0])
    try await waits("the watch to see revision \(last)", cluster) {
      (watcher.events.last?.revision ?? 0) >= last
    }
    let violations = history.violations(watcher.events)
    #expect(violations.isEmpty, "seed \(seed.seed): \(violations.prefix(5))")
    // A task that is cancelled gives its last call up.
    let failures = history.failures.filter { text in
      !["leader", "timed out", "cancel", "Cancel"].contains { text.contains($0) }
    }
    #expect(failures.isEmpty, "\(failures.prefix(5))")
    #expect(try await hashes(founders, at: last).count == 1)
  }

  @Test(
    "a learner added to get its vote has it once it runs and has caught up, and not before",
    .timeLimit(.minutes(2)))
  func promotion() async throws {
    let cluster = try TestCluster(1, spares: 1)
    let (founder, learner) = (cluster.nodes[0], cluster.nodes[1])
    try cluster.start(founder)
    _ = try await cluster.leader(of: [founder])
    for number in 0..<50 { _ = try await write("k\(number)", at: founder) }
    let control = try Programs.ours("keelsonctl")
    let endpoint = ["--endpoints", "127.0.0.1:\(founder.clientPort)"]
    let words = endpoint + ["member", "add", learner.name, "--peer-urls", learner.peerURL("http")]
    let refused = try await run(control, words + ["--promote-when-ready"])
    #expect(refused.code == 128 && refused.errors.contains("needs --learner"))
    let added = try await run(control, words + ["--learner", "--promote-when-ready"])
    #expect(added.code == 0, "\(added.errors)")
    func list() async throws -> String {
      try await run(control, endpoint + ["member", "list"]).output
    }
    // It has not started, so it stays a learner, and the founder decides alone.
    for number in 0..<5 { _ = try await write("without \(number)", at: founder) }
    #expect(try await list().contains(", true"))

    try cluster.start(
      learner,
      extra: [
        "--initial-cluster",
        [founder, learner].map { "\($0.name)=\($0.peerURL("http"))" }.joined(separator: ","),
        "--initial-cluster-state", "existing",
      ])
    var listed = ""
    for _ in 0..<600 where !listed.contains("\(learner.name),") || listed.contains(", true") {
      listed = try await list()
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(listed.contains("\(learner.name),") && !listed.contains(", true"), "\(listed)")
    try await follows(learner, cluster)
    learner.process?.kill()
    // Now two vote, and one alone decides nothing.
    let alone = try await run(control, endpoint + ["--command-timeout", "2s", "put", "a", "b"])
    #expect(alone.code != 0)
  }

  @Test(
    "a member whose disk was wiped is refused, and comes back once it was removed and added",
    .timeLimit(.minutes(2)))
  func wiped() async throws {
    let cluster = try TestCluster()
    try cluster.start()
    _ = try await cluster.leader()
    let (asked, lost) = (cluster.nodes[0], cluster.nodes[2])
    for number in 0..<20 { _ = try await write("k\(number)", at: asked) }
    let id = try #require(await lost.status()).header.memberID
    lost.process?.kill()
    try FileManager.default.removeItem(atPath: lost.dataDirectory)

    try cluster.start(lost)
    try await waits("the member without its data to be refused", cluster) {
      lost.process?.hasEnded ?? true
    }
    #expect(lost.process?.exitCode != 0)
    #expect(lost.log.contains("has already been bootstrapped"), "\(lost.log.suffix(1_000))")

    try? FileManager.default.removeItem(atPath: lost.dataDirectory)
    try await cluster.remove(id, by: asked)
    let again = try await cluster.join(lost, by: asked)
    #expect(again != id)
    try await follows(lost, cluster)
    let last = try await write("end", at: lost)
    #expect(try await hashes(cluster.nodes, at: last).count == 1)
  }

  // MARK: Parts

  private func progress(_ history: History, _ cluster: TestCluster) async throws {
    let writes = history.writes
    try await waits("progress", cluster) { history.writes >= writes + 40 }
  }

  /// Waits until a member answers linearizable reads itself.
  private func follows(_ node: Node, _ cluster: TestCluster) async throws {
    for _ in 0..<1_000 {
      if let client = try? await node.client() {
        let answer: Etcdserverpb_RangeResponse? = try? await client.call(
          "KV/Range", Etcdserverpb_RangeRequest.with { $0.key = Data("end".utf8) }, seconds: 5)
        await client.connection.close()
        if answer != nil { return }
      }
      try await Task.sleep(for: .milliseconds(30))
    }
    throw HarnessError("\(node.name) does not follow: \(node.log.suffix(3_000))")
  }

  private func write(_ key: String, at node: Node) async throws -> Int64 {
    let client = try await node.client()
    defer { Task { await client.connection.close() } }
    return try await client.put(key, "v").header.revision
  }

  /// The hashes that members give for their histories up to a revision.
  private func hashes(_ nodes: [Node], at revision: Int64) async throws -> Set<UInt32> {
    var hashes: Set<UInt32> = []
    for node in nodes {
      let client = try await node.client()
      // A linearizable read first: then the member has applied the revision.
      _ = try await client.range(Etcdserverpb_RangeRequest.with { $0.key = Data("end".utf8) })
      let hash: Etcdserverpb_HashKVResponse = try await client.call(
        "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = revision },
        seconds: 30)
      hashes.insert(hash.hash)
      await client.connection.close()
    }
    return hashes
  }
}
