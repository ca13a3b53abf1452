public import Primitives

/// What becomes of a member that has lost its log, and with it votes and entries that it had promised to keep.
///
/// Until its vote is taken away by a change of the membership, which the others commit without it, it votes for
/// nobody and accepts nothing. What could still be decided by a promise that it has forgotten would need a voter
/// that has not heard of that change, and those that have do not vote for one that has not. Then it takes a
/// state in which it has no vote, and goes on from there as any learner does.
extension RaftNode {
  // MARK: As such a member

  mutating func receive(
    _ message: Message, havingForgotten life: MemberLife, into effects: inout [Effect]
  ) {
    switch message.content {
    case .voteRequest(let request):
      send(
        .voteAnswer(VoteAnswer(isGranted: false, isPreVote: request.isPreVote)), to: message.from)
    case .append, .heartbeat:
      guard follow(message.from, &effects) else { return }
      send(.forgot(life), to: message.from)
    case .demoted(life, let index): statesFrom = min(statesFrom ?? index, index)
    case .snapshot(let mark):
      guard follow(message.from, &effects) else { return }
      // A state from before the change, of a leader that is none any more, would not do.
      if let statesFrom, mark.last.index >= statesFrom, !mark.configuration.isVoter(id) {
        take(mark, from: message.from, into: &effects)
      } else {
        send(.forgot(life), to: message.from)
      }
    case .readAnswer(let context, let index): take(context, index: index, into: &effects)
    default: break
    }
  }

  // MARK: As its leader

  mutating func take(
    _ life: MemberLife, from member: MemberID, into effects: inout [Effect]
  ) {
    guard role == .leader, let place = place(of: member), progress[place].forget(life) else {
      return
    }
    effects.append(.forgotten(member, life))
  }

  /// Whether, as far as this leader knows, a member has forgotten in this life what it had promised before, and has
  /// not taken a state since.
  public func isForgetful(_ member: MemberID, in life: MemberLife) -> Bool {
    progress.contains { $0.member == member && $0.isForgetful && $0.forgetting?.life == life }
  }

  /// The member's vote is gone, so it can be given the state.
  mutating func feed(_ member: MemberID, _ life: MemberLife) {
    guard role == .leader, !configuration.isVoter(member), let place = place(of: member),
      isForgetful(member, in: life)
    else { return }
    let index = progress[place].forgetting?.demotedAt ?? log.lastApplied
    progress[place].forgetting?.demotedAt = index
    send(.demoted(life, at: index), to: member)
    progress[place].isActive = true
    guard progress[place].state != .snapshot else { return }
    progress[place].becomeSnapshot()
    demands.append(.sendSnapshot(to: member))
  }
}
