public import Primitives
internal import Raft
public import ReplicaCore

/// A member that a cluster is begun with (`--initial-cluster`).
public struct InitialMember: Hashable, Sendable {
  /// What it is called.
  public var name: String
  /// Where other members reach it.
  public var peerURLs: [String]

  /// Describes a member.
  public init(name: String, peerURLs: [String]) {
    self.name = name
    self.peerURLs = peerURLs
  }
}

/// Who a member is, for whoever connects it with the others.
public struct PeerSetup: Sendable {
  /// The cluster.
  public var cluster: ClusterID
  /// This member.
  public var member: MemberID
  /// Where what other members send goes.
  public var inbox: any PeerInbox
}

/// How old history is dropped without a client's asking (`--auto-compaction-mode`, `-retention`).
public enum AutoCompaction: Hashable, Sendable {
  /// Only clients compact.
  case off
  /// Keeps what was current at any moment of the last so many seconds.
  case periodic(seconds: Int64)
  /// Keeps this many of the latest revisions.
  case revision(Int64)
}

/// What a member is started with. Durations are in milliseconds, sizes in bytes.
public struct MemberConfiguration: Sendable {
  /// Where the member keeps everything (`--data-dir`); created if it is missing.
  public var dataDirectory: String
  /// Where the log lies, if not below the data directory (`--wal-dir`).
  public var logDirectory: String?
  /// What the member is called (`--name`).
  public var name = "default"
  /// Where other members will reach it (`--initial-advertise-peer-urls`); noted at the first start
  /// only.
  public var peerURLs: [String] = ["http://localhost:2380"]
  /// Where clients reach it (`--advertise-client-urls`); noted at every start.
  public var clientURLs: [String] = ["http://localhost:2379"]
  /// What tells clusters of equal URLs apart (`--initial-cluster-token`); used at the first start
  /// only.
  public var clusterToken = "etcd-cluster"
  /// Bytes that keys and values may take (`--quota-backend-bytes`).
  public var quotaBytes = Limits.quotaBytes
  /// Applied entries between two flushes of the engine, after which the log is cut
  /// (`--snapshot-count`).
  public var snapshotCount: UInt64 = 10_000
  /// Bytes of log between two flushes of the engine, whichever comes first.
  public var snapshotLogBytes = 64 * 1024 * 1024
  /// The members that a new cluster is begun with, this one among them; none: this one alone. Used at the first
  /// start only.
  public var initialMembers: [InitialMember] = []
  /// The cluster that a member without data joins: what its members know of it; used at the first start only.
  public var joining: ClusterState?
  /// Begins again as the only member of the cluster, with the data that is there (`--force-new-cluster`).
  public var forcesNewCluster = false
  /// Refuses changes of the membership that would leave too few members running
  /// (`--strict-reconfig-check`).
  public var checksReconfiguration = true
  /// Learners that the cluster may have at a time (`--max-learners`).
  public var maxLearners = 1
  /// Connects the member with the others; called once, before anything is sent. Nil: it has none.
  public var connect: (@Sendable (PeerSetup) throws -> any PeerLink)?
  /// Flushed entries that stay in the log for followers that lag (`--snapshot-catchup-entries`).
  public var catchUpEntries: UInt64 = 5_000
  /// Flushed bytes of the log that stay, too, where there are other members.
  public var catchUpBytes = Limits.logBytesForFollowers
  /// How often a leader says that it leads (`--heartbeat-interval`).
  public var heartbeatMilliseconds = 100
  /// Seconds at least between two comparisons of the members' histories, which follow compactions; 0: none
  /// (`--compact-hash-check-time`).
  public var historyCheckSeconds: Int64 = 60
  /// Seconds between two comparisons of the members' histories as they are at present; 0: none
  /// (`--corrupt-check-time`).
  public var historySweepSeconds: Int64 = 0
  /// Whether the member compares its history with the others' before it serves
  /// (`--feature-gates=InitialCorruptCheck=true`).
  public var comparesHistoryAtStart = false
  /// Called when the member was removed from the cluster: there is nothing left for it to do.
  public var onRemoved: @Sendable () -> Void = {}
  /// Bytes of one file of the log, which is dropped as a whole.
  public var logSegmentBytes = 64 * 1024 * 1024
  /// How long a request waits beyond two election timeouts.
  public var patience = Duration.seconds(5)
  /// Whether a data directory without data becomes a new cluster's; if not, starting on it is an
  /// error (`--initial-cluster-state existing`).
  public var mayBootstrap = true
  /// Whether the log is synced before a write is acknowledged; without it a machine that fails
  /// loses acknowledged writes (`--unsafe-no-fsync`).
  public var syncsLog = true
  /// Seconds between progress notifications of idle watches (`--watch-progress-notify-interval`).
  public var watchProgressSeconds: Int64 = 600
  /// Bytes of an encoded command (`--max-request-bytes`).
  public var requestBytes = Limits.requestBytes
  /// How long a follower waits before it campaigns (`--election-timeout`); a lease lives no shorter
  /// than half as long again.
  public var electionTimeoutMilliseconds = 1_000
  /// What is compacted unasked.
  public var autoCompaction = AutoCompaction.off
  /// Bytes of memory for the engine's cache of blocks and for its write buffer together.
  public var engineCacheBytes = 64 * 1024 * 1024
  /// Ends the process after a failure that must not be retried: a failed sync, a damaged log or
  /// engine. The argument is a line for a person.
  public var onFatal: @Sendable (String) -> Void
  /// Takes lines that an operator may want: an opened log's torn tail, a flush that failed for want
  /// of space.
  public var log: @Sendable (MemberNotice) -> Void

  /// The defaults of etcd's flags, for a data directory.
  public init(
    dataDirectory: String,
    onFatal: @escaping @Sendable (String) -> Void = { fatalError($0) },
    log: @escaping @Sendable (MemberNotice) -> Void = { _ in }
  ) {
    self.dataDirectory = dataDirectory
    self.onFatal = onFatal
    self.log = log
  }
}

extension MemberConfiguration {
  /// How long a request waits for a leader and for its turn: with etcd's patience five seconds and two election
  /// timeouts.
  public var requestTimeout: Duration {
    patience + .milliseconds(2 * electionTimeoutMilliseconds)
  }

  /// Raft's times, in heartbeats.
  var raftSettings: RaftSettings {
    RaftSettings(electionTicks: max(2, electionTimeoutMilliseconds / heartbeatMilliseconds))
  }

  var tickInterval: Duration { .milliseconds(heartbeatMilliseconds) }
}

/// Something that an operator may want to know.
public struct MemberNotice: Hashable, Sendable {
  /// How much it matters.
  public enum Level: Hashable, Sendable { case information, warning, error }

  /// A named number or text.
  public struct Detail: Hashable, Sendable {
    /// What it is, as a log's field.
    public var name: String
    /// Its value.
    public var value: String

    /// Names a value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// How much it matters.
  public var level: Level
  /// What happened, as a sentence.
  public var message: String
  /// The numbers and names that belong to it, in order.
  public var details: [Detail]

  /// Describes what happened.
  public init(_ level: Level, _ message: String, _ details: [Detail] = []) {
    self.level = level
    self.message = message
    self.details = details
  }
}
