internal import Engine
public import Primitives
internal import Synchronization

/// Bringing the engine up to what memory holds.
extension Store {
  /// Applies all finished batches to the engine, merged into large ones.
  ///
  /// Not on the writer's thread. If the engine refuses, what it did not take stays for the next call.
  public func feedEngine() throws(StoreError) {
    try feeding.withLock { (_) throws(StoreError) in try feed() }
  }

  /// Feeds the engine and makes everything in it durable: the log may be cut up to the index returned.
  public func flush() throws(StoreError) -> LogIndex {
    try feeding.withLock { (_) throws(StoreError) -> LogIndex in
      try feed()
      let index = state.withLock { $0.fedIndex }
      do throws(EngineError) { try engine.flush() } catch { throw StoreError(error) }
      return index
    }
  }

  /// Pins the engine's state behind all finished batches.
  public func snapshotView() throws(StoreError) -> StoreSnapshot {
    try feeding.withLock { (_) throws(StoreError) -> StoreSnapshot in
      try feed()
      do throws(EngineError) {
        return try StoreSnapshot(try engine.snapshot())
      } catch {
        throw StoreError(error)
      }
    }
  }

  private func feed() throws(StoreError) {
    var batches = state.withLock { state in
      let batches = state.queue
      state.queue = []
      return batches
    }
    while !batches.isEmpty {
      let (batch, taken) = merge(batches)
      do throws(EngineError) {
        try applyToEngine(batch)
      } catch {
        state.withLock { [batches] in $0.queue.insert(contentsOf: batches, at: 0) }
        throw StoreError(error)
      }
      noteFed(batches.prefix(taken))
      batches.removeFirst(taken)
    }
  }

  @inline(__always)
  private func applyToEngine(_ batch: EngineBatch) throws(EngineError) {
    #if DEBUG || PLANTED_BUGS
      if configuration.plantedBug == .splitAppliedIndex {
        var (content, mark) = (EngineBatch(), EngineBatch())
        for change in batch.changes {
          switch change {
          case .put(.meta, StoreLayout.appliedKey, let value):
            mark.put(.meta, key: StoreLayout.appliedKey, value: value)
          case .put(let table, let key, let value): content.put(table, key: key, value: value)
          case .delete(let table, let key): content.delete(table, key: key)
          case .deleteRange(let table, let from, let to):
            content.deleteRange(table, from: from, to: to)
          }
        }
        try engine.apply(content)
        return try engine.apply(mark)
      }
    #endif
    try engine.apply(batch)
  }

  private func noteFed(_ batches: ArraySlice<StoreState.SealedBatch>) {
    let revision = state.withLock { state in
      for batch in batches {
        state.unfedBytes -= batch.byteCount
        if let applied = batch.applied {
          state.fedIndex = applied.index
          state.fedRevision = applied.revision
        }
      }
      return state.fedRevision
    }
    recent.setFed(revision)
  }

  /// As many batches as make a large one; at least one.
  private func merge(_ batches: [StoreState.SealedBatch]) -> (EngineBatch, taken: Int) {
    var merged = EngineBatch()
    var applied: (index: LogIndex, revision: Revision)?
    var taken = 0
    var room = (changes: 1, bytes: 64)
    for batch in batches {
      if room.changes > 1, room.bytes + batch.byteCount > configuration.engineBatchBytes { break }
      room.changes += batch.records.count
      room.bytes += batch.byteCount + 12 * batch.records.count
    }
    merged.reserve(room.changes, extraBytes: room.bytes)
    for batch in batches {
      if taken > 0, merged.byteCount + batch.byteCount > configuration.engineBatchBytes { break }
      for record in batch.records {
        let key = StoreLayout.recordKey(record.revision)
        unsafe record.withStored { unsafe merged.put(.records, key: key, value: $0) }
      }
      merged.append(batch.changes)
      applied = batch.applied ?? applied
      taken += 1
    }
    if let applied {
      merged.put(
        .meta, key: StoreLayout.appliedKey,
        value: StoreLayout.encodeApplied(applied.index, applied.revision))
    }
    return (merged, taken)
  }
}
