import Primitives
import Testing

@testable import Raft

@Suite("A member that does not count")
struct ForgettingTests {
  private static let voters = Configuration(voters: [MemberID(1), MemberID(2), MemberID(3)])
  private static let demoted = Configuration(
    voters: [MemberID(2), MemberID(3)], learners: [MemberID(1)])
  private static let life = MemberLife(rawValue: 77)

  private func message(_ content: Message.Content, term: UInt64, from: UInt64 = 2) -> Event {
    .message(Message(from: MemberID(from), to: MemberID(1), term: Term(term), content: content))
  }

  /// What the node says once everything that it asked to be durable is.
  private func said(_ node: inout RaftNode, _ event: Event) -> [Message.Content] {
    var effects: [Effect] = []
    node.step(event, into: &effects)
    var contents: [Message.Content] = []
    var next = 0
    while next < effects.count {
      switch effects[next] {
      case .send(let messages): contents += messages.map(\.content)
      case .persist(let persist): node.step(.persisted(persist.number), into: &effects)
      default: break
      }
      next += 1
    }
    return contents
  }

  private func request(isPreVote: Bool) -> Message.Content {
    .voteRequest(
      VoteRequest(last: EntryMark(index: LogIndex(9), term: Term(1)), isPreVote: isPreVote))
  }

  private func isGranted(_ contents: [Message.Content]) -> Bool {
    contents.contains { if case .voteAnswer(let answer) = $0 { answer.isGranted } else { false } }
  }

  @Test("and has lost its leader lets others be elected, whatever timeout it drew")
  func lostLeader() {
    for seed in 0..<40 as Range<UInt64> {
      var learner = RaftNode(id: MemberID(1), configuration: .unknown, seed: seed)
      _ = said(
        &learner, message(.heartbeat(commit: .zero, round: ReadRound(rawValue: 0)), term: 1))
      #expect(!isGranted(said(&learner, message(request(isPreVote: true), term: 2, from: 3))))
      for _ in 0..<2 * learner.settings.electionTicks { _ = said(&learner, .tick) }
      #expect(isGranted(said(&learner, message(request(isPreVote: true), term: 2, from: 3))))
    }
  }

  @Test("because it has forgotten its promises votes for nobody and takes no entries")
  func forgetful() {
    var node = RaftNode(
      id: MemberID(1), configuration: .unknown, from: .init(forgetfulLife: Self.life))
    #expect(!isGranted(said(&node, message(request(isPreVote: true), term: 2))))
    #expect(!isGranted(said(&node, message(request(isPreVote: false), term: 2))))
    let entry = LogEntry(index: LogIndex(1), term: Term(2), kind: .command, payload: [])
    let append = AppendRequest(previous: .zero, entries: [entry], commit: .zero)
    #expect(said(&node, message(.append(append), term: 2)) == [.forgot(Self.life)])
    #expect(node.lastIndex == .zero && node.isForgetful)
  }

  @Test("takes only a state from after its vote was taken away")
  func states() {
    var node = RaftNode(
      id: MemberID(1), configuration: .unknown, from: .init(forgetfulLife: Self.life))
    let old = SnapshotMark(
      last: EntryMark(index: LogIndex(5), term: Term(2)), configuration: Self.demoted)
    let new = SnapshotMark(
      last: EntryMark(index: LogIndex(8), term: Term(2)), configuration: Self.demoted)
    let voting = SnapshotMark(
      last: EntryMark(index: LogIndex(9), term: Term(2)), configuration: Self.voters)
    #expect(said(&node, message(.snapshot(new), term: 2)) == [.forgot(Self.life)])
    let other = MemberLife(rawValue: 78)
    #expect(said(&node, message(.demoted(other, at: LogIndex(1)), term: 2)) == [])
    #expect(said(&node, message(.snapshot(new), term: 2)) == [.forgot(Self.life)])
    #expect(said(&node, message(.demoted(Self.life, at: LogIndex(7)), term: 2)) == [])
    #expect(said(&node, message(.snapshot(old), term: 2)) == [.forgot(Self.life)])
    #expect(said(&node, message(.snapshot(voting), term: 2)) == [.forgot(Self.life)])
    var effects: [Effect] = []
    node.step(message(.snapshot(new), term: 2), into: &effects)
    #expect(effects.contains(.install(new)))
    node.step(.installed(new), into: &effects)
    #expect(!node.isForgetful && node.lastIndex == LogIndex(8))
    // A late message about an earlier life changes nothing.
    _ = said(&node, message(.demoted(Self.life, at: LogIndex(7)), term: 2))
    #expect(!node.isForgetful)
  }

