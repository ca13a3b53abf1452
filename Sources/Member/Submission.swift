internal import Environment
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// A request on its way to the replica thread.
struct Submission: Sendable {
  /// Told what became of a proposal, and how long each part of that took; nil where it was not tried.
  typealias ProposalCompletion =
    @Sendable (Result<CommandResult, ProposalError>, WriteSteps?) ->
    Void

  /// When a request passed its stages.
  struct Marks: Sendable {
    var asked: MonotonicTime
    var taken: MonotonicTime
    var logged: MonotonicTime
  }

  /// What is asked for, and whom to tell.
  enum Kind: Sendable {
    /// The replica thread numbers the proposal.
    case propose(Proposal, ProposalCompletion)
    case renewLease(LeaseID, @Sendable (Result<Int64, ProposalError>) -> Void)
    case leaseTimeToLive(LeaseID, @Sendable (Result<LeaseStatus, ProposalError>) -> Void)
    case leases(@Sendable (Result<[LeaseID], ProposalError>) -> Void)
    /// Reads that one question to the other members answers together.
    case reads([@Sendable (Result<Void, ProposalError>) -> Void])
  }

  var kind: Kind
  /// When it is no longer worth beginning.
  var deadline: MonotonicTime
  var marks: Marks

  init(kind: Kind, asked: MonotonicTime, deadline: MonotonicTime) {
    self.kind = kind
    self.deadline = deadline
    marks = Marks(asked: asked, taken: asked, logged: asked)
  }

  /// Tells whoever waits that nothing was done.
  func refuse(_ error: ProposalError) {
    switch kind {
    case .propose(_, let completion): completion(.failure(error), nil)
    case .renewLease(_, let completion): completion(.failure(error))
    case .leaseTimeToLive(_, let completion): completion(.failure(error))
    case .leases(let completion): completion(.failure(error))
    case .reads(let completions): for completion in completions { completion(.failure(error)) }
    }
  }

  /// Tells whoever waits what became of it.
  ///
  /// - Parameter times: of a proposal, when it was known that a majority had it, and when it was carried out.
  func complete(
    _ result: Result<ReplicaAnswer, ProposalError>,
    _ times: (agreed: MonotonicTime, applied: MonotonicTime)? = nil
  ) {
    switch (kind, result) {
    case (.propose(let proposal, let completion), .failure(let error)):
      completion(.failure(error), times.map { WriteSteps(proposal, marks, $0) })
    case (.propose(let proposal, let completion), .success(.command(let result))):
      completion(.success(result), times.map { WriteSteps(proposal, marks, $0) })
    case (_, .failure(let error)): refuse(error)
    case (.renewLease(_, let completion), .success(.leaseRenewed(let seconds))):
      completion(.success(seconds))
    case (.leaseTimeToLive(_, let completion), .success(.leaseTimeToLive(let granted, let left))):
      completion(.success(LeaseStatus(grantedSeconds: granted, remainingSeconds: left)))
    case (.leases(let completion), .success(.leases(let leases))): completion(.success(leases))
    case (.reads(let completions), .success(.readable)):
      for completion in completions { completion(.success(())) }
    default: invariant(false, "an answer of another kind than its request: \(result)")
    }
  }
}
