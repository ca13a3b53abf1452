public import Access
public import MVCC
public import Primitives

/// What commands need their author to be allowed: decided here for every door, when a command is proposed and
/// again when it is applied.
extension Subject {
  /// Throws unless the caller may have a command carried out.
  ///
  /// - Parameter store: tells which keys hang on leases. Cost: for a lease, a search for each of its keys.
  public func check(_ command: Command, in store: Store) throws(AccessError) {
    if isUnrestricted { return }
    switch command {
    case .store(let change): try check(change, in: store)
    case .alarm: try check(.maintenance(.alarm))
    case .access, .memberPeerURLs, .membership: try check(.root)
    // What members do by themselves; and who asks for a token has shown a password instead.
    case .issueToken, .memberAttributes, .leaseExpire: break
    }
  }

  private func check(_ change: StoreCommand, in store: Store) throws(AccessError) {
    switch change {
    case .put(let put): try check(put, in: store)
    case .deleteRange(let deletion): try check(deletion)
    case .transaction(let transaction): try check(transaction, in: store)
    case .compact: try check(.maintenance(.compact))
    case .grantLease: try check(.login)
    case .revokeLease(let lease): try checkWrites(of: lease, in: store)
    case .checkpointLeases: break
    }
  }

  /// A key that hangs on a lease goes when the lease ends: whoever puts a further key on it gets a say in that,
  /// and so needs to be allowed to write all of them.
  private func check(_ put: PutOperation, in store: Store) throws(AccessError) {
    let keys = KeyRange(put.key)
    try check(.write(keys))
    if put.lease != .none { try checkWrites(of: put.lease, in: store) }
    if put.returnsPrevious { try check(.read(keys)) }
  }

  private func check(_ deletion: DeleteRangeOperation) throws(AccessError) {
    try check(.write(deletion.keys))
    if deletion.returnsPrevious { try check(.read(deletion.keys)) }
  }

  /// Both branches are checked, nested transactions too: whether one runs would tell about keys.
  private func check(_ transaction: TransactionOperation, in store: Store) throws(AccessError) {
    for comparison in transaction.comparisons { try check(.read(comparison.keys)) }
    for step in transaction.success { try check(step, in: store) }
    for step in transaction.failure { try check(step, in: store) }
  }

  private func check(
    _ step: TransactionOperation.Step, in store: Store
  ) throws(AccessError) {
    switch step {
    case .range(let range): try check(.read(range.keys))
    case .put(let put): try check(put, in: store)
    case .deleteRange(let deletion): try check(deletion)
    case .transaction(let nested): try check(nested, in: store)
    }
  }

  /// Throws unless the caller has logged in and may write every key of a lease.
  public func checkWrites(of lease: LeaseID, in store: Store) throws(AccessError) {
    try check(.login)
    try checkKeys(of: lease, in: store) { .write(KeyRange($0)) }
  }

  /// Throws unless the caller has logged in and may read every key of a lease.
  public func checkReads(of lease: LeaseID, in store: Store) throws(AccessError) {
    try check(.login)
    try checkKeys(of: lease, in: store) { .read(KeyRange($0)) }
  }

  private func checkKeys(
    of lease: LeaseID, in store: Store, _ demand: (Bytes) -> Demand
  ) throws(AccessError) {
    var refusal: AccessError?
    let isAllowed = store.everyKey(of: lease) { key in
      do throws(AccessError) {
        try check(demand(key))
        return true
      } catch {
        refusal = error
        return false
      }
    }
    if !isAllowed, let refusal { throw refusal }
  }
}

extension Command {
  /// Whether nobody but a user, or the member by name, may want this while authentication is on.
  var needsAuthor: Bool {
    switch self {
    case .store(.checkpointLeases), .alarm, .memberAttributes, .leaseExpire, .issueToken: false
    case .store, .access, .memberPeerURLs, .membership: true
    }
  }
}