  /// A leader of three, with an entry that a majority has.
  private func makeLeader() -> RaftNode {
    var leader = RaftNode(id: MemberID(1), configuration: Self.voters)
    _ = said(&leader, .campaign)
    for from in [2, 3] as [UInt64] {
      let answer = VoteAnswer(isGranted: true, isPreVote: true)
      _ = said(&leader, message(.voteAnswer(answer), term: 1, from: from))
    }
    _ = said(&leader, message(.voteAnswer(VoteAnswer(isGranted: true)), term: 1))
    #expect(leader.role == .leader)
    _ = said(&leader, message(.appendAnswer(.accepted(LogIndex(1))), term: 1))
    #expect(leader.commitIndex == LogIndex(1))
    return leader
  }

  private static func matchIndex(_ leader: RaftNode) -> LogIndex? {
    leader.followers.first { $0.member == MemberID(2) }?.matchIndex
  }

  @Test("has its acknowledgements forgotten by its leader, which gives it the state without a vote")
  func leading() {
    var leader = makeLeader()
    var effects: [Effect] = []
    leader.step(message(.forgot(Self.life), term: 1), into: &effects)
    #expect(effects.contains(.forgotten(MemberID(2), Self.life)))
    #expect(Self.matchIndex(leader) == .zero)
    // It still votes: no state yet.
    effects = []
    leader.step(.demoted(MemberID(2), Self.life), into: &effects)
    #expect(!effects.contains(.sendSnapshot(to: MemberID(2))))
    let without = Configuration(voters: [MemberID(1), MemberID(3)], learners: [MemberID(2)])
    leader.step(.applied(through: LogIndex(1)), into: &effects)
    leader.step(.reconfigured(without), into: &effects)
    leader.step(.demoted(MemberID(2), Self.life), into: &effects)
    #expect(effects.contains(.sendSnapshot(to: MemberID(2))))
  }

  @Test("and has taken the state since does not lose its vote again by what it said before")
  func lateWords() {
    var leader = makeLeader()
    _ = said(&leader, .applied(through: LogIndex(1)))
    let late = message(.forgot(Self.life), term: 1)
    _ = said(&leader, late)
    // What it acknowledged in its earlier life may come late as well, and counts for nothing.
    _ = said(&leader, message(.appendAnswer(.accepted(LogIndex(1))), term: 1))
    #expect(Self.matchIndex(leader) == .zero)
    let change = ProposedEntry(kind: .membership, payload: [])
    _ = said(&leader, .propose([change]))
    _ = said(&leader, message(.appendAnswer(.accepted(LogIndex(2))), term: 1, from: 3))
    let without = Configuration(voters: [MemberID(1), MemberID(3)], learners: [MemberID(2)])
    _ = said(&leader, .reconfigured(without))
    _ = said(&leader, .applied(through: LogIndex(2)))
    _ = said(&leader, .demoted(MemberID(2), Self.life))
    _ = said(&leader, message(.appendAnswer(.accepted(LogIndex(1))), term: 1))
    #expect(Self.matchIndex(leader) == .zero)
    #expect(leader.isForgetful(MemberID(2), in: Self.life))
    _ = said(&leader, message(.appendAnswer(.accepted(LogIndex(2))), term: 1))
    #expect(Self.matchIndex(leader) == LogIndex(2))
    var effects: [Effect] = []
    leader.step(late, into: &effects)
    #expect(effects.isEmpty && Self.matchIndex(leader) == LogIndex(2))
    #expect(!leader.isForgetful(MemberID(2), in: Self.life))
    // Another life without memory is news.
    let next = MemberLife(rawValue: 78)
    leader.step(message(.forgot(next), term: 1), into: &effects)
    #expect(effects.contains(.forgotten(MemberID(2), next)))
    #expect(Self.matchIndex(leader) == .zero)
  }
}
