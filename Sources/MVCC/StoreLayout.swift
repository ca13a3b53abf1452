public import Primitives

/// Where the store's data lies in an engine: what a program needs that builds or reads one offline.
///
/// `records`: a write's revision as eight bytes, big-endian, and its place in the transaction as four more unless it
/// is 0, so that keys sort by revision; the value is the encoded `mvccpb.KeyValue`, a deletion's without version.
/// `leases`: the identifier, eight bytes big-endian; the value is an encoded `leasepb.Lease`.
/// `meta`: the names below; other names belong to the store's owner.
public enum StoreLayout {
  /// The version of this layout.
  public static let formatVersion: UInt64 = 1
  /// `meta`: the layout's version, u64 big-endian.
  public static let formatKey = Bytes("mvcc/format".utf8)
  /// `meta`: applied index (u64) and current revision (i64), big-endian.
  public static let appliedKey = Bytes("mvcc/applied".utf8)
  /// `meta`: the compaction floor, i64 big-endian; absent before the first compaction.
  public static let scheduledCompactionKey = Bytes("mvcc/compact-scheduled".utf8)
  /// `meta`: the floor up to which history is gone, i64 big-endian.
  public static let finishedCompactionKey = Bytes("mvcc/compact-finished".utf8)

  /// The engine's key of a record.
  public static func recordKey(_ revision: SubRevision) -> Bytes {
    var writer = ByteWriter(capacity: 12)
    writer.appendBigEndian(revision.main.rawValue)
    if revision.sub != 0 { writer.appendBigEndian(UInt32(truncatingIfNeeded: revision.sub)) }
    return writer.bytes
  }

  /// The key from which all records of a revision and later ones follow.
  public static func firstKey(_ revision: Revision) -> Bytes {
    recordKey(SubRevision(main: revision, sub: 0))
  }

  /// The write that a record's key names, or nil if it is none.
  public static func revision(ofRecordKey key: Bytes) -> SubRevision? {
    unsafe key.withUnsafeBytes { unsafe revision(ofRecordKey: $0) }
  }

  static func revision(ofRecordKey key: UnsafeRawBufferPointer) -> SubRevision? {
    guard key.count == 8 || key.count == 12 else { return nil }
    let main = unsafe Int64(bigEndian: key.loadUnaligned(as: Int64.self))
    var sub: UInt32 = 0
    if key.count == 12 {
      sub = unsafe UInt32(bigEndian: key.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      if sub == 0 { return nil }
    }
    return main > 0 ? SubRevision(main: Revision(main), sub: Int64(sub)) : nil
  }

  /// Bytes that a record takes in the engine, key included: what the quota counts.
  static func byteCount(_ revision: SubRevision, stored: Int) -> Int64 {
    Int64(stored + (revision.sub == 0 ? 8 : 12))
  }

  /// The engine's key of a lease.
  public static func leaseKey(_ lease: LeaseID) -> Bytes { bigEndian(lease.rawValue) }

  /// A lease as an encoded `leasepb.Lease`.
  public static func encodeLease(_ lease: LeaseID, seconds: Int64, remainingSeconds: Int64) -> Bytes
  {
    var writer = ByteWriter(capacity: 24)
    writer.appendVarintField(1, lease.rawValue)
    writer.appendVarintField(2, seconds)
    writer.appendVarintField(3, remainingSeconds)
    return writer.bytes
  }

  /// Reads an encoded `leasepb.Lease`.
  public static func decodeLease(_ bytes: Bytes) throws(DecodingError) -> (
    lease: LeaseID, seconds: Int64, remainingSeconds: Int64
  ) {
    var reader = ByteReader(bytes)
    var numbers: (Int64, Int64, Int64) = (0, 0, 0)
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch (tag.field, tag.wireType) {
      case (1, 0): numbers.0 = Int64(bitPattern: try reader.readVarint())
      case (2, 0): numbers.1 = Int64(bitPattern: try reader.readVarint())
      case (3, 0): numbers.2 = Int64(bitPattern: try reader.readVarint())
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    return (LeaseID(numbers.0), numbers.1, numbers.2)
  }

  /// The value under `appliedKey`.
  public static func encodeApplied(_ index: LogIndex, _ revision: Revision) -> Bytes {
    var writer = ByteWriter(capacity: 16)
    writer.appendBigEndian(index.rawValue)
    writer.appendBigEndian(revision.rawValue)
    return writer.bytes
  }

  /// Reads the value under `appliedKey`.
  public static func decodeApplied(_ bytes: Bytes) throws(DecodingError) -> (LogIndex, Revision) {
    var reader = ByteReader(bytes)
    let index = LogIndex(try reader.readBigEndian())
    let revision = Revision(try reader.readBigEndian())
    guard reader.isAtEnd, revision.rawValue >= 1 else { throw .malformed }
    return (index, revision)
  }

  /// A number as eight bytes, big-endian: what `meta` holds.
  public static func bigEndian(_ number: Int64) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.appendBigEndian(number)
    return writer.bytes
  }

  /// Reads a number that `bigEndian` wrote.
  public static func number(_ bytes: Bytes) throws(DecodingError) -> Int64 {
    var reader = ByteReader(bytes)
    let number: Int64 = try reader.readBigEndian()
    guard reader.isAtEnd else { throw .malformed }
    return number
  }
}
