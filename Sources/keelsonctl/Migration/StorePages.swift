internal import KeelsonClient
internal import Primitives

/// One page of a store: records, and the keys that it speaks for.
struct StorePage {
  /// The records, in the order of their keys.
  var records: [KeyValue]
  /// The range that holds these records and no others.
  var keys: KeySelection

  /// Bytes of keys and values.
  var byteCount: Int { records.reduce(0) { $0 + $1.key.count + $1.value.count } }
}

/// Reads a store page by page, as of one revision: that of the first page.
struct StorePages {
  private static let firstLimit: Int64 = 200
  private static let longest: Int64 = 10_000

  private let store: StoreClient
  private let bytes: Int
  private let end: Bytes
  private var next: Bytes?
  private var limit = Self.firstLimit
  /// The revision that is read at; zero before the first page.
  private(set) var revision = Revision.zero

  /// - Parameter bytes: how much a page shall have, about.
  init(_ store: StoreClient, bytes: Int, keys: KeySelection = .all) {
    self.store = store
    self.bytes = bytes
    next = keys.key
    end = keys.rangeEnd
  }

  /// The next page; nil behind the last. An empty store has one page, without records.
  mutating func next() async throws(KeelsonError) -> StorePage? {
    guard let first = next else { return nil }
    var request = RangeRequest(KeySelection(key: first, rangeEnd: end), revision: revision)
    request.limit = limit
    let answer = try await store.range(request)
    if revision == .zero { revision = answer.header.revision }
    var page = StorePage(records: answer.records, keys: request.keys)
    if answer.hasMore, let last = page.records.last {
      // The first key behind the last one.
      next = last.key + [0]
      page.keys.rangeEnd = last.key + [0]
    } else {
      next = nil
    }
    let average = max(1, page.byteCount / max(1, page.records.count))
    limit = min(Self.longest, max(1, Int64(bytes / average)))
    return page
  }
}
