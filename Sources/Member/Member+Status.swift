internal import Engine
internal import Environment
internal import MVCC
public import Primitives
public import ReplicaCore
internal import Synchronization
public import Telemetry

/// What a member tells about itself.
extension Member {
  /// Where the member stands. Cost: some locks; no input or output but the engine's file sizes.
  public var status: MemberStatus {
    let cluster = shared.cluster.withLock { $0 }
    let logicalBytes = store.logicalBytes
    return MemberStatus(
      cluster: self.cluster, member: id,
      leader: MemberID(shared.leader.load(ordering: .relaxed)),
      isLearner: cluster.member(id)?.isLearner ?? false, term: term,
      commitIndex: LogIndex(shared.commitIndex.load(ordering: .relaxed)),
      appliedIndex: LogIndex(shared.appliedIndex.load(ordering: .relaxed)),
      flushedIndex: LogIndex(shared.flushedIndex.load(ordering: .relaxed)),
      revision: store.currentRevision,
      // What the engine has not flushed yet takes as much room in the log.
      sizeOnDiskBytes: max(store.engine.sizeOnDisk, logicalBytes), logicalBytes: logicalBytes,
      quotaBytes: configuration.quotaBytes,
      alarms: cluster.alarms, errors: shared.problems.withLock { $0 }, isReady: isReady)
  }

  /// The current term: what answers' headers carry. Cost: one atomic load.
  public var term: Term { Term(shared.term.load(ordering: .relaxed)) }

  /// The members of the cluster, by ascending identifier.
  public var members: [ClusterMember] { shared.cluster.withLock { $0.members } }

  /// The alarms that stand, in order.
  public var alarms: [Alarm] { shared.cluster.withLock { $0.alarms } }

  /// Whether the start-up replay is done, this member or another leads, and it has neither failed nor stopped.
  public var isReady: Bool { shared.serves.load(ordering: .acquiring) }

  /// Whether the member knows no leader, has no vote or a history that is in doubt, so that some calls must be refused. Cost: one atomic load.
  public var isRestricted: Bool { shared.isRestricted.load(ordering: .relaxed) }

  /// Whether the member's history may differ from that of most members, so that it must not be shown. Cost: one
  /// atomic load.
  public var isInDoubt: Bool { shared.isInDoubt.load(ordering: .relaxed) }

  /// Whether the member knows a leader. Cost: one atomic load.
  public var hasLeader: Bool { shared.leader.load(ordering: .relaxed) != 0 }

  /// Whether the member receives the log without a vote, or waits for it to find out.
  public var isLearner: Bool {
    isRestricted && shared.cluster.withLock { $0.member(id)?.isLearner ?? true }
  }

  /// Whether a linearizable read needs to ask no other member. Cost: one atomic load.
  public var servesReadsAlone: Bool { shared.servesReads.load(ordering: .acquiring) }

  /// Whether a state that the leader sent is being put in place.
  public var isTakingState: Bool { shared.isTakingState.load(ordering: .relaxed) }

  /// How long the log's syncs took.
  public var logSyncDurations: Histogram { logSyncs.histogram }

  /// How much of the time since some nanoseconds ago went by in syncs of the log that took 5 ms or more: what a slow
  /// request waited for. Cost: a lock.
  public func logSyncNanoseconds(inLast nanoseconds: Int64) -> Int64 {
    let now = clock.now()
    let begin = now + .nanoseconds(-nanoseconds)
    return logSyncs.longSyncs(during: begin..<now).saturatingNanoseconds
  }

  /// How long it took to hand records to the engine, a batch at a time.
  public var engineFeedDurations: Histogram { shared.engineFeeds }

  /// What the member has done so far.
  public var statistics: MemberStatistics {
    var statistics = MemberStatistics()
    statistics.appliedProposals = shared.counters.applied.load(ordering: .relaxed)
    statistics.refusedProposals = shared.counters.refused.load(ordering: .relaxed)
    statistics.pendingProposals = shared.queue.count
    statistics.batches = shared.counters.batches.load(ordering: .relaxed)
    statistics.logSyncNanoseconds = UInt64(
      max(0, logSyncs.nanoseconds.load(ordering: .relaxed)))
    statistics.engineFlushes = shared.counters.engineFlushes.load(ordering: .relaxed)
    statistics.engineFlushNanoseconds =
      shared.counters.engineFlushNanoseconds.load(ordering: .relaxed)
    statistics.leaderChanges = shared.counters.leaderChanges.load(ordering: .relaxed)
    statistics.expiredLeases = shared.counters.expiredLeases.load(ordering: .relaxed)
    return statistics
  }
}
