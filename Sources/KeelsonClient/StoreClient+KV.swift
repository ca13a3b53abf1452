internal import EtcdProtocol
public import Primitives

extension StoreClient {
  /// The record of one key, or nil.
  ///
  /// ```swift
  /// let record = try await client.get("/config/mode")
  /// ```
  /// - Throws: `compacted` or `futureRevision` for a revision that cannot be read.
  public func get(
    _ key: some BytesConvertible, revision: Revision = .zero, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> KeyValue? {
    try await range(RangeRequest(.key(key), revision: revision), timeout: timeout).records.first
  }

  /// The records of a range of keys, in one answer.
  public func range(
    _ request: RangeRequest, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> RangeResponse {
    RangeResponse(
      try await call(Method.range, request.message, repeating: .always, timeout: timeout))
  }

  /// Writes one key.
  @discardableResult
  public func put(
    _ key: some BytesConvertible, _ value: some BytesConvertible, lease: LeaseID = .none,
    timeout: Timeout = .standard
  ) async throws(KeelsonError) -> PutResponse {
    try await put(PutRequest(key, value, lease: lease), timeout: timeout)
  }

  /// Writes one key.
  /// - Throws: `leaseNotFound`, `outOfSpace`; `unavailable` and `deadlineExceeded` leave open whether the
  ///   write took effect.
  @discardableResult
  public func put(
    _ request: PutRequest, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> PutResponse {
    PutResponse(try await call(Method.put, request.message, repeating: .unsent, timeout: timeout))
  }

  /// Deletes keys.
  @discardableResult
  public func delete(
    _ keys: KeySelection, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> DeleteResponse {
    try await delete(DeleteRequest(keys), timeout: timeout)
  }

  /// Deletes keys.
  @discardableResult
  public func delete(
    _ request: DeleteRequest, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> DeleteResponse {
    DeleteResponse(
      try await call(Method.deleteRange, request.message, repeating: .unsent, timeout: timeout))
  }

  /// Carries out a transaction; one that only reads is repeated like other reads.
  @discardableResult
  public func commit(
    _ transaction: Transaction, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> TransactionResponse {
    TransactionResponse(
      try await call(
        Method.transaction, transaction.message,
        repeating: transaction.isReadOnly ? .always : .unsent, timeout: timeout))
  }

  /// Drops the history before `revision`; it cannot be read or watched after.
  /// - Parameter waitsUntilDone: answers only when the history is gone from the engine too.
  /// - Throws: `compacted` if that has happened before, `futureRevision`.
  @discardableResult
  public func compact(
    before revision: Revision, waitsUntilDone: Bool = false, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> CompactResponse {
    var request = Etcdserverpb_CompactionRequest()
    request.revision = revision.rawValue
    request.physical = waitsUntilDone
    return CompactResponse(
      try await call(Method.compact, request, repeating: .unsent, timeout: timeout))
  }

  /// The records of a range in chunks, so that neither side holds all of them; servers from 3.7 on.
  ///
  /// ```swift
  /// for try await chunk in client.rangeStream(RangeRequest(.prefix("/registry/"))) {
  ///   for record in chunk.records { print(record.keyText) }
  /// }
  /// ```
  public func rangeStream(
    _ request: RangeRequest, timeout: Timeout = .unlimited
  ) -> MessageStream<RangeResponse> {
    let message = request.message
    return MessageStream(
      client: self, path: Method.rangeStream, timeout: timeout, request: message
    ) { (answer: Etcdserverpb_RangeStreamResponse) in RangeResponse(answer.rangeResponse) }
  }
}
