import Engine
import MVCC
import Primitives
import Testing

@Suite("Reading ranges")
struct StoreRangeTests {
  private func filled(_ configuration: StoreConfiguration = StoreConfiguration()) throws
    -> SteppedStore
  {
    let step = try SteppedStore(configuration)
    for (key, value) in [("a", "3"), ("b", "1"), ("c", "2"), ("d", "0")] {
      try step.put(key, value)
    }
    try step.put("b", "1")
    return step
  }

  private var all: RangeOperation { SteppedStore.range("a", end: "z") }

  @Test("an order by value without a direction sorts what the limit let through, as in etcd")
  func orderAfterLimit() throws {
    let step = try filled()
    var range = all
    range.sortTarget = .value
    range.limit = 2
    #expect(SteppedStore.keys(try step.store.range(range)) == ["b", "c"])
    range.sortOrder = .ascending
    let result = try step.store.range(range)
    #expect(SteppedStore.keys(result) == ["d", "b"])
    #expect(result.more && result.count == 4)
  }

  @Test("every target sorts both ways", arguments: RangeOperation.SortTarget.everything)
  func orders(target: RangeOperation.SortTarget) throws {
    let step = try filled()
    var range = all
    range.sortTarget = target
    range.sortOrder = .ascending
    let ascending = SteppedStore.keys(try step.store.range(range))
    let expected: [String] =
      switch target {
      case .key, .create: ["a", "b", "c", "d"]
      case .version, .mod: ["a", "c", "d", "b"]
      case .value: ["d", "b", "c", "a"]
      }
    #expect(ascending == expected)
    range.sortOrder = .descending
    let descending = SteppedStore.keys(try step.store.range(range))
    #expect(descending == (target == .version ? ["b", "a", "c", "d"] : expected.reversed()))
  }

  @Test("the last keys of a range are read from its end, over deleted ones, now and in the past")
  func lastKeys() throws {
    let step = try SteppedStore(StoreConfiguration())
    let names = (100..<400).map { "k\($0)" }
    for name in names { try step.put(name, "v") }
    let before = step.store.currentRevision
    for name in names where name.hasSuffix("7") || name > "k380" { try step.delete(name) }
    let left = names.filter { !($0.hasSuffix("7") || $0 > "k380") }
    var range = SteppedStore.range("k2", end: "l")
    range.sortOrder = .descending
    for (revision, keys) in [(Revision.zero, left), (before, names)] {
      let expected = Array(keys.filter { $0 >= "k2" }.reversed())
      range.revision = revision
      for limit in [1, 2, 30, expected.count - 1, expected.count, expected.count + 1] {
        range.limit = Int64(limit)
        let result = try step.store.range(range)
        #expect(SteppedStore.keys(result) == Array(expected.prefix(limit)))
        #expect(result.count == Int64(expected.count) && result.more == (limit < expected.count))
      }
    }
    range.revision = .zero
    range.limit = 1
    #expect(step.store.estimatedCost(of: range) == 2)
  }

  @Test("the count is that of the range, before filters and whatever the limit")
  func counts() throws {
    let step = try filled()
    var range = all
    range.minModRevision = Revision(4)
    range.limit = 2
    let result = try step.store.range(range)
    #expect(SteppedStore.keys(result) == ["b", "c"])
    #expect(result.more && result.count == 4)
    range.maxCreateRevision = Revision(3)
    let few = try step.store.range(range)
    #expect(SteppedStore.keys(few) == ["b"])
    #expect(!few.more && few.count == 4)
    range = all
    range.countOnly = true
    range.limit = 1
    let count = try step.store.range(range)
    #expect(count.count == 4 && count.records.isEmpty && !count.more)
  }

  @Test("a page at an older revision has that revision's count, from memory or by a walk")
  func oldCounts() throws {
    for recentBytes in [1_000_000, 0] {
      var configuration = StoreConfiguration()
      configuration.recentRecordBytes = recentBytes
      configuration.rangeSliceRecords = 7
      let step = try SteppedStore(configuration)
      for number in 0..<100 { try step.put("key\(1_000 + number)", "x") }
      let revision = step.revision
      try step.delete("key1010", end: "key1020")
      for number in 0..<30 { try step.put("key\(2_000 + number)", "x") }
      try step.put("key1000", "again")
      try step.store.feedEngine()
      var page = SteppedStore.range("key1050", end: "z", at: revision)
      page.limit = 10
      #expect(try step.store.range(page).count == 50)
      page.keys.key = bytes("a")
      let result = try step.store.range(page)
      #expect(result.count == 100 && result.more && result.records.count == 10)
      #expect(result.records[0].version == 1)
      #expect(result.revision == step.store.currentRevision)
      page.countOnly = true
      #expect(try step.store.range(page).count == 100)
    }
  }

  @Test("revisions ahead and below the floor are refused; 0 and less mean the present")
  func bounds() throws {
    let step = try filled()
    try step.apply(.compact(Revision(4)))
    #expect(throws: StoreError.futureRevision) { try step.get("a", at: 7) }
    #expect(throws: StoreError.compacted) { try step.get("a", at: 3) }
    #expect(try step.value("b", at: 4) == "1")
    #expect(try step.get("b", at: -5)?.version == 2)
  }

  @Test("a read in chunks that compaction overtakes ends with the compacted error")
  func overtaken() throws {
    let step = try filled()
    var cursor = try step.store.cursor(all)
    #expect(try cursor.read(maxRecords: 1, maxBytes: 1_000).records.count == 1)
    try step.put("a", "new")
    try step.put("e", "new")
    var chunk = try cursor.read(maxRecords: 2, maxBytes: 1_000)
    #expect(chunk.records.count == 2 && chunk.summary == nil)
    var other = cursor
    chunk = try cursor.read(maxRecords: 2, maxBytes: 1_000)
    #expect(chunk.summary?.count == 4)
    #expect(chunk.records.map(\.key) == [bytes("d")])
    try step.apply(.compact(Revision(7)))
    #expect(throws: StoreError.compacted) { try other.read(maxRecords: 9, maxBytes: 1_000) }
  }

  @Test("a key of many versions is read at any of them, and compacted in slices")
  func hotKey() throws {
    let step = try SteppedStore()
    for number in 1...20_000 { try step.put("hot", "\(number)") }
    try step.store.feedEngine()
    for revision in [2, 777, 19_999] as [Int64] {
      #expect(try step.value("hot", at: revision) == "\(revision - 1)")
    }
    try step.apply(.compact(Revision(20_000)))
    #expect(step.store.compactSlice())
    #expect(try step.value("hot", at: 20_000) == "19999")
    try step.compactAll()
    #expect(step.store.statistics.olderVersions == 1)
    step.store.checkInvariants()
  }

  @Test("the cost of a read is estimated without doing it")
  func costs() throws {
    let step = try filled()
    #expect(step.store.estimatedCost(of: SteppedStore.range("a")) == 1)
    #expect(step.store.estimatedCost(of: all) == 4)
    var count = all
    count.countOnly = true
    #expect(step.store.estimatedCost(of: count) == 1)
    count.revision = Revision(2)
    #expect(step.store.estimatedCost(of: count) > 4)
  }
}

extension RangeOperation.SortTarget {
  static let everything: [Self] = [.key, .version, .create, .mod, .value]
}
