internal import Primitives
internal import Synchronization

/// A read of a range in chunks, all as of one revision, pulled by whoever sends them: memory for a chunk, not for
/// the result.
///
/// Limits hold; filters and orders other than by ascending key do not go in chunks and are refused by
/// `isStreamable`. If compaction overtakes the read, the next chunk throws `compacted`.
public struct RangeCursor: Sendable {
  /// A part of the answer.
  public struct Chunk: Sendable {
    /// The next records.
    public var records: [Record]
    /// Present with the last chunk: the answer's count, `more` and revision, without records.
    public var summary: RangeResult?
  }

  private let store: Store
  private let operation: RangeOperation
  private let pin: Revision
  private let present: Revision
  private let count: Int
  private let end: Bytes?
  private var next: Bytes?
  private var left: Int64

  fileprivate init(
    _ store: Store, _ operation: RangeOperation, pin: Revision, present: Revision, count: Int
  ) {
    self.store = store
    self.operation = operation
    self.pin = pin
    self.present = present
    self.count = count
    end = operation.keys.upperBound
    next = operation.countOnly ? nil : operation.keys.key
    left = operation.limit > 0 ? operation.limit : .max
  }

  /// Whether a read can go in chunks: it has no filters, and no order but that of its keys.
  public static func isStreamable(_ operation: RangeOperation) -> Bool {
    operation.sortTarget == .key && operation.sortOrder != .descending && !operation.hasFilters
  }

  /// Reads on: at least one record if there are any, then up to `maxRecords` and until their stored forms reach
  /// `maxBytes`. The chunk with a summary is the last. It may block on the engine at an older revision.
  public mutating func read(maxRecords: Int, maxBytes: Int) throws(StoreError) -> Chunk {
    var records: [Record] = []
    var bytes = 0
    while let from = next, left > 0, records.count < maxRecords, bytes < maxBytes {
      let wanted = min(
        Int64(maxRecords - records.count), left, Int64(store.configuration.rangeSliceRecords))
      var slice = RangeSlice()
      try store.advance(&slice, from: from, to: end, at: pin, maxRecords: Int(max(1, wanted)))
      try store.bringValues(of: slice.records[...], for: operation)
      next = slice.next
      for record in slice.records {
        if bytes >= maxBytes, !records.isEmpty {
          next = record.key
          break
        }
        bytes += record.byteCount
        records.append(record)
        left -= 1
      }
    }
    if next != nil, left > 0 { return Chunk(records: records, summary: nil) }
    let more = !operation.countOnly && operation.limit > 0 && Int64(count) > operation.limit
    return Chunk(
      records: records,
      summary: RangeResult(
        count: Int64(count), more: more, revision: present, keysOnly: operation.keysOnly))
  }
}

extension Store {
  /// Pins a read that is answered in chunks; `RangeCursor.isStreamable` tells which can be.
  ///
  /// - Throws: `compacted` or `futureRevision`.
  public func cursor(_ operation: RangeOperation) throws(StoreError) -> RangeCursor {
    invariant(RangeCursor.isStreamable(operation), "a sorted or filtered read in chunks")
    let (pin, present, live) = try state.withLock {
      (state) throws(StoreError) -> (Revision, Revision, Int) in
      (try state.pin(operation.revision), state.revision, state.index.liveCount(in: operation.keys))
    }
    rangeCount.add(1, ordering: .relaxed)
    let count = pin == present ? live : try self.count(operation.keys, at: pin)
    return RangeCursor(self, operation, pin: pin, present: present, count: count)
  }
}
