package import EtcdProtocol
internal import Primitives

/// What was read.
public struct RangeResponse: Sendable, Hashable {
  package var message: Etcdserverpb_RangeResponse

  package init(_ message: Etcdserverpb_RangeResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The records, at most as many as the limit. Cost: an array, sharing the contents.
  public var records: [KeyValue] { message.kvs.map(KeyValue.init) }
  /// Whether the limit left records out.
  public var hasMore: Bool { message.more }
  /// The number of keys in the range, whatever the limit.
  public var count: Int64 { message.count }
}

/// The outcome of a put.
public struct PutResponse: Sendable, Hashable {
  package var message: Etcdserverpb_PutResponse

  package init(_ message: Etcdserverpb_PutResponse) { self.message = message }

  /// Who answered; its revision is that of the write.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// What was there before, if it was asked for and there was something.
  public var previous: KeyValue? { message.hasPrevKv ? KeyValue(message.prevKv) : nil }
}

/// The outcome of a deletion.
public struct DeleteResponse: Sendable, Hashable {
  package var message: Etcdserverpb_DeleteRangeResponse

  package init(_ message: Etcdserverpb_DeleteRangeResponse) { self.message = message }

  /// Who answered; its revision is that of the deletion.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The number of keys that were deleted.
  public var deleted: Int64 { message.deleted }
  /// What was there before, if it was asked for.
  public var previous: [KeyValue] { message.prevKvs.map(KeyValue.init) }
}

/// The outcome of a transaction.
public struct TransactionResponse: Sendable, Hashable {
  /// The outcome of one operation.
  public indirect enum Result: Sendable, Hashable {
    /// Of a read.
    case range(RangeResponse)
    /// Of a put.
    case put(PutResponse)
    /// Of a deletion.
    case delete(DeleteResponse)
    /// Of a transaction inside.
    case transaction(TransactionResponse)
    /// Of an operation that this version does not know.
    case unknown
  }

  package var message: Etcdserverpb_TxnResponse

  package init(_ message: Etcdserverpb_TxnResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// Whether all conditions held.
  public var succeeded: Bool { message.succeeded }
  /// The outcomes of the branch that was carried out, in its order.
  public var results: [Result] {
    message.responses.map { response in
      switch response.response {
      case .responseRange(let answer): .range(RangeResponse(answer))
      case .responsePut(let answer): .put(PutResponse(answer))
      case .responseDeleteRange(let answer): .delete(DeleteResponse(answer))
      case .responseTxn(let answer): .transaction(TransactionResponse(answer))
      case nil: .unknown
      }
    }
  }
}

/// The outcome of a compaction.
public struct CompactResponse: Sendable, Hashable {
  package var message: Etcdserverpb_CompactionResponse

  package init(_ message: Etcdserverpb_CompactionResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
}
