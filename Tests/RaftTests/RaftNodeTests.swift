import Environment
import Primitives
import Simulation
import Testing

@testable import Raft

@Suite("A group of one voter")
struct RaftNodeTests {
  private static let only = Configuration(voters: [MemberID(1)])

  private func node(from start: RaftNode.Start = .init()) -> RaftNode {
    RaftNode(id: MemberID(1), configuration: Self.only, from: start)
  }

  private func earlier(entries: Int) -> RaftNode.Start {
    var terms = TermRuns()
    for _ in 0..<entries { terms.append(Term(2)) }
    return RaftNode.Start(
      hardState: HardState(term: Term(2), votedFor: MemberID(1), commit: LogIndex(3)),
      terms: terms, appliedIndex: LogIndex(1))
  }

  @Test("elects itself in a new term, and serves only after an entry of that term is committed")
  func election() {
    var one = node(
      from: .init(hardState: HardState(term: Term(4), votedFor: MemberID(1), commit: .zero)))
    var effects: [Effect] = []
    one.step(.campaign, into: &effects)
    #expect(one.role == .candidate)
    #expect(one.currentTerm == Term(5))
    // The vote for itself does not count before it is durable.
    guard case .persist(let vote) = effects.first, effects.count == 1 else {
      Issue.record("no vote to persist: \(effects)")
      return
    }
    #expect(vote.hardState == HardState(term: Term(5), votedFor: MemberID(1), commit: .zero))
    #expect(vote.entries == nil)
    #expect(one.readIndex == nil)

    effects = []
    one.step(.persisted(vote.number), into: &effects)
    #expect(one.role == .leader)
    #expect(one.readIndex == nil)
    #expect(one.unstableEntries.map(\.kind) == [.empty])
    guard case .persist(let first) = effects.first else {
      Issue.record("no entry to persist: \(effects)")
      return
    }
    #expect(first.entries == LogIndex(1)...LogIndex(1))
    #expect(first.hardState == nil)

    one.step(.persisted(first.number), into: &effects)
    #expect(one.commitIndex == LogIndex(1))
    #expect(one.readIndex == LogIndex(1))
    #expect(effects.last == .apply(through: LogIndex(1)))
  }

  @Test("commits what it proposed once that is durable, and hands it on once, in order")
  func proposals() {
    let one = TestMember(MemberID(1), configuration: Self.only)
    one.start(seed: 1)
    one.step(.campaign)
    for batch in 1...20 {
      one.step(.propose((0..<batch).map { ProposedEntry(payload: [UInt8($0)]) }))
    }
    let last = 1 + 20 * 21 / 2
    #expect(one.state.commands == (1...20).flatMap { (0..<$0).map { [UInt8($0)] } })
    #expect(one.disk.entries.map(\.index) == (1...last).map { LogIndex(UInt64($0)) })
    #expect(one.disk.entries.allSatisfy { $0.term == Term(1) })
    #expect(one.node?.unstableEntries.isEmpty == true)
  }

  @Test("does not commit an entry that is not durable")
  func durability() {
    let one = TestMember(MemberID(1), configuration: Self.only)
    one.start(seed: 1)
    one.step(.campaign)
    one.holdsDisk = true
    one.step(.propose([ProposedEntry(payload: [1])]))
    #expect(one.node?.commitIndex == LogIndex(1))
    #expect(one.state.commands.isEmpty)
    one.sync()
    #expect(one.state.commands == [[1]])
  }

  @Test("commits entries of earlier terms only below one of its own")
  func earlierTerms() {
    var one = node(from: earlier(entries: 7))
    var effects: [Effect] = []
    one.step(.campaign, into: &effects)
    // What was known to be committed may be applied at once; the rest waits for an entry of the new
    // term.
    #expect(effects.last == .apply(through: LogIndex(3)))
    #expect(one.commitIndex == LogIndex(3))
    for number in 1...2 as ClosedRange<UInt64> {
      effects = []
      one.step(.persisted(PersistNumber(rawValue: number)), into: &effects)
    }
    #expect(one.commitIndex == LogIndex(8))
    #expect(effects.last == .apply(through: LogIndex(8)))
    #expect(one.terms.term(at: LogIndex(8)) == Term(3))
  }

  @Test("stands for election when ticks bring no leader, at a time of its own")
  func timeout() {
    let settings = RaftSettings()
    var times: Set<Int> = []
    for seed in 1...40 as ClosedRange<UInt64> {
      let one = TestMember(MemberID(1), configuration: Self.only)
      one.start(seed: seed)
      var ticks = 0
      while one.node?.role != .leader {
        one.step(.tick)
        ticks += 1
      }
      #expect(ticks >= settings.electionTicks && ticks < 2 * settings.electionTicks)
      times.insert(ticks)
      let term = one.node?.currentTerm
      for _ in 0..<100 { one.step(.tick) }
      #expect(one.node?.currentTerm == term)
    }
    #expect(times.count > 5)
  }

