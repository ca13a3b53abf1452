internal import MVCC
internal import Primitives

/// What every response begins with: `etcdserverpb.ResponseHeader`.
struct ResponseHeader: Hashable, Sendable {
  var cluster: UInt64 = 0
  var member: UInt64 = 0
  var revision: Int64 = 0
  var term: UInt64 = 0

  /// The header of a step inside a transaction, which carries the revision alone.
  init(revision: Revision) { self.revision = revision.rawValue }

  init(cluster: UInt64, member: UInt64, revision: Int64, term: UInt64) {
    self.cluster = cluster
    self.member = member
    self.revision = revision
    self.term = term
  }

  fileprivate var length: Int {
    fieldLength(cluster) + fieldLength(member) + fieldLength(UInt64(bitPattern: revision))
      + fieldLength(term)
  }

  /// Appends the header as field 1 of a response.
  func append(to writer: inout some ByteSink) {
    writer.appendLengthDelimited(1, length: length)
    writer.appendVarintField(1, cluster)
    writer.appendVarintField(2, member)
    writer.appendVarintField(3, revision)
    writer.appendVarintField(4, term)
  }

  /// Bytes that `append` writes.
  var fieldSize: Int { nestedLength(length) }
}

/// Bytes of a varint field with a number below 16; none for a zero, which is left out.
private func fieldLength(_ number: UInt64) -> Int {
  number == 0 ? 0 : 1 + ByteWriter.varintLength(number)
}

/// Bytes of a length-delimited field with a number below 16.
private func nestedLength(_ length: Int) -> Int {
  1 + ByteWriter.varintLength(UInt64(length)) + length
}

extension Record {
  /// Bytes of the record as a `mvccpb.KeyValue`, with or without its value.
  fileprivate func length(keysOnly: Bool) -> Int {
    if !keysOnly || valueCount == 0 { return byteCount }
    return byteCount - nestedLength(valueCount)
  }

  /// Bytes of the record as a field of a response.
  func fieldLength(keysOnly: Bool) -> Int { nestedLength(length(keysOnly: keysOnly)) }

  /// Appends the record as field `field` of a response.
  func append(_ field: UInt64, keysOnly: Bool, to writer: inout some ByteSink) {
    writer.appendLengthDelimited(field, length: length(keysOnly: keysOnly))
    if !keysOnly || valueCount == 0 {
      unsafe withStored { unsafe writer.append($0) }
      return
    }
    writer.appendBytesField(1, key)
    writer.appendVarintField(2, createRevision.rawValue)
    writer.appendVarintField(3, revision.main.rawValue)
    writer.appendVarintField(4, version)
    writer.appendVarintField(6, lease.rawValue)
  }
}

extension Record? {
  /// Bytes of the `etcdserverpb.RangeResponse` to a read of a single key, which found this.
  func length(_ header: ResponseHeader) -> Int {
    header.fieldSize + (map { nestedLength($0.byteCount) + 2 } ?? 0)
  }

  /// Appends the `etcdserverpb.RangeResponse` to a read of a single key, which found this.
  func append(_ header: ResponseHeader, to writer: inout some ByteSink) {
    header.append(to: &writer)
    guard let self else { return }
    self.append(2, keysOnly: false, to: &writer)
    writer.appendVarintField(4, 1 as Int64)
  }
}

extension RangeResult {
  /// Bytes of the result as an `etcdserverpb.RangeResponse`.
  func length(_ header: ResponseHeader) -> Int {
    header.fieldSize + recordsLength + (more ? 2 : 0) + fieldLength(UInt64(bitPattern: count))
  }

  /// Bytes of the records alone.
  var recordsLength: Int {
    records.reduce(0) { $0 + $1.fieldLength(keysOnly: keysOnly) }
  }

  /// Appends the result as an `etcdserverpb.RangeResponse`.
  func append(_ header: ResponseHeader, to writer: inout some ByteSink) {
    header.append(to: &writer)
    appendRecords(to: &writer)
    appendSummary(to: &writer)
  }

