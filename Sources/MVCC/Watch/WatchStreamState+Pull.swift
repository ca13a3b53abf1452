internal import Primitives

/// What a stream sends next.
extension WatchStreamState {
  /// The next output. `published` must have been read with the lock held: every event up to it is queued.
  mutating func next(maxBytes: Int, published: Revision, source: any WatchSource) -> WatchOutput {
    if isClosed { return .none }
    if let output = nextFragment() { return output }
    for round in 0..<3 {
      if let canceled = cancellations.popFirst() {
        return .canceled(
          watchID: canceled.id, revision: source.currentRevision,
          compactRevision: canceled.compactRevision, reason: canceled.reason)
      }
      if let output = nextEvents(maxBytes, published, source) { return output }
      guard round < 2, catchUpFromRecent(source) else { break }
    }
    if let output = nextProgress(published) { return output }
    isArmed = true
    pruneBehind()
    if !behind.isEmpty, history != .reading {
      history = .requested
      return .needsHistory
    }
    return .none
  }

  // MARK: Events

  /// Events of the watch that has waited longest and may send some.
  private mutating func nextEvents(
    _ maxBytes: Int, _ published: Revision, _ source: any WatchSource
  ) -> WatchOutput? {
    var remaining = ready.count
    while remaining > 0, let handle = ready.popFirst() {
      remaining -= 1
      guard let slot = live(handle) else { continue }
      slots[slot].isListedReady = false
      let batch =
        slots[slot].fetched.isEmpty
        ? takeQueued(slot, maxBytes, published, source) : takeFetched(slot, maxBytes)
      if !slots[slot].fetched.isEmpty || !slots[slot].queue.isEmpty { listReady(slot) }
      if let batch { return output(slot, batch.events, batch.revision) }
    }
    return nil
  }

  /// Takes events that were read for a watch.
  private mutating func takeFetched(_ slot: Int, _ maxBytes: Int) -> (
    events: ArraySlice<WatchEvent>, revision: Revision
  )? {
    let waiting = slots[slot].fetched.waiting
    let events = waiting.prefix(Self.wholeTransactions(waiting, maxBytes: maxBytes))
    slots[slot].fetched.removeFirst(events.count)
    statistics.pendingEvents -= events.count
    guard let last = events.last else { return nil }
    let isAll = events.count == waiting.count
    return (
      events, isAll ? max(slots[slot].fetchedThrough, last.revision.main) : last.revision.main
    )
  }

  /// Takes published events off a watch's queue; a watch whose events left memory meanwhile falls behind.
  private mutating func takeQueued(
    _ slot: Int, _ maxBytes: Int, _ published: Revision, _ source: any WatchSource
  ) -> (events: ArraySlice<WatchEvent>, revision: Revision)? {
    let waiting = slots[slot].queue.waiting
    let count = Self.wholeTransactions(waiting, atMost: bounds.lookup, published: published)
    guard count > 0, let last = slots[slot].queue.last else { return nil }
    guard let found = source.recentEvents(at: waiting.prefix(count)) else {
      fallBehind(slot, firstMissed: last.main, target: last.main)
      return nil
    }
    invariant(found.count == count, "\(count) events were asked for, \(found.count) found")
    let isPlain = !slots[slot].request.previous
    let all = isPlain ? found.map { WatchEvent(record: $0.record, previous: nil) } : found
    let taken = all.prefix(Self.wholeTransactions(all[...], maxBytes: maxBytes))
    slots[slot].queue.removeFirst(taken.count)
    pendingPositions -= taken.count
    statistics.pendingEvents -= taken.count
    guard let lastTaken = taken.last?.revision.main else { return nil }
    let isAll = slots[slot].queue.first.map { $0.main > published } ?? true
    return (taken, isAll ? max(published, lastTaken) : lastTaken)
  }

  private mutating func output(
    _ slot: Int, _ events: ArraySlice<WatchEvent>, _ revision: Revision
  ) -> WatchOutput {
    slots[slot].wasTold = true
    sentThrough = max(sentThrough, revision)
    let id = slots[slot].id
    if slots[slot].request.fragment {
      fragments = OpenFragments(id: id, revision: revision, events: events)
      statistics.pendingEvents += events.count
      if let first = nextFragment() { return first }
    }
    statistics.deliveredEvents += UInt64(events.count)
    return .events(watchID: id, revision: revision, events: Array(events), isFragment: false)
  }

  /// The next part of a response that goes out in parts; nothing else may go between them.
  private mutating func nextFragment() -> WatchOutput? {
    guard let open = fragments else { return nil }
    var bytes = 0
    let part = open.events.prefix { event in
      let isFirst = bytes == 0
      bytes += event.encodedByteCount
      return isFirst || bytes <= bounds.fragmentBytes
    }
    let rest = open.events.dropFirst(part.count)
    fragments =
      rest.isEmpty ? nil : OpenFragments(id: open.id, revision: open.revision, events: rest)
    statistics.pendingEvents -= part.count
    statistics.deliveredEvents += UInt64(part.count)
    return .events(
      watchID: open.id, revision: open.revision, events: Array(part), isFragment: !rest.isEmpty)
  }

  /// How many of some events make up whole transactions of about `maxBytes`, one transaction at least.
  static func wholeTransactions(_ events: ArraySlice<WatchEvent>, maxBytes: Int) -> Int {
    var bytes = 0
    var count = 0
    var previous: Revision?
    for event in events {
      let revision = event.revision.main
      if let previous, previous != revision, bytes >= maxBytes { break }
      previous = revision
      bytes += event.encodedByteCount
      count += 1
    }
    return count
  }

  /// How many of some positions are published and make up whole transactions, of which the last one may begin
  /// before `bound` and end after it.
  private static func wholeTransactions(
    _ positions: ArraySlice<SubRevision>, atMost bound: Int, published: Revision
  ) -> Int {
    var count = 0
    var previous: Revision?
    for position in positions {
      if position.main > published { break }
      if let previous, previous != position.main, count >= bound { break }
      previous = position.main
      count += 1
    }
    return count
  }

  // MARK: Progress

  /// A report of progress that is due. Called when nothing that is published waits to be sent.
  private mutating func nextProgress(_ published: Revision) -> WatchOutput? {
    while let handle = idle.popFirst() {
      guard let slot = live(handle) else { continue }
      slots[slot].isListedIdle = false
      guard slots[slot].phase == .synced, slots[slot].first <= published.next,
        sentThrough <= published
      else { continue }
      return .progress(watchID: slots[slot].id, revision: published)
    }
    guard mayReportProgress(published) else { return nil }
    requestedProgress = nil
    return .progress(watchID: -1, revision: published)
  }

  /// Whether a report was requested and every watch has been told everything up to `published`, except for
  /// what waits in a list.
  mutating func mayReportProgress(_ published: Revision) -> Bool {
    guard let requested = requestedProgress, requested <= published, !slotOfID.isEmpty else {
      return false
    }
    pruneBehind()
    guard behind.isEmpty, fragments == nil, sentThrough <= published else { return false }
    if highestFirst > published.next {
      highestFirst = slots.reduce(.zero) { $1.isLive ? max($0, $1.first) : $0 }
    }
    return highestFirst <= published.next
  }
}
