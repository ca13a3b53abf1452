import HTTPTransport
import MVCC
import Primitives
import Testing

@testable import EtcdAPI

@Suite("Keys that ranges cover")
struct KeyIntervalsTests {
  private static func ranges(_ n: inout SeededNumbers) -> [KeyRange] {
    func key(_ n: inout SeededNumbers) -> Bytes {
      (0..<Int.random(in: 1...2, using: &n)).map { _ in UInt8.random(in: 0...7, using: &n) }
    }
    return (0..<Int.random(in: 0...6, using: &n)).map { _ in
      switch Int.random(in: 0..<8, using: &n) {
      case 0: KeyRange(key(&n), end: [0])
      case 1...3: KeyRange(key(&n))
      default: KeyRange(key(&n), end: key(&n))
      }
    }
  }

  @Test("a set finds what any of its ranges names, united sets included", arguments: 0..<400)
  func model(seed: Int) {
    var n = SeededNumbers(state: UInt64(seed))
    let (first, second) = (Self.ranges(&n), Self.ranges(&n))
    var intervals = KeyIntervals(first)
    intervals.formUnion(KeyIntervals(second))
    var keys: [Bytes] = []
    for high in UInt8(0)...8 {
      keys.append([high])
      for low in UInt8(0)...8 { keys.append([high, low]) }
    }
    for key in keys {
      let expected = (first + second).contains { $0.contains(key) }
      #expect(intervals.contains(key) == expected, "seed \(seed), key \(key)")
    }
  }

  @Test("a transaction of very many nested deletions and puts is checked in time")
  func manyDeletions() throws {
    func leaf(_ number: Int) -> TransactionOperation {
      var operation = TransactionOperation()
      for step in 0..<24 {
        let key = Bytes("\(number)/\(step)".utf8)
        if step % 2 == 0 {
          operation.success.append(.put(PutOperation(key: key, value: [])))
        } else {
          operation.success.append(.deleteRange(DeleteRangeOperation(KeyRange(key))))
        }
      }
      return operation
    }
    var whole = TransactionOperation()
    for outer in 0..<24 {
      var middle = TransactionOperation()
      for inner in 0..<24 { middle.success.append(.transaction(leaf(outer * 24 + inner))) }
      whole.success.append(.transaction(middle))
    }
    let clock = ContinuousClock()
    let duration = try clock.measure { try whole.check(limit: 128) }
    #expect(duration < .seconds(20))
    whole.success.append(.put(PutOperation(key: Bytes("7/1".utf8), value: [])))
    #expect(throws: CallStatus.duplicateKey) { try whole.check(limit: 128) }
  }
}
