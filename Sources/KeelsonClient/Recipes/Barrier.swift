public import Primitives

/// A barrier that is held: whoever waits for it goes on when it is released.
///
/// The layout is that of etcd's recipe: the barrier is held while its key exists.
public struct BarrierHold: Sendable, Hashable {
  /// The barrier: its key.
  public var name: Bytes
  /// The revision that created the key.
  public var revision: Revision
}

extension StoreClient {
  /// Holds a barrier up; nobody passes until it is released, or until its lease ends, if it has one.
  ///
  /// ```swift
  /// let hold = try await client.holdBarrier("/barriers/migration")
  /// try await client.releaseBarrier(hold)
  /// ```
  /// - Parameter value: what others read there, such as a reason.
  /// - Throws: `failedPrecondition` if it is held already.
  public func holdBarrier(
    _ name: some BytesConvertible, value: Bytes = [], lease: LeaseID = .none
  ) async throws(KeelsonError) -> BarrierHold {
    let key = name.storedBytes
    let taken = try await commit(
      Transaction()
        .when(.created(key, .equal, .zero))
        .then(.put(PutRequest(key, value, lease: lease))))
    guard taken.succeeded else {
      let text = String(decoding: key, as: UTF8.self)
      throw KeelsonError(
        .failedPrecondition, "the barrier \(text) is held already; release it first")
    }
    return BarrierHold(name: key, revision: taken.header.revision)
  }

  /// Releases a barrier, if this hold still stands: not one that another has held since.
  /// - Returns: whether it did.
  @discardableResult
  public func releaseBarrier(_ hold: BarrierHold) async throws(KeelsonError) -> Bool {
    try await commit(
      Transaction()
        .when(.created(hold.name, .equal, hold.revision))
        .then(.delete(DeleteRequest(.key(hold.name))))
    ).succeeded
  }

  /// Releases a barrier, whoever holds it.
  /// - Returns: whether it was held.
  @discardableResult
  public func releaseBarrier(
    _ name: some BytesConvertible
  ) async throws(KeelsonError) -> Bool {
    try await delete(.key(name)).deleted > 0
  }

  /// Returns when a barrier is not held: at once, or when it is released.
  /// - Returns: a revision at which it was not.
  @discardableResult
  public func waitForBarrier(
    _ name: some BytesConvertible
  ) async throws(KeelsonError) -> Revision {
    let key = name.storedBytes
    while true {
      let answer = try await range(RangeRequest(.key(key)))
      if answer.records.isEmpty { return answer.header.revision }
      try await waitForDeletion(of: key, from: answer.header.revision.next)
    }
  }
}
