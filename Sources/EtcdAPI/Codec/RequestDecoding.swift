internal import MVCC
internal import Primitives

// Direct codecs for the messages of the hot path: bytes to the store's operations and back, without
// a message object between. Tests hold them equal to the generated messages.

/// Why a request could not be turned into an operation.
enum RequestDecodingError: Error, Hashable, Sendable {
  /// The bytes are no protobuf, or end early.
  case malformed(DecodingError)
  /// Transactions are nested more deeply than `Limits.transactionDepth`.
  case tooDeep
  /// A sort order or target that the API does not have.
  case invalidSort
  /// A comparison or a step of a kind that the API does not have.
  case unknownKind
}

/// A reader of one message whose errors are the edge's.
private struct Fields {
  private(set) var reader: ByteReader

  init(_ bytes: Bytes, _ range: Range<Int>) { reader = ByteReader(bytes, in: range) }

  var bytes: Bytes { reader.bytes }

  mutating func next() throws(RequestDecodingError) -> (field: UInt64, wireType: UInt8)? {
    if reader.isAtEnd { return nil }
    do { return try reader.readTag() } catch { throw .malformed(error) }
  }

  mutating func number() throws(RequestDecodingError) -> Int64 {
    do { return Int64(bitPattern: try reader.readVarint()) } catch { throw .malformed(error) }
  }

  mutating func flag() throws(RequestDecodingError) -> Bool { try number() != 0 }

  mutating func content() throws(RequestDecodingError) -> Range<Int> {
    do { return try reader.readLengthDelimited() } catch { throw .malformed(error) }
  }

  mutating func copy() throws(RequestDecodingError) -> Bytes {
    let range = try content()
    // From the memory itself: a copy of a slice goes through a generic collection.
    return unsafe bytes.withUnsafeBytes {
      unsafe Bytes(UnsafeRawBufferPointer(rebasing: $0[range]))
    }
  }

  mutating func skip(_ wireType: UInt8) throws(RequestDecodingError) {
    do { try reader.skipField(wireType: wireType) } catch { throw .malformed(error) }
  }
}

/// A request for one key as it is at present, and nothing else: read without an operation between.
struct PlainGet: Hashable {
  /// Where the key lies in the request.
  var key = 0..<0
  var isSerializable = false

  /// Reads an `etcdserverpb.RangeRequest`; nil if it says more, or is malformed.
  static func decode(_ bytes: Bytes) -> PlainGet? {
    var reader = ByteReader(bytes)
    var get = PlainGet()
    do {
      while !reader.isAtEnd {
        switch try reader.readTag() {
        case (1, 2): get.key = try reader.readLengthDelimited()
        case (7, 0): get.isSerializable = try reader.readVarint() != 0
        default: return nil
        }
      }
    } catch { return nil }
    return get.key.isEmpty ? nil : get
  }
}

extension RangeOperation {
  /// Reads an `etcdserverpb.RangeRequest`.
  static func decode(
    _ bytes: Bytes, in range: Range<Int>
  ) throws(RequestDecodingError) -> (operation: RangeOperation, isSerializable: Bool) {
    var fields = Fields(bytes, range)
    var operation = RangeOperation(KeyRange([]))
    var isSerializable = false
    while let (field, wireType) = try fields.next() {
      switch (field, wireType) {
      case (1, 2): operation.keys.key = try fields.copy()
      case (2, 2): operation.keys.end = try fields.copy()
      case (3, 0): operation.limit = try fields.number()
      case (4, 0): operation.revision = Revision(try fields.number())
      case (5, 0):
        guard let order = SortOrder(exactly: try fields.number()) else { throw .invalidSort }
        operation.sortOrder = order
      case (6, 0):
        guard let target = SortTarget(exactly: try fields.number()) else { throw .invalidSort }
        operation.sortTarget = target
      case (7, 0): isSerializable = try fields.flag()
      case (8, 0): operation.keysOnly = try fields.flag()
      case (9, 0): operation.countOnly = try fields.flag()
      case (10, 0): operation.minModRevision = Revision(try fields.number())
      case (11, 0): operation.maxModRevision = Revision(try fields.number())
      case (12, 0): operation.minCreateRevision = Revision(try fields.number())
      case (13, 0): operation.maxCreateRevision = Revision(try fields.number())
      default: try fields.skip(wireType)
      }
    }
    return (operation, isSerializable)
  }
}

extension RangeOperation.SortOrder {
  fileprivate init?(exactly number: Int64) {
    guard let raw = UInt8(exactly: number) else { return nil }
    self.init(rawValue: raw)
  }
}

extension RangeOperation.SortTarget {
  fileprivate init?(exactly number: Int64) {
    guard let raw = UInt8(exactly: number) else { return nil }
    self.init(rawValue: raw)
  }
}

