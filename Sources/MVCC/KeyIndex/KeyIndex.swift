import Primitives

/// The ordered map from each key to its newest record: a live version, or a tombstone that older readers
/// still need. Exact counts of live keys come with it.
///
/// Not synchronised: its owner calls it under a lock.
struct KeyIndex: ~Copyable {
  private var sorted: [Record] = []
  /// The number of keys whose newest record is a live version.
  private(set) var liveCount = 0

  /// An empty index.
  init() {}

  /// The number of keys, those with a tombstone as their newest record included.
  var keyCount: Int { sorted.count }

  /// Bytes that the index takes beyond the records, about.
  var memoryFootprint: Int { sorted.capacity * MemoryLayout<Record>.stride }

  private func position(of key: UnsafeRawBufferPointer) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if unsafe sorted[middle].withKey({ unsafe compare($0, key) }) < 0 {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  private func position(of key: Bytes) -> Int {
    unsafe key.withUnsafeBytes { unsafe position(of: $0) }
  }

  private func bounds(from: Bytes, to: Bytes?) -> Range<Int> {
    let first = position(of: from)
    return first..<max(first, to.map { position(of: $0) } ?? sorted.count)
  }

  /// Makes `record` the newest of its key, and returns the one that it replaced.
  @discardableResult
  mutating func insert(_ record: Record) -> Record? {
    let index = unsafe record.withKey { unsafe position(of: $0) }
    if !record.isTombstone { liveCount += 1 }
    if index < sorted.count,
      unsafe record.withKey({ key in
        unsafe sorted[index].withKey { unsafe compare($0, key) == 0 }
      })
    {
      let old = sorted[index]
      if !old.isTombstone { liveCount -= 1 }
      sorted[index] = record
      return old
    }
    sorted.insert(record, at: index)
    return nil
  }

  /// The newest record of `key`, or nil if the index does not know the key.
  func newest(_ key: Bytes) -> Record? { unsafe key.withUnsafeBytes { unsafe newest($0) } }

  /// The newest record of `key`, or nil if the index does not know the key.
  func newest(_ key: UnsafeRawBufferPointer) -> Record? {
    let index = unsafe position(of: key)
    guard index < sorted.count else { return nil }
    return unsafe sorted[index].withKey({ unsafe compare($0, key) }) == 0 ? sorted[index] : nil
  }

  /// Forgets `key`, and returns the record that was its newest.
  @discardableResult
  mutating func remove(_ key: Bytes) -> Record? {
    guard let old = newest(key) else { return nil }
    if !old.isTombstone { liveCount -= 1 }
    return sorted.remove(at: position(of: key))
  }

  /// The number of live keys in `keys`.
  func liveCount(in keys: KeyRange) -> Int {
    sorted[bounds(from: keys.key, to: keys.upperBound)].count { !$0.isTombstone }
  }

  /// Calls `body` with the newest record of each key from `from` up to, and without, `to`, in ascending
  /// order, until it returns false. Without `to`: to the last key.
  func forEach(from: Bytes, to: Bytes?, _ body: (Record) -> Bool) {
    for record in sorted[bounds(from: from, to: to)] where !body(record) { return }
  }

  /// The same in descending order, from the last key before `to` down to `from`.
  func forEachDescending(from: Bytes, to: Bytes?, _ body: (Record) -> Bool) {
    for record in sorted[bounds(from: from, to: to)].reversed() where !body(record) { return }
  }

  /// Appends up to `limit` newest records of `keys` in ascending order, tombstones included, and returns the
  /// key to go on from, or nil if none is left.
  func records(in keys: KeyRange, limit: Int, into records: inout [Record]) -> Bytes? {
    let range = bounds(from: keys.key, to: keys.upperBound)
    records += sorted[range].prefix(limit)
    return range.count > limit ? sorted[range.lowerBound + limit].key : nil
  }

  /// The live key before which `offset` live keys lie, or nil if there are no more than `offset`.
  func key(atLiveOffset offset: Int) -> Bytes? {
    guard offset >= 0, offset < liveCount else { return nil }
    return sorted.lazy.filter { !$0.isTombstone }.dropFirst(offset).first?.key
  }

  /// Fills an empty index with records in strictly ascending order of their keys.
  mutating func bulkLoad(sorted records: [Record]) {
    invariant(sorted.isEmpty, "a bulk load into an index of \(sorted.count) keys")
    sorted = records
    liveCount = records.count { !$0.isTombstone }
  }

  /// Ends the process unless order and counts hold.
  func checkInvariants() {
    invariant(liveCount <= keyCount, "\(liveCount) live of \(keyCount) keys")
  }
}
