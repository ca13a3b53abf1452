import MVCC
import Member
import Primitives
import ReplicaCore
import Synchronization
import Testing

/// Several members in one process, each with a data directory of its own.
final class TestCluster {
  let directory = TemporaryDirectory()
  let network = LoopbackNetwork()
  var members: [String: Member] = [:]
  var configurations: [String: MemberConfiguration] = [:]
  let removals = Mutex<[String]>([])

  /// Begins a cluster of founders.
  init(_ names: [String], _ change: (inout MemberConfiguration) -> Void = { _ in }) throws {
    for name in names {
      var configuration = configuration(name)
      configuration.initialMembers = names.map {
        InitialMember(name: $0, peerURLs: ["http://\($0):2380"])
      }
      change(&configuration)
      configurations[name] = configuration
      try start(name)
    }
  }

  func configuration(_ name: String) -> MemberConfiguration {
    var configuration = MemberConfiguration(dataDirectory: directory.path + "/" + name)
    configuration.name = name
    configuration.peerURLs = ["http://\(name):2380"]
    configuration.clientURLs = ["http://\(name):2379"]
    configuration.heartbeatMilliseconds = 20
    configuration.electionTimeoutMilliseconds = 400
    configuration.connect = { [network] in network.connect($0) }
    return configuration
  }

  func start(_ name: String) throws {
    members[name] = try Member.start(configuration: try #require(configurations[name]))
  }

  func stop(_ name: String) {
    guard let member = members.removeValue(forKey: name) else { return }
    member.stop()
    network.remove(member.id)
  }

  func stopAll() { for name in members.keys.sorted() { stop(name) } }

  subscript(name: String) -> Member { members[name]! }

  /// The leader, once there is one that all that run agree about.
  func leader() async throws -> Member {
    try await eventually("a leader that all follow") {
      let leaders = Set(members.values.map(\.status.leader))
      guard leaders.count == 1, let leader = leaders.first, leader != .none else { return nil }
      return members.values.first { $0.id == leader && $0.isReady }
    }
  }

  func followers() async throws -> [Member] {
    let leader = try await leader()
    return members.values.filter { $0.id != leader.id }.sorted { $0.id < $1.id }
  }

  func name(_ member: Member) -> String { members.first { $0.value.id == member.id }!.key }

  /// Waits until all members have applied as much as the leader.
  func converge() async throws {
    let target = try await leader().store.currentRevision
    try await eventually("all at revision \(target)") {
      members.values.allSatisfy { $0.store.currentRevision >= target } ? true : nil
    }
  }
}

/// Something that was waited for.
struct NeverCame: Error, CustomStringConvertible { let description: String }

/// Looks again until there is something, for at most half a minute.
@discardableResult
func eventually<Value>(
  _ what: String, _ look: () async throws -> Value?
) async throws -> Value {
  for _ in 0..<3_000 {
    if let value = try await look() { return value }
    try await Task.sleep(for: .milliseconds(10))
  }
  throw NeverCame(description: "never came: \(what)")
}

extension WatchStream {
  /// The number of events that there are at present, taken out.
  func drain() -> Int {
    var events = 0
    while true {
      switch next(maxBytes: 1 << 20) {
      case .events(_, _, let more, _): events += more.count
      case .needsHistory: readHistory()
      case .progress: continue
      case .none, .canceled: return events
      }
    }
  }
}

extension Member {
  /// Puts, and asks again while the cluster changes hands.
  func putEventually(_ key: String, _ value: String) async throws {
    try await eventually("a put") { await put(key, value).isSuccess ? true : nil }
  }

  func readIndex() async -> Result<Void, ProposalError> {
    await withCheckedContinuation { continuation in
      linearizableRead { continuation.resume(returning: $0) }
    }
  }
}

@Suite("A cluster of members", .timeLimit(.minutes(3)))
struct ClusterMemberTests {
  @Test("replicates what any member is asked to write, and answers where it was asked")
  func replication() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    for name in ["a", "b", "c"] {
      for number in 0..<20 {
        let result = await cluster[name].put("\(name)\(number)", "value")
        #expect(result.isSuccess, "\(name): \(result)")
        // Who was asked has applied it.
        #expect(try cluster[name].value("\(name)\(number)") == "value")
      }
    }
    for name in ["a", "b", "c"] {
      #expect(await cluster[name].readIndex().isSuccess)
      for other in ["a", "b", "c"] { #expect(try cluster[name].value("\(other)19") == "value") }
    }
    #expect(Set(cluster.members.values.map(\.cluster)).count == 1)
    try await eventually("published attributes") {
      cluster["a"].members.allSatisfy { !$0.clientURLs.isEmpty } ? true : nil
    }
  }

