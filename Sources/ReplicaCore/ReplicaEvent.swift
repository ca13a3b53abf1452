public import Access
public import Environment
public import Primitives
public import Raft
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
  public var command: Command { content.command }
  /// Who asks.
  public var author: Author { content.author }
  /// Command and author, encoded.
  public var payload: Bytes { content.payload }

  /// Whether it adds, removes or promotes a member.
  var changesMembership: Bool { content.changesMembership }
  /// Whether it may need room.
  var mayGrow: Bool { content.mayGrow }

  /// Shared, because a proposal goes from hand to hand on its way into the log and out of it again.
  private final class Content: Sendable {
    let command: Command
    let author: Author
    let payload: Bytes
    let changesMembership: Bool
    let mayGrow: Bool

    init(_ command: Command, _ author: Author, _ payload: Bytes) {
      self.command = command
      self.author = author
      self.payload = payload
      changesMembership = if case .membership = command { true } else { false }
      mayGrow = command.mayGrow
    }
  }

  private let content: Content

  /// Describes a proposal; encode on the thread that asks, not on the replica's.
  public init(
    id: RequestID, command: Command, by author: Author = .unknown, payload: Bytes
  ) {
    self.id = id
    content = Content(command, author, payload)
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
  /// Asks to be told when the store shows everything that was acknowledged before, by any member.
  /// Answered with `.readable`. Taken by followers, too.
  case read(RequestID)
}

/// What became of a request.
public enum ReplicaAnswer: Sendable {
  case command(CommandResult)
  case leaseRenewed(seconds: Int64)
  case leaseTimeToLive(grantedSeconds: Int64, remainingSeconds: Int64)
  /// All leases, in the order in which they end.
  case leases([LeaseID])
  /// The store shows everything that was acknowledged before the request.
  case readable
}

/// What happens to a replica.
public enum ReplicaEvent: Sendable {
  /// Begin: replay the log and, in a group of one, stand for election. The first event, once.
  case start(MonotonicTime)
  /// Requests that have queued, in order. Their log entries share one sync.
  case requests([ReplicaRequest], MonotonicTime)
  /// A moment that `nextTimer` asked for has come; earlier or more often does no harm.
  case timer(MonotonicTime)
  /// The engine holds everything up to an entry durably.
  case engineFlushed(through: LogIndex)
  /// A fixed share of the election timeout has passed; a group of one needs none.
  case tick(MonotonicTime)
  /// Messages from other members, in the order in which they arrived. A snapshot's comes only when the
  /// state that it names is whole, verified, durable and at hand.
  case messages([Message], MonotonicTime)
  /// A transfer of the state that `sendSnapshot` asked for ended; nil where it failed, else the last
  /// entry in what was sent.
  case snapshotSent(to: MemberID, last: LogIndex?)
  /// What was sent to a member lately may be lost.
  case unreachable(MemberID)
  /// The leader refused proposals that `forward` handed to it, or whether it took them will never be known.
  case forwardRefused([(number: UInt64, error: ProposalError)])
  /// Hand the leadership to another member, if this one leads.
  case transferLeadership(to: MemberID)
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
  /// Send these to other members. They promise nothing that is not durable.
  case send([Message])
  /// Have the leader propose these. Those that it refuses, or that it may never have seen, come back with
  /// `forwardRefused`; the others are answered when they are applied here.
  case forward(to: MemberID, [ForwardedProposal])
  /// Send a member the store's state (`Store.snapshotView`, as `StateReader` cuts it), and report that with
  /// `snapshotSent`.
  case sendSnapshot(to: MemberID)
  /// The log now begins behind the state that just arrived. Put that in the engine's place, and begin
  /// again with a new store and a new replica: this one does nothing more.
  case replaceState(SnapshotMark)
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
  /// Flushed entries that stay in the log for followers that lag; those further behind get the state.
  public var catchUpEntries: UInt64
  /// Flushed bytes of the log that stay, too, where there are other members: whoever was away for a while comes
  /// back by what it missed instead of by the whole state.
  public var catchUpBytes: Int
  /// Raft's times and bounds.
  public var raft: RaftSettings
  /// A number that no other start and no other member has: elections are timed by it.
  public var seed: UInt64
  /// How long a proposal that was handed to the leader is waited for; nil: a follower refuses proposals.
  public var forwardTimeout: Duration?
  /// What this member's release understands.
  public var level = FeatureLevel.newest
  /// Whether changes of the membership in the log are passed over: for a member that begins again alone.
  public var ignoresMembership = false

  /// Describes a replica; by default with etcd's figures.
  public init(
    member: MemberID, quotaBytes: Int64 = Limits.quotaBytes, snapshotCount: UInt64 = 10_000,
    snapshotLogBytes: Int = 64 * 1024 * 1024, catchUpEntries: UInt64 = 5_000,
    catchUpBytes: Int = Limits.logBytesForFollowers,
    raft: RaftSettings = RaftSettings(), seed: UInt64 = 0, forwardTimeout: Duration? = nil
  ) {
    self.forwardTimeout = forwardTimeout
    self.catchUpEntries = catchUpEntries
    self.catchUpBytes = catchUpBytes
    self.raft = raft
    self.seed = seed
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
  /// The cluster writes what this release does not understand.
  case tooOld(FeatureLevel, cluster: FeatureLevel)
  /// The log begins after the first entry that the engine lacks: one of the two is an older copy.
  case missingEntries(from: LogIndex, logBegins: LogIndex)
  /// The engine could not be read.
  case engine(String)

  /// What a person is told whose release is too old for the cluster.
  public static func describe(tooOld level: FeatureLevel, cluster: FeatureLevel) -> String {
    "the cluster has reached feature level \(cluster), and this release knows level \(level) at most; run the "
      + "release that the other members run"
  }
}
