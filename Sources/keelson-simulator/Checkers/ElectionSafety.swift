import ClientHistory
import Primitives
import Raft

/// At most one member leads in a term, and it has every entry that was known to be committed before its term:
/// Election Safety and Leader Completeness in figure 3 of the Raft paper.
struct ElectionSafety {
  private var leaders: [Term: MemberID] = [:]
  private(set) var elections = 0

  /// Looks at a member after one of its steps.
  mutating func look(
    at id: MemberID, role: RaftNode.Role, term: Term, log: TermRuns, committed: CommittedEntries
  ) -> Violation? {
    guard role == .leader, leaders[term] != id else { return nil }
    if let other = leaders[term] {
      return Violation(.electionSafety, "\(other) and \(id) lead term \(term)")
    }
    leaders[term] = id
    elections += 1
    guard let missing = committed.firstMissing(in: log, before: term) else { return nil }
    return Violation(
      .electionSafety, "\(id) leads term \(term) without the committed entry \(missing)")
  }
}