  @Test("goes on when its leader is gone, and the leader comes back as a follower")
  func leaderLoss() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    let leader = try await cluster.leader()
    let name = cluster.name(leader)
    #expect(await leader.put("before", "1").isSuccess)
    cluster.network.isolate(leader.id)
    let follower = try #require(cluster.members.values.first { $0.id != leader.id })
    try await follower.putEventually("during", "2")
    // The old leader cannot know what others wrote, and says so rather than show what it has.
    #expect(await leader.readIndex().error != nil)
    cluster.network.isolate(leader.id, false)
    try await cluster.converge()
    #expect(await cluster[name].readIndex().isSuccess)
    #expect(try cluster[name].value("during") == "2")
  }

  @Test("keeps what was acknowledged when all members stop and start")
  func restart() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    try await cluster["b"].putEventually("key", "value")
    for name in ["a", "b", "c"] { cluster.stop(name) }
    for name in ["a", "b", "c"] { try cluster.start(name) }
    #expect(await cluster["c"].readIndex().isSuccess)
    #expect(try cluster["c"].value("key") == "value")
    try await cluster["c"].putEventually("key", "again")
  }

  @Test("sends the state to a follower that the log cannot bring up, under its readers and watches")
  func laggingFollower() async throws {
    let cluster = try TestCluster(["a", "b", "c"]) {
      $0.snapshotCount = 20
      $0.catchUpEntries = 5
    }
    defer { cluster.stopAll() }
    let lagging = try #require(try await cluster.followers().first)
    try await lagging.putEventually("seen", "0")
    let stream = lagging.watches.openStream {}
    defer { stream.close() }
    _ = stream.create(WatchRequest(KeyRange(Bytes("k".utf8), end: Bytes("l".utf8))))
    cluster.network.isolate(lagging.id)
    let leader = try await eventually("another leader, or the same") {
      cluster.members.values.first { $0.id == $0.status.leader && $0.id != lagging.id }
    }
    for number in 0..<200 { try await leader.putEventually("k\(number)", "value") }
    try await eventually("a log that begins later") {
      leader.status.flushedIndex > LogIndex(150) ? true : nil
    }
    let sent = cluster.network.statesSent
    cluster.network.isolate(lagging.id, false)
    try await cluster.converge()
    #expect(cluster.network.statesSent > sent)
    #expect(try lagging.value("k199") == "value")
    #expect(try lagging.value("seen") == "0")
    lagging.store.checkInvariants()
    var events = 0
    try await eventually("every event") {
      events += stream.drain()
      return events >= 200 ? true : nil
    }
    #expect(events == 200)
    // It goes on as any follower, also after a restart.
    #expect(await lagging.put("after", "1").isSuccess)
    let name = cluster.name(lagging)
    cluster.stop(name)
    try cluster.start(name)
    #expect(await cluster[name].readIndex().isSuccess)
    #expect(try cluster[name].value("after") == "1")
  }

  @Test("serves leases at every member by the leader's clock")
  func leases() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    for (number, name) in ["a", "b", "c"].enumerated() {
      let lease = LeaseID(Int64(number + 1))
      let granted = await cluster[name].carryOut(.store(.grantLease(lease, seconds: 600)))
      #expect(granted.isSuccess)
      #expect(try await cluster[name].renew(lease).get() == 600)
      #expect(try await cluster[name].timeToLive(lease).get().grantedSeconds == 600)
    }
    #expect(await cluster["a"].renew(LeaseID(99)).error == .store(.leaseNotFound))
    let leases = await withCheckedContinuation { continuation in
      cluster["b"].leases { continuation.resume(returning: $0) }
    }
    #expect(try leases.get().count == 3)
  }

  @Test("hands its leadership over, on demand and when the leader stops")
  func transfer() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    let leader = try await cluster.leader()
    let heir = try #require(try await cluster.followers().first)
    let moved = await withCheckedContinuation { continuation in
      leader.moveLeader(to: heir.id) { continuation.resume(returning: $0) }
    }
    #expect(moved.isSuccess, "\(moved)")
    let next = try await cluster.leader()
    #expect(next.id == heir.id)
    let term = next.term
    cluster.stop(cluster.name(next))
    let last = try await cluster.leader()
    #expect(last.id != heir.id)
    #expect(last.term == Term(term.rawValue + 1))
  }
}
