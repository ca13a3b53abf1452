internal import LinuxEnvironment
public import Primitives
public import ReplicaCore
internal import Synchronization

/// Who belongs to the cluster.
extension Member {
  /// Has a member join, which is then to be started; completes with it.
  ///
  /// - Parameters:
  ///   - isLearner: whether it only receives the log, until it is promoted.
  ///   - gainsVote: whether a learner is promoted by the leader as soon as it has caught up.
  public func addMember(
    peerURLs: [String], isLearner: Bool, gainsVote: Bool = false, by author: Author = .unknown,
    completion: @escaping @Sendable (Result<ClusterMember, ProposalError>) -> Void
  ) {
    // An identifier that no member ever had, since a removed member's must not come back.
    let id = Identities.member(
      peerURLs: peerURLs, token: configuration.clusterToken + "\(entropy.next())")
    let member = ClusterMember(
      id: id, name: "", peerURLs: peerURLs, clientURLs: [], isLearner: isLearner,
      gainsVote: gainsVote)
    membership.add(member, by: author) { completion($0.map { _ in member }) }
  }

  /// Has a member leave for good; completes with those who stay.
  public func removeMember(
    _ member: MemberID, by author: Author = .unknown,
    completion: @escaping @Sendable (Result<[ClusterMember], ProposalError>) -> Void
  ) {
    membership.remove(member, by: author, completion)
  }

  /// Notes where other members reach a member; completes with all of them.
  public func updateMember(
    _ member: MemberID, peerURLs: [String], by author: Author = .unknown,
    completion: @escaping @Sendable (Result<[ClusterMember], ProposalError>) -> Void
  ) {
    membership.update(member, peerURLs: peerURLs, by: author, completion)
  }

  /// Gives a learner that has caught up its vote; completes with all members.
  public func promoteMember(
    _ member: MemberID, by author: Author = .unknown,
    completion: @escaping @Sendable (Result<[ClusterMember], ProposalError>) -> Void
  ) {
    membership.promote(member, by: author, completion)
  }

  /// Hands the leadership to another member; completes when that leads. Only the leader can.
  public func moveLeader(
    to member: MemberID, completion: @escaping @Sendable (Result<Void, ProposalError>) -> Void
  ) {
    membership.moveLeader(to: member, completion)
  }

  /// Has `observer` hear when there has been no leader for three election timeouts, with false, and when there is
  /// one again, with true. It is called on the replica's thread and must return at once.
  public func observeLeader(_ observer: @escaping @Sendable (Bool) -> Void) {
    shared.leaderObserver.withLock { $0 = observer }
  }

  /// Has `observer` hear when this member is told that its history is in doubt. It is called on the replica's thread
  /// and must return at once.
  public func observeDoubt(_ observer: @escaping @Sendable () -> Void) {
    shared.doubtObserver.withLock { $0 = observer }
  }

  /// What is known of the connections to the other members; none in a group of one.
  public var peers: [PeerStatus] { shared.peers?.peers ?? [] }
}
