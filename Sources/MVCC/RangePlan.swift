internal import Primitives

extension RangeOperation {
  /// Whether this asks for one key as it is at present: by far the most frequent read.
  var isPlainGet: Bool { keys.isSingleKey && revision.rawValue <= 0 && !countOnly && !hasFilters }

  /// Whether some records are to be left out.
  var hasFilters: Bool {
    minModRevision != .zero || maxModRevision != .zero || minCreateRevision != .zero
      || maxCreateRevision != .zero
  }
}

/// How a range is read and put in order, by etcd's rules.
struct RangePlan {
  private let operation: RangeOperation
  /// Where the range ends; nil: nowhere.
  let end: Bytes?
  /// How many records to fetch: one more than the limit tells whether there are more, but filters and orders need
  /// everything.
  let fetchLimit: Int
  /// How many records at the range's end are enough, where the order is descending; nil: all are needed.
  let fetchLast: Int?

  init(_ operation: RangeOperation) {
    self.operation = operation
    end = operation.keys.upperBound
    let isInKeyOrder = operation.sortTarget == .key && operation.sortOrder == .ascending
    let needsAll = operation.hasFilters || (operation.sortOrder != .none && !isInKeyOrder)
    let hasLimit = operation.limit > 0 && operation.limit < Int64.max
    fetchLimit = hasLimit && !needsAll ? Int(operation.limit) + 1 : .max
    let isFromEnd = operation.sortTarget == .key && operation.sortOrder == .descending
    fetchLast = hasLimit && isFromEnd && !operation.hasFilters ? Int(operation.limit) + 1 : nil
  }

  /// Filters, orders and cuts what was fetched.
  func finish(_ fetched: [Record], count: Int, revision: Revision) -> RangeResult {
    var records = fetched
    filter(&records)
    sort(&records)
    var more = false
    if operation.limit > 0, Int64(records.count) > operation.limit {
      records.removeLast(records.count - Int(operation.limit))
      more = true
    }
    return RangeResult(
      records: records, count: Int64(count), more: more, revision: revision,
      keysOnly: operation.keysOnly)
  }

  private func filter(_ records: inout [Record]) {
    if operation.maxModRevision != .zero {
      records.removeAll { $0.revision.main > operation.maxModRevision }
    }
    if operation.minModRevision != .zero {
      records.removeAll { $0.revision.main < operation.minModRevision }
    }
    if operation.maxCreateRevision != .zero {
      records.removeAll { $0.createRevision > operation.maxCreateRevision }
    }
    if operation.minCreateRevision != .zero {
      records.removeAll { $0.createRevision < operation.minCreateRevision }
    }
  }

  /// Records arrive in ascending order of their keys; equal ones keep that order.
  private func sort(_ records: inout [Record]) {
    let descending = operation.sortOrder == .descending
    switch operation.sortTarget {
    case .key: if descending { records.reverse() }
    case .version: sort(&records, descending) { $0.version }
    case .create: sort(&records, descending) { $0.createRevision.rawValue }
    case .mod: sort(&records, descending) { $0.revision.main.rawValue }
    case .value:
      records.sort { left, right in
        let order = unsafe left.withValue { leftValue in
          unsafe right.withValue { unsafe compare(leftValue, $0) }
        }
        return descending ? order > 0 : order < 0
      }
    }
  }

  private func sort(_ records: inout [Record], _ descending: Bool, by number: (Record) -> Int64) {
    records.sort { descending ? number($0) > number($1) : number($0) < number($1) }
  }
}
