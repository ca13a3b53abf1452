public import Primitives

/// One version of one key, immutable: what the key index holds, what the engine stores, what answers and
/// watch events share without copying.
///
/// A record lives in a single allocation: these fields, and behind them its stored form, an encoded
/// `mvccpb.KeyValue` with its fields in order of their numbers and zeroes left out, which is byte for byte what
/// etcd stores, so that hashes agree and an answer is one copy. A deletion (tombstone) stores its key alone.
@safe
public struct Record: @unchecked Sendable {
  /// The one allocation.
  @safe
  final class Storage: ManagedBuffer<Header, UInt8> {}

  let storage: Storage

  init(storage: Storage) { self.storage = storage }

  /// The fields of a record, decoded once.
  public struct Header: Sendable {
    /// The write that made this version.
    public let revision: SubRevision
    /// The revision at which the key came into being; 0 in a tombstone.
    public let createRevision: Revision
    /// The number of writes since then, from 1; 0 in a tombstone.
    public let version: Int64
    /// The lease that the key hangs on, or none.
    public let lease: LeaseID
    /// Whether this version is a deletion.
    public let isTombstone: Bool
    /// The key's older versions, of this one's life and earlier ones; nil if there were none.
    public fileprivate(set) var previous: KeyHistory?
    fileprivate let byteCount: Int32
    fileprivate let keyOffset: Int32
    fileprivate let keyCount: Int32
    fileprivate let valueOffset: Int32
    fileprivate let valueCount: Int32
  }

  /// Makes a record from its parts. Cost: one allocation and a copy of key and value.
  public static func make(
    revision: SubRevision, createRevision: Revision, version: Int64, lease: LeaseID,
    key: Bytes, value: Bytes, previous: KeyHistory?
  ) -> Record {
    var front = ByteWriter(capacity: key.count + 56)
    front.appendBytesField(1, key)
    let keyEnd = front.count
    front.appendVarintField(2, createRevision.rawValue)
    front.appendVarintField(3, revision.main.rawValue)
    front.appendVarintField(4, version)
    if !value.isEmpty { front.appendLengthDelimited(5, length: value.count) }
    var back = ByteWriter()
    back.appendVarintField(6, lease.rawValue)
    return allocate(
      Header(
        revision: revision, createRevision: createRevision, version: version, lease: lease,
        isTombstone: false, previous: previous,
        byteCount: Int32(front.count + value.count + back.count),
        keyOffset: Int32(keyEnd - key.count), keyCount: Int32(key.count),
        valueOffset: Int32(front.count), valueCount: Int32(value.count)),
      front.bytes, value, back.bytes)
  }

  /// Makes the record of a deletion.
  public static func makeTombstone(revision: SubRevision, key: Bytes, previous: KeyHistory?)
    -> Record
  {
    var writer = ByteWriter(capacity: key.count + 8)
    writer.appendBytesField(1, key)
    return allocate(
      Header(
        revision: revision, createRevision: .zero, version: 0, lease: .none, isTombstone: true,
        previous: previous, byteCount: Int32(writer.count),
        keyOffset: Int32(writer.count - key.count), keyCount: Int32(key.count), valueOffset: 0,
        valueCount: 0),
      writer.bytes)
  }

