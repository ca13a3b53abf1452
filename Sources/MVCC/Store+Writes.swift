internal import Engine
internal import Primitives

/// Single commands, as the lock's holder carries them out.
extension Store {
  func put(_ operation: PutOperation, _ state: inout StoreState) throws(StoreError) -> PutResult {
    if operation.lease != .none, !state.leases.contains(operation.lease) {
      throw .leaseNotFound
    }
    if operation.ignoresValue || operation.ignoresLease, state.live(operation.key) == nil {
      throw .keyNotFound
    }
    return write(operation, &state)
  }

  /// A put whose conditions have been checked.
  func write(_ operation: PutOperation, _ state: inout StoreState) -> PutResult {
    var value = operation.value
    var lease = operation.lease
    if operation.ignoresValue || operation.ignoresLease {
      let present = state.live(operation.key)
      if operation.ignoresValue { value = present?.value ?? [] }
      if operation.ignoresLease { lease = present?.lease ?? .none }
    }
    let previous = state.put(key: operation.key, value: value, lease: lease)
    return PutResult(
      previous: operation.returnsPrevious ? previous : nil, revision: state.effectiveRevision)
  }

  func deleteRange(_ operation: DeleteRangeOperation, _ state: inout StoreState)
    -> DeleteRangeResult
  {
    var doomed: [Record] = []
    if operation.keys.isSingleKey {
      if let record = state.live(operation.keys.key) { doomed.append(record) }
    } else {
      state.index.forEach(from: operation.keys.key, to: operation.keys.upperBound) { record in
        if !record.isTombstone { doomed.append(record) }
        return true
      }
    }
    for record in doomed { state.delete(record) }
    return DeleteRangeResult(
      deleted: Int64(doomed.count), previous: operation.returnsPrevious ? doomed : [],
      revision: state.effectiveRevision)
  }

  /// Sets the floor; what lies below is dropped in the background.
  func compact(_ revision: Revision, _ state: inout StoreState) throws(StoreError) -> StoreResult {
    if revision.rawValue <= state.floor { throw .compacted }
    if revision > state.revision { throw .futureRevision }
    state.floor = revision.rawValue
    change(&state) {
      $0.put(
        .meta, key: StoreLayout.scheduledCompactionKey,
        value: StoreLayout.bigEndian(revision.rawValue))
    }
    return .compacted(revision: state.revision)
  }

  func grant(_ id: LeaseID, _ seconds: Int64, _ state: inout StoreState) throws(StoreError)
    -> StoreResult
  {
    if id == .none { throw .leaseNotFound }
    if seconds > Limits.leaseSeconds { throw .leaseTimeTooLong }
    if state.leases.contains(id) { throw .leaseExists }
    let lease = Lease(id: id, seconds: seconds, remainingSeconds: 0)
    state.leases.insert(lease)
    store(lease, &state)
    return .leaseGranted(id, seconds: seconds, revision: state.revision)
  }

  func revoke(_ id: LeaseID, _ state: inout StoreState) throws(StoreError) -> StoreResult {
    guard state.leases.contains(id) else { throw .leaseNotFound }
    for key in state.leases.keys(of: id) {
      if let record = state.live(key) { state.delete(record) }
    }
    state.leases.remove(id)
    change(&state) { $0.delete(.leases, key: StoreLayout.leaseKey(id)) }
    return .leaseRevoked(revision: state.effectiveRevision)
  }

  func checkpoint(_ checkpoints: [LeaseCheckpoint], _ state: inout StoreState) -> StoreResult {
    for checkpoint in checkpoints {
      let lease = state.leases.setRemaining(
        checkpoint.lease, seconds: checkpoint.remainingSeconds)
      if let lease { store(lease, &state) }
    }
    return .leasesCheckpointed
  }

  private func store(_ lease: Lease, _ state: inout StoreState) {
    change(&state) {
      $0.put(
        .leases, key: StoreLayout.leaseKey(lease.id),
        value: StoreLayout.encodeLease(
          lease.id, seconds: lease.seconds, remainingSeconds: lease.remainingSeconds))
    }
  }

  private func change(_ state: inout StoreState, _ body: (inout EngineBatch) -> Void) {
    let before = state.open.changes.byteCount
    body(&state.open.changes)
    let added = state.open.changes.byteCount - before
    state.open.byteCount += added
    state.unfedBytes += added
  }
}
