internal import Environment
public import Primitives
internal import Raft

/// A client's proposal on its way from the member that was asked to the leader.
public struct ForwardedProposal: Hashable, Sendable {
  /// By what number `ReplicaEvent.forwardRefused` speaks of it.
  public var number: UInt64
  /// What the leader shall append: command and author, in an envelope.
  public var payload: Bytes

  /// Describes a proposal.
  public init(number: UInt64, payload: Bytes) {
    self.number = number
    self.payload = payload
  }
}

/// What this member has had the leader propose and not applied yet.
struct ForwardedRequests {
  struct Request {
    var id: RequestID
    var leader: MemberID
    var deadline: MonotonicTime
  }

  private var requests: [UInt64: Request] = [:]
  private var next: UInt64

  /// `seed` differs from life to life, and so do the numbers.
  init(seed: UInt64) { next = seed }

  var count: Int { requests.count }

  /// Notes a request, and numbers it.
  mutating func add(_ request: Request) -> UInt64 {
    next &+= 1
    requests[next] = request
    return next
  }

  /// Takes the request of a number, or nil if it was answered.
  mutating func remove(_ number: UInt64) -> RequestID? {
    requests.removeValue(forKey: number)?.id
  }

  /// Takes those that fulfil a condition, in the order in which they came.
  mutating func remove(where isGone: (Request) -> Bool) -> [RequestID] {
    if requests.isEmpty { return [] }
    let numbers = requests.filter { isGone($0.value) }.keys
    return numbers.sorted { $0 &- next < $1 &- next }.compactMap { remove($0) }
  }
}

/// Proposals by way of the leader: the follower that a client asked answers when it applies the entry itself, so
/// that its client then reads there what it wrote.
extension Replica {
  /// The leader that requests can be handed to.
  private var otherLeader: MemberID? {
    guard configuration.forwardTimeout != nil, node.leader != .none,
      node.leader != configuration.member
    else { return nil }
    return node.leader
  }

  /// Hands a proposal to the leader, or answers why not.
  func forward(
    _ proposal: Proposal, _ proposals: inout [ForwardedProposal],
    into effects: inout [ReplicaEffect]
  ) {
    // What another member handed to this one goes no further: it knows better by now whom to ask.
    guard let leader = otherLeader, let timeout = configuration.forwardTimeout,
      Envelope.of(proposal.payload) == nil
    else { return effects.append(.answer(proposal.id, .failure(.noLeader))) }
    guard forwarded.count < Limits.queuedProposals else {
      return effects.append(.answer(proposal.id, .failure(.tooManyRequests)))
    }
    let number = forwarded.add(
      ForwardedRequests.Request(id: proposal.id, leader: leader, deadline: now + timeout))
    let envelope = Envelope(origin: configuration.member, number: number)
    proposals.append(
      ForwardedProposal(number: number, payload: envelope.around(proposal.payload)))
  }

  func send(_ proposals: [ForwardedProposal], into effects: inout [ReplicaEffect]) {
    if !proposals.isEmpty { effects.append(.forward(to: node.leader, proposals)) }
  }

  /// The leader did not take these, or nobody knows whether it did.
  func refuse(
    _ refusals: [(number: UInt64, error: ProposalError)], into effects: inout [ReplicaEffect]
  ) {
    for (number, error) in refusals {
      if let id = forwarded.remove(number) { effects.append(.answer(id, .failure(error))) }
    }
  }

  /// An entry was applied: if a client of this member's asked for it, that is its answer.
  func answer(
    _ payload: Bytes, _ result: Result<CommandResult, ProposalError>,
    into effects: inout [ReplicaEffect]
  ) {
    guard let envelope = Envelope.of(payload), envelope.origin == configuration.member,
      let id = forwarded.remove(envelope.number)
    else { return }
    effects.append(.answer(id, result.map(ReplicaAnswer.command)))
  }

  /// Another leader may carry out what was handed to the last one; nobody will say so.
  func forgetForwarded(into effects: inout [ReplicaEffect]) {
    for id in forwarded.remove(where: { $0.leader != node.leader }) {
      effects.append(.answer(id, .failure(has(.deniedForward) ? .noLeader : .leaderChanged)))
    }
  }

  func expireForwarded(into effects: inout [ReplicaEffect]) {
    for id in forwarded.remove(where: { $0.deadline <= now }) {
      effects.append(.answer(id, .failure(.timeout)))
    }
  }
}
