import Primitives

extension KeyIndex {
  /// A slot of a leaf, or the end of the leaf.
  private typealias Place = (leaf: Node, slot: Int)

  /// Where `key` is, or would be.
  private func place(of key: Bytes) -> Place {
    unsafe key.withUnsafeBytes {
      let leaf = unsafe leaf(of: $0)
      return unsafe (leaf, leaf.search($0).slot)
    }
  }

  var firstLeaf: Node {
    var node = root
    for _ in 0..<height { unsafe node = node.children[0] }
    return node
  }

  private var end: Place {
    var node = root
    for _ in 0..<height { unsafe node = node.children[node.count] }
    return (node, node.count)
  }

  // MARK: Walking

  /// Calls `body` with the newest record of each key from `from` up to, and without, `to`, in ascending
  /// order, until it returns false. Without `to`: to the last key.
  func forEach(from: Bytes, to: Bytes?, _ body: (Record) -> Bool) {
    walk(from: from, to: to) { leaf, slot in
      unsafe leaf.records[slot]._withUnsafeGuaranteedRef { body(Record(storage: $0)) }
    }
  }

  /// The same in descending order, from the last key before `to` down to `from`.
  func forEachDescending(from: Bytes, to: Bytes?, _ body: (Record) -> Bool) {
    if let to, !isOrdered(from, before: to) { return }
    let first = place(of: from)
    var (leaf, slot) = to.map { place(of: $0) } ?? end
    while true {
      let least = leaf == first.leaf ? first.slot : 0
      while slot > least {
        slot -= 1
        let goesOn = unsafe leaf.records[slot]._withUnsafeGuaranteedRef {
          body(Record(storage: $0))
        }
        if !goesOn { return }
      }
      guard leaf != first.leaf, let previous = leaf.previous else { return }
      leaf = previous
      slot = leaf.count
    }
  }

  /// Appends up to `limit` newest records of `keys` in ascending order, tombstones included, and returns the
  /// key to go on from, or nil if none is left. Between two calls the index may change.
  func records(in keys: KeyRange, limit: Int, into records: inout [Record]) -> Bytes? {
    if keys.isSingleKey, limit > 0 {
      if let record = newest(keys.key) { records.append(record) }
      return nil
    }
    var left = limit
    var next: Bytes?
    walk(from: keys.key, to: keys.upperBound) { leaf, slot in
      if left <= 0 {
        next = unsafe Bytes(leaf.key(at: slot))
        return false
      }
      left -= 1
      records.append(leaf.record(at: slot))
      return true
    }
    return next
  }

  @inline(__always)
  private func walk(from: Bytes, to: Bytes?, _ body: (Node, Int) -> Bool) {
    if let to, !isOrdered(from, before: to) { return }
    var (leaf, slot) = place(of: from)
    let last = to.map { place(of: $0) } ?? end
    while true {
      let stop = leaf == last.leaf ? last.slot : leaf.count
      while slot < stop {
        if !body(leaf, slot) { return }
        slot += 1
      }
      guard leaf != last.leaf, let next = leaf.next else { return }
      leaf = next
      slot = 0
    }
  }

  // MARK: Counting

  /// The number of live keys in `keys`. Cost: O(log n).
  func liveCount(in keys: KeyRange) -> Int {
    if keys.isSingleKey {
      return unsafe keys.key.withUnsafeBytes { key in
        let leaf = unsafe leaf(of: key)
        let place = unsafe leaf.search(key)
        return place.found && leaf.isLive(place.slot) ? 1 : 0
      }
    }
    let before = liveCount(before: keys.key)
    return max(0, (keys.isOpen ? liveCount : liveCount(before: keys.end)) - before)
  }

  /// The number of live keys before `key`. Cost: O(log n).
  func liveCount(before key: Bytes) -> Int {
    unsafe key.withUnsafeBytes { key in
      var node = root
      var total = 0
      for _ in 0..<height {
        let child = unsafe node.child(for: key)
        let counts = unsafe node.counts
        for before in 0..<child { unsafe total &+= Int(counts[before]) }
        unsafe node = node.children[child]
      }
      return unsafe total + node.liveCount(before: node.search(key).slot)
    }
  }

  /// The live key before which `offset` live keys lie, or nil if there are no more than `offset`. Cost:
  /// O(log n).
  func key(atLiveOffset offset: Int) -> Bytes? {
    guard offset >= 0, offset < liveCount else { return nil }
    var left = offset
    var node = root
    for _ in 0..<height {
      var child = 0
      while left >= Int(unsafe node.counts[child]) {
        left -= Int(unsafe node.counts[child])
        child += 1
      }
      unsafe node = node.children[child]
    }
    var live = node.live
    for _ in 0..<left { live &= live - 1 }
    return unsafe Bytes(node.key(at: live.trailingZeroBitCount))
  }
}
