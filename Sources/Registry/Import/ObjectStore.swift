public import Primitives

/// What the registry needs of a store: reads, and writes that depend on a key's last revision.
public protocol ObjectStore: Sendable {
  /// The record of a key; nil if there is none.
  /// - Parameter revision: which state to read; zero for the newest.
  func record(_ key: Bytes, revision: Revision) async throws(StoreFailure) -> StoredRecord?

  /// A part of the records whose keys begin with `prefix`, in the order of the keys.
  /// - Parameter key: the first key that is meant.
  /// - Parameter revision: which state to read; zero for the newest.
  /// - Returns: at most `limit` records, whether there are more, and the revision that was read.
  func records(
    prefix: Bytes, from key: Bytes, limit: Int, revision: Revision
  ) async throws(StoreFailure) -> RecordPage

  /// Writes a key if it was last changed at `revision`; zero: if it does not exist.
  func put(
    _ key: Bytes, _ value: Bytes, ifChangedAt revision: Revision
  ) async throws(StoreFailure) -> WriteOutcome

  /// Deletes a key if it was last changed at `revision`.
  func delete(
    _ key: Bytes, ifChangedAt revision: Revision
  ) async throws(StoreFailure) -> WriteOutcome
}

extension ObjectStore {
  /// The newest record of a key; nil if there is none.
  public func record(_ key: Bytes) async throws(StoreFailure) -> StoredRecord? {
    try await record(key, revision: .zero)
  }
}

/// A key, its value, and when it was last changed.
public struct StoredRecord: Hashable, Sendable {
  /// The key.
  public var key: Bytes
  /// The value.
  public var value: Bytes
  /// The revision of the last change.
  public var modRevision: Revision

  /// Puts a record together.
  public init(key: Bytes, value: Bytes, modRevision: Revision) {
    self.key = key
    self.value = value
    self.modRevision = modRevision
  }
}

/// A part of a range.
public struct RecordPage: Sendable {
  /// The records, in the order of their keys.
  public var records: [StoredRecord]
  /// Whether the limit left records out.
  public var hasMore: Bool
  /// The revision that was read.
  public var revision: Revision

  /// Puts a page together.
  public init(records: [StoredRecord], hasMore: Bool, revision: Revision) {
    self.records = records
    self.hasMore = hasMore
    self.revision = revision
  }
}

/// What became of a conditional write.
public enum WriteOutcome: Hashable, Sendable {
  /// It took place, at this revision.
  case written(Revision)
  /// The key was changed at another revision; this is its record, nil if it does not exist.
  case conflict(StoredRecord?)
}

/// Why the store did not do what it was asked.
public struct StoreFailure: Error, Hashable, Sendable {
  /// What a person can act on.
  public var message: String
  /// Whether other requests would fail in the same way, so that there is no point in going on.
  public var isFinal: Bool

  /// Describes a failure.
  public init(_ message: String, isFinal: Bool) {
    self.message = message
    self.isFinal = isFinal
  }
}
