internal import Access
internal import Environment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import Synchronization
internal import Telemetry

/// What a member's threads share.
final class MemberState: Sendable {
  /// Counted by whoever does it.
  struct Counters: ~Copyable, Sendable {
    let applied = Atomic<UInt64>(0)
    let refused = Atomic<UInt64>(0)
    let batches = Atomic<UInt64>(0)
    let engineFlushes = Atomic<UInt64>(0)
    let engineFlushNanoseconds = Atomic<UInt64>(0)
    let expiredLeases = Atomic<UInt64>(0)
  }

  let configuration: MemberConfiguration
  let store: Store
  let watches: WatchHub
  let queue = SubmissionQueue(bound: Limits.queuedProposals)
  let engineWork = EngineWork()
  let counters = Counters()
  /// How long the engine took to be fed.
  let engineFeeds = Histogram(firstBoundMicroseconds: 1_000)
  let cluster: Mutex<ClusterState>
  let access: AccessStore
  /// Who wants to know of changes of users and roles.
  let accessObserver = Mutex<(@Sendable (AccessNotice) -> Void)?>(nil)
  /// Lines about what is wrong at present.
  let problems = Mutex<[String]>([])

  let term = Atomic<UInt64>(0)
  let leader = Atomic<UInt64>(0)
  let commitIndex = Atomic<UInt64>(0)
  let appliedIndex = Atomic<UInt64>(0)
  let flushedIndex = Atomic<UInt64>(0)
  /// Whether a read needs to ask no other member.
  let servesReads = Atomic<Bool>(false)

  init(
    configuration: MemberConfiguration, store: Store, watches: WatchHub, cluster: ClusterState,
    access: AccessStore
  ) {
    self.configuration = configuration
    self.store = store
    self.watches = watches
    self.cluster = Mutex(cluster)
    self.access = access
  }

  /// Shows other threads how far the replica has come.
  func publishPosition(of replica: Replica) {
    term.store(replica.term.rawValue, ordering: .relaxed)
    leader.store(replica.leader.rawValue, ordering: .relaxed)
    commitIndex.store(replica.commitIndex.rawValue, ordering: .relaxed)
    appliedIndex.store(replica.appliedIndex.rawValue, ordering: .relaxed)
    flushedIndex.store(replica.flushedIndex.rawValue, ordering: .relaxed)
    counters.expiredLeases.store(replica.expiredLeases, ordering: .relaxed)
    servesReads.store(replica.servesReadsAlone, ordering: .releasing)
  }

  func tellOfAccess(_ notice: AccessNotice) {
    let observer = accessObserver.withLock { $0 }
    observer?(notice)
  }

  /// Ends the process, unless the owner's hook returns: then the member serves nothing more.
  func fail(_ line: String) {
    servesReads.store(false, ordering: .releasing)
    problems.withLock { $0.append(line) }
    configuration.onFatal(line)
  }
}
