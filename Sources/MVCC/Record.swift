internal import Glibc
public import Primitives
internal import Synchronization

/// One version of one key, immutable: what the key index holds, what the engine stores, what answers and
/// watch events share without copying.
///
/// A record lives in a single allocation: these fields, and behind them its stored form, an encoded
/// `mvccpb.KeyValue` with its fields in order of their numbers and zeroes left out, which is byte for byte what
/// etcd stores, so that hashes agree and an answer is one copy. A deletion (tombstone) stores its key alone.
///
/// A record that was loaded from a large engine may have left its value there (`StoredValues`): then what lies behind
/// the fields ends where the value begins, and the whole stored form comes into an allocation of its own when it is
/// asked for first.
@safe
public struct Record: @unchecked Sendable {
  /// The one allocation.
  @safe
  final class Storage: ManagedBuffer<Header, UInt8> {
    deinit {
      unsafe withUnsafeMutablePointerToHeader { header in
        unsafe UnsafeMutableRawPointer(bitPattern: header.pointee.whole)?.deallocate()
      }
    }
  }

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
    let valueOffset: Int32
    fileprivate let valueCount: Int32
    /// Where the value was left; nil for a record that was always whole.
    let left: StoredValues.Chunk?
    /// The address of the whole stored form of a record whose value was left; 0 until it is there. It is set once, and
    /// read, as an atomic.
    fileprivate var whole: UInt = 0
  }

  /// Makes a record from its parts. Cost: one allocation and a copy of key and value, straight into it.
  public static func make(
    revision: SubRevision, createRevision: Revision, version: Int64, lease: LeaseID,
    key: Bytes, value: Bytes, previous: KeyHistory?
  ) -> Record {
    let length = { (number: Int64) in number == 0 ? 0 : 1 + varintLength(UInt64(bitPattern: number))
    }
    let keyOffset = key.isEmpty ? 0 : 1 + varintLength(UInt64(key.count))
    var valueOffset = keyOffset + key.count + length(createRevision.rawValue)
    valueOffset += length(revision.main.rawValue) + length(version)
    if !value.isEmpty { valueOffset += length(Int64(value.count)) }
    let byteCount = valueOffset + value.count + length(lease.rawValue)
    let header = Header(
      revision: revision, createRevision: createRevision, version: version, lease: lease,
      isTombstone: false, previous: previous, byteCount: Int32(byteCount),
      keyOffset: Int32(keyOffset), keyCount: Int32(key.count),
      valueOffset: Int32(valueOffset), valueCount: Int32(value.count), left: nil)
    let buffer = Storage.create(minimumCapacity: byteCount) { _ in header }
    unsafe buffer.withUnsafeMutablePointerToElements { elements in
      var place = unsafe FieldWriter(elements)
      place.append(1, key)
      place.append(2, createRevision.rawValue)
      place.append(3, revision.main.rawValue)
      place.append(4, version)
      place.append(5, value)
      place.append(6, lease.rawValue)
      invariant(
        unsafe place.next == elements + byteCount, "a record is not as long as was computed")
    }
    return Record(storage: unsafe unsafeDowncast(buffer, to: Storage.self))
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
        valueCount: 0, left: nil),
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
  ///
  /// - Parameter values: where a value of some size may stay, which is then not copied.
  static func decode(
    revision: SubRevision, stored: UnsafeRawBufferPointer,
    leavingValueIn values: StoredValues.Chunk? = nil
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
    let isWorthLeaving = values.map { value.count >= $0.leastBytes } ?? false
    let isLeft = isWorthLeaving && key.upperBound <= value.lowerBound
    let header = Header(
      revision: revision, createRevision: Revision(numbers.create), version: numbers.version,
      lease: LeaseID(numbers.lease), isTombstone: isTombstone, previous: nil,
      byteCount: Int32(stored.count), keyOffset: Int32(key.lowerBound),
      keyCount: Int32(key.count), valueOffset: Int32(value.lowerBound),
      valueCount: Int32(value.count), left: isLeft ? values : nil)
    let count = header.left == nil ? stored.count : value.lowerBound
    let buffer = Storage.create(minimumCapacity: count) { _ in header }
    unsafe buffer.withUnsafeMutablePointerToElements { elements in
      unsafe UnsafeMutableRawPointer(elements).copyMemory(
        from: stored.baseAddress!, byteCount: count)
    }
    return Record(storage: unsafe unsafeDowncast(buffer, to: Storage.self))
  }

  /// A record that was decoded before its key's history was known, with it. Nobody else may hold it yet.
  func following(_ history: KeyHistory) -> Record {
    storage.header.previous = history
    return self
  }

  /// Puts a stored form behind a header.
  private static func allocate(_ header: Header, _ stored: Bytes) -> Record {
    let buffer = Storage.create(minimumCapacity: stored.count) { _ in header }
    unsafe buffer.withUnsafeMutablePointerToElements { unsafe copy(stored, to: $0) }
    return Record(storage: unsafe unsafeDowncast(buffer, to: Storage.self))
  }

  /// Writes protobuf fields into memory that has room for them; zeroes and empty ones are left out.
  @safe
  private struct FieldWriter {
    private(set) var next: UnsafeMutablePointer<UInt8>

    init(_ start: UnsafeMutablePointer<UInt8>) { unsafe next = start }

    mutating func append(_ field: UInt8, _ number: Int64) {
      if number == 0 { return }
      append(byte: field << 3)
      append(varint: UInt64(bitPattern: number))
    }

    mutating func append(_ field: UInt8, _ bytes: Bytes) {
      if bytes.isEmpty { return }
      append(byte: field << 3 | 2)
      append(varint: UInt64(bytes.count))
      unsafe Record.copy(bytes, to: next)
      unsafe next += bytes.count
    }

    private mutating func append(varint number: UInt64) {
      var rest = number
      while rest >= 0x80 {
        append(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      append(byte: UInt8(rest))
    }

    private mutating func append(byte: UInt8) {
      unsafe next.initialize(to: byte)
      unsafe next += 1
    }
  }

  private static func varintLength(_ number: UInt64) -> Int { ByteWriter.varintLength(number) }

  @inline(__always)
  fileprivate static func copy(_ part: Bytes, to place: UnsafeMutablePointer<UInt8>) {
    unsafe part.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      unsafe place.initialize(from: base, count: source.count)
    }
  }

  /// Reads a field where it lies: `storage.header` would check for exclusive access and copy all fields.
  @inline(__always)
  private func field<Value>(_ path: (UnsafePointer<Header>) -> Value) -> Value {
    unsafe storage.withUnsafeMutablePointerToHeader { unsafe path(UnsafePointer($0)) }
  }

  /// The key's older versions; only the store looks into them, under its lock.
  var previous: KeyHistory? { unsafe field { unsafe $0.pointee.previous } }

  /// Whether both are the same version in the same memory.
  public static func === (left: Record, right: Record) -> Bool { left.storage === right.storage }

  /// The write that made this version.
  public var revision: SubRevision { unsafe field { unsafe $0.pointee.revision } }
  /// The revision at which the key came into being; 0 in a tombstone.
  public var createRevision: Revision { unsafe field { unsafe $0.pointee.createRevision } }
  /// The number of writes since then, from 1; 0 in a tombstone.
  public var version: Int64 { unsafe field { unsafe $0.pointee.version } }
  /// The lease that the key hangs on, or none.
  public var lease: LeaseID { unsafe field { unsafe $0.pointee.lease } }
  /// Whether this version is a deletion.
  public var isTombstone: Bool { unsafe field { unsafe $0.pointee.isTombstone } }
  /// The number of bytes of the stored form.
  public var byteCount: Int { Int(unsafe field { unsafe $0.pointee.byteCount }) }
  /// The number of bytes of the value.
  public var valueCount: Int { Int(unsafe field { unsafe $0.pointee.valueCount }) }

  /// The key, copied out.
  public var key: Bytes { unsafe withKey { unsafe Bytes($0) } }
  /// The value, copied out.
  public var value: Bytes { unsafe withValue { unsafe Bytes($0) } }
  /// The stored form, copied out.
  public var stored: Bytes { unsafe withStored { unsafe Bytes($0) } }

  /// Lends the key's bytes.
  @inline(__always)
  public func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe storage.withUnsafeMutablePointers { header, elements in
      unsafe body(
        UnsafeRawBufferPointer(
          start: elements + Int(header.pointee.keyOffset), count: Int(header.pointee.keyCount)))
    }
  }

  /// Lends the value's bytes.
  @inline(__always)
  public func withValue<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe withPart({ unsafe ($0.pointee.valueOffset, $0.pointee.valueCount) }, body)
  }

  /// Lends the stored form: an encoded `mvccpb.KeyValue`.
  @inline(__always)
  public func withStored<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe withPart({ unsafe (0, $0.pointee.byteCount) }, body)
  }

  @inline(__always)
  private func withPart<Result>(
    _ part: (UnsafePointer<Header>) -> (offset: Int32, count: Int32),
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    unsafe storage.withUnsafeMutablePointers { header, elements in
      let (offset, count) = unsafe part(UnsafePointer(header))
      let start =
        unsafe header.pointee.left == nil ? UnsafeRawPointer(elements) : whole
      return unsafe body(
        UnsafeRawBufferPointer(start: start + Int(offset), count: Int(count)))
    }
  }

  // MARK: A value that was left in the engine

  /// Where the value was left; nil if it came with the record.
  var left: StoredValues.Chunk? { unsafe field { unsafe $0.pointee.left } }

  /// Whether the value is still where it was left.
  var lacksValue: Bool {
    left != nil && withWhole { $0.load(ordering: .acquiring) } == 0
  }

  /// The whole stored form of a record whose value was left, brought into memory now if need be.
  private var whole: UnsafeRawPointer {
    while true {
      let address = withWhole { $0.load(ordering: .acquiring) }
      if let whole = unsafe UnsafeRawPointer(bitPattern: address) { return unsafe whole }
      guard let left else { fatalError("a record without its value") }
      left.values.bring(self)
    }
  }

  /// Takes the whole stored form, if it is this record's; what another thread brought stays.
  func complete(with stored: UnsafeRawBufferPointer) -> Bool {
    let isSame = unsafe storage.withUnsafeMutablePointers { header, elements in
      let known = unsafe Int(header.pointee.valueOffset)
      return unsafe stored.count == Int(header.pointee.byteCount)
        && memcmp(stored.baseAddress!, elements, known) == 0
    }
    guard isSame else { return false }
    let copy = UnsafeMutableRawPointer.allocate(byteCount: stored.count, alignment: 1)
    unsafe copy.copyMemory(from: stored.baseAddress!, byteCount: stored.count)
    let isTaken = withWhole {
      $0.compareExchange(
        expected: 0, desired: UInt(bitPattern: copy), ordering: .acquiringAndReleasing
      ).exchanged
    }
    if !isTaken { unsafe copy.deallocate() }
    return true
  }

  @inline(__always)
  private func withWhole<Result>(_ body: (borrowing Atomic<UInt>) -> Result) -> Result {
    unsafe storage.withUnsafeMutablePointerToHeader { header in
      unsafe withUnsafeMutablePointer(to: &header.pointee.whole) { place in
        unsafe body(UnsafeRawPointer(place).assumingMemoryBound(to: Atomic<UInt>.self).pointee)
      }
    }
  }
}
