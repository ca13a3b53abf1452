import Primitives
import Raft
import Testing

/// A node with the surroundings that it asks for: everything is durable and applied at once.
struct Surroundings {
  var node: RaftNode
  var durable: [LogEntry] = []
  var hardState = HardState()
  var applied: [LogIndex] = []

  init(from start: RaftNode.Start = .init()) {
    node = RaftNode(
      id: MemberID(1), configuration: Configuration(voters: [MemberID(1)]), from: start)
    hardState = start.hardState
  }

  mutating func run(_ event: Event) {
    var effects: [Effect] = []
    node.step(event, into: &effects)
    var next = 0
    while next < effects.count {
      switch effects[next] {
      case .persist(let state, let through, let messages):
        if let state { hardState = state }
        durable.append(contentsOf: node.unstableEntries.filter { $0.index <= through })
        node.step(.persisted(through: through), into: &effects)
        for message in messages { node.step(.message(message), into: &effects) }
      case .apply(let through):
        for index in node.lastApplied.next.rawValue...through.rawValue {
          applied.append(LogIndex(index))
        }
        node.step(.applied(through: through), into: &effects)
      }
      next += 1
    }
  }
}

@Suite("A group of one voter")
struct RaftNodeTests {
  @Test("elects itself in a new term, and serves only after an entry of that term is committed")
  func election() {
    var one = Surroundings(
      from: .init(hardState: HardState(term: Term(4), votedFor: MemberID(1), commit: .zero)))
    var effects: [Effect] = []
    one.node.step(.campaign, into: &effects)
    #expect(one.node.role == .candidate)
    #expect(one.node.currentTerm == Term(5))
    // The vote for itself does not count before it is durable.
    guard case .persist(let state, LogIndex.zero, let vote) = effects[0] else {
      Issue.record("no vote to persist: \(effects)")
      return
    }
    #expect(state == HardState(term: Term(5), votedFor: MemberID(1), commit: .zero))
    #expect(one.node.readIndex == nil)

    effects = []
    for message in vote { one.node.step(.message(message), into: &effects) }
    #expect(one.node.role == .leader)
    #expect(one.node.readIndex == nil)
    #expect(one.node.unstableEntries.map(\.kind) == [.empty])

    one.node.step(.persisted(through: LogIndex(1)), into: &effects)
    #expect(one.node.commitIndex == LogIndex(1))
    #expect(one.node.readIndex == LogIndex(1))
    #expect(effects.last == .apply(through: LogIndex(1)))
  }

  @Test("commits what it proposed once that is durable, and hands it on once, in order")
  func proposals() {
    var one = Surroundings()
    one.run(.campaign)
    for batch in 1...20 {
      one.run(.propose((0..<batch).map { ProposedEntry(payload: [UInt8($0)]) }))
    }
    let last = 1 + 20 * 21 / 2
    #expect(one.applied == (1...last).map { LogIndex(UInt64($0)) })
    #expect(one.durable.map(\.index) == one.applied)
    #expect(one.durable.allSatisfy { $0.term == Term(1) })
    #expect(one.node.unstableEntries.isEmpty)
  }

  @Test("does not commit an entry that is not durable")
  func durability() {
    var one = Surroundings()
    one.run(.campaign)
    var effects: [Effect] = []
    one.node.step(.propose([ProposedEntry(payload: [1])]), into: &effects)
    #expect(one.node.commitIndex == LogIndex(1))
    #expect(!effects.contains { if case .apply = $0 { true } else { false } })
  }

  @Test("commits entries of earlier terms only below one of its own")
  func earlierTerms() {
    var one = Surroundings(
      from: .init(
        hardState: HardState(term: Term(2), votedFor: MemberID(1), commit: LogIndex(3)),
        lastIndex: LogIndex(7), lastTerm: Term(2), appliedIndex: LogIndex(1)))
    var effects: [Effect] = []
    one.node.step(.campaign, into: &effects)
    // What was known to be committed may be applied at once; the rest waits for an entry of the new
    // term.
    #expect(effects.last == .apply(through: LogIndex(3)))
    #expect(one.node.commitIndex == LogIndex(3))

    one = Surroundings(
      from: .init(
        hardState: HardState(term: Term(2), votedFor: MemberID(1), commit: LogIndex(3)),
        lastIndex: LogIndex(7), lastTerm: Term(2), appliedIndex: LogIndex(1)))
    one.run(.campaign)
    #expect(one.node.commitIndex == LogIndex(8))
    #expect(one.applied == (2...8).map { LogIndex($0) })
    #expect(
      one.durable == [
        LogEntry(index: LogIndex(8), term: Term(3), kind: .empty, payload: [])
      ])
  }

  @Test("stands for election when ticks bring no leader")
  func timeout() {
    var one = Surroundings()
    for _ in 1..<RaftNode.electionTicks { one.run(.tick) }
    #expect(one.node.role == .follower)
    one.run(.tick)
    #expect(one.node.role == .leader)
    let term = one.node.currentTerm
    for _ in 0..<100 { one.run(.tick) }
    #expect(one.node.currentTerm == term)
  }

  @Test("ignores votes of another term")
  func staleVotes() {
    var one = Surroundings()
    var effects: [Effect] = []
    one.node.step(.campaign, into: &effects)
    let stale = Message(
      from: MemberID(1), to: MemberID(1), term: .zero, content: .voteAnswer(granted: true))
    one.node.step(.message(stale), into: &effects)
    #expect(one.node.role == .candidate)
  }
}

@Suite("A configuration")
struct ConfigurationTests {
  @Test(
    "counts what a majority of its voters has reached",
    arguments: [
      [5], [5, 9], [1, 5, 9], [1, 5, 7, 9], [1, 2, 5, 7, 9],
    ] as [[UInt64]])
  func quorum(reached: [UInt64]) {
    let voters = (0..<reached.count).map { MemberID(UInt64($0 + 1)) }
    let configuration = Configuration(voters: voters, learners: [MemberID(99)])
    let index = configuration.quorumIndex { LogIndex(reached[Int($0.rawValue) - 1]) }
    #expect(index == LogIndex(5))
    #expect(configuration.quorum == reached.count / 2 + 1)
  }
}
