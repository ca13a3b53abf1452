internal import Environment
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// Turns on the thread that brings what is to be done.
///
/// A client that makes one request after the other would pay for two wake-ups with each: of the replica thread, and of
/// the event loop for the answer. So where this member is the group and the replica is at rest, the event loop runs the
/// turn itself, sync of the log included. It is the same turn, and the baton sees to it that there is one at a time.
///
/// Reads that other members have to confirm need no disk: whoever brings them, or what is said about them, runs their
/// turn as well. A question of a follower then wakes one thread of the leader, and its answer one of the follower.
extension ReplicaThread {
  /// Runs a turn on the caller's thread, for what is queued already, unless somebody else does at this
  /// moment or it would not pay.
  /// - Returns: whether the turn ran; if not, the replica thread must be woken.
  func turnHere(_ reason: TurnDoor.Reason) -> Bool {
    let isDone = baton.withLockIfAvailable { _ in
      // The queue is empty then: the last turn took all.
      if isOver { return true }
      let now = clock.now()
      guard allowsTurn(reason, at: now) else { return false }
      _ = turn(now)
      if reason == .submission {
        pace.noteTurnHere(from: now, to: clock.now(), isCrowded: shared.queue.count > 0)
      }
      // The thread sleeps until what was due before this turn; a new lease may end sooner.
      if let due = nextDue, sleepsUntil.map({ due < $0 }) ?? true { shared.queue.signal() }
      return true
    }
    return isDone ?? false
  }

  private func allowsTurn(_ reason: TurnDoor.Reason, at now: MonotonicTime) -> Bool {
    if reason == .submission {
      return pace.allowsTurnHere(at: now) && replica.servesReadsAlone && !replica.hasPeers
    }
    // What is due may need the disk, as may what waits for a leader.
    guard replica.canServe, parked.isEmpty, nextDue.map({ $0 > now }) ?? true else { return false }
    return shared.queue.holdsReadsOnly(orMessages: reason == .messages)
  }
}

/// Whether the replica has one client at a time, by what happened of late.
struct ReplicaPace {
  /// Turns since two requests met.
  private var quietTurns = 0
  /// Until when turns stay on the replica thread, because one of them took long.
  private var holdUntil: MonotonicTime?
  private var wasBusy = false

  /// Turns without a meeting after which a request may run its own.
  private static let quiet = 16
  /// What a turn may take: a disk whose sync takes longer would hold up an event loop for as long.
  private static let shortTurn = Duration.milliseconds(20)
  /// For how long turns stay on the replica thread after a longer one.
  private static let hold = Duration.milliseconds(500)

  /// Takes note of a turn of the replica thread.
  mutating func note(submissions: Int, hadWork: Bool) {
    // What is found right after a turn came during it.
    if submissions > 1 || (submissions > 0 && wasBusy) {
      quietTurns = 0
    } else if submissions == 1 {
      quietTurns += 1
    }
    wasBusy = hadWork
  }

  func allowsTurnHere(at now: MonotonicTime) -> Bool {
    if quietTurns < Self.quiet { return false }
    return holdUntil.map { $0 <= now } ?? true
  }

  /// Takes note of a turn on the thread of a request; `isCrowded` says that others came meanwhile.
  mutating func noteTurnHere(from start: MonotonicTime, to end: MonotonicTime, isCrowded: Bool) {
    wasBusy = false
    if isCrowded { quietTurns = 0 }
    if end - start > Self.shortTurn { holdUntil = end + Self.hold }
  }
}
