import Primitives
import Testing

@testable import MVCC

@Suite("the key index")
struct KeyIndexTests {
  /// A range of any shape between keys that may or may not be in the index.
  private func range(_ kind: KeyKind, _ numbers: inout SeededNumbers, step: Int) -> KeyRange {
    let first = kind.key(&numbers, step: step)
    switch numbers.below(5) {
    case 0: return KeyRange(first)
    case 1: return KeyRange(first, end: [0])
    case 2: return .prefix(Bytes(first.prefix(numbers.below(first.count + 1))))
    default: return KeyRange(first, end: kind.key(&numbers, step: step))
    }
  }

  private func all(_ index: borrowing KeyIndex) -> [Record] {
    var records: [Record] = []
    index.forEach(from: [], to: nil) {
      records.append($0)
      return true
    }
    return records
  }

  @Test(
    "answers as a sorted array does, over histories of inserts, updates, deletions and removals",
    arguments: KeyKind.allCases, [1, 2] as [UInt64])
  func differential(kind: KeyKind, seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    var index = KeyIndex()
    var model = KeyIndexModel()
    for step in 0..<4_500 {
      // It grows, then shrinks, then grows again.
      let removals = (step / 1_500) % 2 == 0 ? 2 : 7
      if numbers.below(10) < removals {
        let key =
          model.records.isEmpty || numbers.below(8) == 0
          ? kind.key(&numbers, step: step)
          : model.records[numbers.below(model.records.count)].key
        #expect(isSame(index.remove(key), model.remove(key)), "seed \(seed), step \(step)")
      } else {
        let record = makeRecord(
          kind.key(&numbers, step: step), revision: step, isTombstone: numbers.below(4) == 0)
        #expect(isSame(index.insert(record), model.insert(record)), "seed \(seed), step \(step)")
      }
      if step % 50 == 0 {
        let range = range(kind, &numbers, step: step)
        #expect(
          index.liveCount(in: range) == model.liveCount(in: range), "seed \(seed), step \(step)")
        let key = kind.key(&numbers, step: step)
        #expect(isSame(index.newest(key), model.newest(key)), "seed \(seed), step \(step)")
      }
      if step % 150 == 0 {
        index.checkInvariants()
        compareScans(index, model, range(kind, &numbers, step: step))
      }
    }
    index.checkInvariants()
    #expect(isSame(all(index), model.records.map(\.record)))
    #expect(index.liveCount == model.liveCount)
    while let key = model.records.isEmpty
      ? nil : model.records[numbers.below(model.records.count)].key
    {
      #expect(isSame(index.remove(key), model.remove(key)))
    }
    index.checkInvariants()
    #expect(index.keyCount == 0 && index.liveCount == 0)
    #expect(index.remove([1]) == nil && index.newest([]) == nil && all(index).isEmpty)
  }

  private func compareScans(
    _ index: borrowing KeyIndex, _ model: KeyIndexModel, _ range: KeyRange
  ) {
    let expected = model.records(in: range)
    var found: [Record] = []
    #expect(index.records(in: range, limit: .max, into: &found) == nil)
    #expect(isSame(found, expected))
    let between = model.records(from: range.key, to: range.upperBound)
    var ascending: [Record] = []
    index.forEach(from: range.key, to: range.upperBound) {
      ascending.append($0)
      return ascending.count < 100
    }
    #expect(isSame(ascending, Array(between.prefix(100))))
    var descending: [Record] = []
    index.forEachDescending(from: range.key, to: range.upperBound) {
      descending.append($0)
      return descending.count < 100
    }
    #expect(isSame(descending, Array(between.reversed().prefix(100))))
    #expect(index.keyCount == model.records.count)
    let live = model.records.filter { !$0.record.isTombstone }.map(\.key)
    for offset in [0, live.count / 2, live.count - 1] where offset >= 0 && offset < live.count {
      #expect(index.key(atLiveOffset: offset) == live[offset])
    }
    #expect(index.key(atLiveOffset: live.count) == nil)
  }

  @Test("grows and shrinks through several levels, whatever the order", arguments: [0, 1, 2])
  func manyLevels(order: Int) {
    var numbers = SeededNumbers(seed: 6)
    var index = KeyIndex()
    var keys = (0..<20_000).map { Bytes("/registry/pods/ns-\($0 / 700)/pod-\(100_000 + $0)".utf8) }
    for (step, key) in keys.shuffled(using: &numbers).enumerated() {
      index.insert(makeRecord(key, revision: step))
    }
    index.checkInvariants()
    #expect(index.height >= 2)
    // Everything but a stretch in the middle goes, from one end, from the other, or at random.
    if order == 1 { keys.reverse() }
    if order == 2 { keys.shuffle(using: &numbers) }
    let kept = keys[9_000..<9_500]
    for (step, key) in keys.enumerated() where !kept.indices.contains(step) {
      #expect(index.remove(key) != nil)
      if step % 2_000 == 0 { index.checkInvariants() }
    }
    index.checkInvariants()
    #expect(all(index).map(\.key) == kept.sorted { isOrdered($0, before: $1) })
    for (step, key) in keys.enumerated() { index.insert(makeRecord(key, revision: step)) }
    index.checkInvariants()
    #expect(index.liveCount == keys.count)
  }

  @Test("holds its invariants after every single change", arguments: KeyKind.allCases)
  func invariantsThroughout(kind: KeyKind) {
    var numbers = SeededNumbers(seed: 3)
    var index = KeyIndex()
    var keys: [Bytes] = []
    for step in 0..<300 {
      let key = kind.key(&numbers, step: step)
      if index.insert(makeRecord(key, revision: step, isTombstone: step % 5 == 0)) == nil {
        keys.append(key)
      }
      index.checkInvariants()
    }
    keys.shuffle(using: &numbers)
    for key in keys {
      #expect(index.remove(key) != nil)
      index.checkInvariants()
    }
    #expect(index.keyCount == 0)
  }

  @Test("tells keys apart that differ in nothing but one byte of any value")
  func everyByteValue() {
    var index = KeyIndex()
    let prefixes: [Bytes] = [[], Bytes("/registry/pods/".utf8), Bytes(repeating: 0, count: 9)]
    var keys: [Bytes] = []
    for byte in UInt8.min...UInt8.max {
      for prefix in prefixes {
        keys += [prefix + [byte], prefix + [byte, 0], prefix + [byte, 0, 0]]
      }
    }
    let distinct = Set(keys)
    for key in keys { index.insert(makeRecord(key, revision: 1)) }
    index.checkInvariants()
    #expect(index.keyCount == distinct.count)
    for key in keys { #expect(index.newest(key)?.key == key) }
    let sorted = distinct.sorted { isOrdered($0, before: $1) }
    #expect(all(index).map(\.key) == sorted)
  }

  @Test("walks in slices while keys come, change and go between the slices")
  func slicesWithMutations() {
    var numbers = SeededNumbers(seed: 4)
    var index = KeyIndex()
    let stable = (0..<2_000).map { Bytes("/registry/pods/\(100_000 + $0 * 10)".utf8) }
    for key in stable { index.insert(makeRecord(key, revision: 1)) }
    var seen: [Record] = []
    var range = KeyRange.prefix(Bytes("/registry/pods/".utf8))
    while true {
      let before = seen.count
      let next = index.records(in: range, limit: 37, into: &seen)
      #expect(seen.count - before <= 37)
      guard let next else { break }
      #expect(seen.last.map { isOrdered($0.key, before: next) } == true)
      range.key = next
      for _ in 0..<50 {
        let key = Bytes("/registry/pods/\(100_000 + numbers.below(20_000))".utf8)
        if key.last == UInt8(ascii: "0") {
          index.insert(makeRecord(key, revision: 2))
        } else if numbers.below(2) == 0 {
          index.insert(makeRecord(key, revision: 2, isTombstone: numbers.below(2) == 0))
        } else {
          index.remove(key)
        }
      }
      index.checkInvariants()
    }
    let keys = seen.map(\.key)
    #expect(zip(keys, keys.dropFirst()).allSatisfy { isOrdered($0, before: $1) })
    #expect(Set(stable).isSubset(of: Set(keys)))
  }

  @Test(
    "a bulk load gives what inserts give",
    arguments: [0, 1, 2, 16, 56, 57, 64, 65, 3_136, 3_137, 9_999])
  func bulkLoad(count: Int) {
    var numbers = SeededNumbers(seed: 5)
    var inserted = KeyIndex()
    while inserted.keyCount < count {
      let key = Bytes("/registry/pods/ns-\(numbers.below(40))/pod-\(numbers.below(1 << 20))".utf8)
      inserted.insert(makeRecord(key, revision: 1, isTombstone: numbers.below(3) == 0))
    }
    var loaded = KeyIndex()
    loaded.bulkLoad(sorted: all(inserted))
    loaded.checkInvariants()
    #expect(isSame(all(loaded), all(inserted)))
    #expect(loaded.keyCount == count && loaded.liveCount == inserted.liveCount)
    let range = KeyRange(Bytes("/registry/pods/ns-12".utf8), end: Bytes("/registry/pods/ns-3".utf8))
    #expect(loaded.liveCount(in: range) == inserted.liveCount(in: range))
    // It goes on as any other index.
    for step in 0..<2_000 {
      let key = Bytes("/registry/pods/ns-\(numbers.below(40))/pod-\(step)".utf8)
      loaded.insert(makeRecord(key, revision: 2))
    }
    loaded.checkInvariants()
    for record in all(loaded) { loaded.remove(record.key) }
    loaded.checkInvariants()
    #expect(loaded.keyCount == 0)
  }

  @Test("releases each record exactly once: replaced, removed, or with the index")
  func ownership() {
    weak var replaced: Record.Storage?
    weak var removed: Record.Storage?
    weak var kept: Record.Storage?
    func fill(_ index: inout KeyIndex) {
      for (key, revision) in [(1, 1), (1, 2), (2, 1), (3, 1)] as [(UInt8, Int)] {
        let record = makeRecord([key], revision: revision)
        if key == 1, revision == 1 { replaced = record.storage }
        if key == 2 { removed = record.storage }
        if key == 3 { kept = record.storage }
        index.insert(record)
      }
      index.remove([2])
    }
    func use() {
      var index = KeyIndex()
      fill(&index)
      #expect(replaced == nil && removed == nil && kept != nil)
    }
    use()
    #expect(kept == nil)
  }

  @Test("uses the memory of nodes again")
  func memoryIsReused() {
    var index = KeyIndex()
    var most = 0
    for round in 0..<5 {
      for number in 0..<5_000 {
        index.insert(makeRecord(Bytes("key-\(round)-\(number)".utf8), revision: number))
      }
      for number in 0..<5_000 { index.remove(Bytes("key-\(round)-\(number)".utf8)) }
      if round == 0 { most = index.memoryFootprint }
    }
    #expect(index.keyCount == 0)
    #expect(index.memoryFootprint <= most + most / 4)
  }

  @Test("refuses a bulk load that is out of order")
  func bulkLoadOutOfOrder() async {
    await #expect(processExitsWith: .failure) {
      var index = KeyIndex()
      index.bulkLoad(sorted: [makeRecord([2], revision: 1), makeRecord([1], revision: 1)])
    }
  }
}
