import Engine
import MVCC
import Primitives
import Testing

@Suite("Hashes over history")
struct StoreHashTests {
  /// A store and a real etcd that are told the same.
  private struct Pair {
    let store: Store
    let peer: StorePeer
    var index = LogIndex.zero

    mutating func apply(_ command: StoreCommand) {
      index = index.next
      _ = store.apply(command, at: index)
      store.finishBatch(appliedIndex: index)
    }

    mutating func put(_ key: String, _ value: String) {
      apply(.put(PutOperation(key: Bytes(key.utf8), value: Bytes(value.utf8))))
      peer.control("put \(key) \(value) >/dev/null")
    }

    mutating func delete(_ key: String) {
      apply(.deleteRange(DeleteRangeOperation(KeyRange.prefix(Bytes(key.utf8)))))
      peer.control("del --prefix '\(key)' >/dev/null")
    }

    mutating func putTogether(_ keys: [String], _ value: String) {
      var transaction = TransactionOperation()
      for key in keys {
        let put = PutOperation(key: Bytes(key.utf8), value: Bytes(value.utf8))
        transaction.success.append(.put(put))
      }
      apply(.transaction(transaction))
      let lines = keys.map { "put \($0) \(value)\\n" }.joined()
      peer.control("txn >/dev/null", input: "\\n\(lines)\\n\\n")
    }

    mutating func compact(_ revision: Int64) {
      apply(.compact(Revision(revision)))
      peer.control("compaction --physical \(revision) >/dev/null")
    }

    /// Compares at the revisions from the floor's next one up.
    func compare() throws {
      let present = store.currentRevision.rawValue
      let floor = store.compactedRevision.rawValue
      for revision in Set([0, floor + 1, (floor + present) / 2 + 1, present]).sorted()
      where revision == 0 || (revision > floor && revision <= present) {
        let theirs = try #require(peer.hash(at: revision))
        let ours = try store.hashKV(at: Revision(revision))
        #expect(ours.hash == theirs.hash, "at \(revision) of \(present), floor \(floor)")
        #expect(ours.compactRevision.rawValue == theirs.compactRevision)
      }
    }
  }

  @Test("a store and etcd that were told the same have the same hashes, compacted or not")
  func peer() throws {
    guard let peer = StorePeer() else { return }
    var pair = Pair(store: try Store(engine: MemoryEngine()), peer: peer)
    try pair.compare()
    var dice = Dice(seed: 7)
    for round in 0..<4 {
      for _ in 0..<8 {
        let key = "k\(dice.below(5))"
        switch dice.below(6) {
        case 0: pair.delete(key)
        case 1: pair.putTogether(["k1", "k\(2 + dice.below(3))", "x"], "together\(round)")
        default: pair.put(key, "value\(dice.below(1_000))")
        }
      }
      try pair.compare()
      let present = pair.store.currentRevision.rawValue
      pair.compact(present - Int64(dice.below(6)))
      try pair.compare()
      while pair.store.compactSlice() {}
      try pair.store.feedEngine()
      try pair.compare()
    }
    // Nothing live: etcd then counts what its compaction left.
    pair.delete("")
    try pair.compare()
    pair.compact(pair.store.currentRevision.rawValue)
    try pair.compare()
    pair.put("again", "1")
    try pair.compare()
  }

  @Test("the hash does not depend on what the engine happens still to hold")
  func background() throws {
    let store = try Store(engine: MemoryEngine())
    for number in 1...200 as ClosedRange<UInt64> {
      let put = PutOperation(key: [UInt8(number % 7)], value: [UInt8(number)])
      _ = store.apply(.put(put), at: LogIndex(number))
    }
    _ = store.apply(.compact(Revision(150)), at: LogIndex(201))
    let early = try store.hashKV()
    store.finishBatch(appliedIndex: LogIndex(201))
    try store.feedEngine()
    let fed = try store.hashKV()
    while store.compactSlice() {}
    try store.feedEngine()
    #expect(try early == fed && fed == store.hashKV())
    #expect(throws: StoreError.compacted) { try store.hashKV(at: Revision(149)) }
    #expect(throws: StoreError.futureRevision) { try store.hashKV(at: Revision(202)) }
  }
}
