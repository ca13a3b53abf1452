import Engine
import MVCC
import Primitives
import Testing

@Suite("Transactions")
struct StoreTransactionTests {
  private func holds(_ step: SteppedStore, _ comparison: Comparison) throws -> Bool {
    guard
      case .transaction(let succeeded, _, _) = try step.transact({ $0.comparisons = [comparison] })
    else { return false }
    return succeeded
  }

  @Test("a missing key, and a range without keys, compare as zeroes, and never by value")
  func nothing() throws {
    let step = try SteppedStore()
    for keys in [KeyRange(bytes("a")), KeyRange(bytes("a"), end: bytes("z"))] {
      #expect(try holds(step, Comparison(keys, .equal, .version(0))))
      #expect(try holds(step, Comparison(keys, .less, .createRevision(1))))
      #expect(try holds(step, Comparison(keys, .equal, .modRevision(0))))
      #expect(try holds(step, Comparison(keys, .equal, .lease(0))))
      #expect(try !holds(step, Comparison(keys, .greater, .version(0))))
      for relation in [Comparison.Relation.equal, .notEqual, .less, .greater] {
        #expect(try !holds(step, Comparison(keys, relation, .value([]))))
      }
    }
  }

  @Test("over a range every live key must satisfy the condition")
  func everyKey() throws {
    let step = try SteppedStore()
    try step.put("a", "5")
    try step.put("b", "7")
    try step.put("c", "9")
    try step.delete("c")
    let keys = KeyRange(bytes("a"), end: bytes("z"))
    #expect(try holds(step, Comparison(keys, .greater, .value(bytes("4")))))
    #expect(try !holds(step, Comparison(keys, .greater, .value(bytes("5")))))
    #expect(try holds(step, Comparison(keys, .equal, .version(1))))
    #expect(try holds(step, Comparison(keys, .less, .modRevision(4))))
    #expect(try !holds(step, Comparison(keys, .notEqual, .createRevision(3))))
  }

  @Test("a transaction that fails has no effect, wherever the failing step lies")
  func atomic() throws {
    let step = try SteppedStore()
    try step.put("a", "1")
    try step.put("a", "2")
    try step.apply(.compact(Revision(3)))
    var inner = TransactionOperation()
    inner.comparisons = [Comparison(KeyRange(bytes("a")), .equal, .version(2))]
    let good = TransactionOperation.Step.put(SteppedStore.put("b", "1"))
    var keeping = SteppedStore.put("missing", "")
    keeping.ignoresValue = true
    let failing: [(TransactionOperation.Step, StoreError)] = [
      (.range(SteppedStore.range("a", at: 9)), .futureRevision),
      (.range(SteppedStore.range("a", at: 4)), .futureRevision),
      (.range(SteppedStore.range("a", at: 2)), .compacted),
      (.put(SteppedStore.put("c", "", lease: 9)), .leaseNotFound),
      (.put(keeping), .keyNotFound),
    ]
    for (bad, error) in failing {
      #expect(throws: error) { try step.transact { $0.success = [good, bad] } }
      inner.success = [bad]
      #expect(throws: error) { try step.transact { $0.success = [good, .transaction(inner)] } }
      inner.success = []
      inner.failure = [bad]
      // A branch that does not run is not checked.
      try step.transact { $0.success = [.transaction(inner)] }
      inner.failure = []
    }
    #expect(try step.get("b") == nil)
    #expect(step.revision == 3)
    step.store.checkInvariants()
  }

  @Test("failing puts are reported before failing ranges")
  func order() throws {
    let step = try SteppedStore()
    #expect(throws: StoreError.leaseNotFound) {
      try step.transact {
        $0.success = [
          .range(SteppedStore.range("a", at: 9)), .put(SteppedStore.put("a", "", lease: 1)),
        ]
      }
    }
  }

  @Test("nested conditions are decided before anything is written")
  func nested() throws {
    let step = try SteppedStore()
    var inner = TransactionOperation()
    inner.comparisons = [Comparison(KeyRange(bytes("a")), .equal, .version(0))]
    inner.success = [.put(SteppedStore.put("b", "absent"))]
    inner.failure = [.put(SteppedStore.put("b", "present"))]
    let result = try step.transact {
      $0.success = [.put(SteppedStore.put("a", "1")), .transaction(inner)]
    }
    #expect(try step.value("b") == "absent")
    let put = SeenResult.put(previous: nil, revision: 2)
    #expect(
      result
        == .transaction(true, [put, .transaction(true, [put], revision: 0)], revision: 2))
  }

  @Test("reads see the transaction's earlier writes; reads of a revision do not")
  func reads() throws {
    let step = try SteppedStore()
    try step.put("a", "1")
    let result = try step.transact {
      $0.success = [
        .range(SteppedStore.range("a")), .put(SteppedStore.put("a", "2")),
        .range(SteppedStore.range("a")), .range(SteppedStore.range("a", at: 2)),
        .deleteRange(DeleteRangeOperation(KeyRange(bytes("a")))), .range(SteppedStore.range("a")),
      ]
    }
    guard case .transaction(true, let steps, 3) = result else {
      Issue.record("\(result)")
      return
    }
    let seen = steps.map { step -> (String, Int64) in
      guard case .range(let records, _, _, let revision) = step else { return ("-", 0) }
      return (records.map { String(decoding: $0.value, as: UTF8.self) }.joined(), revision)
    }
    #expect(seen.map(\.0) == ["1", "-", "2", "1", "-", ""])
    #expect(seen.map(\.1) == [2, 0, 3, 3, 0, 3])
  }
}
