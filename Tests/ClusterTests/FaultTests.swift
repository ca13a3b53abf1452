import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// Three real members under load, while processes and cables fail.
@Suite("three members", .serialized)
struct FaultTests {
  @Test(
    "lose nothing, answer as one store and agree: killed, stopped, cut off, one or all",
    .timeLimit(.minutes(5)))
  func faults() async throws {
    let network = Network.isAvailable ? try Network(count: 3) : nil
    let cluster = try TestCluster(network: network)
    let history = History()
    let seed = SeededGenerator.fromEnvironment()
    try cluster.start()
    _ = try await cluster.leader()
    let watchers = cluster.nodes.map { FollowingWatcher($0) }
    let load = (0..<6).map { number in
      Task {
        var client = LoadClient(
          cluster: cluster, history: history,
          generator: SeededGenerator(seed: seed.seed &+ UInt64(number)))
        await client.run()
      }
    }
    let watching = watchers.map { watcher in Task { await watcher.run() } }
    defer { for task in load + watching { task.cancel() } }

    try await progress(history, cluster, "at first")
    try await kill(try await follower(cluster), cluster, history)
    try await kill(try await cluster.leader(), cluster, history)
    try await stop(try await cluster.leader(), cluster, history)
    if network != nil { try await cut(try await cluster.leader(), cluster, history) }
    for node in cluster.nodes { node.process?.kill() }
    try cluster.start()
    try await progress(history, cluster, "after all were killed")
    if network != nil { try await cut(try await follower(cluster), cluster, history) }

    for task in load { task.cancel() }
    for task in load { await task.value }
    let last = try await settle(cluster)
    try await waits("the watches to see revision \(last)", cluster) {
      watchers.allSatisfy { ($0.events.last?.revision ?? 0) >= last }
    }
    let events = watchers[0].events
    #expect(events.map(\.revision) == Array(2...last), "a watch has a gap or a duplicate")
    for watcher in watchers { #expect(watcher.events == events, "\(watcher.node.name)'s watch") }
    let violations = history.violations(events)
    #expect(violations.isEmpty, "seed \(seed.seed): \(violations.prefix(5))")
    #expect(history.writes > 200 && history.reads > 100)
  }

  // MARK: Faults

  private func follower(_ cluster: TestCluster) async throws -> Node {
    let leader = try await cluster.leader()
    return cluster.nodes.first { $0 !== leader } ?? leader
  }

  /// Kills a member, and starts it again once the others went on.
  private func kill(_ node: Node, _ cluster: TestCluster, _ history: History) async throws {
    node.process?.kill()
    try await progress(history, cluster, "while \(node.name) was dead")
    try cluster.start(node)
    try await catchUp(node, cluster)
  }

  /// Stops a member's process, and lets it go on once the others did: it must not believe that it leads.
  private func stop(_ node: Node, _ cluster: TestCluster, _ history: History) async throws {
    node.process?.signal(SIGSTOP)
    try await progress(history, cluster, "while \(node.name) was stopped")
    node.process?.signal(SIGCONT)
    try await catchUp(node, cluster)
  }

  /// Pulls a member's cable, and puts it back once the others went on.
  private func cut(_ node: Node, _ cluster: TestCluster, _ history: History) async throws {
    let place = cluster.nodes.firstIndex { $0 === node } ?? 0
    try cluster.network?.cut(place)
    try await progress(history, cluster, "while \(node.name) was cut off")
    try cluster.network?.mend(place)
    try await catchUp(node, cluster)
  }

  // MARK: Waiting

  private func progress(_ history: History, _ cluster: TestCluster, _ when: String) async throws {
    let (writes, reads) = (history.writes, history.reads)
    try await waits("progress \(when)", cluster) {
      history.writes >= writes + 60 && history.reads >= reads + 20
    }
  }

  /// Waits until a member has what the leader had when this began.
  private func catchUp(_ node: Node, _ cluster: TestCluster) async throws {
    let leader = try await cluster.leader()
    let index = await leader.status()?.raftIndex ?? 0
    for _ in 0..<3_000 {
      if let status = await node.status(), status.raftAppliedIndex >= index { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw HarnessError("\(node.name) did not come back: \(node.log.suffix(3_000))")
  }

  /// Waits until all members have the same revision, and compares their histories.
  private func settle(_ cluster: TestCluster) async throws -> Int64 {
    _ = try await cluster.leader()
    // A write that every member has seen ends what is under way.
    var last: Int64 = 0
    for _ in 0..<200 {
      guard let client = try? await cluster.nodes[0].client() else { continue }
      let answer: Etcdserverpb_PutResponse? = try? await client.call(
        "KV/Put",
        Etcdserverpb_PutRequest.with {
          $0.key = Data("end".utf8)
          $0.value = Data(UUID().uuidString.utf8)
        }, seconds: 5)
      await client.connection.close()
      last = answer?.header.revision ?? 0
      if last > 0 { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    var hashes: Set<UInt32> = []
    for node in cluster.nodes {
      let client = try await node.client()
      var seen: Int64 = 0
      while seen < last {
        let range: Etcdserverpb_RangeResponse = try await client.call(
          "KV/Range", Etcdserverpb_RangeRequest.with { $0.key = Data("end".utf8) }, seconds: 30)
        seen = range.header.revision
      }
      let hash: Etcdserverpb_HashKVResponse = try await client.call(
        "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = last }, seconds: 30)
      hashes.insert(hash.hash)
      await client.connection.close()
    }
    #expect(hashes.count == 1, "the members' histories differ at revision \(last)")
    return last
  }
}

/// Waits until something holds, for as long as no sound machine needs.
func waits(_ what: String, _ cluster: TestCluster, until condition: () -> Bool) async throws {
  for _ in 0..<6_000 {
    if condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  throw HarnessError(
    "in vain: \(what)\n"
      + cluster.nodes.map { "\($0.name): \($0.log.suffix(2_000))" }.joined(separator: "\n"))
}
