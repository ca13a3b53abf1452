public import Primitives

/// Names one entry: no two entries of a group have the same index and term (section 5.3 of the Raft
/// paper, "log matching").
public struct EntryMark: Hashable, Sendable, CustomStringConvertible {
  /// Where the entry stands.
  public var index: LogIndex
  /// The term of the leader that appended it.
  public var term: Term

  /// Names an entry.
  public init(index: LogIndex, term: Term) {
    self.index = index
    self.term = term
  }

  /// Before the first entry.
  public static let zero = EntryMark(index: .zero, term: .zero)

  /// Whether a log that ends here is at least as up-to-date as one that ends at `other` (section
  /// 5.4.1).
  public func isUpToDate(with other: EntryMark) -> Bool {
    term != other.term ? term > other.term : index >= other.index
  }

  public var description: String { "\(index)@\(term)" }
}

/// A state of the state machine, named by the last entry in it.
public struct SnapshotMark: Hashable, Sendable {
  /// The last entry that the state contains.
  public var last: EntryMark
  /// Who belonged to the group in that state.
  public var configuration: Configuration

  /// Names a state.
  public init(last: EntryMark, configuration: Configuration) {
    self.last = last
    self.configuration = configuration
  }
}
