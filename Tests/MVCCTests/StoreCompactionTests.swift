import Engine
import MVCC
import Primitives
import Testing

@Suite("Compaction and durability")
struct StoreCompactionTests {
  @Test("compaction answers at once, refuses what was compacted and what lies ahead")
  func floor() throws {
    let step = try SteppedStore()
    #expect(try step.store.hashKV().compactRevision == Revision(-1))
    #expect(try step.apply(.compact(.zero)) == .compacted(1))
    #expect(throws: StoreError.compacted) { try step.apply(.compact(.zero)) }
    try step.put("a", "1")
    try step.put("a", "2")
    #expect(throws: StoreError.futureRevision) { try step.apply(.compact(Revision(4))) }
    #expect(try step.apply(.compact(Revision(3))) == .compacted(3))
    #expect(step.store.compactedRevision == Revision(3))
    #expect(step.store.finishedCompactRevision == .zero)
    #expect(throws: StoreError.compacted) { try step.value("a", at: 2) }
    try step.compactAll()
    #expect(step.store.finishedCompactRevision == Revision(3))
    #expect(try step.store.record(at: SubRevision(main: Revision(3), sub: 0))?.version == 2)
  }

  @Test("what compaction dropped is gone from the engine, and the quota's figure falls with it")
  func reclaims() throws {
    let step = try SteppedStore()
    for number in 0..<100 { try step.put("a", "\(number + 100)") }
    try step.put("b", "gone")
    try step.delete("b")
    try step.put("c", "kept")
    try step.store.feedEngine()
    let before = step.store.logicalBytes
    try step.apply(.compact(step.store.currentRevision))
    try step.compactAll()
    var left: [SeenRecord] = []
    try step.store.snapshotView().scanRecords { record in
      left.append(SeenRecord(record))
      return true
    }
    #expect(left.map(\.key) == [bytes("a"), bytes("c")])
    #expect(step.store.logicalBytes == left.reduce(0) { $0 + Int64($1.stored.count + 8) })
    #expect(step.store.logicalBytes < before / 20)
    #expect(step.store.statistics.compactedVersions == 101)
  }

