import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Synchronization

/// One member of a cluster of real processes.
final class Node: Sendable {
  let name: String
  let host: String
  let clientPort: Int
  let peerPort: Int
  let dataDirectory: String
  private let folder: String
  private let wrapper: [String]
  private let current = Mutex<ChildProcess?>(nil)
  private let oldLogs = Mutex<String>("")

  init(_ name: String, host: String, in folder: String, wrapper: [String] = []) {
    self.name = name
    self.host = host
    self.folder = folder
    self.wrapper = wrapper
    clientPort = LoopbackPorts.next()
    peerPort = LoopbackPorts.next()
    dataDirectory = folder + "/" + name
  }

  var process: ChildProcess? { current.withLock { $0 } }

  /// What it has logged, over all its lives.
  var log: String { oldLogs.withLock { $0 } + (process.map { $0.output + $0.errors } ?? "") }

  func peerURL(_ scheme: String) -> String { "\(scheme)://\(host):\(peerPort)" }

  func launch(_ flags: [String], scheme: String = "http") throws {
    oldLogs.withLock { $0 = log(before: $0) }
    let words =
      wrapper + [
        try Programs.ours("keelson"), "--name", name, "--data-dir", dataDirectory,
        "--listen-client-urls", "http://\(host):\(clientPort)",
        "--advertise-client-urls", "http://\(host):\(clientPort)",
        "--listen-peer-urls", peerURL(scheme), "--initial-advertise-peer-urls", peerURL(scheme),
      ] + flags
    let child = try ChildProcess(words[0], Array(words.dropFirst()), in: folder)
    current.withLock { $0 = child }
  }

  private func log(before: String) -> String {
    before + (process.map { $0.output + $0.errors } ?? "")
  }

  func client() async throws -> WireClient {
    try await WireClient(host: host, port: clientPort, connectSeconds: 1)
  }

  /// What the member says of itself; nil if it does not.
  func status() async -> Etcdserverpb_StatusResponse? {
    guard let client = try? await client() else { return nil }
    let status: Etcdserverpb_StatusResponse? = try? await client.call(
      "Maintenance/Status", Etcdserverpb_StatusRequest(), seconds: 2)
    await client.connection.close()
    return status
  }
}

/// Members that form a cluster, as processes.
final class TestCluster: Sendable {
  let nodes: [Node]
  let network: Network?
  private let folder: TemporaryDirectory
  private let flags: [String]
  private let scheme: String

  /// Describes a cluster; nothing runs yet.
  init(
    _ count: Int = 3, network: Network? = nil, scheme: String = "http", flags: [String] = []
  ) throws {
    let folder = try TemporaryDirectory()
    self.folder = folder
    self.network = network
    self.scheme = scheme
    nodes = (0..<count).map { place in
      Node(
        "m\(place + 1)", host: network?.host(place) ?? "127.0.0.1", in: folder.path,
        wrapper: network?.wrapper(place) ?? [])
    }
    let members = nodes.map { "\($0.name)=\($0.peerURL(scheme))" }.joined(separator: ",")
    self.flags = ["--initial-cluster", members, "--initial-cluster-token", folder.path] + flags
  }

  deinit { for node in nodes { node.process?.kill() } }

  func start(_ node: Node, extra: [String] = []) throws {
    try node.launch(flags + extra, scheme: scheme)
  }

  func start() throws { for node in nodes { try start(node) } }

  /// The member that leads, by what a majority says.
  func leader(seconds: Double = 30) async throws -> Node {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      var votes: [UInt64: Int] = [:]
      var members: [UInt64: Node] = [:]
      for node in nodes {
        guard let status = await node.status() else { continue }
        members[status.header.memberID] = node
        if status.leader != 0 { votes[status.leader, default: 0] += 1 }
      }
      if let (leader, count) = votes.max(by: { $0.value < $1.value }), count * 2 > nodes.count,
        let node = members[leader]
      {
        return node
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw HarnessError(
      "no leader in \(seconds) s:\n" + nodes.map { "\($0.name): \($0.log.suffix(1_500))" }.joined())
  }
}
