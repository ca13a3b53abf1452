public import Primitives

/// Reads a bbolt database. It believes nothing: a damaged or hostile file ends in `SnapshotError.corrupt`, in
/// bounded memory, and never in a crash or an endless walk.
///
/// Memory: the pages on the path to the present leaf, each at most `longestPage` bytes.
public struct BoltReader {
  /// Bytes of the longest page, with its overflow. Beyond: `.corrupt`; etcd's values are far shorter.
  static let longestPage = 256 << 20
  /// Levels of a tree. Beyond: `.corrupt`; four hold any file of 4 KiB pages that a disk can.
  static let deepestTree = 32

  private let access: any RandomAccess
  private let meta: BoltMeta

  /// Bytes that the database counts as its own: its high-water mark in bytes, as etcd's tools print it.
  public var totalBytes: Int64 { Int64(meta.highWater) * Int64(meta.pageSize) }

  /// Reads the two meta pages and takes the newer one that is sound.
  ///
  /// Throws `.corrupt` if neither is, or if the file is shorter than it says.
  public init(_ access: any RandomAccess) throws(SnapshotError) {
    self.access = access
    let metas = try Self.metas(access)
    guard let newest = metas.max(by: { $0.transaction < $1.transaction }) else {
      throw .corrupt(detail: "no valid meta page: this is no bbolt database")
    }
    meta = newest
    guard meta.highWater >= 2, meta.highWater <= UInt64(access.byteCount) / UInt64(meta.pageSize)
    else {
      throw .corrupt(
        detail: "\(meta.highWater) pages of \(meta.pageSize) bytes in \(access.byteCount) bytes")
    }
  }

  /// The names of the buckets, in order.
  public func bucketNames() throws -> [Bytes] {
    var names: [Bytes] = []
    try forEachBucket { name, _ in
      names.append(name)
      return true
    }
    return names
  }

  /// Passes the pairs of a bucket in ascending order of their keys, until `body` answers false. Answers false if
  /// there is no such bucket. What `body` throws passes as it is.
  @discardableResult
  public func forEachPair(
    in bucket: Bytes, _ body: (_ key: Bytes, _ value: Bytes) throws -> Bool
  ) throws -> Bool {
    var found: Bytes?
    try forEachBucket { name, value in
      if name == bucket { found = value }
      return found == nil
    }
    guard let found else { return false }
    try forEachPair(inBucketValue: found, name: bucket, body)
    return true
  }

  /// Passes the name of each bucket in order, and the value that describes it.
  func forEachBucket(_ body: (_ name: Bytes, _ value: Bytes) throws -> Bool) throws {
    var walk = BoltWalk(reader: self, label: "(root)")
    _ = try walk.visit(meta.rootPage) { element in
      guard element.flags == Bolt.bucketElement else {
        throw SnapshotError.corrupt(detail: "a key outside any bucket")
      }
      return try body(element.key, element.value)
    }
  }

  /// Passes the pairs of the bucket that a value of the root bucket describes.
  func forEachPair(
    inBucketValue value: Bytes, name: Bytes, _ body: (Bytes, Bytes) throws -> Bool
  ) throws {
    let label = String(decoding: name, as: UTF8.self)
    var reader = ByteReader(value)
    guard let root = try? reader.readLittleEndian(as: UInt64.self),
      (try? reader.readLittleEndian(as: UInt64.self)) != nil
    else {
      throw SnapshotError.corrupt(detail: "bucket \(label): \(value.count) bytes describe it")
    }
    var walk = BoltWalk(reader: self, label: label)
    let pass = { (element: BoltPage.Element) throws -> Bool in
      guard element.flags == 0 else {
        throw SnapshotError.unsupported(detail: "bucket \(label) has a bucket inside")
      }
      return try body(element.key, element.value)
    }
    if root == 0 {
      _ = try walk.visitInline(Bytes(value[reader.position...]), pass)
    } else {
      _ = try walk.visit(root, pass)
    }
  }

