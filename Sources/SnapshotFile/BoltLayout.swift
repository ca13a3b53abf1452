internal import Primitives

/// Decides which elements share a page; the layout and the writer go by it alike.
struct PageFill {
  /// A branch of one child would not bring the tree nearer to its root.
  let leastElements: Int
  private(set) var bytes = Bolt.headerBytes
  private(set) var count = 0

  init(isLeaf: Bool) { leastElements = isLeaf ? 1 : 2 }

  /// Whether an element of so many bytes of key and value joins the page, or begins the next one.
  func admits(_ contentBytes: Int) -> Bool {
    count < leastElements || bytes + Bolt.elementBytes + contentBytes <= Bolt.pageSize
  }

  mutating func add(_ contentBytes: Int) {
    bytes += Bolt.elementBytes + contentBytes
    count += 1
  }

  /// The number of pages of the file that it takes: more than one if an element is long.
  var pages: Int { Bolt.pages(bytes) }
}

/// Where one B+tree lies in the file: leaves first, then each level of branches, the root last.
struct TreeLayout: Hashable {
  /// The root's page; nil if the tree is empty and takes none.
  private(set) var rootPage: UInt64?
  /// The first page after the tree.
  private(set) var endPage: UInt64

  /// Lays out a tree from the sizes of its pairs. Cost: 4 bytes for each leaf.
  init(firstPage: UInt64, nextSize: () throws -> (key: Int, value: Int)?) throws {
    endPage = firstPage
    rootPage = nil
    var keySizes: [UInt32] = []
    var fill = PageFill(isLeaf: true)
    while let size = try nextSize() {
      guard size.key > 0, size.key <= Bolt.longestKey, size.value <= Bolt.longestValue else {
        throw SnapshotError.invalidSource(
          detail: "a key of \(size.key) bytes with a value of \(size.value)")
      }
      if !fill.admits(size.key + size.value) {
        endPage += UInt64(fill.pages)
        fill = PageFill(isLeaf: true)
      }
      if fill.count == 0 { keySizes.append(UInt32(size.key)) }
      fill.add(size.key + size.value)
    }
    if fill.count == 0 { return }
    rootPage = endPage
    endPage += UInt64(fill.pages)
    while keySizes.count > 1 { keySizes = branches(over: keySizes) }
  }

  /// Lays out one level of branches and answers the sizes of their first keys.
  private mutating func branches(over keySizes: [UInt32]) -> [UInt32] {
    var firsts: [UInt32] = []
    var fill = PageFill(isLeaf: false)
    for size in keySizes {
      if !fill.admits(Int(size)) {
        endPage += UInt64(fill.pages)
        fill = PageFill(isLeaf: false)
      }
      if fill.count == 0 { firsts.append(size) }
      fill.add(Int(size))
    }
    rootPage = endPage
    endPage += UInt64(fill.pages)
    return firsts
  }
}
