internal import Primitives

/// Sorts records by their keys, eight bytes at a time.
///
/// Keys of one store begin alike for long, and each look at a key misses the processor's cache. So what is compared
/// are numbers, made of eight bytes of each key at the same depth, and only records that agree there are looked at
/// again, eight bytes deeper.
struct KeySort {
  private struct Item {
    /// Eight bytes of the key at the depth that is being sorted, zeros behind its end.
    var head: UInt64
    var position: Int32
  }

  /// Below so many records that agree, comparing whole keys is cheaper than another pass.
  private static let smallGroup = 12

  private var records: [Record]
  private var items: [Item]
  /// What is not sorted yet: its place, and the depth up to which its keys agree. Not the call stack: keys may be
  /// as long and as alike as somebody wants them to be.
  private var pending: [(range: Range<Int>, depth: Int)] = []

  /// The records in ascending order of their keys, which differ. Cost: O(n log n) comparisons of numbers, and one
  /// look at a key for each eight bytes that it shares with another.
  /// Records that ascend already, as after an import in order, cost one look at each.
  static func sorted(_ records: consuming [Record]) -> [Record] {
    if isSorted(records) { return records }
    var sort = KeySort(records)
    sort.pending.append((sort.items.indices, 0))
    while let (range, depth) = sort.pending.popLast() { sort.sort(range, depth: depth) }
    return sort.takeInOrder()
  }

  /// The records in the order of their items. They are moved, not copied: to count references would be a look at each.
  private mutating func takeInOrder() -> [Record] {
    var taken: [Record] = []
    swap(&taken, &records)
    unsafe taken.withUnsafeMutableBufferPointer { records in
      for start in items.indices {
        var place = start
        while true {
          let source = Int(items[place].position)
          items[place].position = Int32(place)
          if source == start { break }
          unsafe records.swapAt(place, source)
          place = source
        }
      }
    }
    return taken
  }

  private static func isSorted(_ records: [Record]) -> Bool {
    for place in records.indices.dropFirst()
    where !isOrdered(records[place - 1], before: records[place]) { return false }
    return true
  }

  private static func isOrdered(_ left: Record, before right: Record) -> Bool {
    unsafe left.withKey { leftKey in
      unsafe right.withKey { unsafe compare(leftKey, $0) < 0 }
    }
  }

  private init(_ records: consuming [Record]) {
    items = records.indices.map { Item(head: 0, position: Int32($0)) }
    self.records = records
  }

  private mutating func sort(_ range: Range<Int>, depth: Int) {
    // What a whole group shares is passed without a sort.
    var depth = depth
    var isUniform = true
    var goesOn = true
    repeat {
      isUniform = true
      goesOn = false
      for place in range {
        let (head, isLonger) = head(of: items[place], at: depth)
        items[place].head = head
        isUniform = isUniform && head == items[range.lowerBound].head
        goesOn = goesOn || isLonger
      }
      depth += 8
    } while isUniform && goesOn && range.count > Self.smallGroup
    if range.count <= Self.smallGroup { return sortByKeys(range) }
    items[range].sort { $0.head < $1.head }
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start + 1
      while end < range.upperBound, items[end].head == items[start].head { end += 1 }
      if goesOn, end - start > Self.smallGroup {
        pending.append((start..<end, depth))
      } else if end - start > 1 {
        sortByKeys(start..<end)
      }
      start = end
    }
  }

  private mutating func sortByKeys(_ range: Range<Int>) {
    items[range].sort { [records] left, right in
      Self.isOrdered(records[Int(left.position)], before: records[Int(right.position)])
    }
  }

  /// Eight bytes of a key, and whether it goes on behind them.
  private func head(of item: Item, at depth: Int) -> (UInt64, isLonger: Bool) {
    unsafe records[Int(item.position)].withKey { key in
      if depth + 8 <= key.count {
        let head = unsafe UInt64(
          bigEndian: key.loadUnaligned(fromByteOffset: depth, as: UInt64.self))
        return (head, key.count > depth + 8)
      }
      var head: UInt64 = 0
      for offset in depth..<depth + 8 {
        head = unsafe head << 8 | (offset < key.count ? UInt64(key[offset]) : 0)
      }
      return (head, false)
    }
  }
}
