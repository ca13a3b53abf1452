public import Primitives
internal import Engine
internal import Synchronization

/// Reading ranges of keys, at the present revision or an older one.
extension Store {
  /// Reads a range with etcd's semantics: filters apply to everything in the range, then the order,
  /// then the limit; an order by anything but the key without a direction sorts what the limit let
  /// through.
  ///
  /// Long reads let the writer go on between slices. A read at the present revision touches memory
  /// alone; at an older one it may block on the engine.
  /// - Throws: `compacted`, also if compaction overtakes the read, `futureRevision`, `corrupt`,
  ///   `engineFailed`.
  public func range(_ operation: RangeOperation) throws(StoreError) -> RangeResult {
    rangeCount.add(1, ordering: .relaxed)
    if operation.isPlainGet { return get(operation) }
    let plan = RangePlan(operation)
    var slice = RangeSlice()
    var (pin, present, count) = try state.withLock {
      (state) throws(StoreError) -> (Revision, Revision, Int?) in
      let pin = try state.pin(operation.revision)
      let isPresent = pin == state.revision
      let late = isPresent ? state.start(of: plan, in: operation.keys) : nil
      if !(operation.countOnly && isPresent) {
        state.collect(
          from: late ?? operation.keys.key, to: plan.end, at: pin, maxRecords: plan.fetchLimit,
          maxVisited: configuration.rangeSliceRecords, countOnly: operation.countOnly, into: &slice)
      }
      let needsCount = operation.countOnly || slice.next != nil || late != nil
      return (
        pin, state.revision,
        isPresent && needsCount ? state.index.liveCount(in: operation.keys) : nil
      )
    }
    if operation.countOnly {
      if count == nil { count = try finishCount(operation.keys, slice, at: pin) }
      return RangeResult(count: Int64(count ?? 0), revision: present)
    }
    try resolve(&slice, at: pin)
    while let next = slice.next, slice.records.count < plan.fetchLimit {
      try advance(&slice, from: next, to: plan.end, at: pin, maxRecords: plan.fetchLimit)
    }
    // All at once: the more there are, the closer they lie to each other in the engine.
    try bringValues(of: slice.records[...], for: operation)
    if count == nil {
      count =
        slice.next == nil ? slice.records.count : try self.count(operation.keys, at: pin)
    }
    return plan.finish(slice.records, count: count ?? 0, revision: present)
  }

  /// The present version of the key that lies in a part of `bytes`, and the store's revision.
  /// Touches memory alone.
  public func get(_ bytes: Bytes, in range: Range<Int>) -> (record: Record?, revision: Revision) {
    rangeCount.add(1, ordering: .relaxed)
    return state.withLock { state in
      let newest = unsafe bytes.withUnsafeBytes {
        unsafe state.index.newest(UnsafeRawBufferPointer(rebasing: $0[range]))
      }
      guard let newest, !newest.isTombstone else { return (nil, state.revision) }
      return (newest, state.revision)
    }
  }

  /// The present version of a single key.
  private func get(_ operation: RangeOperation) -> RangeResult {
    state.withLock { state in
      let record = state.live(operation.keys.key)
      return RangeResult(
        records: record.map { [$0] } ?? [], count: record == nil ? 0 : 1,
        revision: state.revision, keysOnly: operation.keysOnly)
    }
  }

  /// About how many keys a read will visit: what tells whether it may run where nothing may be held
  /// up. Cost: O(log n).
  public func estimatedCost(of operation: RangeOperation) -> Int {
    if operation.keys.isSingleKey { return 1 }
    let plan = RangePlan(operation)
    let wanted = plan.fetchLast ?? plan.fetchLimit
    if wanted <= 100, !operation.countOnly, operation.revision == .zero { return wanted }
    return state.withLock { state in
      let isPresent = operation.revision.rawValue <= 0 || operation.revision == state.revision
      if operation.countOnly, isPresent { return 1 }
      let live = state.index.liveCount(in: operation.keys)
      // An older revision may have to be counted, and be fetched from the engine.
      return isPresent ? min(wanted, live) : 1_000 + live
    }
  }

  /// Goes on with a read that has let go of the lock.
  func advance(
    _ slice: inout RangeSlice, from: Bytes, to: Bytes?, at pin: Revision, maxRecords: Int
  ) throws(StoreError) {
    // Apart from what was found before, which would be copied if two slices held it.
    let wanted = maxRecords - slice.records.count
    var found = try state.withLock { (state) throws(StoreError) -> RangeSlice in
      if pin.rawValue < state.floor { throw .compacted }
      var found = RangeSlice()
      state.collect(
        from: from, to: to, at: pin, maxRecords: wanted,
        maxVisited: configuration.rangeSliceRecords, into: &found)
      return found
    }
    try resolve(&found, at: pin)
    slice.records += found.records
    slice.next = found.next
  }

