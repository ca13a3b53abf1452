internal import Primitives

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
