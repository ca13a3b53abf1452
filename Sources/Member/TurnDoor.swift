internal import Synchronization

/// The way from a request's thread to the replica, for a turn on that thread. Any thread.
final class TurnDoor: Sendable {
  /// The replica keeps the log's directory locked, so nobody may hold it once the member has stopped.
  private let replica = Mutex<ReplicaThread?>(nil)

  /// Lets turns in from now on.
  func open(_ thread: ReplicaThread) { replica.withLock { $0 = thread } }

  /// Lets none in any more, and waits for the one that is under way.
  func close() { replica.withLock { $0 = nil } }

  /// Runs a turn on the caller's thread, for a submission that is queued already.
  /// - Returns: whether it ran; if not, the replica thread must be woken.
  func turn() -> Bool { replica.withLockIfAvailable { $0?.turnHere() ?? false } ?? false }
}
