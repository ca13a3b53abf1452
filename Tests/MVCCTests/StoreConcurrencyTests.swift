import Engine
import MVCC
import Primitives
import Synchronization
import Testing

/// Tells other threads to end.
private final class StopSign: Sendable {
  private let flag = Atomic(false)
  var isUp: Bool { flag.load(ordering: .acquiring) }
  func raise() { flag.store(true, ordering: .releasing) }
}

@Suite("Readers beside the writer")
struct StoreConcurrencyTests {
  private static let keys = (0..<40).map { bytes("key\(100 + $0)") }

  /// Every transaction writes all keys, or deletes them all, so that every consistent read finds them alike.
  private static func write(_ store: Store, _ index: UInt64) {
    var transaction = TransactionOperation()
    if index % 17 == 0 {
      transaction.success = [.deleteRange(DeleteRangeOperation(KeyRange([0], end: [0])))]
    } else {
      for key in keys {
        transaction.success.append(.put(PutOperation(key: key, value: bytes("\(index)"))))
      }
    }
    _ = store.apply(.transaction(transaction), at: LogIndex(index))
    if index % 50 == 0 {
      let target = Revision(store.currentRevision.rawValue - 20)
      _ = store.apply(.compact(target), at: LogIndex(index))
    }
    if index % 3 == 0 { store.finishBatch(appliedIndex: LogIndex(index)) }
  }

  private static func read(_ store: Store, _ dice: inout Dice) throws(StoreError) {
    var range = RangeOperation(KeyRange(bytes("key"), end: bytes("kez")))
    let present = store.currentRevision.rawValue
    if dice.chance(70) { range.revision = Revision(max(1, present - Int64(dice.below(30)))) }
    if dice.chance(30) { range.limit = 15 }
    let result = try store.range(range)
    let count = Int(result.count)
    #expect(count == 0 || count == keys.count)
    #expect(result.records.count == (range.limit == 0 ? count : min(15, count)))
    #expect(Set(result.records.map(\.revision.main)).count <= 1)
    #expect(Set(result.records.map(\.value)).count <= 1)
    if dice.chance(5) { _ = try store.hashKV() }
    if dice.chance(10) {
      let slice = try store.historyEvents(
        from: Revision(max(1, present - 5)), through: Revision(present), maxEvents: 100)
      for (left, right) in zip(slice.events, slice.events.dropFirst()) {
        #expect(left.revision < right.revision)
      }
    }
  }

  /// Reads until told to stop; compaction may overtake a read.
  private static func keepReading(_ store: Store, _ seed: UInt64, _ stop: StopSign) throws {
    var dice = Dice(seed: seed)
    while !stop.isUp {
      do throws(StoreError) {
        try read(store, &dice)
      } catch {
        if error != .compacted { throw error }
      }
    }
  }

  @Test("a read in slices is of one revision whatever is written, fed and compacted meanwhile")
  func snapshots() async throws {
    var configuration = StoreConfiguration()
    configuration.rangeSliceRecords = 3
    configuration.recentRecordBytes = 20_000
    configuration.compactionSliceVersions = 10
    let store = try Store(engine: MemoryEngine(), configuration: configuration)
    let stop = StopSign()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { @concurrent in
        for index in 1...600 as ClosedRange<UInt64> { Self.write(store, index) }
        store.finishBatch(appliedIndex: LogIndex(601))
        stop.raise()
      }
      group.addTask { @concurrent in
        while !stop.isUp {
          try store.feedEngine()
          _ = store.compactSlice()
        }
      }
      for seed in 0..<2 as Range<UInt64> {
        group.addTask { @concurrent in try Self.keepReading(store, seed, stop) }
      }
      try await group.waitForAll()
    }
    while store.compactSlice() {}
    try store.feedEngine()
    store.checkInvariants()
  }
}