  /// Reads a page with its overflow.
  func page(_ number: UInt64) throws(SnapshotError) -> BoltPage {
    guard number >= 2, number < meta.highWater else {
      throw .corrupt(detail: "page \(number) of \(meta.highWater)")
    }
    let offset = Int64(number) * Int64(meta.pageSize)
    let first = try access.read(at: offset, count: meta.pageSize)
    var page = try BoltPage(first)
    guard page.number == number else {
      throw .corrupt(detail: "page \(number) calls itself \(page.number)")
    }
    if page.overflow > 0 {
      let pages = UInt64(page.overflow) + 1
      guard pages <= meta.highWater - number, pages * UInt64(meta.pageSize) <= Self.longestPage
      else { throw .corrupt(detail: "page \(number) is \(pages) pages long") }
      page = try BoltPage(try access.read(at: offset, count: Int(pages) * meta.pageSize))
    }
    return page
  }

  /// The most pages that a walk can meet if it meets none twice.
  var pageCount: UInt64 { meta.highWater }

  private static func metas(_ access: any RandomAccess) throws(SnapshotError) -> [BoltMeta] {
    var metas: [BoltMeta] = []
    let length = Bolt.headerBytes + Bolt.metaBytes
    guard access.byteCount >= Int64(length) else { return [] }
    if let first = BoltMeta(page: try access.read(at: 0, count: length)) { metas.append(first) }
    // Where the first is damaged the page size is unknown, and the second may lie at any.
    let sizes =
      metas.first.map { [$0.pageSize] } ?? [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]
    for size in sizes where access.byteCount >= Int64(size + length) {
      let second = BoltMeta(page: try access.read(at: Int64(size), count: length))
      if let second, second.pageSize == size { metas.append(second) }
    }
    return metas
  }
}

/// One walk over a tree, from its first key to its last.
struct BoltWalk {
  private let reader: BoltReader
  private let label: String
  private var lastKey: Bytes?
  private var visited: UInt64 = 0

  init(reader: BoltReader, label: String) {
    self.reader = reader
    self.label = label
  }

  /// Passes every element below a page until `body` answers false, and answers whether it never did.
  ///
  /// The keys have to ascend and the pages to be no more than the file has: a cycle or a page with two parents
  /// ends the walk.
  mutating func visit(
    _ number: UInt64, depth: Int = 0, _ body: (BoltPage.Element) throws -> Bool
  ) throws -> Bool {
    visited += 1
    guard depth < BoltReader.deepestTree, visited <= reader.pageCount else {
      throw SnapshotError.corrupt(detail: "bucket \(label): the tree has a cycle")
    }
    let page = try reader.page(number)
    if page.isLeaf { return try visitElements(page, body) }
    guard page.isBranch, page.count > 0 else {
      throw SnapshotError.corrupt(
        detail:
          "bucket \(label): page \(number) has the kind \(page.flags) and \(page.count) elements")
    }
    for child in 0..<page.count where try !visit(page.child(child), depth: depth + 1, body) {
      return false
    }
    return true
  }

  /// Passes the elements of a bucket that lies in the value describing it.
  mutating func visitInline(
    _ bytes: Bytes, _ body: (BoltPage.Element) throws -> Bool
  ) throws -> Bool {
    let page = try BoltPage(bytes)
    guard page.isLeaf, page.overflow == 0 else {
      throw SnapshotError.corrupt(detail: "bucket \(label): an inline page that is no leaf")
    }
    return try visitElements(page, body)
  }

  private mutating func visitElements(
    _ page: BoltPage, _ body: (BoltPage.Element) throws -> Bool
  ) throws -> Bool {
    for place in 0..<page.count {
      let element = try page.element(place)
      if let lastKey, !isOrdered(lastKey, before: element.key) {
        throw SnapshotError.corrupt(detail: "bucket \(label): keys are out of order")
      }
      lastKey = element.key
      if try !body(element) { return false }
    }
    return true
  }
}