  /// Reads a stored record back. One without a version is a deletion.
  ///
  /// - Throws: `DecodingError` if the bytes are no encoded `mvccpb.KeyValue`, or one of another revision.
  public static func decode(revision: SubRevision, stored: Bytes) throws(DecodingError) -> Record {
    let result = unsafe stored.withUnsafeBytes { (stored) -> Result<Record, DecodingError> in
      do throws(DecodingError) {
        return .success(try unsafe decode(revision: revision, stored: stored))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Reads a record back from memory that is lent. Cost: one allocation and one copy.
  static func decode(
    revision: SubRevision, stored: UnsafeRawBufferPointer
  ) throws(DecodingError) -> Record {
    guard stored.count <= Int(Int32.max) else { throw .malformed }
    var reader = unsafe LentReader(stored)
    var key = 0..<0
    var value = 0..<0
    var numbers: (create: Int64, modified: Int64, version: Int64, lease: Int64) = (0, 0, 0, 0)
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch (tag.field, tag.wireType) {
      case (1, 2): key = try reader.readLengthDelimited()
      case (2, 0): numbers.create = Int64(bitPattern: try reader.readVarint())
      case (3, 0): numbers.modified = Int64(bitPattern: try reader.readVarint())
      case (4, 0): numbers.version = Int64(bitPattern: try reader.readVarint())
      case (5, 2): value = try reader.readLengthDelimited()
      case (6, 0): numbers.lease = Int64(bitPattern: try reader.readVarint())
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    let isTombstone = numbers.version == 0
    guard !key.isEmpty, isTombstone || numbers.modified == revision.main.rawValue else {
      throw .malformed
    }
    let header = Header(
      revision: revision, createRevision: Revision(numbers.create), version: numbers.version,
      lease: LeaseID(numbers.lease), isTombstone: isTombstone, previous: nil,
      byteCount: Int32(stored.count), keyOffset: Int32(key.lowerBound),
      keyCount: Int32(key.count), valueOffset: Int32(value.lowerBound),
      valueCount: Int32(value.count))
    let buffer = Storage.create(minimumCapacity: stored.count) { _ in header }
    unsafe buffer.withUnsafeMutablePointerToElements { elements in
      unsafe UnsafeMutableRawPointer(elements).copyMemory(
        from: stored.baseAddress!, byteCount: stored.count)
    }
    return Record(storage: unsafe unsafeDowncast(buffer, to: Storage.self))
  }

  /// A record that was decoded before its key's history was known, with it. Nobody else may hold it yet.
  func following(_ history: KeyHistory) -> Record {
    storage.header.previous = history
    return self
  }

  /// Puts the parts of a stored form behind a header; values are copied here and nowhere else.
  private static func allocate(
    _ header: Header, _ front: Bytes, _ middle: Bytes = [], _ back: Bytes = []
  ) -> Record {
    let count = front.count + middle.count + back.count
    let buffer = Storage.create(minimumCapacity: count) { _ in header }
    unsafe buffer.withUnsafeMutablePointerToElements { elements in
      unsafe copy(front, to: elements)
      unsafe copy(middle, to: elements + front.count)
      unsafe copy(back, to: elements + front.count + middle.count)
    }
    return Record(storage: unsafe unsafeDowncast(buffer, to: Storage.self))
  }

  @inline(__always)
  private static func copy(_ part: Bytes, to place: UnsafeMutablePointer<UInt8>) {
    unsafe part.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      unsafe place.initialize(from: base, count: source.count)
    }
  }

  var header: Header { storage.header }

  /// The key's older versions; only the store looks into them, under its lock.
  var previous: KeyHistory? { storage.header.previous }

  /// Whether both are the same version in the same memory.
  public static func === (left: Record, right: Record) -> Bool { left.storage === right.storage }

  /// The write that made this version.
  public var revision: SubRevision { header.revision }
  /// The revision at which the key came into being; 0 in a tombstone.
  public var createRevision: Revision { header.createRevision }
  /// The number of writes since then, from 1; 0 in a tombstone.
  public var version: Int64 { header.version }
  /// The lease that the key hangs on, or none.
  public var lease: LeaseID { header.lease }
  /// Whether this version is a deletion.
  public var isTombstone: Bool { header.isTombstone }
  /// The number of bytes of the stored form.
  public var byteCount: Int { Int(header.byteCount) }
  /// The number of bytes of the value.
  public var valueCount: Int { Int(header.valueCount) }

  /// The key, copied out.
  public var key: Bytes { unsafe withKey { unsafe Bytes($0) } }
  /// The value, copied out.
  public var value: Bytes { unsafe withValue { unsafe Bytes($0) } }
  /// The stored form, copied out.
  public var stored: Bytes { unsafe withStored { unsafe Bytes($0) } }

  /// Lends the key's bytes.
  @inline(__always)
  public func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe withPart(Int(header.keyOffset), Int(header.keyCount), body)
  }

  /// Lends the value's bytes.
  @inline(__always)
  public func withValue<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe withPart(Int(header.valueOffset), Int(header.valueCount), body)
  }

  /// Lends the stored form: an encoded `mvccpb.KeyValue`.
  @inline(__always)
  public func withStored<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe withPart(0, Int(header.byteCount), body)
  }

  @inline(__always)
  private func withPart<Result>(
    _ offset: Int, _ count: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    unsafe storage.withUnsafeMutablePointerToElements {
      unsafe body(UnsafeRawBufferPointer(start: $0 + offset, count: count))
    }
  }
}
