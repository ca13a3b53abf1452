public import Engine
internal import Primitives
internal import Synchronization

/// Exchanging the whole state for a later one of the same store.
extension Store {
  /// Goes on with the state that lies in another engine: what a member does that lagged so far behind that it was
  /// sent the state instead of the entries.
  ///
  /// Reads see the one state or the other, never a mixture; a read in several steps may end with `compacted`.
  /// Watches find what lies between in the new engine's history. Whoever holds the old engine may go on reading
  /// it. For the writer's thread, between batches. Cost: as opening a store; reads go on meanwhile.
  /// - Throws: `corrupt` or `engineFailed`; the store is as before then.
  public func replace(with engine: any Engine) throws(StoreError) {
    var loader = StoreLoader()
    // All values at once: nobody waits for this state, the one before still answers.
    try loader.load(engine, configuration.unhurriedly, leavingValuesIn: nil)
    let revision = loader.revision
    let new = LoadedState(loader.finish())
    // Nobody feeds or flushes the one engine with what belongs to the other.
    feeding.withLock { _ in
      state.withLock { state in
        new.takePlace(of: &state)
        place.withLock { $0 = engine }
        recent.restart(after: revision)
      }
    }
    published.store(revision.rawValue, ordering: .releasing)
  }
}

/// A state before it takes another's place, and then that other one.
///
/// `@unchecked`: only who loaded it knows it.
private final class LoadedState: @unchecked Sendable {
  private var state: StoreState

  init(_ state: consuming StoreState) { self.state = state }

  func takePlace(of other: inout StoreState) {
    state.continue(after: other)
    swap(&state, &other)
  }
}

extension StoreState {
  /// Goes on counting where an earlier state of the same store stands.
  fileprivate mutating func `continue`(after last: borrowing StoreState) {
    invariant(
      appliedIndex >= last.appliedIndex && revision >= last.revision,
      "a state as of \(appliedIndex), \(revision) takes the place of one as of "
        + "\(last.appliedIndex), \(last.revision)")
    puts = last.puts
    deletes = last.deletes
    transactions = last.transactions
    compactedVersions = last.compactedVersions
  }
}
