/// What a member has done since it started, and what waits at present.
public struct MemberStatistics: Hashable, Sendable {
  /// Proposals that were carried out, refused ones of the store included.
  public var appliedProposals: UInt64 = 0
  /// Proposals that were refused before they reached the log.
  public var refusedProposals: UInt64 = 0
  /// Proposals that wait for the replica thread at present.
  public var pendingProposals = 0
  /// Batches that the log was synced for.
  public var batches: UInt64 = 0
  /// Nanoseconds that batches waited for the log, in all.
  public var logSyncNanoseconds: UInt64 = 0
  /// Flushes of the engine.
  public var engineFlushes: UInt64 = 0
  /// Nanoseconds that they took, in all.
  public var engineFlushNanoseconds: UInt64 = 0
  /// How often there was another leader than before.
  public var leaderChanges: UInt64 = 0
  /// Leases that ended because their time was over.
  public var expiredLeases: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
