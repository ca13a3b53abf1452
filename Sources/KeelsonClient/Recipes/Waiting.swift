internal import Primitives

/// What several recipes are made of.
extension StoreClient {
  /// Waits until a key is deleted, at `revision` or later; or until that revision is compacted, so that whether it is
  /// still there must be looked up anew.
  func waitForDeletion(of key: Bytes, from revision: Revision) async throws(KeelsonError) {
    var request = WatchRequest(.key(key), startRevision: revision)
    request.omitsPuts = true
    try await waitForChange(request)
  }

  /// Waits for the first event of a watch, or until it begins too far back.
  func waitForChange(_ request: WatchRequest) async throws(KeelsonError) {
    var responses = watch(request).makeAsyncIterator()
    while true {
      do throws(KeelsonError) {
        guard let response = try await responses.next() else { throw .taskCancelled }
        if !response.events.isEmpty { return }
      } catch {
        if error.code == .compacted { return }
        throw error
      }
    }
  }

  /// Does what must be done even if the task has been cancelled: what was taken is given back.
  func evenIfCancelled(_ body: @escaping @Sendable () async -> Void) async {
    await Task.detached { await body() }.value
  }

  /// Commits what takes something, and learns the outcome even if the task is cancelled meanwhile: what was taken
  /// without being known could not be given back. The wait that follows notices the cancellation.
  func commitToTheEnd(
    _ transaction: Transaction
  ) async throws(KeelsonError) -> TransactionResponse {
    if Task.isCancelled { throw .taskCancelled }
    let outcome = await Task.detached { () async -> Result<TransactionResponse, KeelsonError> in
      do throws(KeelsonError) {
        return .success(try await self.commit(transaction))
      } catch {
        return .failure(error)
      }
    }.value
    return try outcome.get()
  }

  /// Waits a little, longer with each of several attempts in a row that others were faster in, and not as long as
  /// they do.
  func pause(afterAttempt attempt: Int) async throws(KeelsonError) {
    let longest = 2.0 * Double(1 << min(attempt, 7))
    do {
      try await Task.sleep(for: .milliseconds(Double.random(in: 0.5...longest)))
    } catch {
      throw .taskCancelled
    }
  }
}

extension LeaseID {
  /// As keys name a lease.
  var hexadecimal: String { String(UInt64(bitPattern: rawValue), radix: 16) }
}
