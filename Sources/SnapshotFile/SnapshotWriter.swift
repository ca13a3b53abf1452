public import Primitives

/// Writes a snapshot file: a bbolt database of the given buckets, and the SHA-256 of its bytes behind it.
///
/// It is made in two passes over the buckets: `init` reads their sizes, so that the file's length is known
/// before its first byte; `next()` then gives the file piece by piece, in order. Memory: a page, and about 33
/// bytes for each leaf page of the largest bucket (17 MB at 2 GiB).
public final class SnapshotWriter {
  private let buckets: [BoltBucket]
  private let layouts: [TreeLayout]
  private let rootLayout: TreeLayout
  private let rootPairs: [(key: Bytes, value: Bytes)]
  private let hash = SHA256Stream()
  private var phase = Phase.metas

  private enum Phase {
    case metas
    case bucket(Int, TreeWriter)
    case root(TreeWriter, next: Int)
    case hash
    case done
  }

  /// The number of bytes that `next()` gives in all.
  public let byteCount: Int64

  /// The number of bytes of the database alone, without the hash.
  public let databaseByteCount: Int64

  /// Reads the buckets' sizes and lays the file out. The buckets' names are distinct and in ascending order.
  ///
  /// Throws `.invalidSource` for what cannot be written, and whatever a bucket's source throws.
  public init(buckets: [BoltBucket]) throws {
    for (left, right) in zip(buckets, buckets.dropFirst())
    where !isOrdered(left.name, before: right.name) {
      throw SnapshotError.invalidSource(detail: "buckets \(left.label), \(right.label): order")
    }
    var page: UInt64 = 2
    var layouts: [TreeLayout] = []
    var pairs: [(key: Bytes, value: Bytes)] = []
    for bucket in buckets {
      let layout = try TreeLayout(firstPage: page, nextSize: bucket.nextSize)
      page = layout.endPage
      layouts.append(layout)
      pairs.append(
        (bucket.name, layout.rootPage.map { Bolt.bucket(rootPage: $0) } ?? Bolt.emptyBucket))
    }
    guard !pairs.isEmpty else { throw SnapshotError.invalidSource(detail: "no bucket") }
    var sizes = pairs.makeIterator()
    rootLayout = try TreeLayout(firstPage: page) {
      sizes.next().map { ($0.key.count, $0.value.count) }
    }
    self.buckets = buckets
    self.layouts = layouts
    rootPairs = pairs
    databaseByteCount = Int64(rootLayout.endPage) * Int64(Bolt.pageSize)
    byteCount = databaseByteCount + Int64(SHA256Stream.byteCount)
  }

  /// The next piece of the file, at least a page unless it is the last one; nil at the end.
  ///
  /// Throws `.sourceChanged` if a source's second pass differs from its first, `.invalidSource` for keys out of
  /// order, and whatever a source throws; the file is void then.
  public func next() throws -> Bytes? {
    while true {
      switch phase {
      case .metas:
        phase = startBucket(0)
        guard let root = rootLayout.rootPage else { fatalError("a root without a page") }
        let end = rootLayout.endPage
        // The transaction's number decides which of the two pages counts, and bbolt alternates.
        return hashed(
          BoltMeta(rootPage: root, highWater: end, transaction: 2).page(0)
            + BoltMeta(rootPage: root, highWater: end, transaction: 1).page(1))
      case .bucket(let place, var tree):
        // Taken out, so that the tree's index has one owner and grows in place. An error leaves the file void.
        phase = .done
        if let page = try tree.next(buckets[place].nextPair) {
          guard tree.nextPage <= layouts[place].endPage else { throw changed(place) }
          phase = .bucket(place, tree)
          return hashed(page)
        }
        guard tree.nextPage == layouts[place].endPage else { throw changed(place) }
        phase = startBucket(place + 1)
      case .root(var tree, var pair):
        phase = .done
        let page = try tree.next {
          defer { pair += 1 }
          return pair < rootPairs.count ? rootPairs[pair] : nil
        }
        phase = page == nil ? .hash : .root(tree, next: pair)
        if let page { return hashed(page) }
      case .hash:
        phase = .done
        return hash.finish()
      case .done: return nil
      }
    }
  }

  /// Passes the whole file to `sink`, in pieces of about `chunkBytes`.
  public func write(
    chunkBytes: Int = Limits.snapshotChunkBytes, to sink: (Bytes) throws -> Void
  ) throws {
    var chunk: Bytes = []
    while let piece = try next() {
      chunk += piece
      if chunk.count >= chunkBytes {
        try sink(chunk)
        chunk.removeAll(keepingCapacity: true)
      }
    }
    if !chunk.isEmpty { try sink(chunk) }
  }

  private func startBucket(_ place: Int) -> Phase {
    let firstPage = place == 0 ? 2 : layouts[place - 1].endPage
    if place < buckets.count {
      return .bucket(place, TreeWriter(firstPage: firstPage, label: buckets[place].label))
    }
    return .root(
      TreeWriter(firstPage: firstPage, elementFlags: Bolt.bucketElement, label: "(root)"), next: 0)
  }

  private func hashed(_ bytes: Bytes) -> Bytes {
    hash.update(bytes)
    return bytes
  }

  private func changed(_ place: Int) -> SnapshotError {
    .sourceChanged(bucket: buckets[place].label)
  }
}
