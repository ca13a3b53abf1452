import Primitives
import Testing

@testable import Raft

@Suite("A change of the membership")
struct MembershipTests {
  private static let before = Configuration(
    voters: [MemberID(1), MemberID(2)], learners: [MemberID(3)])
  private static let after = Configuration(voters: [MemberID(1), MemberID(2), MemberID(3)])

  private func packet(_ content: Message.Content) -> Packet {
    Packet(message: Message(from: MemberID(1), to: MemberID(2), term: Term(1), content: content))
  }

  /// What a follower has after it took an entry and, in a heartbeat, heard that it is committed.
  private func follower(_ kind: LogEntry.Kind) -> TestMember {
    let member = TestMember(MemberID(2), configuration: Self.before)
    member.start(seed: 1)
    let entry = LogEntry(
      index: LogIndex(1), term: Term(1), kind: kind, payload: Self.after.testPayload)
    member.receive(
      packet(.append(AppendRequest(previous: .zero, entries: [entry], commit: .zero))))
    #expect(member.disk.hardState.commit == .zero)
    member.receive(packet(.heartbeat(commit: LogIndex(1), round: ReadRound(rawValue: 0))))
    #expect(member.state.last.index == LogIndex(1))
    return member
  }

  @Test("that has taken effect does so again after a crash, though nothing else was written since")
  func crash() {
    let member = follower(.membership)
    #expect(member.state.configuration == Self.after)
    member.crash()
    member.start(seed: 2)
    #expect(member.state.configuration == Self.after)
  }

  @Test("is the only entry whose commit is worth a write")
  func commands() {
    #expect(follower(.command).disk.hardState.commit == .zero)
  }
}
