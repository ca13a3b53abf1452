public import Primitives

/// Who belongs to a Raft group, and who of them votes: "cluster configuration" in section 6 of the
/// Raft paper.
public struct Configuration: Hashable, Sendable {
  /// The members whose votes and logs count, in ascending order.
  public let voters: [MemberID]
  /// The members that receive the log and count for nothing, in ascending order.
  public let learners: [MemberID]

  /// The configuration of a member that joins and has not heard yet who belongs to the group.
  public static let unknown = Configuration(voters: [])

  /// Describes a group; the order of the arguments does not matter.
  public init(voters: [MemberID], learners: [MemberID] = []) {
    self.voters = voters.sorted()
    self.learners = learners.sorted()
    invariant(
      Set(voters + learners).count == voters.count + learners.count,
      "a member appears twice in voters \(voters) and learners \(learners)")
  }

  /// How many voters make a majority.
  public var quorum: Int { voters.count / 2 + 1 }

  /// Voters and learners.
  public var members: [MemberID] { voters + learners }

  /// Whether a member's vote and log count.
  public func isVoter(_ member: MemberID) -> Bool { voters.contains(member) }

  /// Whether a member receives the log, with a vote or without.
  public func contains(_ member: MemberID) -> Bool {
    voters.contains(member) || learners.contains(member)
  }

  /// The highest index that a majority of the voters has reached, given what each has reached; 0 where
  /// nobody votes.
  ///
  /// Cost: a sort of as many numbers as there are voters; with one voter, none.
  public func quorumIndex(_ reached: (MemberID) -> LogIndex) -> LogIndex {
    if voters.count == 1 { return reached(voters[0]) }
    if voters.isEmpty { return .zero }
    let descending = voters.map(reached).sorted(by: >)
    return descending[quorum - 1]
  }

  /// Whether a majority of the voters fulfils a condition.
  public func hasQuorum(_ condition: (MemberID) -> Bool) -> Bool {
    voters.count(where: condition) >= quorum
  }
}
