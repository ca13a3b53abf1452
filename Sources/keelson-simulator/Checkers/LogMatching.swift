import ClientHistory
import Primitives
import Raft
import ReplicaCore

/// Two logs that have an entry of the same index and term are equal up to there: figure 3 of the Raft paper.
/// It reads what the members' disks hold.
struct LogMatching {
  private struct Content: Equatable {
    var checksum: UInt32
    /// The term of the entry before.
    var previous: Term
  }

  private var entries: [EntryMark: Content] = [:]
  /// The last entry of each member that was looked at.
  private var seen: [MemberID: EntryMark] = [:]
  private(set) var compared = 0

  /// A member starts, with whatever its disk has.
  mutating func forget(_ member: MemberID) { seen[member] = nil }

  /// Looks at a member's log from where it was the same as last time.
  mutating func look(at replica: Replica, _ id: MemberID) -> Violation? {
    let terms = replica.logTerms
    let last = terms.last
    guard last != seen[id] else { return nil }
    var from = terms.base.index.next
    if let seen = seen[id], terms.contains(seen) { from = max(from, seen.index.next) }
    seen[id] = last
    // What cannot be read is for the replica to find.
    guard from <= last.index, let found = try? replica.logEntries(from: from) else { return nil }
    for entry in found {
      compared += 1
      let previous = terms.term(at: LogIndex(entry.index.rawValue - 1)) ?? .zero
      let content = Content(
        checksum: CRC32C.checksum(entry.payload, continuing: UInt32(entry.kind.rawValue)),
        previous: previous)
      let mark = EntryMark(index: entry.index, term: entry.term)
      if let known = entries.updateValue(content, forKey: mark), known != content {
        return Violation(.logMatching, "\(id) has another entry \(mark)")
      }
    }
    return nil
  }
}