  @Test("ignores votes of another term")
  func staleVotes() {
    var one = node()
    var effects: [Effect] = []
    one.step(.campaign, into: &effects)
    let stale = Message(
      from: MemberID(1), to: MemberID(1), term: .zero,
      content: .voteAnswer(VoteAnswer(isGranted: true)))
    one.step(.message(stale), into: &effects)
    #expect(one.role == .candidate)
  }
}

@Suite("A follower")
struct FollowerTests {
  @Test("holds what it received until it has applied it, and no longer")
  func heldEntries() {
    var node = RaftNode(
      id: MemberID(1),
      configuration: Configuration(voters: [MemberID(1), MemberID(2), MemberID(3)]))
    var effects: [Effect] = []
    func append(_ entries: [LogEntry], after previous: EntryMark, commit: UInt64) {
      let request = AppendRequest(previous: previous, entries: entries, commit: LogIndex(commit))
      node.step(
        .message(
          Message(
            from: MemberID(2), to: MemberID(1), term: Term(1), content: .append(request))),
        into: &effects)
      while let effect = effects.first {
        effects.removeFirst()
        if case .persist(let persist) = effect {
          node.step(.persisted(persist.number), into: &effects)
        }
      }
    }
    let entries = (1...8).map {
      LogEntry(index: LogIndex($0), term: Term(1), kind: .command, payload: [UInt8($0)])
    }
    append(entries, after: .zero, commit: 0)
    #expect(node.heldEntries(LogIndex(1)...LogIndex(8)).map(Array.init) == entries)
    append([], after: EntryMark(index: LogIndex(8), term: Term(1)), commit: 6)
    #expect(node.heldEntries(LogIndex(1)...LogIndex(6)).map(Array.init) == Array(entries[..<6]))
    node.step(.applied(through: LogIndex(6)), into: &effects)
    #expect(node.heldEntries(LogIndex(6)...LogIndex(8)) == nil)
    #expect(node.heldEntries(LogIndex(7)...LogIndex(8)).map(Array.init) == Array(entries[6...]))
    append([], after: EntryMark(index: LogIndex(8), term: Term(1)), commit: 8)
    node.step(.applied(through: LogIndex(8)), into: &effects)
    #expect(node.heldEntries(LogIndex(8)...LogIndex(8)) == nil)
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

  @Test("without voters never has a majority")
  func unknown() {
    #expect(Configuration.unknown.quorumIndex { _ in LogIndex(7) } == .zero)
    #expect(!Configuration.unknown.hasQuorum { _ in true })
  }
}

@Suite("The terms of a log")
struct TermRunsTests {
  @Test("agree with a plain list, whatever is appended, cut off and dropped")
  func model() {
    let entropy = SeededEntropy(seed: 7)
    func below(_ bound: UInt64) -> UInt64 { entropy.next(below: bound) }
    for _ in 0..<200 {
      var runs = TermRuns(after: EntryMark(index: LogIndex(below(5)), term: Term(below(2))))
      // The base's term, and that of each entry behind it.
      var list = [runs.base.term]
      for _ in 0..<60 {
        let base = runs.base.index.rawValue
        switch below(10) {
        case 0 where list.count > 1:
          let cut = 1 + below(UInt64(list.count) - 1)
          runs.truncate(from: LogIndex(base + cut))
          list.removeLast(list.count - Int(cut))
        case 1:
          let cut = below(UInt64(list.count))
          runs.drop(through: LogIndex(base + cut))
          list.removeFirst(Int(cut))
        default:
          list.append(Term(list.last!.rawValue + (below(3) == 0 ? 1 : 0)))
          runs.append(list.last!)
        }
        check(runs, list, below)
      }
    }
  }

  private func check(_ runs: TermRuns, _ list: [Term], _ below: (UInt64) -> UInt64) {
    let base = runs.base.index.rawValue
    #expect(runs.lastIndex == LogIndex(base + UInt64(list.count) - 1))
    #expect(runs.last.term == list.last)
    for (offset, term) in list.enumerated() {
      #expect(runs.term(at: LogIndex(base + UInt64(offset))) == term)
    }
    #expect(runs.term(at: runs.lastIndex.next) == nil)
    let bound = below(UInt64(list.count) + 2)
    let term = Term(below(list.last!.rawValue + 2))
    let place = list.indices.last { $0 <= Int(bound) && list[$0] <= term } ?? 0
    #expect(
      runs.lastEntry(through: LogIndex(base + bound), ofTermAtMost: term)
        == EntryMark(index: LogIndex(base + UInt64(place)), term: list[place]))
  }
}
