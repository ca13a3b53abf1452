import Engine
import Primitives
import Testing

@testable import MVCC

/// Watches over the store itself, whose memory holds little and whose engine holds the rest.
@Suite struct WatchStoreTests {
  struct Seen: Hashable {
    var revision: SubRevision
    var key: Bytes
    var value: Bytes?
    var previous: Bytes?

    init(_ event: WatchEvent) {
      revision = event.revision
      key = event.record.key
      value = event.record.isTombstone ? nil : event.record.value
      previous = event.previous?.value
    }
  }

  final class Run {
    let store: Store
    let hub: WatchHub
    var random = WatchRandom(seed: 5)
    var index = LogIndex(0)
    var asked = false

    init() throws {
      var configuration = StoreConfiguration()
      configuration.recentRecordBytes = 8192
      store = try Store(engine: MemoryEngine(), configuration: configuration)
      hub = WatchHub(source: store)
    }

    func write() {
      var transaction = TransactionOperation()
      var keys: [UInt8] = [1, 2, 3, 4, 5, 6]
      keys.shuffle(using: &random)
      for key in keys.prefix(random.chance(70) ? 1 : 3) {
        if random.chance(25) {
          transaction.success.append(.deleteRange(DeleteRangeOperation(KeyRange([key]))))
        } else {
          let length = Int.random(in: 0...20, using: &random)
          let value = Bytes(repeating: UInt8.random(in: 0...9, using: &random), count: length)
          transaction.success.append(.put(PutOperation(key: [key], value: value)))
        }
      }
      index = index.next
      if case .failure(let error) = store.apply(.transaction(transaction), at: index) {
        Issue.record("\(error)")
      }
    }

    func publish() {
      store.finishBatch(appliedIndex: index)
      hub.publish(through: store.currentRevision)
    }

    func pull(_ stream: WatchStream) -> [Seen] {
      var seen: [Seen] = []
      while true {
        switch stream.next(maxBytes: 2000) {
        case .events(_, _, let events, _): seen += events.map { Seen($0) }
        case .needsHistory: stream.readHistory()
        case .none, .progress: return seen
        case .canceled(_, _, let floor, let reason):
          Issue.record("cancelled at \(floor): \(reason)")
          return seen
        }
      }
    }
  }

  @Test("a watch reads the same from memory, from the engine, and across a compaction")
  func sameFromEverywhere() throws {
    let run = try Run()
    var request = WatchRequest(.prefix([]))
    request.startRevision = Revision(2)
    request.previous = true
    let quick = run.hub.openStream {}
    let slow = run.hub.openStream {}
    for stream in [quick, slow] { _ = stream.create(request) }
    var expected: [Seen] = []
    for number in 0..<1500 {
      run.write()
      if run.random.chance(60) { run.publish() }
      if run.random.chance(5) { try run.store.feedEngine() }
      if number % 7 == 0 { expected += run.pull(quick) }
    }
    run.publish()
    try run.store.feedEngine()
    expected += run.pull(quick)
    #expect(expected.count > 1500)
    #expect(run.pull(slow) == expected)
    #expect(run.hub.statistics.historyReads > 0)

    let floor = Revision(run.store.currentRevision.rawValue / 2)
    run.index = run.index.next
    _ = run.store.apply(.compact(floor), at: run.index)
    run.publish()
    while run.store.compactSlice() { try run.store.feedEngine() }
    let late = run.hub.openStream {}
    request.startRevision = Revision(floor.rawValue - 1)
    _ = late.create(request)
    guard case .canceled(_, _, floor, _) = late.next(maxBytes: 100) else {
      Issue.record("a watch below the floor lives on")
      return
    }
    request.startRevision = floor.next
    _ = late.create(request)
    #expect(run.pull(late).map(\.revision) == expected.map(\.revision).filter { $0.main > floor })
    for stream in [quick, slow, late] { stream.close() }
  }
}
