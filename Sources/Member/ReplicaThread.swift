internal import Environment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// What the replica thread does: it takes all that has queued, gives it to the replica as one
/// batch, and carries out the effects.
///
/// `@unchecked`: only `start`, before the thread exists, and then the thread itself use the replica
/// and the waiting requests.
final class ReplicaThread: @unchecked Sendable {
  private let replica: Replica
  private let shared: MemberState
  private let clock: any Clock
  private var contents = SubmissionQueue.Contents()
  private var requests: [ReplicaRequest] = []
  private var effects: [ReplicaEffect] = []
  /// Requests that the replica has, by their number; free numbers are in `free`.
  private var waiting: [Submission?] = []
  private var free: [Int] = []

  init(replica: Replica, shared: MemberState, clock: any Clock) {
    self.replica = replica
    self.shared = shared
    self.clock = clock
  }

  /// Replays the log. Cost: that of the entries since the engine's last flush.
  func start() throws(MemberError) {
    replica.step(.start(clock.now()), into: &effects)
    for case .fatal(let line) in effects { throw .file(reason: line) }
    carryOut()
  }

  /// Runs until the queue is closed and empty.
  func run() {
    while true {
      shared.queue.take(into: &contents)
      let now = clock.now()
      if let flushed = contents.flushedIndex {
        replica.step(.engineFlushed(through: flushed), into: &effects)
      }
      if let due = replica.nextTimer, due <= now { replica.step(.timer(now), into: &effects) }
      if !contents.submissions.isEmpty { admit(at: now) }
      let hadWork = !effects.isEmpty
      carryOut()
      if contents.isClosed, contents.submissions.isEmpty {
        replica.step(.prepareStop(clock.now()), into: &effects)
        carryOut()
        return
      }
      if !hadWork, contents.submissions.isEmpty { sleep() }
    }
  }

  private func sleep() {
    guard let due = replica.nextTimer else { return shared.queue.wait(timeoutNanoseconds: nil) }
    let nanoseconds = (due - clock.now()).saturatingNanoseconds
    if nanoseconds > 0 { shared.queue.wait(timeoutNanoseconds: nanoseconds) }
  }

  private func admit(at now: MonotonicTime) {
    requests.removeAll(keepingCapacity: true)
    for submission in contents.submissions {
      if submission.deadline < now {
        submission.refuse(.timeout)
        shared.counters.refused.add(1, ordering: .relaxed)
        continue
      }
      let id = RequestID(rawValue: UInt64(wait(for: submission)))
      switch submission.kind {
      case .propose(let command, let author, let payload, _):
        requests.append(
          .propose(Proposal(id: id, command: command, by: author, payload: payload)))
      case .renewLease(let lease, _): requests.append(.renewLease(id, lease))
      case .leaseTimeToLive(let lease, _): requests.append(.leaseTimeToLive(id, lease))
      case .leases: requests.append(.leases(id))
      }
    }
    replica.step(.requests(requests, now), into: &effects)
    shared.counters.batches.add(1, ordering: .relaxed)
  }

  private func wait(for submission: Submission) -> Int {
    if let slot = free.popLast() {
      waiting[slot] = submission
      return slot
    }
    waiting.append(submission)
    return waiting.count - 1
  }

  private func carryOut() {
    if effects.isEmpty { return }
    // Whoever is told of a write may read the position that it brought.
    shared.publishPosition(of: replica)
    var isFed = false
    for effect in effects {
      switch effect {
      case .answer(let id, let result): answer(Int(id.rawValue), result)
      case .publish(let revision): shared.watches.publish(through: revision)
      case .feedEngine: isFed = true
      case .flushEngine: shared.engineWork.requestFlush()
      case .prepareLog(let work): shared.engineWork.prepare(work)
      case .clusterChanged(let cluster): shared.cluster.withLock { $0 = cluster }
      case .accessChanged(let tokens): shared.tellOfAccess(.changed(tokens))
      case .tokenIssued(let token, let user):
        shared.tellOfAccess(.tokenIssued(token, user: user))
      case .statusChanged: break
      case .send, .sendSnapshot, .replaceState:
        invariant(false, "a group of one has nobody to talk to")
      case .fatal(let line): shared.fail(line)
      }
    }
    effects.removeAll(keepingCapacity: true)
    if replica.hasFailed { refuseWaiting() }
    if isFed { shared.engineWork.noteUnfed(shared.store.unfedBytes) }
  }

  /// Answers what the replica can't any more. Whether a write is in the log is not known, so it is a timeout.
  private func refuseWaiting() {
    for slot in waiting.indices {
      guard let submission = waiting[slot].take() else { continue }
      free.append(slot)
      submission.refuse(.timeout)
    }
  }

  private func answer(_ slot: Int, _ result: Result<ReplicaAnswer, ProposalError>) {
    guard let submission = waiting[slot].take() else {
      invariant(false, "request \(slot) was answered twice")
      return
    }
    free.append(slot)
    if case .propose = submission.kind {
      switch result {
      case .success, .failure(.store): shared.counters.applied.add(1, ordering: .relaxed)
      case .failure: shared.counters.refused.add(1, ordering: .relaxed)
      }
    }
    submission.complete(result)
  }
}
