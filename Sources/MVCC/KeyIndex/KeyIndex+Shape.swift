import Primitives

/// How the tree grows and shrinks: nodes that overflow are split, nodes that run low are refilled from a
/// neighbour or become one with it.
extension KeyIndex {
  /// The separators between which the keys of a node lie; nil at the edges of the tree.
  typealias Fences = (low: Separator?, high: Separator?)

  /// The fences of the node that the noted way passes at `level`, 0 being the root.
  private func fences(level: Int) -> Fences {
    var fences: Fences = (nil, nil)
    for above in stride(from: level - 1, through: 0, by: -1) {
      let step = unsafe path[above]
      if fences.low == nil, step.child > 0 {
        fences.low = unsafe step.node.separators[step.child - 1]
      }
      if fences.high == nil, step.child < step.node.count {
        fences.high = unsafe step.node.separators[step.child]
      }
    }
    return fences
  }

  private mutating func makeSeparator(between left: Node, and right: Node) -> Separator {
    let separator = unsafe Separator(between: left.key(at: left.count - 1), and: right.key(at: 0))
    separatorBytes += separator.byteCount
    return separator
  }

  private mutating func free(_ separator: Separator) {
    separatorBytes -= separator.byteCount
    separator.free()
  }

  // MARK: Growing

  /// Splits the full leaf at the end of the noted way, and adds a record at what was `slot`.
  mutating func splitLeaf(
    _ leaf: Node, adding reference: Unmanaged<Record.Storage>, key: UnsafeRawBufferPointer,
    isLive: Bool, at slot: Int
  ) {
    let fences = fences(level: height)
    let right = unsafe Node.makeLeaf(in: leaves.take())
    right.next = leaf.next
    right.previous = leaf
    leaf.next?.previous = right
    leaf.next = right
    right.prefix = leaf.prefix
    Node.partition(leaf, right, leftCount: leaf.splitPoint(insertingAt: slot))
    let separator = makeSeparator(between: leaf, and: right)
    leaf.refit(low: fences.low, high: separator, keepingHeads: true)
    right.refit(low: separator, high: fences.high, keepingHeads: true)

    let isRight =
      unsafe slot > leaf.count || (slot == leaf.count && compare(key, separator.bytes) >= 0)
    let target = isRight ? right : leaf
    unsafe target.fitPrefix(to: key)
    unsafe target.insert(
      reference, key: key, isLive: isLive, at: isRight ? slot - leaf.count : slot)
    link(right, behind: separator, level: height)
  }

  /// Gives a parent to the node that was split off to the right of the one at `level` of the noted way.
  private mutating func link(_ node: Node, behind separator: Separator, level: Int) {
    var right = node
    var separator = separator
    for above in stride(from: level - 1, through: 0, by: -1) {
      let step = unsafe path[above]
      let live = right.totalLive
      unsafe step.node.counts[step.child] -= UInt32(live)
      if step.node.count + 1 < Node.childrenMax {
        unsafe step.node.fitPrefix(to: separator.bytes)
        step.node.insert(separator, child: right, live: live, at: step.child)
        return
      }
      let fences = fences(level: above)
      var content = InnerContent(of: step.node)
      content.insert(separator, child: right, live: live, at: step.child)
      right = unsafe Node.makeInner(in: inners.take())
      let isLast = step.child == step.node.count
      let leftChildren = isLast ? content.children.count * 3 / 4 : content.children.count / 2
      separator = content.move(to: step.node, right, leftChildren: leftChildren)
      step.node.refit(low: fences.low, high: separator, keepingHeads: false)
      right.refit(low: separator, high: fences.high, keepingHeads: false)
    }
    growRoot(right, behind: separator)
  }

  private mutating func growRoot(_ right: Node, behind separator: Separator) {
    invariant(height < KeyIndex.heightMax, "the key index is \(height) levels high")
    let top = unsafe Node.makeInner(in: inners.take())
    let live = right.totalLive
    unsafe top.children[0] = root
    unsafe top.counts[0] = UInt32(liveCount - live)
    top.insert(separator, child: right, live: live, at: 0)
    top.refit(low: nil, high: nil, keepingHeads: false)
    root = top
    height += 1
  }

  // MARK: Shrinking

  /// Brings nodes on the noted way, from `level` up, back to their least size.
  mutating func refill(level: Int) {
    for above in stride(from: level - 1, through: 0, by: -1) {
      let step = unsafe path[above]
      let node = unsafe step.node.children[step.child]
      if node.isLeaf ? node.count >= Node.leafSlotsMin : node.count + 1 >= Node.childrenMin {
        return
      }
      refillChild(of: step.node, beside: max(step.child - 1, 0), fences: fences(level: above))
    }
    if height > 0, root.count == 0 {
      let old = root
      root = unsafe old.children[0]
      height -= 1
      unsafe inners.give(old.base)
    }
  }

