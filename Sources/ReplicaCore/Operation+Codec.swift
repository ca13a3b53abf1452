internal import MVCC
internal import Primitives

extension ByteWriter {
  /// A signed number as a varint; negative ones take ten bytes.
  mutating func append(_ number: Int64) { appendVarint(UInt64(bitPattern: number)) }

  /// Bytes behind their length.
  mutating func append(counted bytes: Bytes) {
    appendVarint(UInt64(bytes.count))
    append(bytes)
  }

  /// Text behind its length in UTF-8.
  mutating func append(text: String) { append(counted: Bytes(text.utf8)) }

  /// Texts behind their number.
  mutating func append(texts: [String]) {
    appendVarint(UInt64(texts.count))
    for text in texts { append(text: text) }
  }

  mutating func append(_ keys: KeyRange) {
    append(counted: keys.key)
    append(counted: keys.end)
  }

  mutating func append(_ put: PutOperation) {
    append(counted: put.key)
    append(counted: put.value)
    append(put.lease.rawValue)
    append(flags(put.returnsPrevious, put.ignoresValue, put.ignoresLease))
  }

  mutating func append(_ deletion: DeleteRangeOperation) {
    append(deletion.keys)
    append(flags(deletion.returnsPrevious))
  }

  mutating func append(_ range: RangeOperation) {
    append(range.keys)
    append(range.limit)
    append(range.revision.rawValue)
    append(range.sortOrder.rawValue)
    append(range.sortTarget.rawValue)
    append(flags(range.keysOnly, range.countOnly))
    append(range.minModRevision.rawValue)
    append(range.maxModRevision.rawValue)
    append(range.minCreateRevision.rawValue)
    append(range.maxCreateRevision.rawValue)
  }

  mutating func append(_ transaction: TransactionOperation) {
    appendVarint(UInt64(transaction.comparisons.count))
    for comparison in transaction.comparisons { append(comparison) }
    append(steps: transaction.success)
    append(steps: transaction.failure)
  }

  private mutating func append(_ comparison: Comparison) {
    append(comparison.keys)
    append(comparison.relation.rawValue)
    switch comparison.target {
    case .version(let number): append(ComparisonTag.version.rawValue, number)
    case .createRevision(let number): append(ComparisonTag.createRevision.rawValue, number)
    case .modRevision(let number): append(ComparisonTag.modRevision.rawValue, number)
    case .lease(let number): append(ComparisonTag.lease.rawValue, number)
    case .value(let value):
      append(ComparisonTag.value.rawValue)
      append(counted: value)
    }
  }

  private mutating func append(_ tag: UInt8, _ number: Int64) {
    append(tag)
    append(number)
  }

  private mutating func append(steps: [TransactionOperation.Step]) {
    appendVarint(UInt64(steps.count))
    for step in steps {
      switch step {
      case .range(let range):
        append(StepTag.range.rawValue)
        append(range)
      case .put(let put):
        append(StepTag.put.rawValue)
        append(put)
      case .deleteRange(let deletion):
        append(StepTag.deleteRange.rawValue)
        append(deletion)
      case .transaction(let nested):
        append(StepTag.transaction.rawValue)
        append(nested)
      }
    }
  }

  private func flags(_ first: Bool, _ second: Bool = false, _ third: Bool = false) -> UInt8 {
    (first ? 1 : 0) | (second ? 2 : 0) | (third ? 4 : 0)
  }
}

private enum StepTag: UInt8 { case range = 1, put, deleteRange, transaction }
private enum ComparisonTag: UInt8 { case version = 1, createRevision, modRevision, value, lease }

extension ByteReader {
  mutating func readNumber() throws(DecodingError) -> Int64 {
    Int64(bitPattern: try readVarint())
  }

  mutating func readCounted() throws(DecodingError) -> Bytes {
    Bytes(bytes[try readLengthDelimited()])
  }

