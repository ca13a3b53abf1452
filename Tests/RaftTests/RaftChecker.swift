import Primitives
import Raft

/// What must hold in every state of every cluster: the properties in figure 3 of the Raft paper, and
/// that reads see what was committed before they were asked for.
struct RaftChecker {
  private struct Registered: Equatable {
    var kind: LogEntry.Kind
    var payload: Bytes
    var previousTerm: Term
  }

  private(set) var failures: [String] = []
  private var leaders: [Term: MemberID] = [:]
  private var entries: [EntryMark: Registered] = [:]
  /// The terms of the committed entries, from index 1 on, and in which term each was first known to be;
  /// nil where a snapshot hid them.
  private var committed: [(term: Term, knownIn: Term)?] = []
  private var seenCommit: [MemberID: LogIndex] = [:]
  private var reads: [ReadID: LogIndex] = [:]
  private(set) var servedReads = 0
  private(set) var elections = 0

  /// The highest entry that any member ever knew to be committed.
  var commitIndex: LogIndex { LogIndex(UInt64(committed.count)) }

  mutating func fail(_ line: String) { if failures.count < 10 { failures.append(line) } }

  /// A member has an entry in its log: the same index and term mean the same entry, behind the same.
  mutating func appended(_ entry: LogEntry, by member: TestMember) {
    let mark = EntryMark(index: entry.index, term: entry.term)
    let previous = member.node?.terms.term(at: LogIndex(entry.index.rawValue - 1)) ?? .zero
    let found = Registered(kind: entry.kind, payload: entry.payload, previousTerm: previous)
    guard let known = entries[mark] else {
      entries[mark] = found
      return
    }
    if known != found { fail("log matching: \(member.id) has another \(mark)") }
  }

  mutating func applied(_ entry: LogEntry, by member: TestMember) {
    let mark = EntryMark(index: entry.index, term: entry.term)
    note(mark, by: member.id, in: member.node?.currentTerm ?? .zero)
    if entries[mark]?.payload != entry.payload {
      fail("state machines: \(member.id) applied another \(mark)")
    }
  }

  /// Looks at a member after each of its steps.
  mutating func look(at member: TestMember) {
    guard let commit = member.node?.commitIndex, let term = member.node?.currentTerm,
      let role = member.node?.role
    else {
      seenCommit[member.id] = nil
      return
    }
    if role == .leader, leaders[term] != member.id { lead(member.id, member.node!.terms, term) }
    guard commit > seenCommit[member.id] ?? .zero, let terms = member.node?.terms else { return }
    let from = max(seenCommit[member.id] ?? .zero, terms.base.index)
    for index in stride(from: from.next.rawValue, through: commit.rawValue, by: 1) {
      guard let entryTerm = terms.term(at: LogIndex(index)) else { continue }
      note(EntryMark(index: LogIndex(index), term: entryTerm), by: member.id, in: term)
    }
    seenCommit[member.id] = commit
  }

  private mutating func note(_ mark: EntryMark, by member: MemberID, in term: Term) {
    while committed.count < Int(mark.index.rawValue) { committed.append(nil) }
    let place = Int(mark.index.rawValue) - 1
    if let known = committed[place] {
      if known.term != mark.term {
        fail("committed entries: \(member) has \(mark), committed was one of term \(known.term)")
      }
    } else {
      committed[place] = (mark.term, term)
    }
  }

  private mutating func lead(_ id: MemberID, _ terms: TermRuns, _ term: Term) {
    if let other = leaders[term] {
      return fail("election safety: \(other) and \(id) lead term \(term)")
    }
    leaders[term] = id
    elections += 1
    for (place, entry) in committed.enumerated() {
      let index = LogIndex(UInt64(place) + 1)
      guard let entry, entry.knownIn < term, index > terms.base.index else { continue }
      if terms.term(at: index) != entry.term {
        return fail("leader completeness: \(id) leads \(term) without \(index)@\(entry.term)")
      }
    }
  }

  // MARK: Reads

  mutating func asked(_ read: ReadID) { reads[read] = commitIndex }

  mutating func served(_ read: ReadID, _ state: TestState, by member: MemberID) {
    servedReads += 1
    guard let floor = reads.removeValue(forKey: read) else { return }
    if state.last.index < floor {
      fail("stale read: \(member) at \(state.last.index), \(floor) was committed before")
    }
  }
}