  /// Joins the children at both sides of a separator, or evens them out if they are too many for one node.
  private mutating func refillChild(of parent: Node, beside slot: Int, fences: Fences) {
    let left = unsafe parent.children[slot]
    let right = unsafe parent.children[slot + 1]
    let low = slot > 0 ? unsafe parent.separators[slot - 1] : fences.low
    let high = slot + 1 < parent.count ? unsafe parent.separators[slot + 1] : fences.high
    let between = unsafe parent.separators[slot]
    let total = left.isLeaf ? left.count + right.count : left.count + right.count + 2
    var content: InnerContent?
    if !left.isLeaf { content = InnerContent(of: left, between, right) }

    if total <= Node.mergedMax {
      unsafe parent.counts[slot] += parent.counts[slot + 1]
      _ = parent.removeSeparator(at: slot)
      if let content {
        content.move(to: left)
        unsafe inners.give(right.base)
      } else {
        Node.partition(left, right, leftCount: total)
        left.next = right.next
        right.next?.previous = left
        unsafe leaves.give(right.base)
        free(between)
      }
      left.refit(low: low, high: high, keepingHeads: false)
      return
    }

    let separator: Separator
    if let content {
      separator = content.move(to: left, right, leftChildren: total / 2)
    } else {
      Node.partition(left, right, leftCount: total / 2)
      separator = makeSeparator(between: left, and: right)
    }
    parent.replaceSeparator(at: slot, with: separator)
    unsafe parent.counts[slot] = UInt32(left.totalLive)
    unsafe parent.counts[slot + 1] = UInt32(right.totalLive)
    left.refit(low: low, high: separator, keepingHeads: false)
    right.refit(low: separator, high: high, keepingHeads: false)
    if left.isLeaf { free(between) }
  }
}

extension KeyIndex.Node {
  /// Where to cut a full leaf that a key comes into at `slot`: at an end, where keys arrive in order, else
  /// near the middle where neighbours share least, so that the separator and the leaves' prefixes are good.
  fileprivate func splitPoint(insertingAt slot: Int) -> Int {
    if slot == count { return count * 3 / 4 }
    if slot == 0 { return count / 4 }
    let middle = count / 2
    var best = (point: middle, shared: Int.max, distance: 0)
    for point in middle - count / 8...middle + count / 8 {
      let shared = unsafe (heads(0)[point - 1] ^ heads(0)[point]).leadingZeroBitCount / 8
      let distance = abs(point - middle)
      if (shared, distance) < (best.shared, best.distance) { best = (point, shared, distance) }
    }
    return best.point
  }

  /// Moves records between two neighbouring leaves until the left one has `leftCount`. Heads move along: they
  /// are right only where both have the same prefix.
  fileprivate static func partition(_ left: Self, _ right: Self, leftCount: Int) {
    let total = left.count + right.count
    let moved = abs(leftCount - left.count)
    if leftCount > left.count {
      unsafe (left.heads(0) + left.count).update(from: right.heads(0), count: moved)
      unsafe (left.records + left.count).update(from: right.records, count: moved)
      unsafe (left.tags + left.count).update(from: right.tags, count: moved)
      unsafe right.heads(0).update(from: right.heads(0) + moved, count: right.count - moved)
      unsafe right.records.update(from: right.records + moved, count: right.count - moved)
      unsafe right.tags.update(from: right.tags + moved, count: right.count - moved)
    } else {
      unsafe (right.heads(0) + moved).update(from: right.heads(0), count: right.count)
      unsafe (right.records + moved).update(from: right.records, count: right.count)
      unsafe (right.tags + moved).update(from: right.tags, count: right.count)
      unsafe right.heads(0).update(from: left.heads(0) + leftCount, count: moved)
      unsafe right.records.update(from: left.records + leftCount, count: moved)
      unsafe right.tags.update(from: left.tags + leftCount, count: moved)
    }
    let live = UInt128(right.live) << UInt128(left.count) | UInt128(left.live)
    left.live = UInt64(truncatingIfNeeded: live) & bits(below: leftCount)
    right.live = UInt64(truncatingIfNeeded: live >> UInt128(leftCount))
    left.count = leftCount
    right.count = total - leftCount
  }

  /// Puts another separator into a slot.
  fileprivate func replaceSeparator(at slot: Int, with separator: KeyIndex.Separator) {
    unsafe fitPrefix(to: separator.bytes)
    unsafe separators[slot] = separator
    unsafe setHeads(of: separator.bytes, at: slot)
  }
}

extension KeyIndex {
  /// What one or two inner nodes hold, while it is divided anew. Heads are left to `refit`.
  struct InnerContent {
    private(set) var separators: [Separator] = []
    private(set) var children: [Node] = []
    private var counts: [UInt32] = []

    /// An inner node's content.
    init(of node: Node) { append(node) }

    /// The content of two neighbours and the separator between them.
    init(of left: Node, _ separator: Separator, _ right: Node) {
      append(left)
      separators.append(separator)
      append(right)
    }

    /// The content of a new inner node.
    init(separators: [Separator], children: [Node]) {
      self.separators = separators
      self.children = children
      counts = children.map { UInt32($0.totalLive) }
    }

    private mutating func append(_ node: Node) {
      for slot in 0..<node.count { separators.append(unsafe node.separators[slot]) }
      for child in 0...node.count {
        children.append(unsafe node.children[child])
        counts.append(unsafe node.counts[child])
      }
    }

    /// Adds a separator and the child behind it.
    mutating func insert(_ separator: Separator, child: Node, live: Int, at slot: Int) {
      separators.insert(separator, at: slot)
      children.insert(child, at: slot + 1)
      counts.insert(UInt32(live), at: slot + 1)
    }

    /// Fills one node with everything.
    func move(to node: Node) { fill(node, 0..<children.count) }

    /// Fills two nodes, and returns the separator between them.
    func move(to left: Node, _ right: Node, leftChildren: Int) -> Separator {
      fill(left, 0..<leftChildren)
      fill(right, leftChildren..<children.count)
      return separators[leftChildren - 1]
    }

    private func fill(_ node: Node, _ range: Range<Int>) {
      for (slot, child) in range.enumerated() {
        unsafe node.children[slot] = children[child]
        unsafe node.counts[slot] = counts[child]
        if slot > 0 { unsafe node.separators[slot - 1] = separators[child - 1] }
      }
      node.count = range.count - 1
    }
  }
}
