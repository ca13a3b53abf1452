public import Primitives

/// What `etcdutl snapshot status` tells about a file.
public struct SnapshotStatus: Hashable, Sendable {
  /// CRC-32C over each bucket's name, and each of its keys and values, in order.
  public var hash: UInt32 = 0
  /// The revision of the last record; 0 if there is none.
  public var revision = Revision.zero
  /// The number of pairs in all buckets.
  public var totalKeys = 0
  /// Bytes of the database, without the hash behind it.
  public var totalSize: Int64 = 0
  /// The format's version; empty before etcd 3.6.
  public var version = ""

  /// Reads the whole database. Throws as `BoltReader` does.
  public init(of database: BoltReader) throws {
    totalSize = database.totalBytes
    try database.forEachBucket { name, value in
      hash = CRC32C.checksum(name, continuing: hash)
      try database.forEachPair(inBucketValue: value, name: name) { key, value in
        hash = CRC32C.checksum(key, continuing: hash)
        hash = CRC32C.checksum(value, continuing: hash)
        totalKeys += 1
        if name == SnapshotBucket.key {
          revision = try SnapshotRecord(key: key, value: []).revision.main
        } else if name == SnapshotBucket.meta, key == Bytes("storageVersion".utf8) {
          version = String(decoding: value, as: UTF8.self)
        }
        return true
      }
      return true
    }
  }
}

/// Reads arbitrary bytes as a snapshot in every way there is, for fuzzing: it returns, whatever they are.
public func fuzzSnapshot(_ bytes: [UInt8]) {
  _ = try? SnapshotReader(BytesAccess(bytes), integrity: .required)
  guard let reader = try? SnapshotReader(BytesAccess(bytes), integrity: .skipped) else { return }
  _ = try? SnapshotStatus(of: reader.database)
  _ = try? reader.database.bucketNames()
  _ = try? reader.state()
  try? reader.forEachRecord { _ in true }
}
