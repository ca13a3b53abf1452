import Primitives

extension KeyIndex {
  /// A node of the tree: a place in a slab. It is valid as long as the tree links to it.
  ///
  /// Memory: a header of one cache line, the heads of the keys, and then in a leaf references to the records,
  /// in an inner node its separators, children and their numbers of live keys.
  @safe
  struct Node: Equatable {
    /// Keys that a leaf holds at most.
    static let leafSlots = 64
    /// Keys that a leaf holds at least, unless it is the root.
    static let leafSlotsMin = 16
    /// Children that an inner node has at most.
    static let childrenMax = 64
    /// Children that an inner node has at least, unless it is the root, which has two.
    static let childrenMin = 16
    /// Two neighbours with no more keys, or children, than this become one.
    static let mergedMax = 48

    /// Heads of each separator, one behind the other: thirty-two bytes seldom tie where eight would, and spare
    /// the way to the separator. A leaf has one for each key.
    static let innerColumns = 4

    private static let columnBytes = 64 * 8
    private static let headsOffset = 64
    private static let recordsOffset = headsOffset + columnBytes
    private static let separatorsOffset = headsOffset + innerColumns * columnBytes
    private static let childrenOffset = separatorsOffset + 64 * 8
    private static let countsOffset = childrenOffset + 64 * 8
    private static let tagsOffset = recordsOffset + 64 * 8
    static let leafBytes = tagsOffset + 64
    static let innerBytes = countsOffset + 64 * 4

    @safe
    private struct Header {
      var count: Int32 = 0
      var prefix: Int32 = 0
      var isLeaf: Bool
      var checksPrefix = true
      var live: UInt64 = 0
      var next: UnsafeMutableRawPointer?
      var previous: UnsafeMutableRawPointer?
    }

    let base: UnsafeMutableRawPointer

