public import Primitives
public import ReplicaCore

/// What a member is and how far it has come, read at one moment.
public struct MemberStatus: Sendable {
  /// The cluster.
  public var cluster: ClusterID
  /// This member.
  public var member: MemberID
  /// The leader, or none.
  public var leader: MemberID
  /// Whether this member is a learner.
  public var isLearner: Bool
  /// The current term.
  public var term: Term
  /// The last committed entry.
  public var commitIndex: LogIndex
  /// The last entry that the store has applied.
  public var appliedIndex: LogIndex
  /// The last entry that the engine has durably; the log begins at or before the one after it.
  public var flushedIndex: LogIndex
  /// The store's revision.
  public var revision: Revision
  /// Bytes of the engine's files.
  public var sizeOnDiskBytes: Int64
  /// Bytes that count against the quota.
  public var logicalBytes: Int64
  /// The quota, in bytes.
  public var quotaBytes: Int64
  /// The alarms that stand.
  public var alarms: [Alarm]
  /// Lines about what is wrong, for the status call's `errors`.
  public var errors: [String]
  /// Whether the start-up replay is done and requests are served.
  public var isReady: Bool
}

/// What a lease has left.
public struct LeaseStatus: Hashable, Sendable {
  /// Seconds that it was granted for.
  public var grantedSeconds: Int64
  /// Whole seconds that it has left, rounded down.
  public var remainingSeconds: Int64

  /// Describes a lease.
  public init(grantedSeconds: Int64, remainingSeconds: Int64) {
    self.grantedSeconds = grantedSeconds
    self.remainingSeconds = remainingSeconds
  }
}
