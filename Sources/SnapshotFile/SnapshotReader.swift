internal import Primitives

/// Reads a snapshot file that etcd or Keelson wrote, or a database file (`member/snap/db`) of etcd's.
public struct SnapshotReader {
  /// Whether a file has to carry the hash of its bytes.
  public enum Integrity: Hashable, Sendable {
    /// A snapshot that was streamed ends in its SHA-256. Costs one more read of the file.
    case required
    /// What ends in 32 bytes behind its pages must have their hash there, and what does not needs none.
    case present
    /// A database file has none; one that is there is not looked at.
    case skipped
  }

  /// The database inside.
  public let database: BoltReader

  /// Checks the hash, unless it is skipped, and opens the database.
  ///
  /// Throws `.badHash` if the hash is missing or wrong, `.corrupt` if the file is no database.
  public init(_ access: any RandomAccess, integrity: Integrity = .required) throws(SnapshotError) {
    switch integrity {
    case .required: try Self.checkHash(access)
    case .present: if Self.endsInHash(access) { try Self.checkHash(access) }
    case .skipped: break
    }
    database = try BoltReader(access)
  }

  /// Passes the records in ascending order of their revisions, until `body` answers false.
  ///
  /// Throws `.corrupt` for a bucket key that is no revision; the stored bytes are passed unchecked.
  public func forEachRecord(_ body: (SnapshotRecord) throws -> Bool) throws {
    try database.forEachPair(in: SnapshotBucket.key) { key, value in
      try body(try SnapshotRecord(key: key, value: value))
    }
  }

  /// Reads everything but the records. Memory: what it answers.
  public func state() throws -> SnapshotState {
    var state = SnapshotState()
    try database.forEachBucket { name, value in
      if name == SnapshotBucket.key { return true }
      try database.forEachPair(inBucketValue: value, name: name) { key, value in
        try state.take(bucket: name, key: key, value: value)
        return true
      }
      return true
    }
    return state
  }

  /// A database is whole pages of 512 bytes at least.
  private static func endsInHash(_ access: any RandomAccess) -> Bool {
    access.byteCount % 512 == Int64(SHA256Stream.byteCount)
  }

  private static func checkHash(_ access: any RandomAccess) throws(SnapshotError) {
    guard endsInHash(access) else {
      throw .badHash(detail: "the file has \(access.byteCount) bytes, so it ends in no hash")
    }
    let end = access.byteCount - Int64(SHA256Stream.byteCount)
    let hash = SHA256Stream()
    var offset: Int64 = 0
    while offset < end {
      let count = Int(min(end - offset, 1 << 20))
      hash.update(try access.read(at: offset, count: count))
      offset += Int64(count)
    }
    guard try access.read(at: end, count: SHA256Stream.byteCount) == hash.finish() else {
      throw .badHash(detail: "the SHA-256 at the end is not that of the bytes before it")
    }
  }
}
