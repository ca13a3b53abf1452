internal import EtcdProtocol
internal import Foundation
internal import MVCC
internal import Primitives

// The API's messages as the store's operations, for entries of etcd's log.

extension PutOperation {
  init(_ request: Etcdserverpb_PutRequest) {
    self.init(key: Bytes(request.key), value: Bytes(request.value))
    lease = LeaseID(request.lease)
    returnsPrevious = request.prevKv
    ignoresValue = request.ignoreValue
    ignoresLease = request.ignoreLease
  }
}

extension DeleteRangeOperation {
  init(_ request: Etcdserverpb_DeleteRangeRequest) {
    self.init(KeyRange(Bytes(request.key), end: Bytes(request.rangeEnd)))
    returnsPrevious = request.prevKv
  }
}

extension RangeOperation {
  /// What matters of a read that nobody waits for: its keys, which are checked against permissions, and its
  /// revision, which may be compacted and then fails the transaction.
  init(_ request: Etcdserverpb_RangeRequest) {
    self.init(KeyRange(Bytes(request.key), end: Bytes(request.rangeEnd)))
    revision = Revision(request.revision)
    countOnly = true
  }
}

extension TransactionOperation {
  init(_ request: Etcdserverpb_TxnRequest) throws(DecodingError) {
    self.init()
    for comparison in request.compare { comparisons.append(try Comparison(comparison)) }
    for step in request.success { success.append(try Step(step)) }
    for step in request.failure { failure.append(try Step(step)) }
  }
}

extension TransactionOperation.Step {
  fileprivate init(_ step: Etcdserverpb_RequestOp) throws(DecodingError) {
    switch step.request {
    case .requestRange(let request): self = .range(RangeOperation(request))
    case .requestPut(let request): self = .put(PutOperation(request))
    case .requestDeleteRange(let request): self = .deleteRange(DeleteRangeOperation(request))
    case .requestTxn(let request): self = .transaction(try TransactionOperation(request))
    case nil: throw .malformed
    }
  }
}

extension Comparison {
  fileprivate init(_ compare: Etcdserverpb_Compare) throws(DecodingError) {
    guard let relation = Relation(rawValue: UInt8(clamping: compare.result.rawValue)) else {
      throw .malformed
    }
    let target: Target
    // The target counts, not which of the operands is there; a missing one is zero.
    switch compare.target {
    case .version: target = .version(compare.version)
    case .create: target = .createRevision(compare.createRevision)
    case .mod: target = .modRevision(compare.modRevision)
    case .value: target = .value(Bytes(compare.value))
    case .lease: target = .lease(compare.lease)
    default: throw .malformed
    }
    self.init(KeyRange(Bytes(compare.key), end: Bytes(compare.rangeEnd)), relation, target)
  }
}
