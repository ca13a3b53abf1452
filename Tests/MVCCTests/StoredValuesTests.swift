import Engine
import Foundation
import Synchronization
import Testing

@testable import MVCC
@testable import Primitives

@Suite("Values that a start leaves in the engine")
struct StoredValuesTests {
  private static let keyCount = 600

  private static func configuration() -> StoreConfiguration {
    var configuration = StoreConfiguration()
    configuration.wholeLoadBytes = 0
    configuration.recentRecordBytes = 0
    return configuration
  }

  private static func value(_ number: Int) -> String {
    // Every third one is too short to be left.
    String(repeating: "value \(number) ", count: number % 3 == 0 ? 1 : 60)
  }

  /// A store with rewritten and deleted keys, opened anew.
  private func reopened() throws -> SteppedStore {
    var step = try SteppedStore(Self.configuration())
    for number in 0..<Self.keyCount {
      try step.put("key/\((number * 7) % Self.keyCount)", "old")
    }
    for number in 0..<Self.keyCount {
      try step.put(
        "key/\((number * 11) % Self.keyCount)", Self.value((number * 11) % Self.keyCount))
    }
    for number in stride(from: 0, to: Self.keyCount, by: 10) { try step.delete("key/\(number)") }
    try step.store.feedEngine()
    try step.reopen()
    return step
  }

  private func expectAll(_ step: SteppedStore) throws {
    let all = try step.store.range(SteppedStore.range("key/", end: "key0"))
    #expect(all.records.count == Self.keyCount * 9 / 10)
    for record in all.records {
      let number = try #require(Int(String(decoding: record.key.dropFirst(4), as: UTF8.self)))
      #expect(String(decoding: record.value, as: UTF8.self) == Self.value(number))
      #expect(record.stored.count == record.byteCount)
    }
  }

  @Test("come when they are asked for, one by one or in a range")
  func onDemand() throws {
    let step = try reopened()
    let lacking = try #require(step.store.get(bytes("key/1"), in: 0..<5).record)
    #expect(lacking.lacksValue && lacking.valueCount == Self.value(1).utf8.count)
    #expect(try step.value("key/1") == Self.value(1))
    #expect(!lacking.lacksValue)
    let short = try #require(step.store.get(bytes("key/3"), in: 0..<5).record)
    #expect(!short.lacksValue)
    try expectAll(step)
    #expect(step.store.hasValuesInEngine)
    step.store.checkInvariants()
  }

  @Test("stay where they are for a read of keys alone")
  func keysOnly() throws {
    let step = try reopened()
    var range = SteppedStore.range("key/", end: "key0")
    range.keysOnly = true
    let all = try step.store.range(range)
    #expect(all.records.contains { $0.lacksValue })
    #expect(all.records.allSatisfy { $0.key.starts(with: Bytes("key/".utf8)) })
    range.keysOnly = false
    range.sortTarget = .value
    range.sortOrder = .ascending
    let values = try step.store.range(range).records.map(\.value)
    #expect(values == values.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test("are brought in the background, in several goes, and then the snapshot ends")
  func background() throws {
    let step = try reopened()
    var left = 100
    try step.store.bringValues {
      left -= 1
      return left > 0
    }
    #expect(step.store.hasValuesInEngine)
    try step.store.bringValues()
    #expect(!step.store.hasValuesInEngine)
    // Nothing is read from the engine any more.
    step.engine.close()
    try expectAll(step)
  }

  @Test("hold nothing of a store that ends before all came, but what somebody still reads")
  func ending() throws {
    weak var ended: Record.Storage?
    var kept: Record?
    do {
      let step = try reopened()
      ended = step.store.get(bytes("key/1"), in: 0..<5).record?.storage
      kept = step.store.get(bytes("key/2"), in: 0..<5).record
      #expect(ended != nil)
    }
    #expect(ended == nil)
    let record = try #require(kept)
    #expect(record.lacksValue)
    #expect(String(decoding: record.value, as: UTF8.self) == Self.value(2))
  }

  @Test("outlive their compaction, for whoever still has the record")
  func compaction() throws {
    let step = try reopened()
    let old = try #require(step.store.get(bytes("key/1"), in: 0..<5).record)
    #expect(old.lacksValue)
    try step.put("key/1", "new")
    try step.apply(.compact(step.store.currentRevision))
    try step.compactAll()
    #expect(try step.engine.value(.records, StoreLayout.recordKey(old.revision)) == nil)
    #expect(String(decoding: old.value, as: UTF8.self) == Self.value(1))
    let other = try #require(step.store.get(bytes("key/2"), in: 0..<5).record)
    try step.delete("key/2")
    try step.store.bringValues()
    #expect(!other.lacksValue)
    #expect(String(decoding: other.value, as: UTF8.self) == Self.value(2))
  }

  @Test("count in conditions, and come along with a put that keeps them")
  func writes() throws {
    let step = try reopened()
    let seen = try step.transact {
      $0.comparisons = [
        Comparison(KeyRange(bytes("key/1")), .equal, .value(bytes(Self.value(1))))
      ]
      var put = SteppedStore.put("key/2", "")
      put.ignoresValue = true
      $0.success = [.put(put)]
    }
    #expect("\(seen)".contains("true"))
    #expect(try step.value("key/2") == Self.value(2))
    #expect(try step.get("key/2")?.version == 3)
    try step.store.feedEngine()
    #expect(try step.store.hashKV(at: .zero) == Store(engine: step.engine).hashKV(at: .zero))
  }

  @Test("that were damaged since are refused, with the record's revision")
  func damage() throws {
    for isMissing in [true, false] {
      let engine = MemoryEngine()
      let first = try Store(engine: engine)
      for number in 1...20 {
        let put = SteppedStore.put("key/\(number)", Self.value(1))
        _ = try first.apply(.put(put), at: LogIndex(UInt64(number))).get()
        first.finishBatch(appliedIndex: LogIndex(UInt64(number)))
      }
      try first.feedEngine()
      let faulty = FaultyEngine(
        engine, SubRevision(main: Revision(8), sub: 0), isMissing: isMissing)
      let store = try Store(engine: faulty, configuration: Self.configuration())
      faulty.isFaulty.withLock { $0 = true }
      let named = StoreError.corrupt(
        detail: "the record of revision 8.0 is damaged or missing")
      #expect(throws: named) { try store.range(SteppedStore.range("key/", end: "key0")) }
      #expect(throws: named) { try store.range(SteppedStore.range("key/7", end: "key/8")) }
      #expect(throws: named) { try store.bringValues() }
      #expect(try store.range(SteppedStore.range("key/1")).records.first?.value.isEmpty == false)
    }
  }

  @Test("are the same for readers on many threads")
  func threads() throws {
    let step = try reopened()
    let expected = (0..<Self.keyCount).map { Bytes(Self.value($0).utf8) }
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      if thread == 0 {
        try? step.store.bringValues()
        return
      }
      for number in 0..<Self.keyCount {
        let key = bytes("key/\((number * thread) % Self.keyCount)")
        guard let record = step.store.get(key, in: 0..<key.count).record else { continue }
        let known = expected[(number * thread) % Self.keyCount]
        if record.value != known { Issue.record("another value of \(key)") }
      }
    }
    #expect(!step.store.hasValuesInEngine)
    try expectAll(step)
  }
}