  @Test("a deletion at the floor is still there for a watch that starts at it")
  func deletionAtFloor() throws {
    var configuration = StoreConfiguration()
    configuration.recentRecordBytes = 0
    let step = try SteppedStore(configuration)
    try step.put("a", "1")
    try step.delete("a")
    try step.apply(.compact(Revision(3)))
    try step.compactAll()
    let slice = try step.store.historyEvents(
      from: Revision(3), through: Revision(3), maxEvents: 10)
    #expect(slice.events.map(\.record.isTombstone) == [true])
    #expect(slice.events[0].previous == nil)
    #expect(throws: StoreError.compacted) {
      try step.store.historyEvents(from: Revision(2), through: Revision(3), maxEvents: 10)
    }
    try step.put("b", "1")
    try step.apply(.compact(Revision(4)))
    try step.compactAll()
    #expect(try step.store.record(at: SubRevision(main: Revision(3), sub: 0)) == nil)
    step.store.checkInvariants()
  }

  @Test("a compaction that a crash interrupts goes on at the next start")
  func resumes() throws {
    var configuration = StoreConfiguration()
    configuration.compactionSliceVersions = 10
    var step = try SteppedStore(configuration)
    for number in 0..<100 { try step.put("a", "\(number)") }
    try step.apply(.compact(Revision(101)))
    #expect(step.store.compactSlice())
    _ = try step.store.flush()
    step.engine.crash()
    try step.reopen()
    #expect(step.store.statistics.olderVersions == 89)
    #expect(throws: StoreError.compacted) { try step.value("a", at: 100) }
    try step.compactAll()
    #expect(step.store.finishedCompactRevision == Revision(101))
    #expect(step.store.statistics.olderVersions == 0)
    step.store.checkInvariants()
  }

  @Test("nothing is dropped before the floor itself is on its way to the engine")
  func ordered() throws {
    let step = try SteppedStore()
    try step.put("a", "1")
    try step.put("a", "2")
    _ = step.store.apply(.compact(Revision(3)), at: step.store.appliedIndex.next)
    #expect(!step.store.compactSlice())
    #expect(step.store.statistics.olderVersions == 1)
    step.store.finishBatch(appliedIndex: step.store.appliedIndex.next)
    try step.compactAll()
    #expect(step.store.statistics.olderVersions == 0)
  }

  @Test("a flush answers how far the log may be cut, and the owner's own keys go along")
  func flush() throws {
    var step = try SteppedStore()
    try step.put("a", "1")
    var extra = EngineBatch()
    extra.put(.meta, key: bytes("owner"), value: bytes("x"))
    step.store.finishBatch(appliedIndex: LogIndex(5), with: extra)
    #expect(step.store.unfedBytes > 0)
    #expect(try step.store.flush() == LogIndex(5))
    #expect(step.store.unfedBytes == 0)
    step.engine.crash()
    try step.reopen()
    #expect(step.store.appliedIndex == LogIndex(5))
    #expect(step.revision == 2)
    #expect(try step.engine.value(.meta, bytes("owner")) == bytes("x"))
  }

  @Test("what the engine refuses stays in memory and goes in later")
  func refused() throws {
    let step = try SteppedStore()
    try step.put("a", "1")
    step.engine.setFault { $0 == .apply ? .noSpace(detail: "full") : nil }
    #expect(throws: StoreError.engineFailed(detail: "full")) { try step.store.feedEngine() }
    try step.put("a", "2")
    #expect(try step.value("a", at: 2) == "1")
    step.engine.setFault(nil)
    #expect(try step.store.flush() == LogIndex(2))
    #expect(try step.value("a", at: 2) == "1")
  }

  @Test("recent records are bounded, but what the engine lacks stays")
  func recent() throws {
    var configuration = StoreConfiguration()
    configuration.recentRecordBytes = 10_000
    let step = try SteppedStore(configuration)
    for number in 0..<500 { try step.put("key\(number)", "value") }
    #expect(step.store.statistics.recentRecordBytes > 100_000)
    let through = step.store.currentRevision
    let all = step.store.recentEvents(from: Revision(2), through: through, maxEvents: .max)
    #expect(all?.events.count == 500)
    try step.store.feedEngine()
    #expect(step.store.statistics.recentRecordBytes <= 10_000)
    #expect(step.store.recentEvents(from: Revision(2), through: through, maxEvents: 1) == nil)
    let old = try step.store.historyEvents(from: Revision(2), through: through, maxEvents: 10)
    #expect(old.events.count == 10 && old.through == Revision(11))
  }

  @Test("damage names the revision; a newer format is refused")
  func damage() throws {
    let step = try SteppedStore()
    try step.put("a", "1")
    try step.put("b", "2")
    try step.store.feedEngine()
    var batch = EngineBatch()
    let key = StoreLayout.recordKey(SubRevision(main: Revision(3), sub: 0))
    batch.put(.records, key: key, value: [0x0A, 0x01])
    try step.engine.apply(batch)
    #expect(throws: StoreError.corrupt(detail: "the record of revision 3.0 is damaged")) {
      try Store(engine: step.engine)
    }
    batch.removeAll()
    let later = try #require(try step.engine.value(.records, StoreLayout.firstKey(Revision(2))))
    batch.put(.records, key: key, value: later)
    try step.engine.apply(batch)
    #expect(throws: StoreError.corrupt(detail: "the record of revision 3.0 is damaged")) {
      try Store(engine: step.engine)
    }
    batch.put(.meta, key: StoreLayout.formatKey, value: StoreLayout.bigEndian(2))
    try step.engine.apply(batch)
    #expect(throws: StoreError.self) { try Store(engine: step.engine) }
  }
}
