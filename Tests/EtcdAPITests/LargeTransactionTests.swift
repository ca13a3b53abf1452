import HTTPTransport
import MVCC
import Primitives
import Testing

@testable import EtcdAPI

@Suite("Checks of large transactions")
struct LargeTransactionTests {
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
