public import Primitives

/// The bounds that a store is opened with.
public struct StoreConfiguration: Sendable {
  /// Bytes of recent records that are kept in memory. Records that the engine lacks stay beyond it.
  public var recentRecordBytes = Limits.recentRecordBytes
  /// Keys that a read visits before it lets the writer go on.
  public var rangeSliceRecords = Limits.rangeSliceRecords
  /// Versions that one slice of compaction drops.
  public var compactionSliceVersions = 250
  /// Bytes of one batch to the engine, about.
  public var engineBatchBytes = 4 * 1024 * 1024
  /// Bytes of history that one read for a watch collects before it ends at the next transaction.
  public var historyReadBytes = 4 * 1024 * 1024
  /// How records are decoded when a store is opened: one chunk after the other, unless the owner has threads.
  public var concurrently: ConcurrentLoop = { count, body in
    for number in 0..<count { body(number) }
  }

  /// The same where a state takes another's place, and nobody waits for it.
  public var unhurriedly: ConcurrentLoop = { count, body in
    for number in 0..<count { body(number) }
  }

  /// Bytes of an engine up to which opening a store brings all values into memory. Of a larger one it reads and checks
  /// them, and leaves the long ones where they are, until they are asked for or `Store.bringValues` brings them.
  public var wholeLoadBytes: Int64 = 64 * 1024 * 1024
  /// Bytes of a value from which on it may be left in the engine.
  public var leftValueBytes = 256
  /// Told that a value which was left in the engine cannot be read any more, where no caller can be refused. The
  /// process ends when it returns.
  public var onLostValue: @Sendable (String) -> Void = { fatalError($0) }

  #if DEBUG || PLANTED_BUGS
    /// A fault for tests to find.
    package var plantedBug: PlantedBug?
  #endif

  /// The usual bounds.
  public init() {}
}

/// What opening a store found in the engine.
public struct LoadStatistics: Hashable, Sendable {
  /// Versions read.
  public var records = 0
  /// Bytes of their stored forms.
  public var recordBytes: Int64 = 0
  /// Keys, deleted ones whose deletion is not compacted included.
  public var keys = 0
  /// Leases.
  public var leases = 0

  /// Nothing found.
  public init() {}
}

/// What a store holds and has done since it was opened.
public struct StoreStatistics: Hashable, Sendable {
  /// Live keys.
  public var keys = 0
  /// Leases.
  public var leases = 0
  /// Older versions that compaction has not dropped.
  public var olderVersions = 0
  /// Bytes of all versions that compaction has not dropped, engine keys included: the quota's figure.
  public var logicalBytes: Int64 = 0
  /// Bytes of records that the engine has not been fed.
  public var unfedBytes = 0
  /// Bytes that the recent records hold.
  public var recentRecordBytes = 0
  /// Bytes that the key index takes beyond the records, about.
  public var indexBytes = 0
  /// Keys written, in transactions or alone.
  public var puts: Int64 = 0
  /// Keys deleted.
  public var deletes: Int64 = 0
  /// Ranges read, in transactions or alone.
  public var ranges: Int64 = 0
  /// Transactions.
  public var transactions: Int64 = 0
  /// Versions that compaction dropped.
  public var compactedVersions: Int64 = 0

  /// Nothing yet.
  public init() {}
}

/// A lease as the store knows it.
public struct Lease: Hashable, Sendable {
  /// The lease.
  public var id: LeaseID
  /// The lifetime that it was granted for.
  public var seconds: Int64
  /// Seconds that it had left at the last checkpoint; 0: its whole lifetime.
  public var remainingSeconds: Int64

  /// Describes a lease.
  public init(id: LeaseID, seconds: Int64, remainingSeconds: Int64) {
    self.id = id
    self.seconds = seconds
    self.remainingSeconds = remainingSeconds
  }
}

/// A hash over history by etcd's rule.
public struct StoreHash: Hashable, Sendable {
  /// CRC-32C.
  public var hash: UInt32
  /// The revision up to which history was hashed.
  public var hashRevision: Revision
  /// The store's revision at that moment: what the answer's header carries.
  public var revision: Revision
  /// The compaction floor at that moment; -1 before the first compaction, as etcd has it.
  public var compactRevision: Revision

  /// Describes a hash.
  public init(hash: UInt32, hashRevision: Revision, revision: Revision, compactRevision: Revision) {
    self.hash = hash
    self.hashRevision = hashRevision
    self.revision = revision
    self.compactRevision = compactRevision
  }
}
