public import Primitives

extension StoreClient {
  /// Watches keys; the watch begins when the result is iterated.
  ///
  /// After a lost connection the watch goes on, at another endpoint if need be, from the revision after the
  /// last that was delivered: nothing is left out and nothing comes twice.
  ///
  /// ```swift
  /// for try await response in client.watch(.prefix("/config/")) {
  ///   for event in response.events { print(event.kind, event.record.keyText) }
  /// }
  /// ```
  public func watch(_ keys: KeySelection, from revision: Revision = .zero) -> Watch {
    watch(WatchRequest(keys, startRevision: revision))
  }

  /// Watches keys; the watch begins when the result is iterated.
  public func watch(_ request: WatchRequest) -> Watch {
    Watch(session: WatchSession(client: self, request: request))
  }
}

/// A watch: the responses as a sequence, to be iterated by one task, once.
///
/// It ends with `compacted` (with the oldest revision that is left) when the next revision is no longer
/// there, and with `watchCancelled` when the server ends it. Cancelling the task ends it too.
public struct Watch: AsyncSequence, Sendable {
  let session: WatchSession

  /// Asks the server how far it is: a response without events answers, now or after the events before it.
  ///
  /// Does nothing while the watch does not stand.
  public func requestProgress() async { await session.requestProgress() }

  /// Begins the watch with the first `next`.
  public func makeAsyncIterator() -> Iterator { Iterator(session: session) }

  /// Takes responses.
  public struct Iterator: AsyncIteratorProtocol {
    let session: WatchSession

    /// The next response; nil when the task is cancelled.
    public mutating func next() async throws(KeelsonError) -> WatchResponse? {
      do throws(KeelsonError) {
        return try await session.next()
      } catch {
        if error.code == .cancelled, Task.isCancelled { return nil }
        throw error
      }
    }

    /// The next response; nil when the task is cancelled.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(KeelsonError) -> WatchResponse? { try await next() }
  }
}
