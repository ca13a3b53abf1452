internal import HTTPTransport
internal import NIOCore
internal import Primitives
internal import Synchronization

/// A cluster's everyday load: nodes renew their leases, pods change, controllers read and list, 50
/// watches follow.
struct MixedWorkload: Workload {
  let id = "mixed"

  private static let watches = 50

  func run(_ bench: Bench) async throws {
    let rate = 2_000
    let pods = bench.isQuick ? 500 : 5_000
    var section = Report.Section(
      title: "A mixed Kubernetes load",
      text:
        "An open loop on 10 × 10. Of 100 requests 40 are guarded updates of one of \(pods) pods "
        + "(1 KiB), 30 guarded updates of node leases (256 B), 25 gets of a pod and 5 lists of a "
        + "page of "
        + "100 pods; \(Self.watches) watches on 10 connections follow all pods, and each must see "
        + "every "
        + "change. CPU is for one request, its share of events included.")
    let row = LoadRow(
      "mixed", "mixed", 10, 10, pace: .open(perSecond: rate), keys: pods, valueBytes: 1_024)
    try await bench.withServers { servers in
      var followers: [Followers] = []
      for server in servers {
        followers.append(
          try await Followers.start(server, prefix: MixedTraffic.pods, count: Self.watches, on: 10))
      }
      var traffics: [MixedTraffic] = []
      await bench.measure([row], servers, into: &section) { row, _ in
        let traffic = MixedTraffic(lanes: row.shape.connections * row.shape.depth, pods: pods)
        traffics.append(traffic)
        return traffic
      }
      for (follower, traffic) in zip(followers, traffics) {
        let changes = try await bench.loop.submit { traffic.podChanges }.get()
        try await follower.wait(events: changes * Self.watches)
        await follower.end()
      }
    }
    bench.report.add(section)
  }
}

/// Watches that count what they are told.
final class Followers: @unchecked Sendable {
  private var connections: [ClientConnection] = []
  private var streams: [CallbackStream] = []
  private let counters = Mutex((created: 0, events: 0, ended: 0))
  private let name: String

  private init(_ name: String) { self.name = name }

  /// Opens so many watches on a prefix, spread over connections, each on a stream of its own.
  static func start(
    _ server: RunningServer, prefix: Bytes, count: Int, on connections: Int,
    onEvents: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws -> Followers {
    let followers = Followers(server.name)
    followers.connections = try await server.connect(connections)
    let request = Requests.watch(prefix, end: Requests.end(ofPrefix: prefix))
    for number in 0..<count {
      let stream = followers.connections[number % connections].openStream(Methods.watch) {
        [weak followers] message in
        let events = Answers.occurrences(of: 11, message)
        followers?.counters.withLock { counters in
          if events == 0 { counters.created += 1 }
          counters.events += events
        }
        if events > 0 { onEvents(events) }
      } onEnd: { [weak followers] _ in
        followers?.counters.withLock { $0.ended += 1 }
      }
      stream.send(request)
      followers.streams.append(stream)
    }
    try await followers.wait("watches") { $0.created >= count }
    return followers
  }

  /// Waits until so many events have come, over all watches.
  func wait(events: Int) async throws {
    try await wait("events, \(events) expected,") { $0.events >= events }
    let seen = counters.withLock { $0.events }
    guard seen == events else { throw BenchError("\(name): \(seen) events, \(events) expected") }
  }

  private func wait(
    _ what: String, _ condition: ((created: Int, events: Int, ended: Int)) -> Bool
  ) async throws {
    let deadline = ProcessClock.now + 20
    while true {
      let now = counters.withLock { $0 }
      if condition(now) { return }
      guard now.ended == 0 else { throw BenchError("\(name) has ended \(now.ended) watches") }
      guard ProcessClock.now < deadline else {
        throw BenchError("\(name): \(what) do not come: \(now)")
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  /// Ends all watches.
  func end() async {
    for stream in streams { stream.cancel() }
    for connection in connections { await connection.close() }
  }
}

/// The requests of `MixedWorkload`.
final class MixedTraffic: Traffic, @unchecked Sendable {
  static let pods = Bytes("/registry/pods/".utf8)
  private static let leases = Bytes("/registry/leases/".utf8)

  private enum Kind {
    case pod
    case lease
    case get
    case list
  }

  private struct Lane {
    var pods: [Int64]
    var lease: Int64 = 0
    var kind = Kind.pod
    var place = 0
  }

  private let podValue = KeySpace(count: 1, valueBytes: 1_024).value
  private let leaseValue = KeySpace(count: 1, valueBytes: 256).value
  private let podList = Requests.range(
    MixedTraffic.pods, end: Requests.end(ofPrefix: MixedTraffic.pods), limit: 100)
  private var lanes: [Lane]
  private var turn = 0
  /// Writes of pods that have succeeded.
  private(set) var podChanges = 0
  private(set) var writes = 0

  init(lanes: Int, pods: Int) {
    self.lanes = [Lane](
      repeating: Lane(pods: [Int64](repeating: 0, count: max(1, pods / lanes))), count: lanes)
  }

  func request(_ lane: Int) -> (method: String, message: Bytes) {
    turn += 1
    // 37 and 100 share no factor, so the kinds are mixed evenly.
    let draw = turn * 37 % 100
    let place = turn / 100 % lanes[lane].pods.count
    let known = lanes[lane].pods[place]
    lanes[lane].place = place
    let key = Self.pods + Bytes("ns-\(lane % 10)/pod-\(lane)-\(place)".utf8)
    lanes[lane].kind =
      draw < 40 || (draw < 95 && draw >= 70 && known == 0)
      ? .pod : draw < 70 ? .lease : draw < 95 ? .get : .list
    switch lanes[lane].kind {
    case .pod: return (Methods.transaction, write(key, podValue, known))
    case .lease:
      let name = Self.leases + Bytes("kube-node-lease/node-\(lane)".utf8)
      return (Methods.transaction, write(name, leaseValue, lanes[lane].lease))
    case .get: return (Methods.range, Requests.range(key, limit: 1))
    case .list: return (Methods.range, podList)
    }
  }

  private func write(_ key: Bytes, _ value: Bytes, _ revision: Int64) -> Bytes {
    revision == 0
      ? Requests.create(key, value) : Requests.update(key, value, at: revision)
  }

  func isRight(_ answer: Bytes, _ lane: Int) -> Bool {
    switch lanes[lane].kind {
    case .get: return Answers.number(4, answer) == 1 && answer.count > podValue.count
    case .list: return Answers.revision(answer) != nil
    case .pod, .lease:
      guard Answers.number(2, answer) == 1, let revision = Answers.revision(answer) else {
        return false
      }
      writes += 1
      if lanes[lane].kind == .lease {
        lanes[lane].lease = revision
      } else {
        lanes[lane].pods[lanes[lane].place] = revision
        podChanges += 1
      }
      return true
    }
  }
}
