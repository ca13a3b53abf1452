internal import Engine
internal import Primitives
internal import Synchronization

/// Dropping history below the floor, in the background.
///
/// Memory knows each superseded version in the order in which it was superseded, so the cost is that of the
/// versions dropped. Deletions go to the engine behind the batch that set the floor; a crash between slices loses
/// nothing, because the next start finds what is left.
extension Store {
  /// Drops up to `compactionSliceVersions` versions that only revisions below the floor can see, and tells whether
  /// there is more to do. The writer is held up for one slice: about 0.05 ms.
  ///
  /// A deletion at the floor itself stays until the next compaction: a watch may still start there.
  public func compactSlice() -> Bool {
    state.withLock { state in
      let floor = state.sealedFloor
      if state.finishedFloor >= floor { return false }
      var batch = StoreState.SealedBatch()
      var left = configuration.compactionSliceVersions
      var isDone = false
      while left > 0, !isDone {
        left -= 1
        if let oldest = state.superseded.first, oldest.by <= floor {
          state.superseded.removeFirst()
          if let version = oldest.history.removeSuperseded() {
            state.drop(version.revision, byteCount: Int(version.byteCount), &batch)
          }
        } else if let oldest = state.tombstones.first, oldest.revision.main.rawValue < floor {
          state.tombstones.removeFirst()
          state.dropTombstone(oldest, &batch)
        } else {
          isDone = true
        }
      }
      if isDone {
        state.finishedFloor = floor
        batch.changes.put(
          .meta, key: StoreLayout.finishedCompactionKey, value: StoreLayout.bigEndian(floor))
      }
      batch.byteCount = batch.changes.byteCount
      state.unfedBytes += batch.byteCount
      if !batch.isEmpty { state.queue.append(batch) }
      return !isDone
    }
  }
}

extension StoreState {
  fileprivate mutating func drop(
    _ revision: SubRevision, byteCount: Int, _ batch: inout SealedBatch
  ) {
    logicalBytes -= StoreLayout.byteCount(revision, stored: byteCount)
    compactedVersions += 1
    batch.changes.delete(.records, key: StoreLayout.recordKey(revision))
  }

  /// Drops a deletion: the key's newest version, or, if the key was written again, the oldest of its history,
  /// unless it went with the superseded ones.
  fileprivate mutating func dropTombstone(_ tombstone: Record, _ batch: inout SealedBatch) {
    let key = tombstone.key
    guard let newest = index.newest(key) else { return }
    if newest.revision == tombstone.revision {
      index.remove(key)
      drop(tombstone.revision, byteCount: tombstone.byteCount, &batch)
    } else if let history = newest.previous, history.first?.revision == tombstone.revision {
      let version = history.removeTombstone()
      drop(version.revision, byteCount: Int(version.byteCount), &batch)
    }
  }
}