  /// Reads under the lock, for a transaction: at its own revision, which is all in memory, or at an
  /// older one.
  func read(_ operation: RangeOperation, at pin: Revision, _ state: borrowing StoreState)
    throws(StoreError) -> RangeResult
  {
    let plan = RangePlan(operation)
    var slice = RangeSlice()
    let isPresent = pin >= state.revision
    if operation.countOnly, isPresent {
      return RangeResult(
        count: Int64(state.index.liveCount(in: operation.keys)), revision: pin)
    }
    let late = isPresent ? state.start(of: plan, in: operation.keys) : nil
    state.collect(
      from: late ?? operation.keys.key, to: plan.end, at: pin, maxRecords: plan.fetchLimit,
      maxVisited: .max, countOnly: operation.countOnly, into: &slice)
    if operation.countOnly { return RangeResult(count: Int64(slice.count), revision: pin) }
    for (position, revision) in slice.missing {
      guard let record = try record(at: revision) else {
        throw .corrupt(detail: "the record of revision \(revision) is missing")
      }
      slice.records[position] = record
    }
    var count = slice.records.count
    if slice.next != nil || late != nil {
      if isPresent {
        count = state.index.liveCount(in: operation.keys)
      } else {
        var counted = RangeSlice()
        state.collect(
          from: operation.keys.key, to: plan.end, at: pin, maxRecords: .max, maxVisited: .max,
          countOnly: true, into: &counted)
        count = counted.count
      }
    }
    return plan.finish(slice.records, count: count, revision: pin)
  }

  // MARK: Counting the past

  /// The number of keys that were live at a revision: today's, less what changed since; where that
  /// is no longer in memory, or would take longer, by a walk.
  func count(_ keys: KeyRange, at pin: Revision) throws(StoreError) -> Int {
    let (present, live) = try state.withLock { (state) throws(StoreError) -> (Revision, Int) in
      if pin.rawValue < state.floor { throw .compacted }
      return (state.revision, state.index.liveCount(in: keys))
    }
    if pin == present { return live }
    let delta = recent.liveDelta(
      keys, after: pin, through: present,
      maxChanges: max(configuration.rangeSliceRecords, live))
    if let delta { return live - delta }
    var slice = RangeSlice()
    slice.next = keys.key
    return try finishCount(keys, slice, at: pin)
  }

  /// Walks on from where a slice that counts has ended.
  private func finishCount(_ keys: KeyRange, _ slice: RangeSlice, at pin: Revision)
    throws(StoreError) -> Int
  {
    let end = keys.upperBound
    var count = slice.count
    var next = slice.next
    while let from = next {
      let found = try state.withLock { (state) throws(StoreError) -> RangeSlice in
        if pin.rawValue < state.floor { throw .compacted }
        var slice = RangeSlice()
        state.collect(
          from: from, to: end, at: pin, maxRecords: .max,
          maxVisited: configuration.rangeSliceRecords, countOnly: true, into: &slice)
        return slice
      }
      count += found.count
      next = found.next
    }
    return count
  }

  // MARK: Single versions

  /// The version that a write made, from memory or from the engine: nil if compaction has dropped
  /// it.
  ///
  /// It may block on the engine.
  public func record(at revision: SubRevision) throws(StoreError) -> Record? {
    if let event = recent.event(at: revision) { return event.record }
    do throws(EngineError) {
      guard let stored = try engine.value(.records, StoreLayout.recordKey(revision)) else {
        return nil
      }
      return try Self.decode(stored, at: revision)
    } catch {
      throw StoreError(error)
    }
  }

  static func decode(_ stored: Bytes, at revision: SubRevision) throws(EngineError) -> Record {
    do throws(DecodingError) {
      return try Record.decode(revision: revision, stored: stored)
    } catch {
      throw .corrupt(detail: "the record of revision \(revision) is damaged")
    }
  }

  /// Puts the older versions that a read wants in place of the newer ones that it found.
  func resolve(_ slice: inout RangeSlice, at pin: Revision) throws(StoreError) {
    for (position, revision) in slice.missing {
      guard let record = try record(at: revision) else {
        // Only compaction takes records away, and it raises the floor first.
        if state.withLock({ $0.floor }) > pin.rawValue { throw .compacted }
        throw .corrupt(detail: "the record of revision \(revision) is missing")
      }
      slice.records[position] = record
    }
    slice.missing.removeAll(keepingCapacity: true)
  }
}

extension StoreError {
  /// What an engine's refusal means to the store.
  init(_ error: EngineError) {
    switch error {
    case .corrupt(let detail): self = .corrupt(detail: detail)
    case .noSpace(let detail), .failed(let detail), .locked(let detail):
      self = .engineFailed(detail: detail)
    }
  }
}
