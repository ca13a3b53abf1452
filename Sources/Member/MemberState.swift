internal import Access
internal import Environment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import Synchronization
internal import Telemetry

/// How far a follower is, as its leader knows.
struct FollowerProgress: Hashable, Sendable {
  var member: MemberID
  var matchIndex: LogIndex
  var isActive: Bool
}

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
    let leaderChanges = Atomic<UInt64>(0)
  }

  let configuration: MemberConfiguration
  let id: MemberID
  let store: Store
  let watches: WatchHub
  let queue = SubmissionQueue(bound: Limits.queuedProposals)
  let engineWork = EngineWork()
  /// For turns on threads that bring what is to be done.
  let turns = TurnDoor()
  let counters = Counters()
  /// How long the engine took to be fed.
  let engineFeeds = Histogram(firstBoundMicroseconds: 1_000)
  let cluster: Mutex<ClusterState>
  let access: AccessStore
  /// Who wants to know of changes of users and roles.
  let accessObserver = Mutex<(@Sendable (AccessNotice) -> Void)?>(nil)
  /// The way to the other members; nil without any, and once the member has stopped.
  let link = Mutex<(any PeerLink)?>(nil)
  /// Threads for what takes long; nil before the start is done.
  let readers = Mutex<ReaderPool?>(nil)
  /// Members that were removed, as far as the cluster remembers.
  let removed: Mutex<Set<MemberID>>
  /// How far the followers' logs are known to be durable, while this member leads.
  let followers = Mutex<[FollowerProgress]>([])
  /// Who wants to know when there has been no leader for long, and that there is one again.
  let leaderObserver = Mutex<(@Sendable (Bool) -> Void)?>(nil)
  /// Who wants to know that this member's history is in doubt.
  let doubtObserver = Mutex<(@Sendable () -> Void)?>(nil)
  /// Whether the cluster knows this member by other names and URLs than its own.
  let needsPublication = Atomic<Bool>(false)
  /// Who waits for the leadership to be handed over.
  let transfers = Mutex<[MembershipChanges.Transfer]>([])
  /// Lines about what is wrong at present.
  let problems = Mutex<[String]>([])

  let term = Atomic<UInt64>(0)
  let leader = Atomic<UInt64>(0)
  let commitIndex = Atomic<UInt64>(0)
  let appliedIndex = Atomic<UInt64>(0)
  let flushedIndex = Atomic<UInt64>(0)
  /// Whether a read needs to ask no other member.
  let servesReads = Atomic<Bool>(false)
  /// Whether reads wait for their confirmation. Others may stay in the queue then: what ends the round takes them.
  let awaitsReads = Atomic<Bool>(false)
  /// Whether the member knows no leader, or has no vote.
  let isRestricted = Atomic<Bool>(false)
  /// Whether its history may differ from that of the others, so that it must not be shown.
  let isInDoubt: Atomic<Bool>
  /// Whether a state that another member sent is being put in place.
  let isTakingState = Atomic<Bool>(false)
  /// Whether `Member.stop` has been called.
  let isStopping = Atomic<Bool>(false)
  /// Whether requests are served at all, by this member or by way of the leader.
  let serves = Atomic<Bool>(false)

  init(
    configuration: MemberConfiguration, id: MemberID, store: Store, watches: WatchHub,
    cluster: ClusterState,
    access: AccessStore
  ) {
    self.configuration = configuration
    self.id = id
    self.store = store
    self.watches = watches
    self.cluster = Mutex(cluster)
    removed = Mutex(Set(cluster.removed))
    // A member that joins has no history yet.
    let mayCompare = cluster.members.contains { $0.id != id }
    isInDoubt = Atomic(
      configuration.comparesHistoryAtStart && mayCompare || cluster.hasAlarm(.corrupt, of: id))
    self.access = access
  }

  /// Shows other threads how far the replica has come.
  func publishPosition(of replica: Replica) {
    term.store(replica.term.rawValue, ordering: .relaxed)
    let lastLeader = leader.exchange(replica.leader.rawValue, ordering: .relaxed)
    if replica.leader != .none, replica.leader.rawValue != lastLeader {
      counters.leaderChanges.add(1, ordering: .relaxed)
    }
    commitIndex.store(replica.commitIndex.rawValue, ordering: .relaxed)
    appliedIndex.store(replica.appliedIndex.rawValue, ordering: .relaxed)
    flushedIndex.store(replica.flushedIndex.rawValue, ordering: .relaxed)
    counters.expiredLeases.store(replica.expiredLeases, ordering: .relaxed)
    servesReads.store(replica.servesReadsAlone, ordering: .releasing)
    serves.store(replica.canServe, ordering: .releasing)
    isRestricted.store(
      replica.leader == .none || !replica.isVoter || isInDoubt.load(ordering: .acquiring),
      ordering: .relaxed)
  }

  /// Whether this member leads, as of a moment ago.
  var isLeading: Bool { leader.load(ordering: .relaxed) == id.rawValue }

  /// Notes whether the cluster knows this member by its own name, client URLs and level.
  func noteAttributes() {
    let known = cluster.withLock { $0.member(id) }
    let isKnown =
      known.map {
        $0.name == configuration.name && $0.clientURLs == configuration.clientURLs
          && $0.level == .newest
      } ?? false
    needsPublication.store(!isKnown, ordering: .relaxed)
  }

  /// The way to the other members.
  var peers: (any PeerLink)? { link.withLock { $0 } }

  /// Runs something that takes long on a thread of its own; false if too much of that waits already.
  func runRead(_ body: @escaping @Sendable () -> Void) -> Bool {
    readers.withLock { $0 }?.run(body) ?? false
  }

  func tellOfAccess(_ notice: AccessNotice) {
    let observer = accessObserver.withLock { $0 }
    observer?(notice)
  }

  /// Ends the process, unless the owner's hook returns: then the member serves nothing more.
  func fail(_ line: String) {
    servesReads.store(false, ordering: .releasing)
    serves.store(false, ordering: .releasing)
    problems.withLock { $0.append(line) }
    configuration.onFatal(line)
  }
}
