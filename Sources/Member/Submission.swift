internal import Environment
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// A request on its way to the replica thread.
struct Submission: Sendable {
  /// What is asked for, and whom to tell.
  enum Kind: Sendable {
    case propose(
      Command, by: Author, payload: Bytes,
      @Sendable (Result<CommandResult, ProposalError>) -> Void)
    case renewLease(LeaseID, @Sendable (Result<Int64, ProposalError>) -> Void)
    case leaseTimeToLive(LeaseID, @Sendable (Result<LeaseStatus, ProposalError>) -> Void)
    case leases(@Sendable (Result<[LeaseID], ProposalError>) -> Void)
  }

  var kind: Kind
  /// When it is no longer worth beginning.
  var deadline: MonotonicTime

  /// Tells whoever waits that nothing was done.
  func refuse(_ error: ProposalError) {
    switch kind {
    case .propose(_, _, _, let completion): completion(.failure(error))
    case .renewLease(_, let completion): completion(.failure(error))
    case .leaseTimeToLive(_, let completion): completion(.failure(error))
    case .leases(let completion): completion(.failure(error))
    }
  }

  /// Tells whoever waits what became of it.
  func complete(_ result: Result<ReplicaAnswer, ProposalError>) {
    switch (kind, result) {
    case (_, .failure(let error)): refuse(error)
    case (.propose(_, _, _, let completion), .success(.command(let result))):
      completion(.success(result))
    case (.renewLease(_, let completion), .success(.leaseRenewed(let seconds))):
      completion(.success(seconds))
    case (.leaseTimeToLive(_, let completion), .success(.leaseTimeToLive(let granted, let left))):
      completion(.success(LeaseStatus(grantedSeconds: granted, remainingSeconds: left)))
    case (.leases(let completion), .success(.leases(let leases))): completion(.success(leases))
    default: invariant(false, "an answer of another kind than its request: \(result)")
    }
  }
}

/// What waits for the replica thread: many threads put in, one takes all.
final class SubmissionQueue: Sendable {
  private struct State {
    var submissions: [Submission] = []
    var flushedIndex: LogIndex?
    var isClosed = false
  }

  /// What the replica thread finds.
  struct Contents {
    var submissions: [Submission] = []
    /// What the engine has flushed since the last look.
    var flushedIndex: LogIndex?
    /// Whether nothing more will come from clients.
    var isClosed = false
  }

  private let state = Mutex(State())
  private let wake = WakeWord()
  private let bound: Int

  init(bound: Int) { self.bound = bound }

  /// The number of requests that wait.
  var count: Int { state.withLock { $0.submissions.count } }

  /// Queues a request, or says why not.
  func add(_ submission: Submission) -> ProposalError? {
    let refusal = state.withLock { (state) -> ProposalError? in
      if state.isClosed { return .stopped }
      if state.submissions.count >= bound { return .tooManyRequests }
      state.submissions.append(submission)
      return nil
    }
    if refusal == nil { wake.signal() }
    return refusal
  }

  /// Tells the replica thread what the engine has flushed.
  func engineFlushed(through index: LogIndex) {
    state.withLock { $0.flushedIndex = max(index, $0.flushedIndex ?? .zero) }
    wake.signal()
  }

  /// Refuses requests from now on, and tells the replica thread to finish.
  func close() {
    state.withLock { $0.isClosed = true }
    wake.signal()
  }

  /// Takes everything, leaving `contents`' old memory to fill.
  func take(into contents: inout Contents) {
    contents.submissions.removeAll(keepingCapacity: true)
    state.withLock { state in
      swap(&state.submissions, &contents.submissions)
      contents.flushedIndex = state.flushedIndex.take()
      contents.isClosed = state.isClosed
    }
  }

  /// Sleeps until something is added, or for a while. For the replica thread.
  func wait(timeoutNanoseconds: Int64?) { wake.wait(timeoutNanoseconds: timeoutNanoseconds) }
}
