internal import EtcdProtocol
internal import Glibc
internal import HTTPTransport
internal import NIOCore
internal import Primitives
internal import SwiftProtobuf

/// Several members of one program, each a process, that are one store.
final class RunningCluster: MeasuredTarget, @unchecked Sendable {
  /// What the members are.
  let program: ServerProgram
  /// In the order of their names.
  private(set) var members: [RunningServer] = []
  private let folder: String
  private let firstPort: Int
  private let group: any EventLoopGroup

  /// Milliseconds of the election timeout, the default of both programs.
  static let electionMilliseconds = 1_000.0
  private static let ports = 2

  /// Describes a cluster whose members use ports from `port` on, two each.
  init(_ program: ServerProgram, count: Int, folder: String, port: Int, group: any EventLoopGroup) {
    self.program = program
    self.folder = folder
    self.group = group
    firstPort = port
    let places = 0..<count
    let names = places.map { "m\($0 + 1)=\(peer($0))" }.joined(separator: ",")
    members = places.map { member($0, flags: ["--initial-cluster", names]) }
  }

  private func peer(_ place: Int) -> String {
    "http://127.0.0.1:\(firstPort + Self.ports * place + 1)"
  }

  private func member(_ place: Int, flags: [String]) -> RunningServer {
    let own = "\(folder)/m\(place + 1)"
    let port = firstPort + Self.ports * place
    let client = "http://127.0.0.1:\(port)"
    return RunningServer(
      program, folder: own, port: port, group: group,
      arguments: [
        "--name", "m\(place + 1)", "--data-dir", own + "/data",
        "--listen-client-urls", client, "--advertise-client-urls", client,
        "--listen-peer-urls", peer(place), "--initial-advertise-peer-urls", peer(place),
        "--quota-backend-bytes", "\(16 * 1024 * 1024 * 1024)",
      ] + flags)
  }

  /// Starts all members and waits until each answers.
  func start() async throws {
    for place in members.indices {
      try SystemFile.makeFolder("\(folder)/m\(place + 1)")
      try members[place].launch()
    }
    for member in members { try await member.waitUntilServing() }
  }

  /// Ends all members at once.
  func stop() async {
    for member in members { try? await member.stop(SIGKILL) }
  }

  // MARK: A load's view

  var name: String { program.name }
  var headers: Headers { [] }

  /// What all members have together.
  var memory: Memory {
    members.map(\.memory).reduce(into: Memory()) { sum, memory in
      sum.resident += memory.resident
      sum.anonymous += memory.anonymous
      sum.peak += memory.peak
    }
  }

  /// Connections, to one member after the other.
  func connect(_ count: Int) async throws -> [ClientConnection] {
    var connections: [ClientConnection] = []
    for number in 0..<count {
      connections.append(try await members[number % members.count].connect())
    }
    return connections
  }

  func revision() async throws -> Int64 { try await members[0].revision() }

  func cpuSeconds() throws -> Double {
    try members.reduce(0) { try $0 + $1.cpuSeconds() }
  }

  // MARK: Members

  /// The place of the member that leads.
  func leader() async throws -> Int {
    let deadline = ProcessClock.now + 30
    while ProcessClock.now < deadline {
      for (place, member) in members.enumerated() {
        if let status = try? await status(of: member), status.leader != 0,
          status.leader == status.header.memberID
        {
          return place
        }
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw BenchError("\(name): nobody leads")
  }

  private func status(of member: RunningServer) async throws -> Etcdserverpb_StatusResponse {
    try await Self.ask(member, "Maintenance/Status", Etcdserverpb_StatusRequest())
  }

  private static func ask<Answer: Message>(
    _ member: RunningServer, _ method: String, _ request: some Message
  ) async throws -> Answer {
    let answer = try await member.ask(
      "/etcdserverpb." + method, try request.serializedBytes(), seconds: 10)
    return try Answer(serializedBytes: answer)
  }

  /// Adds a member without data, and waits until it has caught up and votes.
  /// - Returns: what it takes to remove it.
  func join() async throws -> Newcomer {
    let added: Etcdserverpb_MemberAddResponse = try await Self.ask(
      members[0], "Cluster/MemberAdd",
      Etcdserverpb_MemberAddRequest.with {
        $0.peerUrls = [peer(members.count)]
        $0.isLearner = true
      })
    let place = members.count
    let names = added.members.map { member in
      let name = member.name.isEmpty ? "m\(place + 1)" : member.name
      return "\(name)=\(member.peerUrls.first ?? "")"
    }
    let server = member(
      place,
      flags: [
        "--initial-cluster", names.joined(separator: ","), "--initial-cluster-state", "existing",
      ])
    try SystemFile.makeFolder("\(folder)/m\(place + 1)")
    try server.launch()
    let deadline = ProcessClock.now + 120
    let request = Etcdserverpb_MemberPromoteRequest.with { $0.id = added.member.id }
    while ProcessClock.now < deadline {
      let answer: Etcdserverpb_MemberPromoteResponse? = try? await Self.ask(
        members[0], "Cluster/MemberPromote", request)
      if answer != nil { return Newcomer(id: added.member.id, place: place, server: server) }
      try await Task.sleep(for: .milliseconds(100))
    }
    try? await server.stop(SIGKILL)
    throw BenchError("\(name): the new member does not catch up")
  }

  /// A member that joined.
  struct Newcomer: Sendable {
    let id: UInt64
    let place: Int
    let server: RunningServer
  }

  /// Removes a member that joined, with its data.
  func remove(_ newcomer: Newcomer) async throws {
    let _: Etcdserverpb_MemberRemoveResponse = try await Self.ask(
      members[0], "Cluster/MemberRemove",
      Etcdserverpb_MemberRemoveRequest.with { $0.id = newcomer.id })
    try await newcomer.server.stop(SIGKILL)
    SystemFile.removeFolder("\(folder)/m\(newcomer.place + 1)")
  }
}
