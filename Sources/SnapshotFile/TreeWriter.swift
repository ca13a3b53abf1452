internal import Primitives

/// Writes one B+tree page by page, bottom-up, from pairs in ascending order. Memory: one page and an index of
/// the pages of one level.
struct TreeWriter {
  /// The first keys and the numbers of a level's pages.
  private struct PageIndex {
    private var keys: Bytes = []
    private var ends: [Int] = []
    private(set) var pages: [UInt64] = []

    var count: Int { pages.count }

    func key(_ place: Int) -> ArraySlice<UInt8> {
      keys[(place == 0 ? 0 : ends[place - 1])..<ends[place]]
    }

    mutating func append(_ key: ArraySlice<UInt8>, _ page: UInt64) {
      keys += key
      ends.append(keys.count)
      pages.append(page)
    }
  }

  private let elementFlags: UInt32
  private let label: String
  private var page: UInt64
  /// The pair that did not fit into the page before.
  private var waiting: (key: Bytes, value: Bytes)?
  private var lastKey: Bytes?
  private var leavesAreDone = false
  /// The level that is being written, and the one below it with the place up to which it is covered.
  private var level = PageIndex()
  private var below = PageIndex()
  private var covered = 0

  init(firstPage: UInt64, elementFlags: UInt32 = 0, label: String) {
    page = firstPage
    self.elementFlags = elementFlags
    self.label = label
  }

  /// The first page that is not written yet.
  var nextPage: UInt64 { page }

  /// The next page, with those that belong to it; nil when the tree is complete.
  mutating func next(_ nextPair: () throws -> (key: Bytes, value: Bytes)?) throws -> Bytes? {
    if !leavesAreDone {
      if let leaf = try nextLeaf(nextPair) { return leaf }
      leavesAreDone = true
      below = level
      level = PageIndex()
      covered = 0
    }
    if covered == below.count {
      below = level.count > 0 ? level : below
      level = PageIndex()
      covered = 0
    }
    return below.count > 1 ? nextBranch() : nil
  }

  private mutating func nextLeaf(
    _ nextPair: () throws -> (key: Bytes, value: Bytes)?
  ) throws -> Bytes? {
    var fill = PageFill(isLeaf: true)
    var pairs: [(key: Bytes, value: Bytes)] = []
    while let pair = try waiting ?? nextPair() {
      if waiting == nil { try check(pair) }
      waiting = pair
      guard fill.admits(pair.key.count + pair.value.count) else { break }
      waiting = nil
      fill.add(pair.key.count + pair.value.count)
      pairs.append(pair)
    }
    guard let first = pairs.first else { return nil }
    level.append(first.key[...], page)
    var writer = ByteWriter(capacity: fill.pages * Bolt.pageSize)
    Bolt.appendHeader(
      page, flags: Bolt.PageFlags.leaf, count: pairs.count, overflow: fill.pages - 1, to: &writer)
    var content = Bolt.headerBytes + pairs.count * Bolt.elementBytes
    for pair in pairs {
      writer.appendLittleEndian(elementFlags)
      writer.appendLittleEndian(UInt32(content - writer.count + 4))
      writer.appendLittleEndian(UInt32(pair.key.count))
      writer.appendLittleEndian(UInt32(pair.value.count))
      content += pair.key.count + pair.value.count
    }
    for pair in pairs {
      writer.append(pair.key)
      writer.append(pair.value)
    }
    return finished(writer, fill)
  }

  private mutating func nextBranch() -> Bytes {
    var fill = PageFill(isLeaf: false)
    let first = covered
    while covered < below.count, fill.admits(below.key(covered).count) {
      fill.add(below.key(covered).count)
      covered += 1
    }
    level.append(below.key(first), page)
    var writer = ByteWriter(capacity: fill.pages * Bolt.pageSize)
    Bolt.appendHeader(
      page, flags: Bolt.PageFlags.branch, count: covered - first, overflow: fill.pages - 1,
      to: &writer)
    var content = Bolt.headerBytes + (covered - first) * Bolt.elementBytes
    for child in first..<covered {
      writer.appendLittleEndian(UInt32(content - writer.count))
      writer.appendLittleEndian(UInt32(below.key(child).count))
      writer.appendLittleEndian(below.pages[child])
      content += below.key(child).count
    }
    for child in first..<covered { writer.append(below.key(child)) }
    return finished(writer, fill)
  }

  private mutating func finished(_ writer: consuming ByteWriter, _ fill: PageFill) -> Bytes {
    invariant(writer.count == fill.bytes, "a page of \(writer.count) bytes, not \(fill.bytes)")
    writer.append(Bytes(repeating: 0, count: fill.pages * Bolt.pageSize - fill.bytes))
    page += UInt64(fill.pages)
    return writer.bytes
  }

  private mutating func check(_ pair: (key: Bytes, value: Bytes)) throws {
    guard !pair.key.isEmpty, pair.key.count <= Bolt.longestKey,
      pair.value.count <= Bolt.longestValue
    else {
      throw SnapshotError.invalidSource(
        detail: "bucket \(label): a key of \(pair.key.count) bytes, a value of \(pair.value.count)")
    }
    if let lastKey, !isOrdered(lastKey, before: pair.key) {
      throw SnapshotError.invalidSource(detail: "bucket \(label): keys are out of order")
    }
    lastKey = pair.key
  }
}
