import Primitives

extension KeyIndex {
  /// Ends the process unless order, fences, fill, links and counts hold. Cost: O(n), and every key is read.
  func checkInvariants() {
    var walk = Walk(leaf: firstLeaf)
    invariant(walk.leaf?.previous == nil, "a leaf before the first")
    invariant(root.isLeaf || root.count >= 1, "a root with a single child")
    let live = check(root, level: 0, fences: (nil, nil), &walk)
    invariant(walk.leaf == nil, "a leaf behind the last")
    invariant(live == liveCount, "\(live) live keys, counted as \(liveCount)")
    invariant(walk.keys == keyCount, "\(walk.keys) keys, counted as \(keyCount)")
    invariant(
      walk.separatorBytes == separatorBytes,
      "\(walk.separatorBytes) bytes of separators, counted as \(separatorBytes)")
    invariant(
      walk.leaves == leaves.nodesInUse && walk.inners == inners.nodesInUse,
      "\(walk.leaves) leaves of \(leaves.nodesInUse), \(walk.inners) inner nodes of \(inners.nodesInUse)"
    )
  }

  private struct Walk {
    /// The leaf that the chain of leaves says is the next.
    var leaf: Node?
    var leaves = 0
    var inners = 0
    var keys = 0
    var separatorBytes = 0
  }

  private func check(_ node: Node, level: Int, fences: Fences, _ walk: inout Walk) -> Int {
    invariant(
      node.isLeaf == (level == height), "a node at level \(level) of \(height) of the wrong kind")
    checkKeys(of: node, fences: fences)
    if node.isLeaf {
      checkLeaf(node, &walk)
      return node.totalLive
    }
    walk.inners += 1
    let least = level == 0 ? 2 : Node.childrenMin
    invariant(
      (least...Node.childrenMax).contains(node.count + 1), "\(node.count + 1) children")
    var total = 0
    for child in 0...node.count {
      let low = child > 0 ? unsafe node.separators[child - 1] : fences.low
      let high = child < node.count ? unsafe node.separators[child] : fences.high
      let live = unsafe check(node.children[child], level: level + 1, fences: (low, high), &walk)
      invariant(
        live == Int(unsafe node.counts[child]),
        "\(live) live keys below a child, counted as \(unsafe node.counts[child])")
      total += live
    }
    for slot in 0..<node.count { walk.separatorBytes += unsafe node.separators[slot].byteCount }
    return total
  }

  private func checkLeaf(_ leaf: Node, _ walk: inout Walk) {
    invariant(walk.leaf == leaf, "the chain of leaves leaves the tree")
    invariant(leaf.next == nil || leaf.next?.previous == leaf, "a broken link between leaves")
    invariant(
      leaf.count <= Node.leafSlots && (height == 0 || leaf.count >= Node.leafSlotsMin),
      "\(leaf.count) keys in a leaf")
    invariant(leaf.live & ~Node.bits(below: leaf.count) == 0, "live bits behind the last slot")
    for slot in 0..<leaf.count {
      invariant(
        leaf.isLive(slot) != leaf.record(at: slot).isTombstone, "a live bit contradicts its record")
      invariant(unsafe leaf.tags[slot] == Node.tag(of: leaf.key(at: slot)), "a stale tag")
    }
    walk.leaf = leaf.next
    walk.leaves += 1
    walk.keys += leaf.count
  }

  private func checkKeys(of node: Node, fences: Fences) {
    if !node.checksPrefix {
      guard let low = fences.low, let high = fences.high else {
        fatalError("invariant violated: a node without a fence trusts its prefix")
      }
      let shared = unsafe Node.shared(low.bytes, high.bytes)
      invariant(
        node.prefix <= shared, "a prefix of \(node.prefix) bytes, fences share \(shared)")
    }
    invariant(node.count > 0 || node.prefix == 0, "a prefix without a key")
    for slot in 0..<node.count {
      let key = unsafe node.key(at: slot)
      let shared = unsafe Node.shared(key, node.key(at: 0))
      invariant(shared >= node.prefix, "a key without its node's prefix")
      for column in 0..<node.columns {
        let head = unsafe Node.head(of: key, behind: node.prefix + 8 * column)
        invariant(unsafe node.heads(column)[slot] == head, "a stale head")
      }
      if slot > 0 {
        invariant(unsafe compare(node.key(at: slot - 1), key) < 0, "keys out of order")
      }
      if let low = fences.low {
        let order = unsafe compare(low.bytes, key)
        invariant(node.isLeaf ? order <= 0 : order < 0, "a key before its node's fence")
      }
      if let high = fences.high {
        invariant(unsafe compare(key, high.bytes) < 0, "a key behind its node's fence")
      }
    }
  }
}
