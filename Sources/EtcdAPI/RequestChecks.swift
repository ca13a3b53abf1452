internal import Access
internal import HTTPTransport
internal import MVCC
internal import Primitives

// What a request must fulfil before it becomes a command, in the order in which etcd finds fault.

extension RangeOperation {
  /// Throws what etcd answers to a range that names no key.
  func check() throws(CallStatus) {
    if keys.key.isEmpty { throw .emptyKey }
  }
}

extension PutOperation {
  /// Throws what etcd answers to a put without a key, or with what it says to ignore.
  func check() throws(CallStatus) {
    if key.isEmpty { throw .emptyKey }
    if ignoresValue && !value.isEmpty { throw .valueProvided }
    if ignoresLease && lease != .none { throw .leaseProvided }
  }
}

extension DeleteRangeOperation {
  /// Throws what etcd answers to a deletion that names no key.
  func check() throws(CallStatus) {
    if keys.key.isEmpty { throw .emptyKey }
  }
}

extension TransactionOperation {
  /// Throws what etcd answers to a transaction that is too long or that writes a key twice.
  ///
  /// - Parameter limit: the most entries of a list; nested transactions have what their parent leaves over.
  func check(limit: Int) throws(CallStatus) {
    try checkSteps(limit: limit)
    _ = try WrittenKeys(success)
    _ = try WrittenKeys(failure)
  }

  fileprivate func checkSteps(limit: Int) throws(CallStatus) {
    let count = max(comparisons.count, success.count, failure.count)
    if count > limit { throw .tooManyOperations }
    for comparison in comparisons where comparison.keys.key.isEmpty { throw .emptyKey }
    for step in success { try step.check(limit: limit - count) }
    for step in failure { try step.check(limit: limit - count) }
  }
}

extension TransactionOperation.Step {
  fileprivate func check(limit: Int) throws(CallStatus) {
    switch self {
    case .range(let operation): try operation.check()
    case .put(let operation): try operation.check()
    case .deleteRange(let operation): try operation.check()
    case .transaction(let operation): try operation.checkSteps(limit: limit)
    }
  }
}

/// The keys that a branch writes: no key may be put twice, nor put and deleted, in one transaction. The two
/// branches of a nested transaction may write the same key, since only one of them runs.
///
/// Cost: for n steps in lists of at most m, nested d deep, O(n × (m + d × log n)) at worst.
private struct WrittenKeys {
  private(set) var puts: Set<Bytes> = []
  private(set) var deletions: KeySet

  init(_ steps: [TransactionOperation.Step]) throws(CallStatus) {
    var ranges: [KeyRange] = []
    for case .deleteRange(let operation) in steps { ranges.append(operation.keys) }
    deletions = KeySet(ranges)
    for case .transaction(let nested) in steps {
      let success = try WrittenKeys(nested.success)
      let failure = try WrittenKeys(nested.failure)
      for key in success.puts { try add(key) }
      for key in failure.puts where !success.puts.contains(key) { try add(key) }
      deletions.formUnion(success.deletions)
      deletions.formUnion(failure.deletions)
    }
    for case .put(let operation) in steps { try add(operation.key) }
  }

  private mutating func add(_ key: Bytes) throws(CallStatus) {
    if deletions.contains(key) { throw .duplicateKey }
    if !puts.insert(key).inserted { throw .duplicateKey }
  }
}
