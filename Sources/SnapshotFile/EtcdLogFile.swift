internal import Primitives

/// One file of etcd's log (`member/wal/SEQUENCE-INDEX.wal`): frames of a length field, a `walpb.Record` and padding.
struct EtcdLogFile {
  /// What a record is about; the raw values are etcd's.
  enum Kind: UInt64 {
    case metadata = 1
    case entry = 2
    case hardState = 3
    /// The running checksum, at the beginning of each file.
    case checksum = 4
    case snapshot = 5
  }

  /// A record, and where it lies.
  struct Record {
    var kind: UInt64 = 0
    var checksum: UInt32 = 0
    var data: Bytes = []
    var place: Place
  }

  /// Where a record lies in its file.
  struct Place: Hashable {
    var offset: Int64
    var byteCount: Int
  }

  /// What comes next in a file.
  enum Step {
    case record(Record, next: Int64)
    /// Nothing was written from here on.
    case end
    /// The file ends inside a record.
    case cutOff(reason: String)
    /// Bytes that are no record.
    case unreadable(reason: String)
  }

  /// etcd fills files with zeroes up to their size beforehand, and writes in sectors.
  private static let sectorBytes: Int64 = 512
  private static let lengthBytes: Int64 = 8

  let name: String
  /// The number in the name by which files follow each other.
  let sequence: UInt64
  /// The entry in the name: the file's entries follow it, or begin with it.
  let firstIndex: LogIndex
  private let access: any RandomAccess

  init(name: String, sequence: UInt64, firstIndex: LogIndex, access: any RandomAccess) {
    self.name = name
    self.sequence = sequence
    self.firstIndex = firstIndex
    self.access = access
  }

  /// Reads a name of two numbers of 16 hexadecimal digits; nil if it is none of etcd's.
  static func numbers(inName name: String, suffix: String) -> (first: UInt64, second: UInt64)? {
    guard name.hasSuffix(suffix) else { return nil }
    let parts = name.dropLast(suffix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 16 }),
      let first = UInt64(parts[0], radix: 16), let second = UInt64(parts[1], radix: 16)
    else { return nil }
    return (first, second)
  }

  /// Reads what lies at `offset`. Its checksum is the caller's matter, because it runs on from the records before.
  func step(at offset: Int64) throws(SnapshotError) -> Step {
    guard offset + Self.lengthBytes <= access.byteCount else { return .end }
    var reader = ByteReader(try access.read(at: offset, count: Int(Self.lengthBytes)))
    guard let field = try? reader.readLittleEndian(as: Int64.self), field != 0 else { return .end }
    let length = Int64(UInt64(bitPattern: field) & 0x00FF_FFFF_FFFF_FFFF)
    let padding = field < 0 ? Int64((UInt64(bitPattern: field) >> 56) & 7) : 0
    let place = Place(offset: offset + Self.lengthBytes, byteCount: Int(length))
    guard length > 0, length <= access.byteCount - place.offset - padding else {
      return .cutOff(reason: "a record of \(length) bytes goes beyond the file's end")
    }
    guard let record = try decode(place) else {
      return .unreadable(reason: "a record of \(length) bytes cannot be read")
    }
    return .record(record, next: place.offset + length + padding)
  }

  /// Reads the record at a place again.
  func record(at place: Place) throws(SnapshotError) -> Record {
    guard let record = try decode(place) else {
      throw .corrupt(detail: "\(name): the record at offset \(place.offset) cannot be read")
    }
    return record
  }

  /// Whether a record may have been cut short by a crash: one of the sectors that it lies in holds zeroes alone,
  /// because it was never written. etcd's own rule.
  func isTorn(at offset: Int64) throws(SnapshotError) -> Bool {
    guard offset + Self.lengthBytes <= access.byteCount else { return true }
    var reader = ByteReader(try access.read(at: offset, count: Int(Self.lengthBytes)))
    guard let field = try? reader.readLittleEndian(as: UInt64.self) else { return true }
    var position = offset + Self.lengthBytes
    let end = min(access.byteCount, position + Int64(field & 0x00FF_FFFF_FFFF_FFFF))
    while position < end {
      let next = min(end, (position / Self.sectorBytes + 1) * Self.sectorBytes)
      let part = try access.read(at: position, count: Int(next - position))
      if part.allSatisfy({ $0 == 0 }) { return true }
      position = next
    }
    return false
  }

  private func decode(_ place: Place) throws(SnapshotError) -> Record? {
    let bytes = try access.read(at: place.offset, count: place.byteCount)
    var fields = MessageFields(bytes)
    var record = Record(place: place)
    do throws(DecodingError) {
      while let (field, content) = try fields.next() {
        switch (field, content) {
        case (1, .number(let kind)): record.kind = kind
        case (2, .number(let checksum)): record.checksum = UInt32(truncatingIfNeeded: checksum)
        case (3, .bytes(let range)): record.data = Bytes(bytes[range])
        default: break
        }
      }
    } catch {
      return nil
    }
    return record
  }
}
