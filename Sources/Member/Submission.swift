internal import Environment
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// A request on its way to the replica thread.
struct Submission: Sendable {
  /// What is asked for, and whom to tell.
  enum Kind: Sendable {
    /// The replica thread numbers the proposal.
    case propose(Proposal, @Sendable (Result<CommandResult, ProposalError>) -> Void)
    case renewLease(LeaseID, @Sendable (Result<Int64, ProposalError>) -> Void)
    case leaseTimeToLive(LeaseID, @Sendable (Result<LeaseStatus, ProposalError>) -> Void)
    case leases(@Sendable (Result<[LeaseID], ProposalError>) -> Void)
    /// Reads that one question to the other members answers together.
    case reads([@Sendable (Result<Void, ProposalError>) -> Void])
  }

  var kind: Kind
  /// When it is no longer worth beginning.
  var deadline: MonotonicTime

  /// Tells whoever waits that nothing was done.
  func refuse(_ error: ProposalError) {
    switch kind {
    case .propose(_, let completion): completion(.failure(error))
    case .renewLease(_, let completion): completion(.failure(error))
    case .leaseTimeToLive(_, let completion): completion(.failure(error))
    case .leases(let completion): completion(.failure(error))
    case .reads(let completions): for completion in completions { completion(.failure(error)) }
    }
  }

  /// Tells whoever waits what became of it.
  func complete(_ result: Result<ReplicaAnswer, ProposalError>) {
    switch (kind, result) {
    case (_, .failure(let error)): refuse(error)
    case (.propose(_, let completion), .success(.command(let result))):
      completion(.success(result))
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
