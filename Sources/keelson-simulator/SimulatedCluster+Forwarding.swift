import ClientHistory
import Environment
import Primitives
import ReplicaCore
import Simulation

/// Calls by which followers hand their clients' proposals to the leader. Like those of the server they are made
/// once: the network may lose one or its answer, and then the asker is told so, sooner or later.
struct ForwardedCalls {
  /// One proposal that the leader was asked to make.
  struct Place {
    var call: Call
    var number: UInt64
  }

  /// Proposals that travel together.
  struct Call {
    var from: MemberID
    /// The asker's life; another one has no use for the answer.
    var life: Int
    var to: MemberID
    var proposals: [ForwardedProposal]
  }

  /// What the leader knows them by.
  var places: [RequestID: Place] = [:]
}

extension SimulatedCluster {
  func forward(_ proposals: [ForwardedProposal], from member: SimulatedMember, to leader: MemberID)
  {
    let call = ForwardedCalls.Call(
      from: member.id, life: member.life, to: leader, proposals: proposals)
    let arrivals = network.arrivals(
      on: SimulatedNetwork.Link(from: member.id, to: leader), now: now)
    // A connection doubles nothing.
    guard let arrival = arrivals.first else { return lose(call) }
    queue.plan(.forwarded(call), at: arrival)
  }

  /// The call reaches the member that led when it was made.
  func take(_ call: ForwardedCalls.Call) {
    let leader = member(call.to)
    guard leader.isUp else { return lose(call) }
    mark(.forwardedWrite)
    var requests: [ReplicaRequest] = []
    for proposal in call.proposals {
      guard let (command, author) = try? Command.decodeAuthored(proposal.payload) else {
        return fail(.operation, "a forwarded proposal cannot be read")
      }
      nextRequest += 1
      let id = RequestID(rawValue: nextRequest)
      forwardedCalls.places[id] = .init(call: call, number: proposal.number)
      requests.append(
        .propose(Proposal(id: id, command: command, by: author, payload: proposal.payload)))
    }
    step(leader, .requests(requests, leader.time(now)))
  }

  /// Whether an answer of the leader's is that to a forwarded proposal. What it did is answered where it was asked;
  /// only what it refused travels back.
  func isForwarded(
    _ id: RequestID, _ result: Result<ReplicaAnswer, ProposalError>
  ) -> Bool {
    guard let place = forwardedCalls.places.removeValue(forKey: id) else { return false }
    let call = place.call
    let back = SimulatedNetwork.Link(from: call.to, to: call.from)
    guard case .failure(let error) = result, error.isRefusal else { return true }
    guard let arrival = network.arrivals(on: back, now: now).first else {
      lose(call)
      return true
    }
    queue.plan(.forwardRefused([(place.number, error)], call.from, life: call.life), at: arrival)
    return true
  }

  /// The asker finds that the connection is gone; whether its proposals arrived it never learns.
  private func lose(_ call: ForwardedCalls.Call) {
    mark(.lostForward)
    let refusals = call.proposals.map { ($0.number, ProposalError.connectionLost) }
    queue.plan(
      .forwardRefused(refusals, call.from, life: call.life),
      at: now + .milliseconds(1 + below(3_000)))
  }
}

extension ProposalError {
  /// Whether the leader may refuse a proposal with it; anything else is an outcome, which every member finds by
  /// itself.
  fileprivate var isRefusal: Bool {
    switch self {
    case .stopped, .noLeader, .tooManyRequests, .timeout, .leaderChanged: true
    default: false
    }
  }
}
