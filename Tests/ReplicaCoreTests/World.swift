import Engine
import Environment
import MVCC
import Primitives
import ReplicaCore
import Simulation
import WriteAheadLog

/// One member in a simulated machine: a disk, an engine in memory, a clock, and what its clients
/// know.
///
/// Everything follows from the seed. A check that fails is noted with the seed.
final class World {
  /// A write whose answer arrived, or that a restart showed to have been made.
  struct Write: Equatable {
    var key: Bytes
    /// Nil for a deletion.
    var value: Bytes?
  }

  struct KnownLease {
    var seconds: Int64
    /// Nanoseconds for which members had been running when it was granted or renewed.
    var renewedAt: Int64
    /// A revocation was sent, and its answer may be missing.
    var mayBeRevoked = false
  }

  static let member = MemberID(11)

  let seed: UInt64
  let entropy: SeededEntropy
  let disk = SimulatedDisk()
  let engine = MemoryEngine()
  var replica: Replica?
  var now = MonotonicTime(nanoseconds: 1)
  /// Nanoseconds for which members have been running in all.
  var upTime: Int64 = 0
  var nextRequest: UInt64 = 0
  var nextValue = 0
  /// What each revision is known to have written, from revision 2 on.
  var history: [Write] = []
  /// Writes whose answers are missing: they may have been made or not.
  var uncertain: [RequestID: Write] = [:]
  var leases: [LeaseID: KnownLease] = [:]
  var uncertainLeases: [LeaseID: Int64] = [:]
  var renewals: [RequestID: LeaseID] = [:]
  /// The flush that the engine has begun, up to which entry.
  var flushing: LogIndex?
  /// Reports a flush of the engine when it begins: what must never be done.
  var flushesAreReportedEarly = false
  /// Whether the engine ever finishes a flush, so that the log can be cut.
  var flushesComplete = true
  var failures: [String] = []
  var trace: UInt64 = 14_695_981_039_346_656_037
  var answers = 0
  var fatalLine: String?
  var configuration = ReplicaConfiguration(
    member: member, snapshotCount: 40, snapshotLogBytes: 1 << 20)

  init(seed: UInt64) {
    self.seed = seed
    entropy = SeededEntropy(seed: seed)
    var batch = EngineBatch()
    let only = ClusterMember(
      id: Self.member, name: "", peerURLs: ["http://localhost:2380"], clientURLs: [],
      isLearner: false)
    ClusterTable.bootstrap(
      ClusterState(cluster: ClusterID(rawValue: 5), members: [only]), term: .zero, into: &batch)
    do {
      try engine.apply(batch)
      try engine.flush()
      try disk.createDirectory("/log")
    } catch {
      fatalError("\(error)")
    }
  }

  func below(_ bound: Int) -> Int { Int(entropy.next(below: UInt64(bound))) }

  func check(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { failures.append("seed \(seed): " + message()) }
  }

  func note(_ text: String) {
    for byte in text.utf8 { trace = (trace ^ UInt64(byte)) &* 1_099_511_628_211 }
  }

  // MARK: Start and end

  /// Starts the member on what the disk and the engine hold, and compares that with what clients
  /// know.
  func start() {
    do {
      let store = try Store(engine: engine)
      let (log, recovery) = try WriteAheadLog.open(
        directory: "/log", fileSystem: disk,
        configuration: LogConfiguration(
          segmentBytes: 4_096 << below(4), batchBytes: 2_048, spareSegments: 1, salt: seed),
        durableMark: store.appliedIndex)
      note("open \(recovery.firstIndex) \(recovery.lastIndex)")
      let replica = try Replica(
        configuration: configuration, log: log, store: store, engine: engine)
      self.replica = replica
      // Moments of different processes do not compare.
      now = MonotonicTime(nanoseconds: entropy.next(below: 1 << 50))
      step(.start(now))
      check(fatalLine == nil, "the member does not start: \(fatalLine ?? "")")
    } catch {
      if fatalLine == nil { check(false, "the member does not start: \(error)") }
      replica = nil
    }
    if fatalLine == nil, replica != nil { compare() }
  }

  /// Loses the power: a part of what was not synced, and of what the engine had not flushed, is
  /// gone.
  func crash() {
    note("crash")
    replica = nil
    flushing = nil
    disk.inject(nil)
    disk.crash(seed: entropy.next())
    engine.crash(keeping: below(engine.unflushedBatches + 1))
    fatalLine = nil
  }

  /// Ends in order: what leases have left is replicated, and nothing is lost.
  func stop() {
    note("stop")
    step(.prepareStop(now))
    replica = nil
    flushing = nil
    disk.inject(nil)
    disk.detach()
    engine.crash(keeping: engine.unflushedBatches)
    fatalLine = nil
  }

  // MARK: What the member must show

  /// Compares the store with what clients know, and takes over uncertain writes that turn out to be
  /// made.
  func compare() {
    guard let store = replica?.store else { return }
    let present = Int(store.currentRevision.rawValue)
    check(present >= history.count + 1, "revision \(present) after \(history.count) writes")
    check(
      present <= history.count + 1 + uncertain.count,
      "revision \(present) after \(history.count) writes and \(uncertain.count) uncertain ones")
    for revision in stride(from: 2, through: present, by: 1) {
      guard let found = write(at: Revision(Int64(revision)), store) else { continue }
      if revision - 2 < history.count {
        check(history[revision - 2] == found, "revision \(revision) is not what was acknowledged")
      } else {
        check(uncertain.values.contains(found), "revision \(revision) was never asked for")
        history.append(found)
      }
    }
    uncertain.removeAll()
    for (lease, seconds) in uncertainLeases where store.lease(lease) != nil {
      leases[lease] = KnownLease(seconds: seconds, renewedAt: upTime)
    }
    uncertainLeases.removeAll()
    checkLeases()
    store.checkInvariants()
  }

  /// The one change that a revision made.
  private func write(at revision: Revision, _ store: Store) -> Write? {
    do {
      guard let record = try store.record(at: SubRevision(main: revision, sub: 0)) else {
        check(false, "revision \(revision) is missing")
        return nil
      }
      return Write(key: record.key, value: record.isTombstone ? nil : record.value)
    } catch {
      check(false, "revision \(revision) cannot be read: \(error)")
      return nil
    }
  }

  /// No lease may be gone before members ran for its whole time since its last renewal.
  func checkLeases() {
    guard let store = replica?.store else { return }
    for (id, lease) in leases where store.lease(id) == nil {
      let lived = upTime - lease.renewedAt
      check(
        lease.mayBeRevoked || lived >= lease.seconds * 1_000_000_000,
        "lease \(id) of \(lease.seconds) s ended after \(lived) ns")
      leases[id] = nil
    }
  }
}
