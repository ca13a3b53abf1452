internal import Primitives

/// Who belongs to the group, and who leads it at somebody's wish.
///
/// One member joins, leaves, or gains or loses its vote at a time, so that any majority before and any
/// after have a member in common (section 4.1 of Ongaro's dissertation). A change takes effect where it
/// is applied. That is sound because the next one is proposed only when the last is applied on the
/// leader, so whoever has the next in its log knows that the last is committed, and does not stand for
/// election before it has applied it.
extension RaftNode {
  mutating func reconfigure(_ new: Configuration, into effects: inout [Effect]) {
    configuration = new
    guard role == .leader else {
      if role != .follower, !new.isVoter(id) {
        becomeFollower(term: currentTerm, leader: .none, &effects)
      }
      return
    }
    if !new.isVoter(id) {
      // The others must learn that the change is committed before the leader goes.
      for place in progress.indices { sendEntries(to: place, evenIfEmpty: true) }
      sendHeartbeats()
      return becomeFollower(term: currentTerm, leader: .none, &effects)
    }
    progress.removeAll { !new.contains($0.member) }
    for member in new.members where member != id && place(of: member) == nil {
      progress.append(Progress(member: member, nextIndex: lastIndex.next, isActive: true))
    }
    progress.sort { $0.member < $1.member }
    if transferee != .none, !new.isVoter(transferee) { transferee = .none }
    // With fewer voters a majority may have what it had not before; a new member learns where to begin.
    advanceCommit(into: &effects)
    for place in progress.indices { sendEntries(to: place) }
  }

  mutating func transfer(to member: MemberID) {
    guard role == .leader, member != id, configuration.isVoter(member),
      let place = place(of: member)
    else { return }
    transferee = member
    // The target has an election timeout to catch up.
    electionElapsed = 0
    if progress[place].matchIndex == lastIndex {
      send(.campaignNow, to: member)
    } else {
      sendEntries(to: place)
    }
  }
}
