internal import MVCC
public import Primitives

/// Decodes arbitrary bytes as each kind of request that has a direct codec: what fuzzers call. It returns for
/// every input.
public func fuzzRequests(_ bytes: Bytes) {
  let all = 0..<bytes.count
  _ = try? RangeOperation.decode(bytes, in: all)
  _ = try? PutOperation.decode(bytes, in: all)
  _ = try? DeleteRangeOperation.decode(bytes, in: all)
  _ = try? CompactionRequest.decode(bytes, in: all)
  if let transaction = try? TransactionOperation.decode(bytes, in: all) {
    _ = try? transaction.check(limit: Limits.transactionOperations)
  }
}