extension PutOperation {
  /// Reads an `etcdserverpb.PutRequest`.
  static func decode(_ bytes: Bytes, in range: Range<Int>) throws(RequestDecodingError)
    -> PutOperation
  {
    var fields = Fields(bytes, range)
    var operation = PutOperation(key: [], value: [])
    while let (field, wireType) = try fields.next() {
      switch (field, wireType) {
      case (1, 2): operation.key = try fields.copy()
      case (2, 2): operation.value = try fields.copy()
      case (3, 0): operation.lease = LeaseID(try fields.number())
      case (4, 0): operation.returnsPrevious = try fields.flag()
      case (5, 0): operation.ignoresValue = try fields.flag()
      case (6, 0): operation.ignoresLease = try fields.flag()
      default: try fields.skip(wireType)
      }
    }
    return operation
  }
}

extension DeleteRangeOperation {
  /// Reads an `etcdserverpb.DeleteRangeRequest`.
  static func decode(_ bytes: Bytes, in range: Range<Int>) throws(RequestDecodingError)
    -> DeleteRangeOperation
  {
    var fields = Fields(bytes, range)
    var operation = DeleteRangeOperation(KeyRange([]))
    while let (field, wireType) = try fields.next() {
      switch (field, wireType) {
      case (1, 2): operation.keys.key = try fields.copy()
      case (2, 2): operation.keys.end = try fields.copy()
      case (3, 0): operation.returnsPrevious = try fields.flag()
      default: try fields.skip(wireType)
      }
    }
    return operation
  }
}

extension Comparison {
  /// Reads an `etcdserverpb.Compare`. The target's kind decides which operand counts; a missing one
  /// is zero.
  static func decode(_ bytes: Bytes, in range: Range<Int>) throws(RequestDecodingError)
    -> Comparison
  {
    var fields = Fields(bytes, range)
    var keys = KeyRange([])
    var relation: Int64 = 0
    var target: Int64 = 0
    var operands: [UInt64: Int64] = [:]
    var value: Bytes = []
    while let (field, wireType) = try fields.next() {
      switch (field, wireType) {
      case (1, 0): relation = try fields.number()
      case (2, 0): target = try fields.number()
      case (3, 2): keys.key = try fields.copy()
      case (4, 0), (5, 0), (6, 0), (8, 0): operands[field] = try fields.number()
      case (7, 2): value = try fields.copy()
      case (64, 2): keys.end = try fields.copy()
      default: try fields.skip(wireType)
      }
    }
    guard let raw = UInt8(exactly: relation), let known = Relation(rawValue: raw) else {
      throw .unknownKind
    }
    switch target {
    case 0: return Comparison(keys, known, .version(operands[4] ?? 0))
    case 1: return Comparison(keys, known, .createRevision(operands[5] ?? 0))
    case 2: return Comparison(keys, known, .modRevision(operands[6] ?? 0))
    case 3: return Comparison(keys, known, .value(value))
    case 4: return Comparison(keys, known, .lease(operands[8] ?? 0))
    default: throw .unknownKind
    }
  }
}

extension TransactionOperation {
  /// Reads an `etcdserverpb.TxnRequest`.
  static func decode(
    _ bytes: Bytes, in range: Range<Int>, depth: Int = 0
  ) throws(RequestDecodingError) -> TransactionOperation {
    if depth > Limits.transactionDepth { throw .tooDeep }
    var fields = Fields(bytes, range)
    var operation = TransactionOperation()
    while let (field, wireType) = try fields.next() {
      switch (field, wireType) {
      case (1, 2): operation.comparisons.append(try .decode(bytes, in: try fields.content()))
      case (2, 2):
        operation.success.append(try .decode(bytes, in: try fields.content(), depth: depth))
      case (3, 2):
        operation.failure.append(try .decode(bytes, in: try fields.content(), depth: depth))
      default: try fields.skip(wireType)
      }
    }
    return operation
  }
}

extension TransactionOperation.Step {
  /// Reads an `etcdserverpb.RequestOp`; of several kinds in one the last counts, as protobuf has
  /// it.
  fileprivate static func decode(
    _ bytes: Bytes, in range: Range<Int>, depth: Int
  ) throws(RequestDecodingError) -> TransactionOperation.Step {
    var fields = Fields(bytes, range)
    var step: TransactionOperation.Step?
    while let (field, wireType) = try fields.next() {
      switch (field, wireType) {
      case (1, 2): step = .range(try RangeOperation.decode(bytes, in: fields.content()).operation)
      case (2, 2): step = .put(try .decode(bytes, in: fields.content()))
      case (3, 2): step = .deleteRange(try .decode(bytes, in: fields.content()))
      case (4, 2): step = .transaction(try .decode(bytes, in: fields.content(), depth: depth + 1))
      default: try fields.skip(wireType)
      }
    }
    guard let step else { throw .unknownKind }
    return step
  }
}
