internal import Primitives

/// What one slice of a read found.
struct RangeSlice: Sendable {
  /// In ascending order of their keys; some still to be replaced by older versions.
  var records: [Record] = []
  /// Records that are newer than the read's revision, and the version that belongs in their place.
  var missing: [(position: Int, revision: SubRevision)] = []
  /// Live keys seen where only their number is wanted.
  var count = 0
  /// Where to go on; nil at the end of the range.
  var next: Bytes?
}

extension StoreState {
  /// The revision that a read is pinned to.
  func pin(_ revision: Revision) throws(StoreError) -> Revision {
    if revision > self.revision { throw .futureRevision }
    let pin = revision.rawValue <= 0 ? self.revision : revision
    if pin.rawValue < floor { throw .compacted }
    return pin
  }

  /// Where a read at the present revision may begin that wants the last keys of a range alone; nil: at its start.
  /// Cost: O(log n).
  func start(of plan: RangePlan, in keys: KeyRange) -> Bytes? {
    guard let wanted = plan.fetchLast, !keys.isSingleKey else { return nil }
    let live = index.liveCount(in: keys)
    guard live > wanted else { return nil }
    return index.key(atLiveOffset: index.liveCount(before: keys.key) + live - wanted)
  }

  /// Reads from the key `from` up to, and without, `to` as it was at revision `pin`, until `maxRecords` are found
  /// or `maxVisited` keys were seen.
  func collect(
    from: Bytes, to: Bytes?, at pin: Revision, maxRecords: Int, maxVisited: Int,
    countOnly: Bool = false, into slice: inout RangeSlice
  ) {
    slice.next = nil
    var visited = 0
    index.forEach(from: from, to: to) { record in
      if visited >= maxVisited || slice.records.count >= maxRecords {
        slice.next = record.key
        return false
      }
      visited += 1
      if record.revision.main <= pin {
        if record.isTombstone { return true }
        if countOnly { slice.count += 1 } else { slice.records.append(record) }
        return true
      }
      guard let older = record.previous?.newest(atOrBelow: pin), !older.isTombstone else {
        return true
      }
      if countOnly {
        slice.count += 1
      } else {
        slice.missing.append((slice.records.count, older.revision))
        slice.records.append(record)
      }
      return true
    }
  }
}
