internal import Primitives

/// Half-open ranges of keys, each with a number, that finds the ranges around a key.
///
/// A treap in an array, ordered by the ranges' bounds; each node knows where below it the highest upper bound
/// is. Priorities come from a counter, so that no choice of ranges makes the tree deep. The bounds lie in one
/// buffer, so that a search counts no references. Cost: O(log n) to insert and to remove, O(log n + found) for
/// a search among ranges that nest or do not overlap, as prefixes do.
struct IntervalTree: Sendable {
  /// Names a range for its removal.
  typealias Index = Int32

  /// A key in the buffer.
  private struct Bound: Sendable {
    var start: Int
    /// Negative: no bound, which is beyond every key.
    var count: Int
  }

  private struct Node: Sendable {
    var lower: Bound
    var upper: Bound
    /// The node of the subtree whose upper bound is the highest.
    var highest: Int32
    var left: Int32 = -1
    var right: Int32 = -1
    var priority: UInt64
    var payload: Int32
  }

  private var nodes: [Node] = []
  private var freeNodes: [Int32] = []
  private var root: Int32 = -1
  private var counter: UInt64 = 0
  private var bytes: Bytes = []
  private var wastedBytes = 0

  /// Whether there are no ranges.
  var isEmpty: Bool { root < 0 }

  /// Adds a range that is not in the tree yet; `upper` nil means that it has no end.
  mutating func insert(lower: Bytes, upper: Bytes?, payload: Int32) -> Index {
    counter += 1
    let index = freeNodes.popLast() ?? Int32(nodes.count)
    let lowerBound = Bound(start: bytes.count, count: lower.count)
    bytes += lower
    let upperBound = Bound(start: bytes.count, count: upper?.count ?? -1)
    bytes += upper ?? []
    let node = Node(
      lower: lowerBound, upper: upperBound, highest: index, priority: Self.scramble(counter),
      payload: payload)
    if Int(index) == nodes.count { nodes.append(node) } else { nodes[Int(index)] = node }
    root = inserting(index, into: root)
    return index
  }

  /// Removes a range.
  mutating func remove(_ index: Index) {
    root = removing(index, from: root)
    let node = nodes[Int(index)]
    wastedBytes += node.lower.count + max(0, node.upper.count)
    nodes[Int(index)].payload = -1
    freeNodes.append(index)
    if wastedBytes > 4096, wastedBytes * 2 > bytes.count { rewriteBytes() }
  }

