internal import Primitives

/// The votes that a candidate, or one that asks first, has received.
struct VoteCount: Sendable {
  /// What they amount to.
  enum Outcome {
    case won, lost, open
  }

  private var granting: [MemberID] = []
  private var refusing: [MemberID] = []

  /// Counts a member's first answer.
  mutating func add(_ member: MemberID, isGranted: Bool) {
    if granting.contains(member) || refusing.contains(member) { return }
    if isGranted { granting.append(member) } else { refusing.append(member) }
  }

  /// What they amount to among the voters of a configuration.
  func outcome(_ configuration: Configuration) -> Outcome {
    if configuration.hasQuorum(granting.contains) { return .won }
    return configuration.hasQuorum(refusing.contains) ? .lost : .open
  }
}
