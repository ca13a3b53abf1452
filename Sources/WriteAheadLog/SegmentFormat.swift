internal import Primitives

/// The first 128 bytes of a segment file; all numbers little-endian.
///
/// This layout and its checksum stay the same in every format version, so that a release can tell a newer
/// format from a damaged file.
struct SegmentHeader: Hashable {
  static let byteCount = 128
  static let formatVersion: UInt32 = 1
  private static let magic: UInt64 = 0x474F_4C53_4C45_454B  // "KEELSLOG"
  private static let checksumOffset = 120
  private static let endMark: UInt32 = 0xA5A5_A5A5

  /// The format of the records.
  var version = formatVersion
  /// Whether the log begins anew with this segment, whatever segments there are before it.
  var isReset: Bool
  /// Whether the file held an older segment, whose records may still lie behind this one's.
  var isRecycled: Bool
  /// The place of the segment in the log, from 1; never used twice. It is the segment's generation.
  var sequence: UInt64
  /// What clients cannot guess of the checksums.
  var salt: UInt64
  /// The last entry before this segment.
  var previousIndex: LogIndex
  /// That entry's term.
  var previousTerm: Term
  /// The durable hard state when the segment was made.
  var hardState: HardState
  /// Where the records of the segment before this one end.
  var previousEnd: UInt64

  /// What every checksum in the segment continues from: it binds records to their generation.
  var seed: UInt32 {
    var writer = ByteWriter(capacity: 16)
    writer.appendLittleEndian(salt)
    writer.appendLittleEndian(sequence)
    return CRC32C.checksum(writer.bytes)
  }

  /// The header as it is written.
  func encoded() -> Bytes {
    var writer = ByteWriter(capacity: Self.byteCount)
    writer.appendLittleEndian(Self.magic)
    writer.appendLittleEndian(version)
    writer.appendLittleEndian(UInt32((isReset ? 1 : 0) | (isRecycled ? 2 : 0)))
    writer.appendLittleEndian(sequence)
    writer.appendLittleEndian(salt)
    writer.appendLittleEndian(previousIndex.rawValue)
    writer.appendLittleEndian(previousTerm.rawValue)
    writer.appendLittleEndian(hardState.term.rawValue)
    writer.appendLittleEndian(hardState.votedFor.rawValue)
    writer.appendLittleEndian(hardState.commit.rawValue)
    writer.appendLittleEndian(previousEnd)
    writer.append(Bytes(repeating: 0, count: Self.checksumOffset - writer.count))
    writer.appendLittleEndian(CRC32C.checksum(writer.bytes))
    writer.appendLittleEndian(Self.endMark)
    return writer.bytes
  }

  /// What the first bytes of a file are.
  enum Reading: Hashable {
    case header(SegmentHeader)
    case newer(version: UInt32)
    /// The beginning of a header and nothing after it: the file was being made.
    case unfinished
    case damaged(String)
  }

  /// Reads the header of a segment file, of which `bytes` is the beginning.
  static func read(_ bytes: Bytes) -> Reading {
    guard bytes.count >= byteCount, bytes[byteCount - 1] != 0 else { return .unfinished }
    var reader = ByteReader(bytes)
    do {
      let magic = try reader.readLittleEndian(as: UInt64.self)
      guard magic == Self.magic else { return .damaged("it does not begin as a log segment does") }
      var tail = ByteReader(bytes, in: checksumOffset..<byteCount)
      let checksum = try tail.readLittleEndian(as: UInt32.self)
      let mark = try tail.readLittleEndian(as: UInt32.self)
      guard mark == endMark, checksum == CRC32C.checksum(Bytes(bytes[..<checksumOffset])) else {
        return .damaged("the header's checksum does not match")
      }
      let version = try reader.readLittleEndian(as: UInt32.self)
      guard version == formatVersion else { return .newer(version: version) }
      let flags = try reader.readLittleEndian(as: UInt32.self)
      return .header(
        SegmentHeader(
          isReset: flags & 1 != 0, isRecycled: flags & 2 != 0,
          sequence: try reader.readLittleEndian(), salt: try reader.readLittleEndian(),
          previousIndex: LogIndex(try reader.readLittleEndian()),
          previousTerm: Term(try reader.readLittleEndian()),
          hardState: HardState(
            term: Term(try reader.readLittleEndian()),
            votedFor: MemberID(try reader.readLittleEndian()),
            commit: LogIndex(try reader.readLittleEndian())),
          previousEnd: try reader.readLittleEndian()))
    } catch {
      return .unfinished
    }
  }
}

/// The 40 bytes before a record's payload; records begin at multiples of 8 and are padded with zeroes.
///
/// Two checksums: with the header's own, a damaged payload still tells where its record stands, and the
/// search for later records never runs a checksum over a length that it cannot trust.
struct RecordHeader: Hashable {
  static let byteCount = 40

  /// What a record says.
  enum Kind: UInt8 {
    /// An entry; the payload is the entry's.
    case entry = 1
    /// A hard state: `index` is the commit, and the payload is the vote, 8 bytes.
    case hardState = 2
    /// Entries from `index` on do not count; `term` is that of the entry before.
    case truncation = 3
  }

  var payloadChecksum: UInt32
  /// Bytes of the payload, without padding.
  var length: UInt32
  /// The number of the write that the record belongs to, from 1 in each segment.
  var batch: UInt32
  var index: LogIndex
  var term: Term
  var kind: UInt8
  var entryKind: UInt8
  /// Whether the record is the last of its batch.
  var endsBatch: Bool

  /// Bytes of the record, with padding.
  var recordBytes: Int { Self.byteCount + Self.padded(Int(length)) }

  /// A payload's length with its padding.
  static func padded(_ length: Int) -> Int { (length + 7) & ~7 }

  /// Reads the header at `offset`, or nil if there is no valid one of this generation.
  @inline(__always)
  static func read(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, seed: UInt32, verifying: Bool = true
  ) -> RecordHeader? {
    guard bytes.count - offset >= byteCount else { return nil }
    if verifying {
      let covered = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + byteCount])
      let checksum = unsafe number(bytes, offset, UInt32.self)
      if unsafe CRC32C.checksum(covered, continuing: seed) != checksum { return nil }
    }
    return unsafe RecordHeader(
      payloadChecksum: number(bytes, offset + 4, UInt32.self),
      length: number(bytes, offset + 8, UInt32.self),
      batch: number(bytes, offset + 12, UInt32.self),
      index: LogIndex(number(bytes, offset + 16, UInt64.self)),
      term: Term(number(bytes, offset + 24, UInt64.self)),
      kind: bytes[offset + 32], entryKind: bytes[offset + 33],
      endsBatch: bytes[offset + 34] != 0)
  }

  /// Whether the payload, with its padding, lies within `bytes` and matches its checksum.
  func payloadMatches(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, seed: UInt32, verifying: Bool = true
  ) -> Bool {
    guard recordBytes <= bytes.count - offset else { return false }
    if !verifying { return true }
    let start = offset + Self.byteCount
    let payload = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<offset + recordBytes])
    return unsafe CRC32C.checksum(payload, continuing: seed) == payloadChecksum
  }

  private static func number<Number: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ type: Number.Type
  ) -> Number {
    Number(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
