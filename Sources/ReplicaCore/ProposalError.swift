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
  /// The time ran out before the proposal's turn came; nothing was done.
  case timeout
  /// The leadership was lost on the way: the proposal may have been carried out, or may be yet.
  case leaderChanged
  /// There is no member of that identifier.
  case memberNotFound
  /// The author may not do this, or the change of users and roles is not possible.
  case access(AccessError)
  /// There is a member of that identifier already.
  case memberExists
  /// The change would leave nobody who votes, or promote a member that votes already.
  case invalidMembership
  /// The store refused.
  case store(StoreError)
}
