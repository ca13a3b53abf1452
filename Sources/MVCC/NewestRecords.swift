internal import Primitives

/// Each key's newest record while a store is being loaded: a hash table without keys of its own.
struct NewestRecords {
  private var records: [Record] = []
  private var hashes: [UInt32] = []
  /// For each place of the table a position in `records`, or -1.
  private var places: [Int32]

  /// - Parameter count: how many records there are; their keys are at most as many.
  init(expecting count: Int) {
    invariant(count < Int(Int32.max), "\(count) records are too many for one store")
    var capacity = 1 << 10
    while capacity < count * 2 { capacity *= 2 }
    places = [Int32](repeating: -1, count: capacity)
    records.reserveCapacity(count)
    hashes.reserveCapacity(count)
  }

  /// The hash by which the table finds a record's key.
  static func keyHash(of record: Record) -> UInt32 {
    unsafe record.withKey { key in
      var hasher = Hasher()
      unsafe hasher.combine(bytes: key)
      return UInt32(truncatingIfNeeded: hasher.finalize())
    }
  }

  /// The newest record found for a key so far.
  subscript(slot: Int) -> Record {
    get { records[slot] }
    set { records[slot] = newValue }
  }

  /// Where the record's key has its place; a new key gets one, and the record is put there.
  mutating func slot(of record: Record, keyHash hash: UInt32) -> (slot: Int, isNew: Bool) {
    var place = Int(hash) & (places.count - 1)
    while places[place] >= 0 {
      let slot = Int(places[place])
      if hashes[slot] == hash, Self.haveSameKey(record, records[slot]) {
        return (slot, false)
      }
      place = (place + 1) & (places.count - 1)
    }
    places[place] = Int32(records.count)
    records.append(record)
    hashes.append(hash)
    invariant(records.count * 2 <= places.count, "more keys than records were expected")
    return (records.count - 1, true)
  }

  private static func haveSameKey(_ left: Record, _ right: Record) -> Bool {
    unsafe left.withKey { leftKey in unsafe right.withKey { unsafe compare(leftKey, $0) == 0 } }
  }

  /// All records in ascending order of their keys; the table is left without.
  mutating func takeSortedByKey() -> [Record] {
    var taken: [Record] = []
    swap(&taken, &records)
    return KeySort.sorted(taken)
  }
}
