internal import Environment
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// Changes of who belongs to the cluster, and who leads it, with etcd's rules about what is safe when.
struct MembershipChanges: Sendable {
  typealias Completion = @Sendable (Result<[ClusterMember], ProposalError>) -> Void

  let shared: MemberState
  let clock: any Clock

  private var cluster: ClusterState { shared.cluster.withLock { $0 } }
  private var isStrict: Bool { shared.configuration.checksReconfiguration }

  // MARK: Changes

  func add(_ member: ClusterMember, by author: Author, _ completion: @escaping Completion) {
    if let refusal = refusal(toAdd: member) { return completion(.failure(refusal)) }
    propose(.membership(.add(member)), by: author, completion)
  }

  func remove(_ member: MemberID, by author: Author, _ completion: @escaping Completion) {
    if let refusal = refusal(toRemove: member) { return completion(.failure(refusal)) }
    propose(.membership(.remove(member)), by: author, completion)
  }

  func update(
    _ member: MemberID, peerURLs: [String], by author: Author, _ completion: @escaping Completion
  ) {
    if has(peerURLs, except: member) { return completion(.failure(.peerURLExists)) }
    propose(.memberPeerURLs(member, peerURLs), by: author, completion)
  }

  /// Gives a learner its vote. Only the leader knows whether it has caught up.
  func promote(
    _ member: MemberID, by author: Author = .member, _ completion: @escaping Completion
  ) {
    guard shared.isLeading else {
      return askLeader(.promote, member) { completion($0.map { cluster.members }) }
    }
    if let refusal = refusal(toPromote: member) { return completion(.failure(refusal)) }
    propose(.membership(.promote(member)), by: author, completion)
  }

  /// Hands the leadership to another member, and completes when that leads.
  func moveLeader(
    to member: MemberID, _ completion: @escaping @Sendable (Result<Void, ProposalError>) -> Void
  ) {
    guard shared.isLeading else { return completion(.failure(.notLeader)) }
    if member == shared.id { return completion(.success(())) }
    guard let heir = cluster.member(member), !heir.isLearner else {
      return completion(.failure(.badTransferee))
    }
    shared.queue.add(.transferLeadership(to: member))
    let deadline =
      clock.now() + .milliseconds(2 * shared.configuration.electionTimeoutMilliseconds)
    shared.transfers.withLock { $0.append(Transfer(to: member, deadline, completion)) }
  }

  /// Whoever waits for another leader.
  struct Transfer: Sendable {
    var heir: MemberID
    var deadline: MonotonicTime
    var completion: @Sendable (Result<Void, ProposalError>) -> Void

    init(
      to heir: MemberID, _ deadline: MonotonicTime,
      _ completion: @escaping @Sendable (Result<Void, ProposalError>) -> Void
    ) {
      self.heir = heir
      self.deadline = deadline
      self.completion = completion
    }
  }

  private func askLeader(
    _ method: PeerMethod, _ member: MemberID,
    _ completion: @escaping @Sendable (Result<Void, ProposalError>) -> Void
  ) {
    let leader = MemberID(shared.leader.load(ordering: .relaxed))
    guard leader != .none, let link = shared.peers else { return completion(.failure(.noLeader)) }
    let question = PeerQuestion.encode([Int64(bitPattern: member.rawValue)])
    link.call(leader, method, question, timeout: shared.configuration.requestTimeout) { result in
      switch result {
      case .success(let bytes):
        let numbers = (try? PeerQuestion.decodeResult(bytes)) ?? .failure(.connectionLost)
        completion(numbers.map { _ in })
      case .failure(let error): completion(.failure(ProposalError(error)))
      }
    }
  }

  private func propose(
    _ command: Command, by author: Author, _ completion: @escaping Completion
  ) {
    Member.submit(
      command, by: author, at: clock.now(), within: shared.configuration.requestTimeout,
      to: shared
    ) { result, _ in
      completion(result.map { _ in cluster.members })
    }
  }

  // MARK: What is safe

  private var voters: [ClusterMember] { cluster.members.filter { !$0.isLearner } }

  private func has(_ peerURLs: [String], except member: MemberID? = nil) -> Bool {
    cluster.members.contains { $0.id != member && !Set($0.peerURLs).isDisjoint(with: peerURLs) }
  }

  private func refusal(toAdd member: ClusterMember) -> ProposalError? {
    if has(member.peerURLs) { return .peerURLExists }
    if member.isLearner {
      let learners = cluster.members.count(where: \.isLearner)
      return learners >= shared.configuration.maxLearners ? .tooManyLearners : nil
    }
    guard isStrict else { return nil }
    let voters = voters
    let started = voters.count(where: \.hasStarted)
    let isFirst = voters.count == 1 && started == 1
    if !isFirst, started < (voters.count + 1) / 2 + 1 { return .notEnoughStarted }
    // All of them: with one away, a new one that does not come up would cost the quorum.
    return reachable(voters) == voters.count ? nil : .unhealthy
  }

  private func refusal(toRemove id: MemberID) -> ProposalError? {
    guard let member = cluster.member(id) else { return .memberNotFound }
    guard isStrict, !member.isLearner else { return nil }
    let rest = voters.filter { $0.id != id }
    if rest.isEmpty || rest.count(where: \.hasStarted) < rest.count / 2 + 1 {
      return .notEnoughStarted
    }
    // A member that is away already is no loss.
    if !isReachable(member) { return nil }
    return reachable(rest) < rest.count / 2 + 1 ? .unhealthy : nil
  }

  private func refusal(toPromote id: MemberID) -> ProposalError? {
    guard let member = cluster.member(id) else { return .memberNotFound }
    if !member.isLearner { return .notLearner }
    let followers = shared.followers.withLock { $0 }
    let reached = followers.first { $0.member == id }?.matchIndex.rawValue ?? 0
    let own = shared.commitIndex.load(ordering: .relaxed)
    // etcd's bound: nine tenths of the leader's log.
    if Double(reached) < Double(own) * 0.9 { return .learnerNotReady }
    guard isStrict else { return nil }
    let started = voters.count(where: \.hasStarted) + (member.hasStarted ? 1 : 0)
    return started < (voters.count + 1) / 2 + 1 ? .notEnoughStarted : nil
  }

  private func reachable(_ members: [ClusterMember]) -> Int { members.count(where: isReachable) }

  private func isReachable(_ member: ClusterMember) -> Bool {
    if member.id == shared.id { return true }
    return shared.peers?.peers.contains { $0.member == member.id && $0.isConnected } ?? false
  }
}

extension ClusterMember {
  /// Whether the member has run: then its name is known.
  fileprivate var hasStarted: Bool { !name.isEmpty && !clientURLs.isEmpty }
}
