import ClientHistory
import Primitives
import Raft

/// An entry that any member knew to be committed is the one that every member has there, for ever.
struct CommittedEntries {
  /// The terms of the committed entries, from index 1 on, and the term in which each was first known to be
  /// committed; nil where a state hid them.
  private var entries: [(term: Term, knownIn: Term)?] = []
  private var seen: [MemberID: LogIndex] = [:]

  /// A member starts, with whatever its disk has.
  mutating func forget(_ member: MemberID) { seen[member] = nil }

  /// Looks at a member after one of its steps.
  mutating func look(
    at id: MemberID, commit: LogIndex, term: Term, log: @autoclosure () -> TermRuns
  ) -> Violation? {
    let before = seen[id] ?? .zero
    guard commit > before else { return nil }
    seen[id] = commit
    let log = log()
    for number in stride(
      from: max(before, log.base.index).next.rawValue, through: commit.rawValue, by: 1)
    {
      guard let found = log.term(at: LogIndex(number)) else { continue }
      while entries.count < Int(number) { entries.append(nil) }
      if let known = entries[Int(number) - 1] {
        if known.term != found {
          return Violation(
            .committedEntries, "\(id) has \(number)@\(found), committed was \(number)@\(known.term)"
          )
        }
      } else {
        entries[Int(number) - 1] = (found, term)
      }
    }
    return nil
  }

  /// The first entry that was known to be committed before `term` and that a log lacks or has otherwise.
  func firstMissing(in log: TermRuns, before term: Term) -> EntryMark? {
    for number in stride(
      from: log.base.index.next.rawValue, through: UInt64(entries.count), by: 1)
    {
      guard let entry = entries[Int(number) - 1], entry.knownIn < term else { continue }
      let index = LogIndex(number)
      if log.term(at: index) != entry.term { return EntryMark(index: index, term: entry.term) }
    }
    return nil
  }
}
