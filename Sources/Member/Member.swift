public import MVCC
public import Primitives
public import ReplicaCore

/// A running member: the replica on threads of its own, its data directory, and the doors to both.
///
/// Every function may be called from any thread. Completions are called once, on a thread of the member that
/// must not be held up: they hand over and return.
public final class Member: Sendable {
  /// The keys, leases and watches. Reads go to it directly: those that must be linearizable after
  /// `linearizableRead`.
  public let store: Store
  /// The cluster.
  public let cluster: ClusterID
  /// This member.
  public let id: MemberID
  /// What it was started with.
  public let configuration: MemberConfiguration

  /// Opens the data directory, or makes one that is missing or empty, replays the log and begins to serve.
  ///
  /// Cost: a scan of the engine, and the replay of the log since its last flush.
  public static func start(
    configuration: MemberConfiguration
  ) throws(MemberError) -> Member { fatalError("not yet") }

  /// Has a command replicated, made durable and applied.
  ///
  /// `timeout` bounds the wait for its turn. Beyond `Limits.queuedProposals` waiting ones it is refused at
  /// once with `tooManyRequests`, on the caller's thread.
  public func propose(
    _ command: Command, timeout: Duration = .seconds(7),
    completion: @escaping @Sendable (Result<CommandResult, ProposalError>) -> Void
  ) { fatalError("not yet") }

  /// Compacts; with `physical` it completes only when what was dropped has left the engine as well.
  public func compact(
    _ revision: Revision, physical: Bool, timeout: Duration = .seconds(7),
    completion: @escaping @Sendable (Result<Revision, ProposalError>) -> Void
  ) { fatalError("not yet") }

  /// Completes when reads of `store` see every write that was acknowledged before the call, by any member.
  /// With one voter that is at once, on the caller's thread.
  public func linearizableRead(
    completion: @escaping @Sendable (Result<Void, ProposalError>) -> Void
  ) { fatalError("not yet") }

  /// Gives a lease its whole lifetime again, and completes with that lifetime in seconds.
  public func renewLease(
    _ lease: LeaseID, completion: @escaping @Sendable (Result<Int64, ProposalError>) -> Void
  ) { fatalError("not yet") }

  /// Tells how long a lease has left. Its keys are in `store`.
  public func leaseTimeToLive(
    _ lease: LeaseID, completion: @escaping @Sendable (Result<LeaseStatus, ProposalError>) -> Void
  ) { fatalError("not yet") }

  /// A random identifier for a lease that a client let the server name; above 0.
  public func makeLeaseID() -> LeaseID { fatalError("not yet") }

  /// Runs a long read on a thread that may block; false, without running it, when too many wait already.
  public func runRead(_ body: @escaping @Sendable () -> Void) -> Bool { fatalError("not yet") }

  /// Hashes the store's history up to a revision (0: the present one), on a reader thread.
  public func hashKV(
    at revision: Revision,
    completion: @escaping @Sendable (Result<HistoryHash, ProposalError>) -> Void
  ) { fatalError("not yet") }

  /// Has space that compaction left given back to the file system in the background. Returns at once.
  public func defragment() { fatalError("not yet") }

  /// Where the member stands. Cost: some locks; no input or output but the engine's file sizes.
  public var status: MemberStatus { fatalError("not yet") }

  /// The current term: what answers' headers carry. Cost: one atomic load.
  public var term: Term { fatalError("not yet") }

  /// The members of the cluster, by ascending identifier.
  public var members: [ClusterMember] { fatalError("not yet") }

  /// The alarms that stand, in order.
  public var alarms: [Alarm] { fatalError("not yet") }

  /// Whether the start-up replay is done and the member has not stopped.
  public var isReady: Bool { fatalError("not yet") }

  /// What the member has done so far.
  public var statistics: MemberStatistics { fatalError("not yet") }

  /// Refuses new proposals, completes those that were taken, notes what leases have left, flushes, and ends
  /// the member's threads. A second call waits for the first.
  public func stop() { fatalError("not yet") }

  init() { fatalError("not yet") }
}

/// The hash of a store's history, by etcd's rule for HashKV.
public struct HistoryHash: Hashable, Sendable {
  /// The hash.
  public var hash: UInt32
  /// The revision up to which history was hashed.
  public var hashRevision: Revision
  /// The revision below which history had been dropped.
  public var compactRevision: Revision
  /// The store's revision at the time.
  public var revision: Revision
}
