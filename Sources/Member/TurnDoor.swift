internal import Synchronization

/// The way to the replica from a thread that brings it something, for a turn on that thread. Any thread.
final class TurnDoor: Sendable {
  /// What was queued before.
  enum Reason {
    /// A submission, where this member is the group.
    case submission
    /// Reads, which other members have to confirm.
    case reads
    /// Messages of other members about such reads.
    case messages
  }

  /// The replica keeps the log's directory locked, so nobody may hold it once the member has stopped.
  private let replica = Mutex<ReplicaThread?>(nil)

  /// Lets turns in from now on.
  func open(_ thread: ReplicaThread) { replica.withLock { $0 = thread } }

  /// Lets none in any more, and waits for the one that is under way.
  func close() { replica.withLock { $0 = nil } }

  /// Runs a turn on the caller's thread, for what is queued already, unless another one runs.
  /// - Returns: whether it ran; if not, the replica thread must be woken.
  func turn(_ reason: Reason) -> Bool {
    replica.withLockIfAvailable { $0?.turnHere(reason) ?? false } ?? false
  }
}
