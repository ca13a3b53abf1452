import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// A member whose cluster has no majority any more.
@Suite("a member without a majority", .serialized)
struct QuorumLossTests {
  @Test(
    "serves stale reads, refuses the rest within a request's time, says so in its metrics, and recovers",
    .timeLimit(.minutes(2)))
  func leaderAlone() async throws {
    let cluster = try TestCluster(
      flags: ["--heartbeat-interval", "50", "--election-timeout", "500"])
    try cluster.start()
    let leader = try await cluster.leader()
    let client = try await leader.client()
    _ = try await client.put("key", "value")
    #expect(try await number("etcd_server_slow_read_indexes_total", of: leader) == 0)
    let others = cluster.nodes.filter { $0.name != leader.name }
    for node in others { try await pause(node) }

    let range = Etcdserverpb_RangeRequest.with { $0.key = Data("key".utf8) }
    var stale = range
    stale.serializable = true
    async let read = refusal { _ = try await client.range(range) }
    async let write = refusal { _ = try await client.put("key", "another") }
    let (readError, writeError) = await (read, write)
    #expect(readError == "etcdserver: request timed out")
    // The leader steps down sooner, and does not know whether the entry will survive.
    #expect(writeError == "etcdserver: leader changed")
    #expect(try await client.range(stale).kvs.first?.value == Data("value".utf8))
    #expect(try await number("etcd_server_slow_read_indexes_total", of: leader) == 1)
    #expect(try await number("etcd_server_read_indexes_failed_total", of: leader) == 1)
    #expect(try await number("etcd_server_has_leader", of: leader) == 0)

    for node in others { node.process?.signal(SIGCONT) }
    _ = try await cluster.leader()
    let after = try await client.range(range).kvs.first?.value
    // Whether a write that timed out took effect is open, as with etcd.
    #expect(after == Data("value".utf8) || after == Data("another".utf8))
    _ = try await client.put("key", "third")
    #expect(try await client.range(range).kvs.first?.value == Data("third".utf8))
    #expect(try await number("etcd_server_has_leader", of: leader) == 1)
  }

  /// Stops a process, and waits until none of its threads runs: one that has not been told yet may still answer others.
  private func pause(_ node: Node) async throws {
    let process = try #require(node.process)
    process.signal(SIGSTOP)
    let tasks = "/proc/\(process.pid)/task"
    for _ in 0..<3_000 {
      let states = try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
        let line = try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
        // The state follows the name, which is in parentheses.
        return line[(line.lastIndex(of: ")") ?? line.startIndex)...].dropFirst(2).first
      }
      if states.allSatisfy({ $0 == "T" }) { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("\(node.name) does not stop")
  }

  /// The error with which something fails; nil if it does not.
  private func refusal(_ body: @Sendable () async throws -> Void) async -> String? {
    do { try await body() } catch let status as CallStatus { return status.message } catch {
      return "\(error)"
    }
    return nil
  }

  /// The value of a metric without labels.
  private func number(_ metric: String, of node: Node) async throws -> Double? {
    let page = try await HTTPAnswer.fetch(
      "/metrics", from: .tcp(host: node.host, port: node.clientPort))
    let line = String(decoding: page.body, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix(metric + " ")
    }
    return line.flatMap { Double($0.dropFirst(metric.count + 1)) }
  }
}
