import MVCC
import Primitives

/// A seeded source of numbers.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// Draws commands and reads over a small set of keys, so that everything meets everything.
struct HistoryWriter {
  var dice: Dice
  private let alphabet: [UInt8] = [0x00, 0x2F, 0x61, 0x62, 0xFF]

  init(seed: UInt64) { dice = Dice(seed: seed) }

  mutating func key() -> Bytes {
    (0..<1 + dice.below(3)).map { _ in alphabet[dice.below(alphabet.count)] }
  }

  mutating func keys() -> KeyRange {
    switch dice.below(10) {
    case 0..<4: KeyRange(key())
    case 4: KeyRange([0], end: [0])
    case 5: KeyRange(key(), end: [0])
    case 6: KeyRange.prefix(key())
    default: KeyRange(key(), end: key())
    }
  }

  private mutating func value() -> Bytes {
    let length = dice.chance(5) ? 200 : dice.below(12)
    return (0..<length).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
  }

  private mutating func lease() -> LeaseID { LeaseID(Int64(1 + dice.below(6))) }

  mutating func put() -> PutOperation {
    var put = PutOperation(key: key(), value: value())
    if dice.chance(25) { put.lease = lease() }
    put.returnsPrevious = dice.chance(30)
    put.ignoresValue = dice.chance(8)
    put.ignoresLease = dice.chance(8)
    return put
  }

  mutating func deletion() -> DeleteRangeOperation {
    var deletion = DeleteRangeOperation(dice.chance(70) ? KeyRange(key()) : keys())
    deletion.returnsPrevious = dice.chance(50)
    return deletion
  }

  mutating func revision(_ model: ModelStore) -> Revision {
    switch dice.below(10) {
    case 0..<4: .zero
    case 4: Revision(model.revision + Int64(dice.below(3)))
    case 5: Revision(max(1, model.floor + Int64(dice.below(3)) - 1))
    case 6, 7: Revision(max(1, model.revision - Int64(dice.below(12))))
    default: Revision(1 + Int64(dice.below(Int(model.revision))))
    }
  }

  mutating func range(_ model: ModelStore) -> RangeOperation {
    var range = RangeOperation(keys())
    range.revision = revision(model)
    if dice.chance(50) { range.limit = Int64(dice.below(8)) }
    if dice.chance(30) {
      range.sortOrder = [.none, .ascending, .descending][dice.below(3)]
      range.sortTarget = [.key, .version, .create, .mod, .value][dice.below(5)]
    }
    if dice.chance(10) { range.countOnly = true }
    if dice.chance(10) { range.keysOnly = true }
    if dice.chance(20) {
      let bound = Revision(Int64(dice.below(Int(model.revision) + 2)))
      switch dice.below(4) {
      case 0: range.minModRevision = bound
      case 1: range.maxModRevision = bound
      case 2: range.minCreateRevision = bound
      default: range.maxCreateRevision = bound
      }
    }
    return range
  }

  private mutating func comparison(_ model: ModelStore) -> Comparison {
    let relation: Comparison.Relation = [.equal, .greater, .less, .notEqual][dice.below(4)]
    let keys = dice.chance(70) ? KeyRange(key()) : keys()
    let near = model.live(keys.key, at: .max)
    switch dice.below(5) {
    case 0:
      return Comparison(keys, relation, .version((near?.version ?? 0) + Int64(dice.below(3)) - 1))
    case 1: return Comparison(keys, relation, .createRevision(near?.create ?? 0))
    case 2: return Comparison(keys, relation, .modRevision(near?.revision.main.rawValue ?? 0))
    case 3: return Comparison(keys, relation, .value(near?.value ?? value()))
    default: return Comparison(keys, relation, .lease(near?.lease ?? 0))
    }
  }

  mutating func transaction(_ model: ModelStore, depth: Int = 0) -> TransactionOperation {
    var transaction = TransactionOperation()
    for _ in 0..<dice.below(3) { transaction.comparisons.append(comparison(model)) }
    // Deletions come before puts and no key is put twice, as the edge demands.
    for isSuccess in [true, false] {
      var steps: [TransactionOperation.Step] = []
      var written: Set<Bytes> = []
      if dice.chance(30) { steps.append(.deleteRange(deletion())) }
      for _ in 0..<dice.below(4) {
        switch dice.below(5) {
        case 0..<2:
          var range = self.range(model)
          if dice.chance(70) { range.revision = .zero }
          steps.append(.range(range))
        case 2 where depth < 2:
          steps.append(.transaction(self.transaction(model, depth: depth + 1)))
        default:
          var put = self.put()
          if dice.chance(80) {
            put.lease = .none
            put.ignoresLease = false
            put.ignoresValue = false
          }
          if written.insert(put.key).inserted { steps.append(.put(put)) }
        }
      }
      if isSuccess { transaction.success = steps } else { transaction.failure = steps }
    }
    return transaction
  }

  mutating func command(_ model: ModelStore) -> StoreCommand {
    switch dice.below(100) {
    case 0..<45: return .put(put())
    case 45..<60: return .deleteRange(deletion())
    case 60..<88: return .transaction(transaction(model))
    case 88..<91:
      let reach = model.revision - max(0, model.floor)
      let target = max(0, model.floor) + Int64(dice.below(Int(reach) + 3)) - 1
      return .compact(Revision(target))
    case 91..<95:
      return .grantLease(lease(), seconds: dice.chance(2) ? .max : Int64(dice.below(100)))
    case 95..<98: return .revokeLease(lease())
    default:
      let lease = self.lease()
      return .checkpointLeases([
        LeaseCheckpoint(lease: lease, remainingSeconds: Int64(dice.below(50)))
      ])
    }
  }
}
