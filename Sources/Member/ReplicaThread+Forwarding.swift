internal import Environment
internal import MVCC
internal import Primitives
internal import ReplicaCore

/// What the leader does for this member's clients.
extension ReplicaThread {
  /// Has the leader propose what clients of this member want.
  func forward(_ proposals: [ForwardedProposal], to leader: MemberID) {
    var batch: [ForwardedProposal] = []
    var bytes = 0
    for proposal in proposals {
      if bytes + proposal.payload.count > Limits.forwardBytes, !batch.isEmpty {
        call(leader, batch)
        batch = []
        bytes = 0
      }
      batch.append(proposal)
      bytes += proposal.payload.count
    }
    call(leader, batch)
  }

  private func call(_ leader: MemberID, _ proposals: [ForwardedProposal]) {
    let numbers = proposals.map(\.number)
    let queue = shared.queue
    guard let link = shared.peers else { return }
    let payload = PeerQuestion.encode(proposals.lazy.map(\.payload))
    link.call(leader, .propose, payload, timeout: shared.configuration.requestTimeout) { result in
      switch result {
      case .success(let bytes):
        guard let refusals = try? PeerQuestion.decodeRefusals(bytes) else {
          return queue.add(.forwardRefused(numbers.map { ($0, .connectionLost) }))
        }
        let known = refusals.filter { numbers.indices.contains($0.place) }
        // What was appended is answered when it is applied here.
        if !known.isEmpty {
          queue.add(.forwardRefused(known.map { (numbers[$0.place], $0.error) }))
        }
      case .failure(let error):
        let error = ProposalError(error)
        queue.add(.forwardRefused(numbers.map { ($0, error) }))
      }
    }
  }

  /// Asks the leader what only its clocks know.
  func ask(_ leader: MemberID, _ submission: Submission) {
    guard let link = shared.peers, leader != .none else { return park(submission) }
    let (method, payload): (PeerMethod, Bytes)
    switch submission.kind {
    case .renewLease(let lease, _):
      (method, payload) = (.renewLease, PeerQuestion.encode([lease.rawValue]))
    case .leaseTimeToLive(let lease, _):
      (method, payload) = (.leaseTimeToLive, PeerQuestion.encode([lease.rawValue]))
    case .leases: (method, payload) = (.leases, [])
    case .propose, .reads: return
    }
    let queue = shared.queue
    let left = submission.deadline - clock.now()
    link.call(leader, method, payload, timeout: left) { result in
      let numbers: Result<[Int64], ProposalError>
      switch result {
      case .success(let bytes):
        numbers = (try? PeerQuestion.decodeResult(bytes)) ?? .failure(.connectionLost)
      case .failure(let error): numbers = .failure(ProposalError(error))
      }
      if case .failure(.noLeader) = numbers { return queue.add(.again(submission)) }
      submission.complete(numbers: numbers)
    }
  }
}

extension ProposalError {
  /// What a call that failed means for what it carried.
  init(_ error: PeerCallError) {
    switch error {
    // Nothing was done: there may be another leader, or a connection, soon.
    case .unreachable: self = .noLeader
    case .refused(let refusal): self = refusal.code == .failed ? .connectionLost : .noLeader
    case .lost: self = .connectionLost
    case .timeout: self = .timeout
    }
  }
}

extension Submission {
  /// Answers a question about leases with what the leader said.
  fileprivate func complete(numbers: Result<[Int64], ProposalError>) {
    switch (kind, numbers) {
    case (_, .failure(let error)): refuse(error)
    case (.renewLease, .success(let numbers)) where numbers.count == 1:
      complete(.success(.leaseRenewed(seconds: numbers[0])))
    case (.leaseTimeToLive, .success(let numbers)) where numbers.count == 2:
      complete(
        .success(.leaseTimeToLive(grantedSeconds: numbers[0], remainingSeconds: numbers[1])))
    case (.leases, .success(let numbers)):
      complete(.success(.leases(numbers.map { LeaseID($0) })))
    default: refuse(.connectionLost)
    }
  }
}
