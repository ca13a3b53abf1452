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
  /// - Parameter spares: further nodes, of which the cluster does not know when it begins.
  init(
    _ count: Int = 3, spares: Int = 0, network: Network? = nil, scheme: String = "http",
    flags: [String] = []
  ) throws {
    let folder = try TemporaryDirectory()
    self.folder = folder
    self.network = network
    self.scheme = scheme
    nodes = (0..<count + spares).map { place in
      Node(
        "m\(place + 1)", host: network?.host(place) ?? "127.0.0.1", in: folder.path,
        wrapper: network?.wrapper(place) ?? [])
    }
    let members = nodes.prefix(count).map { "\($0.name)=\($0.peerURL(scheme))" }.joined(
      separator: ",")
    self.flags = ["--initial-cluster", members, "--initial-cluster-token", folder.path] + flags
  }

  deinit { for node in nodes { node.process?.kill() } }

  func start(_ node: Node, extra: [String] = []) throws {
    try node.launch(flags + extra, scheme: scheme)
  }

  func start() throws { for node in nodes { try start(node) } }

  /// Has a node join that has no data, as a voter, and starts it.
  /// - Returns: its identifier.
  func join(_ node: Node, by asked: Node) async throws -> UInt64 {
    let client = try await asked.client()
    let request = Etcdserverpb_MemberAddRequest.with { $0.peerUrls = [node.peerURL(scheme)] }
    let answer: Etcdserverpb_MemberAddResponse = try await Self.change("MemberAdd", request, client)
    await client.connection.close()
    let names = answer.members.map { member in
      "\(member.name.isEmpty ? node.name : member.name)=\(member.peerUrls.first ?? "")"
    }
    try start(
      node,
      extra: [
        "--initial-cluster", names.joined(separator: ","), "--initial-cluster-state", "existing",
      ])
    return answer.member.id
  }

  /// Removes a member.
  func remove(_ id: UInt64, by asked: Node) async throws {
    let client = try await asked.client()
    let _: Etcdserverpb_MemberRemoveResponse = try await Self.change(
      "MemberRemove", Etcdserverpb_MemberRemoveRequest.with { $0.id = id }, client)
    await client.connection.close()
  }

  /// Changes are refused while the members are not all healthy, so it asks again for a while.
  private static func change<Answer: Message>(
    _ method: String, _ request: any Message, _ client: WireClient
  ) async throws -> Answer {
    let end = ContinuousClock.now + .seconds(30)
    while true {
      do {
        return try await client.call("Cluster/" + method, request, seconds: 30)
      } catch {
        if ContinuousClock.now > end { throw error }
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  /// The member that leads, by what a majority of all nodes says, or of some.
  func leader(of some: [Node]? = nil, seconds: Double = 30) async throws -> Node {
    let nodes = some ?? nodes
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
