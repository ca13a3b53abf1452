internal import Primitives

/// Each key's newest record while a store is being loaded: a hash table without keys of its own.
struct NewestRecords {
  private var records: [Record?] = []
  private var hashes: [UInt32] = []
  /// For each place of the table a position in `records`, or -1.
  private var places = [Int32](repeating: -1, count: 1 << 10)

  init() {}

  /// The newest record found for a key so far.
  subscript(slot: Int) -> Record? {
    get { records[slot] }
    set { records[slot] = newValue }
  }

  /// Where the record's key has its place; a new key gets one.
  mutating func slot(of record: Record) -> Int {
    let hash = unsafe record.withKey { key in
      var hasher = Hasher()
      unsafe hasher.combine(bytes: key)
      return UInt32(truncatingIfNeeded: hasher.finalize())
    }
    var place = Int(hash) & (places.count - 1)
    while places[place] >= 0 {
      let slot = Int(places[place])
      if hashes[slot] == hash, let other = records[slot], Self.haveSameKey(record, other) {
        return slot
      }
      place = (place + 1) & (places.count - 1)
    }
    places[place] = Int32(records.count)
    records.append(nil)
    hashes.append(hash)
    if records.count * 2 > places.count { grow() }
    return records.count - 1
  }

  private static func haveSameKey(_ left: Record, _ right: Record) -> Bool {
    unsafe left.withKey { leftKey in unsafe right.withKey { unsafe compare(leftKey, $0) == 0 } }
  }

  private mutating func grow() {
    places = [Int32](repeating: -1, count: places.count * 2)
    for slot in hashes.indices {
      var place = Int(hashes[slot]) & (places.count - 1)
      while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
      places[place] = Int32(slot)
    }
  }

  /// All records in ascending order of their keys.
  ///
  /// Keys of one store tend to begin alike, so the first bytes behind what all share decide most comparisons
  /// without a look at the records.
  func sortedByKey() -> [Record] {
    let all = records.compactMap { $0 }
    guard let first = all.first else { return [] }
    var shared = first.key
    for record in all where !shared.isEmpty {
      let length = unsafe record.withKey { key in
        var length = 0
        while length < min(shared.count, key.count), unsafe key[length] == shared[length] {
          length += 1
        }
        return length
      }
      if length < shared.count { shared.removeLast(shared.count - length) }
    }
    var order: [(head: UInt64, position: Int)] = []
    order.reserveCapacity(all.count)
    for (position, record) in all.enumerated() {
      order.append((Self.head(record, from: shared.count), position))
    }
    order.sort { left, right in
      if left.head != right.head { return left.head < right.head }
      return unsafe all[left.position].withKey { leftKey in
        unsafe all[right.position].withKey { unsafe compare(leftKey, $0) < 0 }
      }
    }
    return order.map { all[$0.position] }
  }

  private static func head(_ record: Record, from start: Int) -> UInt64 {
    unsafe record.withKey { key in
      var head: UInt64 = 0
      for offset in start..<start + 8 {
        head = head << 8 | (offset < key.count ? UInt64(unsafe key[offset]) : 0)
      }
      return head
    }
  }
}
