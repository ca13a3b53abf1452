import Engine
import MVCC
import Member
import Primitives
import ReplicaCore
import Synchronization
import Testing

/// Names that any thread may add to.
final class Names: Sendable {
  private let names = Mutex<[String]>([])

  var all: [String] { names.withLock { $0 } }
  func add(_ name: String) { names.withLock { $0.append(name) } }
}

/// Several members in one process, each with a data directory of its own.
final class TestCluster {
  let directory = TemporaryDirectory()
  let network = LoopbackNetwork()
  var members: [String: Member] = [:]
  var configurations: [String: MemberConfiguration] = [:]
  let removals = Names()

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
    configuration.patience = .milliseconds(700)
    configuration.onRemoved = { [removals] in removals.add(name) }
    configuration.connect = { [network] in network.connect($0) }
    return configuration
  }

  func start(_ name: String) throws {
    members[name] = try Member.start(configuration: try #require(configurations[name]))
  }

  /// Starts a member that was added.
  func join(
    _ name: String, by other: String, _ change: (inout MemberConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = configuration(name)
    change(&configuration)
    configuration.joining = ClusterState(
      cluster: self[other].cluster, members: self[other].members)
    configurations[name] = configuration
    try start(name)
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
  /// Loses a record, as by a fault of a disk.
  func lose(_ record: SubRevision) throws {
    try store.feedEngine()
    var batch = EngineBatch()
    batch.delete(.records, key: StoreLayout.recordKey(record))
    try store.engine.apply(batch)
  }

  /// Puts, and asks again while the cluster changes hands.
  func putEventually(_ key: String, _ value: String) async throws {
    try await eventually("a put") { await put(key, value).isSuccess ? true : nil }
  }

  func add(_ peerURLs: [String], isLearner: Bool) async -> Result<ClusterMember, ProposalError> {
    await withCheckedContinuation { continuation in
      addMember(peerURLs: peerURLs, isLearner: isLearner) { continuation.resume(returning: $0) }
    }
  }

  func remove(_ member: MemberID) async -> Result<[ClusterMember], ProposalError> {
    await withCheckedContinuation { continuation in
      removeMember(member) { continuation.resume(returning: $0) }
    }
  }

  func promote(_ member: MemberID) async -> Result<[ClusterMember], ProposalError> {
    await withCheckedContinuation { continuation in
      promoteMember(member) { continuation.resume(returning: $0) }
    }
  }

  func readIndex() async -> Result<Void, ProposalError> {
    await withCheckedContinuation { continuation in
      linearizableRead { continuation.resume(returning: $0) }
    }
  }
}
