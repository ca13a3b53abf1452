import Primitives

/// The ordered map from each key to its newest record: a live version, or a tombstone that older readers
/// still need. It counts live keys exactly, in any range, in O(log n).
///
/// A B+-tree over memory of its own. A leaf's slots hold eight bytes of the key, taken behind what all keys of
/// the leaf share, and a retained reference to the record, so that a search reads whole keys only where those
/// eight bytes tie. Inner nodes hold separators that are cut to what tells two children apart, and the number
/// of live keys below each child.
///
/// Not synchronised: its owner calls it under a lock. Lookups and updates in place allocate nothing.
@safe
struct KeyIndex: ~Copyable {
  /// A node on the way from the root to a leaf, and the child through which the way goes on.
  @safe
  struct Step {
    var node: Node
    var child: Int
  }

  /// The number of inner nodes above a leaf that the index is ready for; the least fan-out is 16.
  static let heightMax = 15

  /// The top of the tree: a leaf, possibly empty, as long as one is enough.
  var root: Node
  /// The number of levels of inner nodes.
  var height = 0
  /// The number of keys, those with a tombstone as their newest record included.
  var keyCount = 0
  /// The number of keys whose newest record is a live version.
  var liveCount = 0
  /// Bytes of all separators.
  var separatorBytes = 0
  var leaves = Slab(nodeBytes: Node.leafBytes)
  var inners = Slab(nodeBytes: Node.innerBytes)
  /// The steps of the last descent that was for a change; as many as the tree is high.
  let path: UnsafeMutablePointer<Step>

  /// An empty index.
  init() {
    root = unsafe Node.makeLeaf(in: leaves.take())
    unsafe path = .allocate(capacity: KeyIndex.heightMax)
  }

  deinit {
    var leaf: Node? = firstLeaf
    while let node = leaf {
      for slot in 0..<node.count { unsafe node.records[slot].release() }
      leaf = node.next
    }
    KeyIndex.freeSeparators(below: root)
    unsafe path.deallocate()
  }

  private static func freeSeparators(below node: Node) {
    if node.isLeaf { return }
    for slot in 0..<node.count { unsafe node.separators[slot].free() }
    for child in 0...node.count { unsafe freeSeparators(below: node.children[child]) }
  }

  /// Bytes that the index takes beyond the records, about.
  var memoryFootprint: Int {
    leaves.byteCount + inners.byteCount + separatorBytes
      + KeyIndex.heightMax * MemoryLayout<Step>.stride
  }

  // MARK: Looking up

  /// The newest record of `key`, or nil if the index does not know the key.
  func newest(_ key: Bytes) -> Record? { unsafe key.withUnsafeBytes { unsafe newest($0) } }

  /// The newest record of `key`, or nil if the index does not know the key.
  func newest(_ key: UnsafeRawBufferPointer) -> Record? {
    let leaf = unsafe leaf(of: key)
    let place = unsafe leaf.search(key)
    return place.found ? leaf.record(at: place.slot) : nil
  }

  /// The only leaf that may hold `key`.
  @inline(__always)
  func leaf(of key: UnsafeRawBufferPointer) -> Node {
    var node = root
    for _ in 0..<height {
      unsafe node = node.children[node.child(for: key)]
    }
    return node
  }

  /// The same, and notes the way there.
  @inline(__always)
  private func notedLeaf(of key: UnsafeRawBufferPointer) -> Node {
    var node = root
    for level in 0..<height {
      let child = unsafe node.child(for: key)
      unsafe path[level] = Step(node: node, child: child)
      unsafe node = node.children[child]
    }
    return node
  }

  // MARK: Changing

  /// Makes `record` the newest of its key, and returns the one that it replaced.
  @discardableResult
  mutating func insert(_ record: Record) -> Record? {
    unsafe record.withKey { unsafe insert(record, key: $0) }
  }

  private mutating func insert(_ record: Record, key: UnsafeRawBufferPointer) -> Record? {
    let leaf = unsafe notedLeaf(of: key)
    let place = unsafe leaf.search(key)
    let isLive = !record.isTombstone
    let reference = unsafe Unmanaged.passRetained(record.storage)
    if place.found {
      let old = unsafe leaf.records[place.slot]
      unsafe leaf.records[place.slot] = reference
      if leaf.isLive(place.slot) != isLive {
        leaf.setLive(isLive, at: place.slot)
        adjustLiveCounts(by: isLive ? 1 : -1)
      }
      return Record(storage: unsafe old.takeRetainedValue())
    }
    keyCount += 1
    if isLive { adjustLiveCounts(by: 1) }
    if leaf.count < Node.leafSlots {
      unsafe leaf.fitPrefix(to: key)
      unsafe leaf.insert(reference, key: key, isLive: isLive, at: place.slot)
    } else {
      unsafe splitLeaf(leaf, adding: reference, key: key, isLive: isLive, at: place.slot)
    }
    return nil
  }

  /// Forgets `key`, and returns the record that was its newest.
  @discardableResult
  mutating func remove(_ key: Bytes) -> Record? {
    unsafe key.withUnsafeBytes { unsafe remove($0) }
  }

  /// Forgets `key`, and returns the record that was its newest.
  @discardableResult
  mutating func remove(_ key: UnsafeRawBufferPointer) -> Record? {
    let leaf = unsafe notedLeaf(of: key)
    let place = unsafe leaf.search(key)
    guard place.found else { return nil }
    keyCount -= 1
    if leaf.isLive(place.slot) { adjustLiveCounts(by: -1) }
    let old = unsafe leaf.removeRecord(at: place.slot)
    if height > 0, leaf.count < Node.leafSlotsMin { refill(level: height) }
    return Record(storage: unsafe old.takeRetainedValue())
  }

  /// Adds to the counts along the noted way.
  private mutating func adjustLiveCounts(by change: Int) {
    liveCount += change
    for level in 0..<height {
      let step = unsafe path[level]
      unsafe step.node.counts[step.child] = UInt32(Int(step.node.counts[step.child]) + change)
    }
  }
}
