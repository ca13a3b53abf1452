public import Primitives

/// etcd's HashKV over the history in a snapshot: what a member answers that holds the same at the same revision, so
/// that a file can be compared with the store that it was taken of.
public struct SnapshotHash: Hashable, Sendable {
  /// The hash: CRC-32C over the keys and values of the bucket `key` that count.
  public var hash: UInt32
  /// The revision up to which history was hashed.
  public var revision: Revision
  /// The revision that was compacted last; zero if none was.
  public var compacted: Revision

  /// Hashes a snapshot's history up to a revision; zero: all of it.
  ///
  /// Above the compacted revision every version counts; at or below it what is its key's newest version at the
  /// revision that is hashed, unless it is a deletion.
  ///
  /// Cost: two walks over the records, and about 40 bytes of memory for each key. Keys are told apart by 64 bits of
  /// a hash that is another in each process: two of ten million keys are taken for one once in 300,000 runs.
  /// - Throws: `.corrupt` for what cannot be read, `.noSuchRevision`.
  public init(of reader: SnapshotReader, at revision: Revision = .zero) throws {
    let floor = try reader.state().compacted
    var newest = try NewestVersions(reader, through: revision == .zero ? nil : revision)
    let target = revision == .zero ? newest.last : revision
    if revision > max(newest.last, floor), !newest.isCut {
      throw SnapshotError.noSuchRevision(detail: "required revision is a future revision")
    }
    if revision > .zero, revision < floor {
      throw SnapshotError.noSuchRevision(detail: "required revision has been compacted")
    }
    // Where nothing is live, etcd counts what its compaction has left.
    if newest.liveKeys == 0 { newest = try NewestVersions(reader, through: floor) }
    var crc = CRC32C.checksum(Bytes("key".utf8))
    var ordinal: UInt64 = 0
    try reader.forEachRecord { record in
      if record.revision.main > target { return false }
      let isCounted =
        try record.revision.main > floor
        || (!record.isTombstone && newest.has(record, ordinal))
      if isCounted {
        crc = CRC32C.checksum(record.key, continuing: crc)
        crc = CRC32C.checksum(record.stored, continuing: crc)
      }
      ordinal += 1
      return true
    }
    hash = crc
    self.revision = target
    compacted = floor
  }
}

/// Which record of a snapshot is each key's newest.
private struct NewestVersions {
  /// By the hash of the key, the record's place and, in the lowest bit, whether it is a deletion.
  private var places: [Int: UInt64] = [:]
  /// The revision of the last record.
  private(set) var last = Revision.zero
  /// Whether there are records behind the last one that counts.
  private(set) var isCut = false

  init(_ reader: SnapshotReader, through end: Revision?) throws {
    var ordinal: UInt64 = 0
    try reader.forEachRecord { record in
      if let end, record.revision.main > end {
        isCut = true
        return false
      }
      last = record.revision.main
      places[try Self.hash(record)] = ordinal << 1 | (record.isTombstone ? 1 : 0)
      ordinal += 1
      return true
    }
  }

  var liveKeys: Int { places.values.count { $0 & 1 == 0 } }

  func has(_ record: SnapshotRecord, _ ordinal: UInt64) throws -> Bool {
    places[try Self.hash(record)] == ordinal << 1
  }

  private static func hash(_ record: SnapshotRecord) throws(SnapshotError) -> Int {
    guard let key = record.userKey else {
      throw .corrupt(detail: "bucket key: revision \(record.revision.main) has no key")
    }
    return key.hashValue
  }
}

extension SnapshotRecord {
  /// The key that was written, from the stored form; nil if that cannot be read.
  fileprivate var userKey: Bytes? {
    var reader = ByteReader(stored)
    while !reader.isAtEnd {
      guard let tag = try? reader.readTag() else { return nil }
      if tag.field == 1, tag.wireType == 2 {
        return (try? reader.readLengthDelimited()).map { Bytes(stored[$0]) }
      }
      guard (try? reader.skipField(wireType: tag.wireType)) != nil else { return nil }
    }
    return nil
  }
}
