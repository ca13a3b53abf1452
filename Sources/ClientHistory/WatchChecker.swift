public import Primitives

/// Whether a client that watches has had every event once, in order, and was never told to be further than that,
/// from whichever members it came.
public struct WatchChecker: Sendable {
  /// Events that were taken.
  public private(set) var events = 0
  /// The last revision of which nothing is missing.
  public private(set) var last: Revision
  private let from: Bytes
  private let end: Bytes?
  /// Events of the revision behind `last` that have come.
  private var partial = 0

  /// A watch on the keys from `from` up to, and without, `end` (nil: all keys after it), of what happens after a
  /// revision.
  public init(after revision: Revision, from: Bytes = [], end: Bytes? = nil) {
    last = revision
    self.from = from
    self.end = end
  }

  /// Takes an event that a revision made, and says what is wrong with it, if anything is.
  public mutating func take(
    _ change: RevisionHistory.Change, at revision: Revision, in history: RevisionHistory
  ) -> Violation? {
    events += 1
    guard revision > last else {
      return Violation(.watch, "an event of \(revision) came again, or late, behind \(last)")
    }
    while last.next < revision {
      let missing = wanted(last.next, history).count - partial
      if missing > 0 {
        return Violation(
          .watch, "an event of \(revision) came, and \(missing) of \(last.next) did not")
      }
      advance()
    }
    let expected = wanted(revision, history)
    guard expected.indices.contains(partial), expected[partial] == change else {
      return Violation(.watch, "the event of \(revision) is not what the history has there")
    }
    partial += 1
    if partial == expected.count { advance() }
    return nil
  }

  /// The stream says that everything up to a revision has been sent.
  public mutating func take(
    progressAt revision: Revision, in history: RevisionHistory
  ) -> Violation? {
    if revision > history.last {
      return Violation(.watch, "told to be at \(revision), the history ends at \(history.last)")
    }
    while last < revision {
      if wanted(last.next, history).count > partial {
        return Violation(.watch, "told to be at \(revision), events of \(last.next) are missing")
      }
      advance()
    }
    return nil
  }

  /// The stream ended; the next one begins behind `last`, and what was begun comes again.
  public mutating func reconnect() { partial = 0 }

  /// What was missed is gone: the client has listed everything at a revision, and goes on from there.
  public mutating func begin(after revision: Revision) {
    last = revision
    partial = 0
  }

  private mutating func advance() {
    last = last.next
    partial = 0
  }

  private func wanted(
    _ revision: Revision, _ history: RevisionHistory
  ) -> [RevisionHistory.Change] {
    guard let changes = history.changes(revision) else { return [] }
    if from.isEmpty, end == nil { return changes }
    return changes.filter { change in
      !isOrdered(change.key, before: from) && end.map { isOrdered(change.key, before: $0) } ?? true
    }
  }
}
