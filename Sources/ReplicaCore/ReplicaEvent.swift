public import Access
public import Environment
public import Primitives
public import WriteAheadLog

/// What the owner of a replica knows a request by; the replica only hands it back.
public struct RequestID: RawRepresentable, Hashable, Sendable {
  /// A number of the owner's choice.
  public var rawValue: UInt64

  /// Wraps a plain number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A command on its way into the log.
public struct Proposal: Sendable {
  /// What the answer will be known by.
  public var id: RequestID
  /// What is asked for.
  public var command: Command
  /// Who asks.
  public var author: Author
  /// Command and author, encoded.
  public var payload: Bytes

  /// Describes a proposal; encode on the thread that asks, not on the replica's.
  public init(
    id: RequestID, command: Command, by author: Author = .unknown, payload: Bytes
  ) {
    self.id = id
    self.command = command
    self.author = author
    self.payload = payload
  }
}

/// What is asked of a replica.
public enum ReplicaRequest: Sendable {
  /// Replicates and applies a command. Answered with `.command`.
  case propose(Proposal)
  /// Gives a lease its whole lifetime again. Answered with `.leaseRenewed`.
  case renewLease(RequestID, LeaseID)
  /// Asks what a lease has left. Answered with `.leaseTimeToLive`.
  case leaseTimeToLive(RequestID, LeaseID)
  /// Asks for all leases. Answered with `.leases`.
  case leases(RequestID)
}

/// What became of a request.
public enum ReplicaAnswer: Sendable {
  case command(CommandResult)
  case leaseRenewed(seconds: Int64)
  case leaseTimeToLive(grantedSeconds: Int64, remainingSeconds: Int64)
  /// All leases, in the order in which they end.
  case leases([LeaseID])
}

/// What happens to a replica.
public enum ReplicaEvent: Sendable {
  /// Begin: replay the log and stand for election. The first event, once.
  case start(MonotonicTime)
  /// Requests that have queued, in order. Their log entries share one sync.
  case requests([ReplicaRequest], MonotonicTime)
  /// A moment that `nextTimer` asked for has come; earlier or more often does no harm.
  case timer(MonotonicTime)
  /// The engine holds everything up to an entry durably.
  case engineFlushed(through: LogIndex)
  /// The member is about to stop: replicate what leases have left.
  case prepareStop(MonotonicTime)
}

/// What a replica asks its owner to do, in the order given.
public enum ReplicaEffect: Sendable {
  /// Complete a request. What it reports is durable and applied.
  case answer(RequestID, Result<ReplicaAnswer, ProposalError>)
  /// The store shows readers a new revision: tell the watches.
  case publish(Revision)
  /// The store has something for the engine: feed it when convenient, from behind.
  case feedEngine
  /// Feed the engine, flush it, and report that with `engineFlushed`: the log can then be cut. Not
  /// asked for again before that.
  case flushEngine
  /// Run this on any thread but the replica's, once: it makes the log's next segment ready ahead of
  /// its use.
  case prepareLog(SegmentPreparation)
  /// Members or alarms have changed.
  case clusterChanged(ClusterState)
  /// Users, roles or whether they count have changed: tokens that no longer count must go, and who
  /// watches must be checked again.
  case accessChanged(AccessOutcome.VoidTokens)
  /// From now on a token stands for a user.
  case tokenIssued(Bytes, user: AccessName)
  /// Term or leader have changed, or the start-up replay is done.
  case statusChanged
  /// End the process with this line: something failed that must not be retried. The replica does
  /// nothing more, and requests that it took are never answered.
  case fatal(String)
}

/// How a replica behaves.
public struct ReplicaConfiguration: Sendable {
  /// This member.
  public var member: MemberID
  /// Bytes that keys and values may take.
  public var quotaBytes: Int64
  /// Applied entries after which a flush of the engine is asked for.
  public var snapshotCount: UInt64
  /// Bytes of log payload after which a flush of the engine is asked for.
  public var snapshotLogBytes: Int

  /// Describes a replica; by default with etcd's figures.
  public init(
    member: MemberID, quotaBytes: Int64 = Limits.quotaBytes, snapshotCount: UInt64 = 10_000,
    snapshotLogBytes: Int = 64 * 1024 * 1024
  ) {
    self.member = member
    self.quotaBytes = quotaBytes
    self.snapshotCount = snapshotCount
    self.snapshotLogBytes = snapshotLogBytes
  }
}

/// Why a replica could not be opened.
public enum ReplicaError: Error, Hashable, Sendable {
  /// The engine has no cluster state: the directory was never completed, or belongs to something
  /// else.
  case noClusterState
  /// The engine's cluster state is unreadable, or of a later release.
  case unreadableClusterState
  /// The engine's users and roles are unreadable, or of a later release.
  case unreadableAccessState
  /// The member is not in its own cluster.
  case notAMember(MemberID)
  /// The log begins after the first entry that the engine lacks: one of the two is an older copy.
  case missingEntries(from: LogIndex, logBegins: LogIndex)
  /// The engine could not be read.
  case engine(String)
}
