internal import Primitives

/// How watches that fell behind are read what they missed.
extension WatchStreamState {
  /// The watches that one read is for, as they stood when it began.
  struct CatchUp: Sendable {
    /// The watches.
    var handles: [WatchHandle]
    /// Who of them wants which keys.
    var interests: RangeMatcher<WatchHandle>
    /// The first revision that any of them lacks.
    var from: Revision
    /// How many events to read at most.
    var length: Int
  }

  /// Describes the watches behind, or nil if there are none.
  mutating func catchUp() -> CatchUp? {
    pruneBehind()
    guard !behind.isEmpty else { return nil }
    var interests = RangeMatcher<WatchHandle>()
    for handle in behind {
      _ = interests.insert(slots[Int(handle.slot)].request.keys, handle)
    }
    return CatchUp(
      handles: behind, interests: interests, from: firstMissed(by: behind) ?? .zero,
      length: sliceLength)
  }

  /// The first revision that any of some watches lacks, or nil if none is behind.
  func firstMissed(by handles: [WatchHandle]) -> Revision? {
    var lowest: Revision?
    for handle in handles {
      guard let slot = live(handle), slots[slot].phase == .behind else { continue }
      lowest = min(lowest ?? slots[slot].next, slots[slot].next)
    }
    return lowest
  }

  /// Reads one slice for the watches behind if it is in memory and they are few. Says whether to look again.
  mutating func catchUpFromRecent(_ source: any WatchSource) -> Bool {
    guard history == .idle, !behind.isEmpty, behind.count <= bounds.inlineWatches else {
      return false
    }
    guard let plan = catchUp() else { return false }
    let current = source.currentRevision
    guard plan.from <= current,
      let slice = source.recentEvents(
        from: plan.from, through: current, maxEvents: bounds.sliceEvents)
    else { return false }
    statistics.recentReads += 1
    apply(slice, to: plan, finds: Self.finds(slice, for: plan))
    return true
  }

  /// Which watch wants which event of a slice, in the events' order. Needs no lock.
  static func finds(_ slice: WatchEventSlice, for plan: CatchUp) -> [(WatchHandle, Int)] {
    var finds: [(WatchHandle, Int)] = []
    for index in slice.events.indices {
      plan.interests.forEach(interestedIn: slice.events[index].record.key) {
        finds.append(($0, index))
      }
    }
    return finds
  }

  /// Gives the watches of a plan what was read for them. A watch that has read as far as it has heard of is
  /// synced: whatever comes later will be offered to it.
  mutating func apply(
    _ slice: WatchEventSlice, to plan: CatchUp, finds: [(WatchHandle, Int)]
  ) {
    for (handle, index) in finds {
      guard let slot = live(handle), slots[slot].phase == .behind else { continue }
      let event = slice.events[index]
      guard event.revision.main >= slots[slot].next,
        slots[slot].wants(isTombstone: event.record.isTombstone)
      else { continue }
      slots[slot].fetched.append(
        WatchEvent(
          record: event.record, previous: slots[slot].request.previous ? event.previous : nil))
      statistics.pendingEvents += 1
    }
    for handle in plan.handles {
      guard let slot = live(handle), slots[slot].phase == .behind else { continue }
      if slice.through >= slots[slot].next {
        slots[slot].next = slice.through.next
        slots[slot].fetchedThrough = slice.through
      }
      if !slots[slot].fetched.isEmpty { listReady(slot) }
      guard slots[slot].next > slots[slot].target else { continue }
      slots[slot].phase = .synced
      slots[slot].isListedBehind = false
      statistics.slowWatches -= 1
    }
    pruneBehind()
    adaptSliceLength(to: slice)
  }

  /// Takes watches off the list of those behind that are gone or are so no more.
  mutating func pruneBehind() {
    if behind.allSatisfy(isBehind) { return }
    behind = behind.filter(isBehind)
  }

  private func isBehind(_ handle: WatchHandle) -> Bool {
    guard let slot = live(handle) else { return false }
    return slots[slot].phase == .behind
  }

  /// Chooses the next slice's length so that it has about `sliceBytes`, if its events are like this one's.
  private mutating func adaptSliceLength(to slice: WatchEventSlice) {
    guard !slice.events.isEmpty else { return }
    let bytes = slice.events.reduce(0) { $0 + $1.encodedByteCount }
    let fitting = bounds.sliceBytes / max(1, bytes / slice.events.count)
    sliceLength = max(1, min(bounds.sliceEvents, fitting))
  }

  /// Ends those of a plan's watches whose next event lies below the compaction floor.
  mutating func cancelCompacted(in plan: CatchUp, floor: Revision) {
    for handle in plan.handles {
      guard let slot = live(handle), slots[slot].phase == .behind, slots[slot].next < floor
      else { continue }
      cancelCompacted(slot, at: floor)
    }
  }

  /// Ends a plan's watches because their history cannot be read.
  mutating func cancelAll(in plan: CatchUp, reason: String) {
    for handle in plan.handles {
      guard let slot = live(handle), slots[slot].phase == .behind else { continue }
      cancel(slot, compactRevision: .zero, reason: reason)
    }
  }
}
