import Primitives

@testable import MVCC

/// A sequence of numbers that a seed decides (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

/// What a key index must do, done by a sorted array.
struct KeyIndexModel {
  private(set) var records: [(key: Bytes, record: Record)] = []

  private func position(of key: Bytes) -> Int {
    var low = 0
    var high = records.count
    while low < high {
      let middle = (low + high) / 2
      if isOrdered(records[middle].key, before: key) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func found(_ key: Bytes) -> Int? {
    let position = position(of: key)
    return position < records.count && records[position].key == key ? position : nil
  }

  mutating func insert(_ record: Record) -> Record? {
    let key = record.key
    if let position = found(key) {
      defer { records[position].record = record }
      return records[position].record
    }
    records.insert((key, record), at: position(of: key))
    return nil
  }

  func newest(_ key: Bytes) -> Record? { found(key).map { records[$0].record } }

  mutating func remove(_ key: Bytes) -> Record? { found(key).map { records.remove(at: $0).record } }

  var liveCount: Int { records.count { !$0.record.isTombstone } }

  func records(in range: KeyRange) -> [Record] {
    records.filter { range.contains($0.key) }.map(\.record)
  }

  func liveCount(in range: KeyRange) -> Int { records(in: range).count { !$0.isTombstone } }

  func records(from: Bytes, to: Bytes?) -> [Record] {
    records.filter { entry in
      !isOrdered(entry.key, before: from) && (to.map { isOrdered(entry.key, before: $0) } ?? true)
    }.map(\.record)
  }
}

/// Kinds of keys that a test draws from.
enum KeyKind: CaseIterable, Sendable {
  /// Up to four bytes, each of any value: many are prefixes of others, and the empty key is among them.
  case short
  /// Zero bytes and ones only, of up to twelve bytes: heads tie where keys differ only in trailing zeros.
  case zeros
  /// What Kubernetes writes: long common prefixes.
  case registry
  /// From one byte to 2,000, alike but for the end.
  case long
  /// In ascending order.
  case ascending
  /// In descending order.
  case descending

  func key(_ numbers: inout SeededNumbers, step: Int) -> Bytes {
    switch self {
    case .short:
      return (0..<numbers.below(5)).map { _ in UInt8.random(in: 0...255, using: &numbers) }
    case .zeros:
      return (0..<numbers.below(13)).map { _ in numbers.below(3) == 0 ? 1 : 0 }
    case .registry:
      let resources = ["pods", "services/specs", "leases", "secrets", "pod"]
      let resource = resources[numbers.below(resources.count)]
      return Bytes(
        "/registry/\(resource)/namespace-\(numbers.below(9))/name-\(numbers.below(400))".utf8)
    case .long:
      var key = Bytes(repeating: 0xFF, count: numbers.below(3) == 0 ? 1999 : numbers.below(1999))
      key.append(UInt8(numbers.below(256)))
      return key
    case .ascending:
      let number = numbers.below(3) == 0 ? numbers.below(step + 1) : step
      return Bytes("/registry/events/default/\(10_000 + number)".utf8)
    case .descending:
      let number = numbers.below(3) == 0 ? numbers.below(step + 1) : step
      return Bytes("/registry/events/default/\(90_000 - number)".utf8)
    }
  }
}

/// A record of `key` that tells itself apart from others by its revision.
func makeRecord(_ key: Bytes, revision: Int, isTombstone: Bool = false) -> Record {
  let sub = SubRevision(main: Revision(Int64(revision)), sub: 0)
  if isTombstone { return .makeTombstone(revision: sub, key: key, previous: nil) }
  return .make(
    revision: sub, createRevision: sub.main, version: 1, lease: .none, key: key, value: [1],
    previous: nil)
}

func isSame(_ left: Record?, _ right: Record?) -> Bool {
  switch (left, right) {
  case (nil, nil): true
  case (let left?, let right?): left === right
  default: false
  }
}

func isSame(_ left: [Record], _ right: [Record]) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { $0 === $1 }
}
