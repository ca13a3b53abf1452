import Primitives

extension KeyIndex {
  /// How full a bulk load makes nodes: it leaves room for the writes that follow.
  private static let loadedMax = 56

  /// Fills an empty index with records in strictly ascending order of their keys; anything else ends the
  /// process. Cost: O(n).
  mutating func bulkLoad(sorted records: [Record]) { bulkLoad(parts: [records]) }

  /// The same with records that lie in several arrays, one behind the other.
  mutating func bulkLoad(parts: [[Record]]) {
    invariant(keyCount == 0, "a bulk load into an index of \(keyCount) keys")
    // A part of its own makes full leaves of its own.
    let isSmall = parts.contains { $0.count < KeyIndex.loadedMax }
    let parts = isSmall ? [parts.flatMap { $0 }] : parts
    if parts.allSatisfy(\.isEmpty) { return }
    var nodes: [Node] = []
    /// The separators between `nodes`.
    var separators: [Separator] = []
    unsafe leaves.give(root.base)
    for share in parts.flatMap({ part in KeyIndex.shares(of: part.count).map { part[$0] } }) {
      let leaf = loadLeaf(share)
      if let last = nodes.last {
        unsafe KeyIndex.checkOrder(last.key(at: last.count - 1), leaf.key(at: 0))
        let separator = unsafe Separator(
          between: last.key(at: last.count - 1), and: leaf.key(at: 0))
        separatorBytes += separator.byteCount
        separators.append(separator)
        last.next = leaf
        leaf.previous = last
      }
      nodes.append(leaf)
    }
    KeyIndex.fit(nodes, separators)
    keyCount = parts.reduce(0) { $0 + $1.count }
    liveCount = nodes.reduce(0) { $0 + $1.totalLive }
    height = 0
    while nodes.count > 1 {
      var parents: [Node] = []
      var between: [Separator] = []
      for range in KeyIndex.shares(of: nodes.count) {
        if range.lowerBound > 0 { between.append(separators[range.lowerBound - 1]) }
        let parent = unsafe Node.makeInner(in: inners.take())
        InnerContent(
          separators: Array(separators[range.lowerBound..<range.upperBound - 1]),
          children: Array(nodes[range])
        ).move(to: parent)
        parents.append(parent)
      }
      KeyIndex.fit(parents, between)
      (nodes, separators) = (parents, between)
      height += 1
    }
    invariant(height <= KeyIndex.heightMax, "the key index is \(height) levels high")
    root = nodes[0]
  }

  /// Divides `count` things evenly into as few shares as the fill allows.
  private static func shares(of count: Int) -> [Range<Int>] {
    let shares = (count + loadedMax - 1) / loadedMax
    return (0..<shares).map { count * $0 / shares..<count * ($0 + 1) / shares }
  }

  private mutating func loadLeaf(_ records: ArraySlice<Record>) -> Node {
    let leaf = unsafe Node.makeLeaf(in: leaves.take())
    for (slot, record) in records.enumerated() {
      unsafe record.withKey { key in
        if slot > 0 { unsafe KeyIndex.checkOrder(leaf.key(at: slot - 1), key) }
        unsafe leaf.insert(
          .passRetained(record.storage), key: key, isLive: !record.isTombstone, at: slot)
      }
    }
    return leaf
  }

  private static func checkOrder(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) {
    invariant(
      unsafe compare(left, right) < 0,
      "keys of a bulk load out of order: \(unsafe Bytes(left)), \(unsafe Bytes(right))")
  }

  private static func fit(_ nodes: [Node], _ separators: [Separator]) {
    for (position, node) in nodes.enumerated() {
      node.refit(
        low: position > 0 ? separators[position - 1] : nil,
        high: position < separators.count ? separators[position] : nil, keepingHeads: false)
    }
  }
}
