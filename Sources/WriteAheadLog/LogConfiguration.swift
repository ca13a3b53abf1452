public import Primitives

/// How a log is laid out.
public struct LogConfiguration: Hashable, Sendable {
  /// Bytes of a segment file; from 512 bytes to 1 GiB. The first one of a log has at most
  /// 4 MiB, and a batch that is longer gets a segment of its own.
  public var segmentBytes: Int
  /// Bytes of buffered records at which `append` writes and syncs by itself.
  public var batchBytes: Int
  /// Files that are kept for reuse; more are removed.
  public var spareSegments: Int
  /// A number that clients cannot guess, drawn by the owner each time it opens the log.
  ///
  /// It goes into the checksums of new segments, so that no stored value can pass for a log record.
  public var salt: UInt64

  /// Describes a layout; by default the one for production, but for the salt.
  public init(
    segmentBytes: Int = 64 * 1024 * 1024, batchBytes: Int = Limits.logBatchBytes,
    spareSegments: Int = 2, salt: UInt64 = 0
  ) {
    self.segmentBytes = segmentBytes
    self.batchBytes = batchBytes
    self.spareSegments = spareSegments
    self.salt = salt
  }
}

/// An unfinished write that opening cut off: nothing in it was ever acknowledged.
public struct TornTail: Hashable, Sendable {
  /// The segment file.
  public var file: String
  /// Where the unfinished write begins.
  public var offset: Int64
  /// How many bytes were cut.
  public var bytes: Int64
}

/// What opening a log found.
public struct LogRecovery: Hashable, Sendable {
  /// The first entry kept; one past the last if there is none.
  public var firstIndex: LogIndex
  /// The last entry.
  public var lastIndex: LogIndex
  /// The hard state.
  public var hardState: HardState
  /// The segment files in use.
  public var segments: Int
  /// The unfinished write that was cut, if there was one.
  public var tornTail: TornTail?
}