  /// Appends the number of each range that contains `key`.
  func search(containing key: Bytes, into found: inout [Int32]) {
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe key.withUnsafeBytes { key in
        unsafe nodes.withUnsafeBufferPointer { nodes in
          unsafe Self.visit(root, nodes, bytes, key, &found)
        }
      }
    }
  }

  private static func visit(
    _ start: Int32, _ nodes: UnsafeBufferPointer<Node>, _ bytes: UnsafeRawBufferPointer,
    _ key: UnsafeRawBufferPointer, _ found: inout [Int32]
  ) {
    var index = start
    while index >= 0 {
      let node = unsafe nodes[Int(index)]
      let highest = unsafe nodes[Int(node.highest)].upper
      if unsafe !isKey(key, below: highest, bytes) { return }
      if node.left >= 0 { unsafe visit(node.left, nodes, bytes, key, &found) }
      if unsafe compare(key, slice(bytes, node.lower)) < 0 { return }
      if unsafe isKey(key, below: node.upper, bytes) { found.append(node.payload) }
      index = node.right
    }
  }

  @inline(__always)
  private static func isKey(
    _ key: UnsafeRawBufferPointer, below upper: Bound, _ bytes: UnsafeRawBufferPointer
  ) -> Bool {
    unsafe upper.count < 0 || compare(key, slice(bytes, upper)) < 0
  }

  @inline(__always)
  private static func slice(_ bytes: UnsafeRawBufferPointer, _ bound: Bound)
    -> UnsafeRawBufferPointer
  {
    unsafe UnsafeRawBufferPointer(rebasing: bytes[bound.start..<bound.start + bound.count])
  }

  /// The order of two bounds as a sign; none comes last.
  private func order(_ left: Bound, _ right: Bound) -> Int {
    if left.count < 0 || right.count < 0 {
      return left.count < 0 ? (right.count < 0 ? 0 : 1) : -1
    }
    return unsafe bytes.withUnsafeBytes {
      unsafe compare(Self.slice($0, left), Self.slice($0, right))
    }
  }

  /// Whether one range comes before another: by their first keys, then by their ends.
  private func isOrdered(_ left: Int32, before right: Int32) -> Bool {
    let first = order(nodes[Int(left)].lower, nodes[Int(right)].lower)
    if first != 0 { return first < 0 }
    return order(nodes[Int(left)].upper, nodes[Int(right)].upper) < 0
  }

  private mutating func inserting(_ new: Int32, into root: Int32) -> Int32 {
    if root < 0 { return new }
    if nodes[Int(new)].priority > nodes[Int(root)].priority {
      let (left, right) = split(root, by: new)
      nodes[Int(new)].left = left
      nodes[Int(new)].right = right
      refresh(new)
      return new
    }
    if isOrdered(new, before: root) {
      let child = inserting(new, into: nodes[Int(root)].left)
      nodes[Int(root)].left = child
    } else {
      let child = inserting(new, into: nodes[Int(root)].right)
      nodes[Int(root)].right = child
    }
    refresh(root)
    return root
  }

  /// Parts a subtree into what lies before a range and what lies behind it.
  private mutating func split(_ root: Int32, by pivot: Int32) -> (Int32, Int32) {
    if root < 0 { return (-1, -1) }
    if isOrdered(pivot, before: root) {
      let (left, right) = split(nodes[Int(root)].left, by: pivot)
      nodes[Int(root)].left = right
      refresh(root)
      return (left, root)
    }
    let (left, right) = split(nodes[Int(root)].right, by: pivot)
    nodes[Int(root)].right = left
    refresh(root)
    return (root, right)
  }

  private mutating func removing(_ victim: Int32, from root: Int32) -> Int32 {
    invariant(root >= 0, "the watched range \(victim) is missing from the tree")
    if root == victim { return merge(nodes[Int(root)].left, nodes[Int(root)].right) }
    if isOrdered(victim, before: root) {
      let child = removing(victim, from: nodes[Int(root)].left)
      nodes[Int(root)].left = child
    } else {
      let child = removing(victim, from: nodes[Int(root)].right)
      nodes[Int(root)].right = child
    }
    refresh(root)
    return root
  }

  private mutating func merge(_ left: Int32, _ right: Int32) -> Int32 {
    if left < 0 { return right }
    if right < 0 { return left }
    if nodes[Int(left)].priority > nodes[Int(right)].priority {
      let child = merge(nodes[Int(left)].right, right)
      nodes[Int(left)].right = child
      refresh(left)
      return left
    }
    let child = merge(left, nodes[Int(right)].left)
    nodes[Int(right)].left = child
    refresh(right)
    return right
  }

  /// Finds a node's highest upper bound again among its own and its children's.
  private mutating func refresh(_ index: Int32) {
    let node = nodes[Int(index)]
    var highest = index
    for child in [node.left, node.right] where child >= 0 {
      let other = nodes[Int(child)].highest
      if order(nodes[Int(other)].upper, nodes[Int(highest)].upper) > 0 { highest = other }
    }
    nodes[Int(index)].highest = highest
  }

  /// Copies the bounds that are in use to a new buffer.
  private mutating func rewriteBytes() {
    var kept: Bytes = []
    kept.reserveCapacity(bytes.count - wastedBytes)
    for index in nodes.indices where nodes[index].payload >= 0 {
      let (lower, upper) = (nodes[index].lower, nodes[index].upper)
      nodes[index].lower.start = kept.count
      kept += bytes[lower.start..<lower.start + lower.count]
      nodes[index].upper.start = kept.count
      if upper.count > 0 { kept += bytes[upper.start..<upper.start + upper.count] }
    }
    bytes = kept
    wastedBytes = 0
  }

  /// A number that looks random, from consecutive ones (the finaliser of SplitMix64).
  private static func scramble(_ number: UInt64) -> UInt64 {
    var bits = number &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