  mutating func readText() throws(DecodingError) -> String {
    let range = try readLengthDelimited()
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .malformed }
    return text
  }

  mutating func readTexts() throws(DecodingError) -> [String] {
    try readList(minimumBytes: 1) { (reader) throws(DecodingError) in try reader.readText() }
  }

  mutating func readEnum<Value: RawRepresentable<UInt8>>() throws(DecodingError) -> Value {
    guard let value = Value(rawValue: try readByte()) else { throw .malformed }
    return value
  }

  /// Reads a number of elements and the elements, each of at least `minimumBytes`: a length that
  /// the bytes cannot hold is refused before anything is allocated for it.
  mutating func readList<Element>(
    minimumBytes: Int, _ element: (inout ByteReader) throws(DecodingError) -> Element
  ) throws(DecodingError) -> [Element] {
    let count = try readVarint()
    guard count <= UInt64(remaining / minimumBytes) else { throw .truncated }
    var elements: [Element] = []
    elements.reserveCapacity(min(Int(count), 1024))
    for _ in 0..<count { elements.append(try element(&self)) }
    return elements
  }

  mutating func readKeys() throws(DecodingError) -> KeyRange {
    KeyRange(try readCounted(), end: try readCounted())
  }

  mutating func readFlags(allowed: UInt8) throws(DecodingError) -> UInt8 {
    let flags = try readByte()
    guard flags & ~allowed == 0 else { throw .malformed }
    return flags
  }

  mutating func readPut() throws(DecodingError) -> PutOperation {
    var put = PutOperation(key: try readCounted(), value: try readCounted())
    put.lease = LeaseID(try readNumber())
    let flags = try readFlags(allowed: 7)
    put.returnsPrevious = flags & 1 != 0
    put.ignoresValue = flags & 2 != 0
    put.ignoresLease = flags & 4 != 0
    return put
  }

  mutating func readDeleteRange() throws(DecodingError) -> DeleteRangeOperation {
    var deletion = DeleteRangeOperation(try readKeys())
    deletion.returnsPrevious = try readFlags(allowed: 1) != 0
    return deletion
  }

  mutating func readRangeOperation() throws(DecodingError) -> RangeOperation {
    var range = RangeOperation(try readKeys())
    range.limit = try readNumber()
    range.revision = Revision(try readNumber())
    range.sortOrder = try readEnum()
    range.sortTarget = try readEnum()
    let flags = try readFlags(allowed: 3)
    range.keysOnly = flags & 1 != 0
    range.countOnly = flags & 2 != 0
    range.minModRevision = Revision(try readNumber())
    range.maxModRevision = Revision(try readNumber())
    range.minCreateRevision = Revision(try readNumber())
    range.maxCreateRevision = Revision(try readNumber())
    return range
  }

  /// Transactions are nested no deeper than requests may be, so that reading them needs bounded
  /// stack.
  mutating func readTransaction(depth: Int) throws(DecodingError) -> TransactionOperation {
    guard depth <= Limits.transactionDepth else { throw .malformed }
    var transaction = TransactionOperation()
    transaction.comparisons = try readList(minimumBytes: 5) { (reader) throws(DecodingError) in
      try reader.readComparison()
    }
    transaction.success = try readSteps(depth: depth)
    transaction.failure = try readSteps(depth: depth)
    return transaction
  }

  private mutating func readComparison() throws(DecodingError) -> Comparison {
    let keys = try readKeys()
    let relation: Comparison.Relation = try readEnum()
    let tag: ComparisonTag = try readEnum()
    switch tag {
    case .version: return Comparison(keys, relation, .version(try readNumber()))
    case .createRevision: return Comparison(keys, relation, .createRevision(try readNumber()))
    case .modRevision: return Comparison(keys, relation, .modRevision(try readNumber()))
    case .lease: return Comparison(keys, relation, .lease(try readNumber()))
    case .value: return Comparison(keys, relation, .value(try readCounted()))
    }
  }

  private mutating func readSteps(
    depth: Int
  ) throws(DecodingError) -> [TransactionOperation.Step] {
    try readList(minimumBytes: 4) { (reader) throws(DecodingError) in
      let tag: StepTag = try reader.readEnum()
      switch tag {
      case .range: return .range(try reader.readRangeOperation())
      case .put: return .put(try reader.readPut())
      case .deleteRange: return .deleteRange(try reader.readDeleteRange())
      case .transaction: return .transaction(try reader.readTransaction(depth: depth + 1))
      }
    }
  }
}

extension TransactionOperation {
  /// About as many bytes as it takes encoded.
  var sizeHint: Int {
    var total = 16
    for comparison in comparisons {
      total += comparison.keys.key.count + comparison.keys.end.count + 24
      if case .value(let value) = comparison.target { total += value.count }
    }
    for step in success { total += step.sizeHint }
    for step in failure { total += step.sizeHint }
    return total
  }
}

extension TransactionOperation.Step {
  fileprivate var sizeHint: Int {
    switch self {
    case .put(let put): put.key.count + put.value.count + 24
    case .range(let range): range.keys.key.count + range.keys.end.count + 40
    case .deleteRange(let deletion): deletion.keys.key.count + deletion.keys.end.count + 16
    case .transaction(let nested): nested.sizeHint + 1
    }
  }
}
