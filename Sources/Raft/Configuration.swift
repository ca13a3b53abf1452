public import Primitives

/// Who belongs to a Raft group, and who of them votes: "cluster configuration" in section 6 of the
/// Raft paper.
public struct Configuration: Hashable, Sendable {
  /// The members whose votes and logs count, in ascending order.
  public let voters: [MemberID]
  /// The members that receive the log and count for nothing, in ascending order.
  public let learners: [MemberID]

  /// Describes a group; the order of the arguments does not matter.
  public init(voters: [MemberID], learners: [MemberID] = []) {
    self.voters = voters.sorted()
    self.learners = learners.sorted()
    invariant(!voters.isEmpty, "a group without voters can never decide anything")
    invariant(
      Set(voters + learners).count == voters.count + learners.count,
      "a member appears twice in voters \(voters) and learners \(learners)")
  }

  /// How many voters make a majority.
  public var quorum: Int { voters.count / 2 + 1 }

  /// The highest index that a majority of the voters has reached, given what each has reached.
  ///
  /// Cost: a sort of as many numbers as there are voters.
  public func quorumIndex(_ reached: (MemberID) -> LogIndex) -> LogIndex {
    if voters.count == 1 { return reached(voters[0]) }
    let descending = voters.map(reached).sorted(by: >)
    return descending[quorum - 1]
  }
}
