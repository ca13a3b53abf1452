import Engine
import Foundation
import Synchronization
import Testing

@testable import MVCC
@testable import Primitives

@Suite("Loading a store")
struct StoreLoadTests {
  /// Keys of the kinds that make a sort stumble: shared beginnings of many lengths, one key the start of another,
  /// zeros at the end, and the numbered keys of an ordinary store.
  private func keys(seed: UInt64) -> [Bytes] {
    var generator = SeededNumbers(seed: seed)
    var keys = Set<Bytes>()
    for number in 0..<3_000 {
      keys.insert(Bytes("/registry/pods/namespace-\(number % 7)/pod-\(number)".utf8))
    }
    for _ in 0..<2_000 {
      let length = Int(generator.next() % 40) + 1
      keys.insert((0..<length).map { _ in UInt8(generator.next() % 3) })
    }
    for length in 1..<300 {
      keys.insert(Bytes(repeating: 0, count: length))
      keys.insert(Bytes(repeating: 255, count: length) + [0])
    }
    return keys.shuffled(using: &generator)
  }

  @Test("sorts keys bytewise, however alike they are", arguments: [1, 2, 3] as [UInt64])
  func sort(seed: UInt64) {
    let keys = keys(seed: seed)
    let records = keys.enumerated().map { number, key in
      Record.make(
        revision: SubRevision(main: Revision(Int64(number + 2)), sub: 0),
        createRevision: Revision(Int64(number + 2)), version: 1, lease: .none, key: key,
        value: [], previous: nil)
    }
    #expect(
      KeySort.sorted(records).map(\.key) == keys.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(KeySort.sorted([]).isEmpty)
  }

  @Test("finds the same store in many chunks on many threads as in one scan")
  func chunks() throws {
    let written = try SteppedStore()
    // Beyond one chunk's revisions, with rewritten, deleted and recreated keys all over.
    for number in 0..<30_000 {
      switch number % 11 {
      case 3: try written.delete("key/\((number * 7) % 5_000)")
      case 5: try written.delete("key/\(number % 100)", end: "key/\(number % 100 + 1)")
      default: try written.put("key/\((number * 13) % 5_000)", "value \(number)")
      }
    }
    try written.store.feedEngine()
    let whole = try Store(engine: written.engine)
    var configuration = StoreConfiguration()
    let calls = Mutex<Set<Int>>([])
    configuration.concurrently = { count, body in
      // In an order that no scan has, on several threads.
      DispatchQueue.concurrentPerform(iterations: count) { number in
        calls.withLock { _ = $0.insert(count - 1 - number) }
        body(count - 1 - number)
      }
    }
    let chunked = try Store(engine: written.engine, configuration: configuration)
    #expect(calls.withLock { $0.count } > 1, "the history fits into one chunk")
    chunked.checkInvariants()
    #expect(chunked.loadStatistics == whole.loadStatistics)
    #expect(chunked.loadStatistics.records > 20_000)
    #expect(chunked.logicalBytes == whole.logicalBytes)
    #expect(chunked.statistics == whole.statistics)
    for store in [chunked, written.store] {
      #expect(try store.hashKV(at: .zero) == whole.hashKV(at: .zero))
      #expect(
        try store.hashKV(at: Revision(9_000)).hash == whole.hashKV(at: Revision(9_000)).hash)
    }
  }
}
