public import Primitives

/// One request of one client, and what became of it.
public struct ClientOperation: Hashable, Sendable {
  /// What was asked for.
  public enum Action: Hashable, Sendable {
    /// The key's newest version, linearizably.
    case read(Bytes)
    /// Setting a key to a value that no other request writes, or deleting it (nil); with a guard only if the key
    /// was last modified at that revision (0: if it does not exist).
    case write(Bytes, value: Bytes?, ifModifiedAt: Revision?)
  }

  /// What is known of the result.
  public enum Outcome: Hashable, Sendable {
    /// Nothing: it may have been carried out, or not, or may be yet.
    case unknown
    /// It was not carried out, and will not be.
    case refused
    /// A read saw this version, or none, and said that the store was at a revision.
    case read(RevisionHistory.Version?, at: Revision)
    /// The write made a revision.
    case written(at: Revision)
    /// A guard did not hold at a revision.
    case unchanged(at: Revision)
  }

  /// What was asked for.
  public var action: Action
  /// When it was sent, on a clock that all clients share.
  public var begin: UInt64
  /// When the answer came; the end of time if none did.
  public var end: UInt64
  /// What became of it.
  public var outcome: Outcome

  /// Describes an operation.
  public init(_ action: Action, begin: UInt64, end: UInt64 = .max, outcome: Outcome) {
    self.action = action
    self.begin = begin
    self.end = end
    self.outcome = outcome
  }

  /// The key.
  public var key: Bytes {
    switch action {
    case .read(let key), .write(let key, _, _): key
    }
  }

  /// The revision that the answer showed.
  var revision: Revision? {
    switch outcome {
    case .unknown, .refused: nil
    case .read(_, let revision), .written(let revision), .unchanged(let revision): revision
    }
  }

  /// Whether it is known to have made its revision.
  var isWritten: Bool { if case .written = outcome { true } else { false } }
}