    init(base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// An empty leaf.
    static func makeLeaf(in memory: UnsafeMutableRawPointer) -> Node {
      let node = unsafe Node(base: memory)
      unsafe node.header.initialize(to: Header(isLeaf: true))
      return node
    }

    /// An inner node without keys or children.
    static func makeInner(in memory: UnsafeMutableRawPointer) -> Node {
      let node = unsafe Node(base: memory)
      unsafe node.header.initialize(to: Header(isLeaf: false))
      return node
    }

    static func == (left: Node, right: Node) -> Bool { unsafe left.base == right.base }

    // MARK: Fields

    @inline(__always)
    private var header: UnsafeMutablePointer<Header> {
      unsafe base.assumingMemoryBound(to: Header.self)
    }

    /// The number of keys: of records in a leaf, of separators in an inner node.
    @inline(__always)
    var count: Int {
      get { Int(unsafe header.pointee.count) }
      nonmutating set { unsafe header.pointee.count = Int32(newValue) }
    }

    /// How many bytes heads leave out; all keys of the node share them.
    @inline(__always)
    var prefix: Int {
      get { Int(unsafe header.pointee.prefix) }
      nonmutating set { unsafe header.pointee.prefix = Int32(newValue) }
    }

    /// Whether keys that are searched for may differ in the prefix, because a fence is missing: so at the
    /// edges of the tree. Elsewhere the fences guarantee it.
    @inline(__always)
    var checksPrefix: Bool {
      get { unsafe header.pointee.checksPrefix }
      nonmutating set { unsafe header.pointee.checksPrefix = newValue }
    }

    @inline(__always)
    var isLeaf: Bool { unsafe header.pointee.isLeaf }

    /// In a leaf, a bit for each record that is no tombstone.
    @inline(__always)
    var live: UInt64 {
      get { unsafe header.pointee.live }
      nonmutating set { unsafe header.pointee.live = newValue }
    }

    /// In a leaf, the leaf behind it.
    var next: Node? {
      get { unsafe header.pointee.next.map { unsafe Node(base: $0) } }
      nonmutating set { unsafe header.pointee.next = newValue?.base }
    }

    /// In a leaf, the leaf before it.
    var previous: Node? {
      get { unsafe header.pointee.previous.map { unsafe Node(base: $0) } }
      nonmutating set { unsafe header.pointee.previous = newValue?.base }
    }

    /// The number of columns of heads.
    @inline(__always)
    var columns: Int { isLeaf ? 1 : Node.innerColumns }

    /// Eight bytes of each key as a number, in the first column those behind the prefix.
    @inline(__always)
    func heads(_ column: Int) -> UnsafeMutablePointer<UInt64> {
      unsafe (base + Node.headsOffset + column * Node.columnBytes)
        .assumingMemoryBound(to: UInt64.self)
    }

    /// Writes the heads of a slot's key.
    @inline(__always)
    func setHeads(of key: UnsafeRawBufferPointer, at slot: Int) {
      for column in 0..<columns {
        unsafe heads(column)[slot] = Node.head(of: key, behind: prefix + 8 * column)
      }
    }

    /// Moves the heads of the slots from `slot` on by `distance` slots.
    private func moveHeads(from slot: Int, by distance: Int) {
      for column in 0..<columns {
        let heads = unsafe heads(column) + slot
        unsafe (heads + distance).update(from: heads, count: count - slot)
      }
    }

    /// A leaf's records; the leaf owns a reference to each.
    @inline(__always)
    var records: UnsafeMutablePointer<Unmanaged<Record.Storage>> {
      unsafe (base + Node.recordsOffset).assumingMemoryBound(to: Unmanaged<Record.Storage>.self)
    }

    /// A byte of each key's hash in a leaf: where heads tie, it finds a key without reading the others.
    @inline(__always)
    var tags: UnsafeMutablePointer<UInt8> {
      unsafe (base + Node.tagsOffset).assumingMemoryBound(to: UInt8.self)
    }

    /// An inner node's separators; keys below child `i` are before separator `i` and not before `i - 1`.
    @inline(__always)
    var separators: UnsafeMutablePointer<Separator> {
      unsafe (base + Node.separatorsOffset).assumingMemoryBound(to: Separator.self)
    }

    /// An inner node's children, one more than separators.
    @inline(__always)
    var children: UnsafeMutablePointer<Node> {
      unsafe (base + Node.childrenOffset).assumingMemoryBound(to: Node.self)
    }

    /// The number of live keys below each child.
    @inline(__always)
    var counts: UnsafeMutablePointer<UInt32> {
      unsafe (base + Node.countsOffset).assumingMemoryBound(to: UInt32.self)
    }

    // MARK: Slots

    /// The key of a slot, in the memory of its record or separator.
    @inline(__always)
    func key(at slot: Int) -> UnsafeRawBufferPointer {
      if isLeaf {
        return unsafe records[slot]._withUnsafeGuaranteedRef {
          unsafe Record(storage: $0).withKey { unsafe $0 }
        }
      }
      return unsafe separators[slot].bytes
    }

    /// The record of a leaf's slot, retained.
    @inline(__always)
    func record(at slot: Int) -> Record {
      Record(storage: unsafe records[slot].takeUnretainedValue())
    }

    @inline(__always)
    func isLive(_ slot: Int) -> Bool { (live >> UInt64(slot)) & 1 == 1 }

    func setLive(_ isLive: Bool, at slot: Int) {
      let bit: UInt64 = 1 << UInt64(slot)
      live = isLive ? live | bit : live & ~bit
    }

    /// The number of live records before a leaf's slot.
    func liveCount(before slot: Int) -> Int {
      (live & Node.bits(below: slot)).nonzeroBitCount
    }

    /// The number of live keys in a leaf, or below an inner node.
    var totalLive: Int {
      if isLeaf { return live.nonzeroBitCount }
      var total = 0
      for child in 0...count { total += Int(unsafe counts[child]) }
      return total
    }

    /// A mask of the `count` lowest bits.
    static func bits(below count: Int) -> UInt64 { ~(~0 << UInt64(count)) }

    /// Opens a slot of a leaf that is not full; the node takes the reference over.
    func insert(
      _ reference: Unmanaged<Record.Storage>, key: UnsafeRawBufferPointer, isLive: Bool,
      at slot: Int
    ) {
      let moved = count - slot
      moveHeads(from: slot, by: 1)
      unsafe (records + slot + 1).update(from: records + slot, count: moved)
      unsafe (tags + slot + 1).update(from: tags + slot, count: moved)
      unsafe setHeads(of: key, at: slot)
      unsafe records[slot] = reference
      unsafe tags[slot] = Node.tag(of: key)
      let below = Node.bits(below: slot)
      live = (live & below) | ((live & ~below) << 1)
      if isLive { live |= 1 << UInt64(slot) }
      count += 1
    }

    /// Closes a slot of a leaf, and passes the reference on.
    func removeRecord(at slot: Int) -> Unmanaged<Record.Storage> {
      let reference = unsafe records[slot]
      let moved = count - slot - 1
      moveHeads(from: slot + 1, by: -1)
      unsafe (records + slot).update(from: records + slot + 1, count: moved)
      unsafe (tags + slot).update(from: tags + slot + 1, count: moved)
      let below = Node.bits(below: slot)
      live = (live & below) | ((live >> 1) & ~below)
      count -= 1
      if count == 0 { prefix = 0 }
      return unsafe reference
    }

    /// Adds a separator at a slot of an inner node, and the child behind it.
    func insert(_ separator: Separator, child: Node, live: Int, at slot: Int) {
      let moved = count - slot
      moveHeads(from: slot, by: 1)
      unsafe (separators + slot + 1).update(from: separators + slot, count: moved)
      unsafe (children + slot + 2).update(from: children + slot + 1, count: moved)
      unsafe (counts + slot + 2).update(from: counts + slot + 1, count: moved)
      unsafe setHeads(of: separator.bytes, at: slot)
      unsafe separators[slot] = separator
      unsafe children[slot + 1] = child
      unsafe counts[slot + 1] = UInt32(live)
      count += 1
    }

    /// Takes a separator out of an inner node, and the child behind it.
    func removeSeparator(at slot: Int) -> Separator {
      let separator = unsafe separators[slot]
      let moved = count - slot - 1
      moveHeads(from: slot + 1, by: -1)
      unsafe (separators + slot).update(from: separators + slot + 1, count: moved)
      unsafe (children + slot + 1).update(from: children + slot + 2, count: moved)
      unsafe (counts + slot + 1).update(from: counts + slot + 2, count: moved)
      count -= 1
      if count == 0 { prefix = 0 }
      return separator
    }
  }
}
