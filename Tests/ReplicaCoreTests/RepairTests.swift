import Primitives
import Raft
import Testing

@testable import ReplicaCore

@Suite("A damaged member")
struct RepairTests {
  private func cluster(_ voters: UInt64, learners: [UInt64] = []) -> ClusterState {
    let members = (1...voters).map { ($0, false) } + learners.map { ($0, true) }
    return ClusterState(
      cluster: ClusterID(rawValue: 7),
      members: members.map { id, isLearner in
        ClusterMember(
          id: MemberID(id), name: "", peerURLs: [], clientURLs: [], isLearner: isLearner)
      })
  }

  private func asksOthers(_ member: UInt64, in cluster: ClusterState?) -> Bool {
    DamageRemedy.remedy(for: MemberID(member), in: cluster) == .askOthers
  }

  @Test("asks the others only where they have a majority without it")
  func remedies() {
    #expect(asksOthers(1, in: cluster(3)) && asksOthers(5, in: cluster(5)))
    #expect(asksOthers(2, in: cluster(1, learners: [2])))
    #expect(!asksOthers(1, in: cluster(1)) && !asksOthers(1, in: cluster(2)))
    #expect(!asksOthers(1, in: nil) && !asksOthers(9, in: cluster(3)))
    guard case .refuse(let reason) = DamageRemedy.remedy(for: MemberID(1), in: cluster(1)) else {
      Issue.record("a member that is alone asks others")
      return
    }
    #expect(reason.contains("keelsonctl snapshot restore"))
  }

  @Test("loses its vote for the time being, and what it was is not forgotten")
  func demotion() throws {
    var state = cluster(3, learners: [4])
    let (one, other) = (MemberLife(rawValue: 5), MemberLife(rawValue: 6))
    #expect(state.change(.demote(MemberID(2), one)) == nil)
    #expect(state.change(.demote(MemberID(4), one)) == nil)
    #expect(state.voters == [MemberID(1), MemberID(3)])
    #expect(state.member(MemberID(2))?.gainsVote == true)
    #expect(state.member(MemberID(4))?.gainsVote == false)
    // Damaged once more before it had its vote again.
    #expect(state.change(.demote(MemberID(2), other)) == nil)
    #expect(state.member(MemberID(2))?.forgetfulLife == other)
    #expect(try ClusterState.decode(state.encoded()) == state)
    #expect(state.change(.promote(MemberID(2))) == nil)
    #expect(state.voters.count == 3 && state.member(MemberID(2))?.forgetfulLife == nil)
    #expect(try ClusterState.decode(state.encoded()) == state)
  }

  @Test("is like a learner that was added to get its vote: that is remembered until it has it")
  func addedToVote() throws {
    var state = cluster(1)
    for (number, isLearner) in [(2, true), (3, false)] {
      let member = ClusterMember(
        id: MemberID(UInt64(number)), name: "", peerURLs: [], clientURLs: [], isLearner: isLearner,
        gainsVote: true)
      #expect(state.change(.add(member)) == nil)
    }
    #expect(try ClusterState.decode(state.encoded()) == state)
    #expect(state.members.map(\.gainsVote) == [false, true, false])
    #expect(state.change(.promote(MemberID(2))) == nil)
    #expect(state.members.allSatisfy { !$0.gainsVote && !$0.isLearner })
  }

  @Test("is remembered when it is removed, and does not come back")
  func removed() throws {
    var state = cluster(3)
    #expect(state.change(.remove(MemberID(2))) == nil)
    #expect(state.removed == [MemberID(2)])
    let again = ClusterMember(
      id: MemberID(2), name: "", peerURLs: [], clientURLs: [], isLearner: true)
    #expect(state.change(.add(again)) == .invalidMembership)
    #expect(try ClusterState.decode(state.encoded()) == state)
    // Of very many, the latest.
    let others = (10..<10 + UInt64(Limits.removedMembers)).map { MemberID($0) }
    state.noteRemoved(others)
    #expect(state.removed == others)
  }

  @Test("keeps its vote where nobody else has one")
  func alone() {
    var state = cluster(1, learners: [2])
    let life = MemberLife(rawValue: 5)
    #expect(state.change(.demote(MemberID(1), life)) == .invalidMembership)
    #expect(state.change(.demote(MemberID(3), life)) == .memberNotFound)
  }
}
