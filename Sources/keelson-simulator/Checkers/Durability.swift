import ClientHistory
import MVCC
import Primitives

/// Nothing that was acknowledged is lost: in the end whoever leads has every revision that a client was told of,
/// and every one that any member ever showed.
struct Durability {
  private var acknowledged = Revision.zero

  /// A client was told of a revision.
  mutating func acknowledge(_ revision: Revision) { acknowledged = max(acknowledged, revision) }

  /// Looks at the leader's store when everything is healed.
  func look(at store: Store, _ history: RevisionHistory) -> Violation? {
    let owed = max(acknowledged, history.last)
    guard store.currentRevision < owed else { return nil }
    return Violation(
      .durability, "\(owed) was acknowledged or shown, \(store.currentRevision) is left")
  }
}
