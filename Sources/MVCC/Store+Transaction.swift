internal import Primitives
internal import Synchronization

/// Transactions: which branches run is decided, and everything that could fail is checked, before anything is
/// written.
extension Store {
  /// What is known about a transaction before it writes.
  private struct Plan {
    /// Whether the conditions hold, for the transaction and those nested in the branches that run, in order.
    var branches: [Bool] = []
    /// What reads of given revisions answer; nothing that the transaction writes changes it.
    var pastReads: [RangeResult] = []
    var nextBranch = 0
    var nextPastRead = 0

    mutating func takeBranch() -> Bool {
      defer { nextBranch += 1 }
      return branches[nextBranch]
    }

    mutating func takePastRead() -> RangeResult {
      defer { nextPastRead += 1 }
      return pastReads[nextPastRead]
    }
  }

  func transact(_ operation: TransactionOperation, _ state: inout StoreState) throws(StoreError)
    -> TransactionResult
  {
    state.transactions += 1
    var plan = Plan()
    decide(operation, state, &plan)
    try checkPuts(operation, state, &plan)
    plan.nextBranch = 0
    try checkRanges(operation, state, &plan)
    plan.nextBranch = 0
    var result = try run(operation, &state, &plan)
    result.revision = state.effectiveRevision
    return result
  }

  /// Nested conditions are decided on what was there before the transaction, as etcd does.
  private func decide(
    _ operation: TransactionOperation, _ state: borrowing StoreState, _ plan: inout Plan
  ) {
    var holds = true
    for comparison in operation.comparisons where holds {
      holds = self.holds(comparison, state)
    }
    plan.branches.append(holds)
    for case .transaction(let nested) in holds ? operation.success : operation.failure {
      decide(nested, state, &plan)
    }
  }

  private func holds(_ comparison: Comparison, _ state: borrowing StoreState) -> Bool {
    var found = false
    var holds = true
    let keys = comparison.keys
    if keys.isSingleKey {
      if let record = state.live(keys.key) {
        found = true
        holds = comparison.holds(for: record)
      }
    } else {
      state.index.forEach(from: keys.key, to: keys.upperBound) { record in
        if record.isTombstone { return true }
        found = true
        holds = comparison.holds(for: record)
        return holds
      }
    }
    return found ? holds : comparison.holdsForNothing
  }

  private func checkPuts(
    _ operation: TransactionOperation, _ state: borrowing StoreState, _ plan: inout Plan
  ) throws(StoreError) {
    for step in plan.takeBranch() ? operation.success : operation.failure {
      switch step {
      case .put(let put):
        if put.ignoresValue || put.ignoresLease, state.live(put.key) == nil { throw .keyNotFound }
        if put.lease != .none, !state.leases.contains(put.lease) { throw .leaseNotFound }
      case .transaction(let nested): try checkPuts(nested, state, &plan)
      case .range, .deleteRange: break
      }
    }
  }

  private func checkRanges(
    _ operation: TransactionOperation, _ state: borrowing StoreState, _ plan: inout Plan
  ) throws(StoreError) {
    for step in plan.takeBranch() ? operation.success : operation.failure {
      switch step {
      case .range(let range):
        if range.revision == .zero { continue }
        if range.revision > state.revision { throw .futureRevision }
        if range.revision.rawValue < state.floor { throw .compacted }
        if range.revision < .zero { continue }
        plan.pastReads.append(try read(range, at: range.revision, state))
      case .transaction(let nested): try checkRanges(nested, state, &plan)
      case .put, .deleteRange: break
      }
    }
  }

  private func run(
    _ operation: TransactionOperation, _ state: inout StoreState, _ plan: inout Plan
  ) throws(StoreError) -> TransactionResult {
    let succeeded = plan.takeBranch()
    let steps = succeeded ? operation.success : operation.failure
    var results: [TransactionResult.Step] = []
    results.reserveCapacity(steps.count)
    for step in steps {
      switch step {
      case .range(let range):
        rangeCount.add(1, ordering: .relaxed)
        if range.revision <= .zero {
          // Only newest versions are read, so nothing can fail any more.
          results.append(.range(try read(range, at: state.effectiveRevision, state)))
        } else {
          var past = plan.takePastRead()
          past.revision = state.effectiveRevision
          results.append(.range(past))
        }
      case .put(let put): results.append(.put(write(put, &state)))
      case .deleteRange(let deletion): results.append(.deleteRange(deleteRange(deletion, &state)))
      case .transaction(let nested):
        results.append(.transaction(try run(nested, &state, &plan)))
      }
    }
    // etcd leaves the header of a nested answer empty; the outermost one is set by the caller.
    return TransactionResult(succeeded: succeeded, steps: results, revision: .zero)
  }
}

extension Comparison {
  /// Whether the condition holds for a live key.
  func holds(for record: Record) -> Bool {
    switch target {
    case .version(let number): relates(record.version, number)
    case .createRevision(let number): relates(record.createRevision.rawValue, number)
    case .modRevision(let number): relates(record.revision.main.rawValue, number)
    case .lease(let number): relates(record.lease.rawValue, number)
    case .value(let value):
      relates(
        unsafe record.withValue { left in
          unsafe value.withUnsafeBytes { unsafe compare(left, $0) }
        }, 0)
    }
  }

  /// Whether the condition holds where no live key is in its range: as for a key whose numbers are all zero, and
  /// never for values.
  var holdsForNothing: Bool {
    switch target {
    case .version(let number), .createRevision(let number), .modRevision(let number),
      .lease(let number):
      relates(0, number)
    case .value: false
    }
  }

  private func relates<Number: Comparable>(_ left: Number, _ right: Number) -> Bool {
    switch relation {
    case .equal: left == right
    case .greater: left > right
    case .less: left < right
    case .notEqual: left != right
    }
  }
}
