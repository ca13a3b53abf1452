public import Access
public import MVCC

/// Why a proposal, a renewal or a question to the replica was not carried out. Each has its gRPC
/// status and text at the edge.
public enum ProposalError: Error, Hashable, Sendable {
  /// The member is stopping or has stopped; nothing was done.
  case stopped
  /// The member does not lead, and knows of none that does; nothing was done.
  case noLeader
  /// Too many proposals wait already; nothing was done.
  case tooManyRequests
  /// The encoded command is longer than a request may be; nothing was done.
  case requestTooLarge
  /// The quota is used up, or the NOSPACE alarm stands; nothing was done.
  case noSpace
  /// The CORRUPT alarm stands; nothing was done.
  case corrupt
  /// The time ran out before the proposal's turn came, and nothing was done; or, where the leader had it from this
  /// member, it may have been carried out, or may be yet.
  case timeout
  /// The leadership was lost on the way: the proposal may have been carried out, or may be yet.
  case leaderChanged
  /// The connection to the leader was lost on the way: the proposal may have been carried out, or may be yet.
  case connectionLost
  /// The member does not lead, and only a leader can do this; nothing was done.
  case notLeader
  /// The member that the leadership is to go to has no vote, or did not take it in time.
  case badTransferee
  /// There is no member of that identifier.
  case memberNotFound
  /// The author may not do this, or the change of users and roles is not possible.
  case access(AccessError)
  /// There is a member of that identifier already.
  case memberExists
  /// The change would leave nobody who votes, or promote a member that votes already.
  case invalidMembership
  /// A member has one of these peer URLs already.
  case peerURLExists
  /// The member to promote is no learner.
  case notLearner
  /// The learner has not caught up with the leader yet.
  case learnerNotReady
  /// The cluster has as many learners as it may.
  case tooManyLearners
  /// Too few of the voting members have started for the change to be safe.
  case notEnoughStarted
  /// Too few of the voting members can be reached for the change to be safe.
  case unhealthy
  /// The store refused.
  case store(StoreError)
}