  /// Appends what follows the records.
  func appendSummary(to writer: inout some ByteSink) {
    writer.appendBoolField(3, more)
    writer.appendVarintField(4, count)
  }

  /// Appends the records alone, for a part of a result.
  func appendRecords(to writer: inout some ByteSink) {
    for record in records { record.append(2, keysOnly: keysOnly, to: &writer) }
  }
}

extension PutResult {
  /// Bytes of the result as an `etcdserverpb.PutResponse`.
  func length(_ header: ResponseHeader) -> Int {
    header.fieldSize + (previous.map { nestedLength($0.byteCount) } ?? 0)
  }

  /// Appends the result as an `etcdserverpb.PutResponse`.
  func append(_ header: ResponseHeader, to writer: inout some ByteSink) {
    header.append(to: &writer)
    previous?.append(2, keysOnly: false, to: &writer)
  }
}

extension DeleteRangeResult {
  /// Bytes of the result as an `etcdserverpb.DeleteRangeResponse`.
  func length(_ header: ResponseHeader) -> Int {
    var length = header.fieldSize + fieldLength(UInt64(bitPattern: deleted))
    for record in previous { length += nestedLength(record.byteCount) }
    return length
  }

  /// Appends the result as an `etcdserverpb.DeleteRangeResponse`.
  func append(_ header: ResponseHeader, to writer: inout some ByteSink) {
    header.append(to: &writer)
    writer.appendVarintField(2, deleted)
    for record in previous { record.append(3, keysOnly: false, to: &writer) }
  }
}

/// What became of a renewal; 0 seconds if there is no such lease.
struct RenewalResult {
  var lease: Int64
  var seconds: Int64

  /// Bytes of the result as an `etcdserverpb.LeaseKeepAliveResponse`.
  func length(_ header: ResponseHeader) -> Int {
    header.fieldSize + fieldLength(UInt64(bitPattern: lease))
      + fieldLength(UInt64(bitPattern: seconds))
  }

  /// Appends the result as an `etcdserverpb.LeaseKeepAliveResponse`.
  func append(_ header: ResponseHeader, to writer: inout some ByteSink) {
    header.append(to: &writer)
    writer.appendVarintField(2, lease)
    writer.appendVarintField(3, seconds)
  }
}

extension TransactionResult {
  /// Bytes of the result as an `etcdserverpb.TxnResponse`.
  func length(_ header: ResponseHeader) -> Int {
    var length = header.fieldSize + (succeeded ? 2 : 0)
    for step in steps { length += nestedLength(nestedLength(step.length)) }
    return length
  }

  /// Appends the result as an `etcdserverpb.TxnResponse`.
  func append(_ header: ResponseHeader, to writer: inout some ByteSink) {
    header.append(to: &writer)
    writer.appendBoolField(2, succeeded)
    for step in steps {
      let length = step.length
      writer.appendLengthDelimited(3, length: nestedLength(length))
      writer.appendLengthDelimited(step.field, length: length)
      step.append(to: &writer)
    }
  }
}

extension TransactionResult.Step {
  /// The number of this kind's field in an `etcdserverpb.ResponseOp`.
  fileprivate var field: UInt64 {
    switch self {
    case .range: 1
    case .put: 2
    case .deleteRange: 3
    case .transaction: 4
    }
  }

  fileprivate var length: Int {
    switch self {
    case .range(let result): result.length(ResponseHeader(revision: result.revision))
    case .put(let result): result.length(ResponseHeader(revision: result.revision))
    case .deleteRange(let result): result.length(ResponseHeader(revision: result.revision))
    case .transaction(let result): result.length(ResponseHeader(revision: result.revision))
    }
  }

  fileprivate func append(to writer: inout some ByteSink) {
    switch self {
    case .range(let result): result.append(ResponseHeader(revision: result.revision), to: &writer)
    case .put(let result): result.append(ResponseHeader(revision: result.revision), to: &writer)
    case .deleteRange(let result):
      result.append(ResponseHeader(revision: result.revision), to: &writer)
    case .transaction(let result):
      result.append(ResponseHeader(revision: result.revision), to: &writer)
    }
  }
}
