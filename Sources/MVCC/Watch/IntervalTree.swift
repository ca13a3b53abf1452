internal import Primitives

/// Half-open ranges of keys, each with a number, that finds the ranges around a key.
///
/// A treap in an array, ordered by the ranges' bounds; each node knows the highest upper bound below it.
/// Priorities come from a counter, so that no choice of ranges makes the tree deep. Cost: O(log n) to insert
/// and to remove, O(log n + found) for a search among ranges that nest or do not overlap, as prefixes do.
struct IntervalTree: Sendable {
  private struct Node: Sendable {
    var lower: Bytes
    /// Nil: the range has no upper end.
    var upper: Bytes?
    /// The highest upper end in the subtree.
    var highest: Bytes?
    var left: Int32 = -1
    var right: Int32 = -1
    var priority: UInt64
    var payload: Int32
  }

  private var nodes: [Node] = []
  private var freeNodes: [Int32] = []
  private var root: Int32 = -1
  private var counter: UInt64 = 0

  /// Whether there are no ranges.
  var isEmpty: Bool { root < 0 }

  /// Adds a range that is not in the tree yet; `upper` nil means that it has no end.
  mutating func insert(lower: Bytes, upper: Bytes?, payload: Int32) {
    counter += 1
    let node = Node(
      lower: lower, upper: upper, highest: upper, priority: Self.scramble(counter),
      payload: payload)
    let index: Int32
    if let free = freeNodes.popLast() {
      index = free
      nodes[Int(free)] = node
    } else {
      index = Int32(nodes.count)
      nodes.append(node)
    }
    root = inserting(index, into: root)
  }

  /// Removes the range with exactly these bounds; it must be there.
  mutating func remove(lower: Bytes, upper: Bytes?) {
    root = removing(lower: lower, upper: upper, from: root)
  }

  /// Passes the number of each range that contains `key`.
  func forEach(containing key: Bytes, _ body: (Int32) -> Void) {
    visit(root, key, body)
  }

  private func visit(_ start: Int32, _ key: Bytes, _ body: (Int32) -> Void) {
    var index = start
    while index >= 0 {
      let node = Int(index)
      if let highest = nodes[node].highest, compare(highest, key) <= 0 { return }
      if nodes[node].left >= 0 { visit(nodes[node].left, key, body) }
      if compare(nodes[node].lower, key) > 0 { return }
      if Self.isKey(key, below: nodes[node].upper) { body(nodes[node].payload) }
      index = nodes[node].right
    }
  }

  private static func isKey(_ key: Bytes, below upper: Bytes?) -> Bool {
    guard let upper else { return true }
    return compare(key, upper) < 0
  }

  /// The order of ranges as a sign: by their first key, then by their end, none last.
  private static func order(_ lower: Bytes, _ upper: Bytes?, _ other: Node) -> Int {
    let first = compare(lower, other.lower)
    if first != 0 { return first }
    switch (upper, other.upper) {
    case (nil, nil): return 0
    case (nil, _): return 1
    case (_, nil): return -1
    case (let left?, let right?): return compare(left, right)
    }
  }

  private mutating func inserting(_ new: Int32, into root: Int32) -> Int32 {
    if root < 0 { return new }
    let added = nodes[Int(new)]
    if added.priority > nodes[Int(root)].priority {
      let (left, right) = split(root, lower: added.lower, upper: added.upper)
      nodes[Int(new)].left = left
      nodes[Int(new)].right = right
      refresh(new)
      return new
    }
    if Self.order(added.lower, added.upper, nodes[Int(root)]) < 0 {
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
  private mutating func split(_ root: Int32, lower: Bytes, upper: Bytes?) -> (Int32, Int32) {
    if root < 0 { return (-1, -1) }
    if Self.order(lower, upper, nodes[Int(root)]) < 0 {
      let (left, right) = split(nodes[Int(root)].left, lower: lower, upper: upper)
      nodes[Int(root)].left = right
      refresh(root)
      return (left, root)
    }
    let (left, right) = split(nodes[Int(root)].right, lower: lower, upper: upper)
    nodes[Int(root)].right = left
    refresh(root)
    return (root, right)
  }

  private mutating func removing(lower: Bytes, upper: Bytes?, from root: Int32) -> Int32 {
    invariant(root >= 0, "a watched range is missing from the tree")
    let order = Self.order(lower, upper, nodes[Int(root)])
    if order == 0 {
      let rest = merge(nodes[Int(root)].left, nodes[Int(root)].right)
      nodes[Int(root)] = Node(lower: [], upper: nil, highest: nil, priority: 0, payload: -1)
      freeNodes.append(root)
      return rest
    }
    if order < 0 {
      let child = removing(lower: lower, upper: upper, from: nodes[Int(root)].left)
      nodes[Int(root)].left = child
    } else {
      let child = removing(lower: lower, upper: upper, from: nodes[Int(root)].right)
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

  /// Computes a node's highest upper end again from its children's.
  private mutating func refresh(_ index: Int32) {
    let node = nodes[Int(index)]
    var highest = node.upper
    for child in [node.left, node.right] where child >= 0 {
      guard let present = highest else { break }
      let other = nodes[Int(child)].highest
      if other == nil || compare(other ?? [], present) > 0 { highest = other }
    }
    nodes[Int(index)].highest = highest
  }

  /// A number that looks random, from consecutive ones (the finaliser of SplitMix64).
  private static func scramble(_ number: UInt64) -> UInt64 {
    var bits = number &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
