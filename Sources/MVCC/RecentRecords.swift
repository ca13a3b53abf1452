internal import Primitives
internal import Synchronization

/// The last changes of the store in the order of their revisions, shared by watches and by reads of the recent
/// past. Bounded in bytes, except that what the engine has not been fed always stays.
final class RecentRecords: Sendable {
  /// Bytes that an entry takes beyond the stored forms, about.
  private static let entryOverhead = 192

  private struct State: Sendable {
    var events = ChunkedQueue<WatchEvent>()
    var byteCount = 0
    /// From this revision on nothing is missing.
    var completeFrom: Revision
    /// The engine has everything up to this revision.
    var fed: Revision
  }

  private let state: Mutex<State>
  private let maxBytes: Int

  /// No changes after `revision`, which the engine has.
  init(after revision: Revision, maxBytes: Int) {
    self.maxBytes = maxBytes
    state = Mutex(State(completeFrom: revision.next, fed: revision))
  }

  /// Bytes held, about.
  var byteCount: Int { state.withLock { $0.byteCount } }

  /// From this revision on nothing is missing.
  var completeFrom: Revision { state.withLock { $0.completeFrom } }

  /// Adds the changes of one transaction.
  func append(_ events: [WatchEvent]) {
    state.withLock { state in
      for event in events {
        state.byteCount += Self.cost(event)
        state.events.append(event)
      }
      evict(&state)
    }
  }

  /// Forgets all changes: the store goes on behind `revision`, which the engine has.
  func restart(after revision: Revision) {
    state.withLock { $0 = State(completeFrom: revision.next, fed: revision) }
  }

  /// Notes what the engine has, and lets go of what is too much.
  func setFed(_ revision: Revision) {
    state.withLock { state in
      state.fed = max(state.fed, revision)
      evict(&state)
    }
  }

  private static func cost(_ event: WatchEvent) -> Int {
    event.record.byteCount + (event.previous?.byteCount ?? 0) + entryOverhead
  }

  private func evict(_ state: inout State) {
    while state.byteCount > maxBytes, let oldest = state.events.first,
      oldest.revision.main <= state.fed
    {
      state.byteCount -= Self.cost(oldest)
      state.completeFrom = oldest.revision.main.next
      state.events.removeFirst()
    }
  }

  /// The change that a write made, or nil if it is not here any more.
  func event(at revision: SubRevision) -> WatchEvent? {
    state.withLock { Self.find(revision, in: $0.events) }
  }

  /// The changes that some writes made, in their order; nil if not all of them are here any more.
  func events(at positions: ArraySlice<SubRevision>) -> [WatchEvent]? {
    state.withLock { state in
      var found: [WatchEvent] = []
      found.reserveCapacity(positions.count)
      for position in positions {
        guard let event = Self.find(position, in: state.events) else { return nil }
        found.append(event)
      }
      return found
    }
  }

  private static func find(_ revision: SubRevision, in events: ChunkedQueue<WatchEvent>)
    -> WatchEvent?
  {
    let position = events.partition { $0.revision < revision }
    guard position < events.count else { return nil }
    let event = events[position]
    return event.revision == revision ? event : nil
  }

  /// The changes of revisions `from` through `through`: whole transactions until at least `maxEvents` are found.
  /// Nil if something from `from` on is missing.
  func slice(from: Revision, through: Revision, maxEvents: Int) -> WatchEventSlice? {
    state.withLock { state in
      guard from >= state.completeFrom else { return nil }
      var events: [WatchEvent] = []
      var position = state.events.partition { $0.revision.main < from }
      while position < state.events.count {
        let event = state.events[position]
        if event.revision.main > through { break }
        if events.count >= maxEvents, let last = events.last,
          last.revision.main != event.revision.main
        {
          return WatchEventSlice(events: events, through: last.revision.main)
        }
        events.append(event)
        position += 1
      }
      return WatchEventSlice(events: events, through: through)
    }
  }

  /// By how much the revisions after `after` through `through` changed the number of live keys in `keys`: nil if
  /// some are missing, or if they made more than `maxChanges` changes.
  func liveDelta(_ keys: KeyRange, after: Revision, through: Revision, maxChanges: Int) -> Int? {
    var delta = 0
    var next = after.next
    var visited = 0
    while true {
      // In slices, so that the writer is never held up for long.
      let done: Bool? = state.withLock { state in
        guard next >= state.completeFrom else { return nil }
        var position = state.events.partition { $0.revision.main < next }
        let first = position
        while position < state.events.count {
          let event = state.events[position]
          let main = event.revision.main
          if main > through { return true }
          if position - first >= 1_000, main != next {
            next = main
            return false
          }
          next = main
          visited += 1
          if visited > maxChanges { return nil }
          delta += Self.liveChange(event, keys)
          position += 1
        }
        return true
      }
      guard let done else { return nil }
      if done { return delta }
    }
  }

  private static func liveChange(_ event: WatchEvent, _ keys: KeyRange) -> Int {
    let isLive = !event.record.isTombstone
    let wasLive = event.previous != nil
    if isLive == wasLive { return 0 }
    return keys.contains(event.record) ? (isLive ? 1 : -1) : 0
  }
}

extension KeyRange {
  /// Whether the range names the record's key.
  func contains(_ record: Record) -> Bool {
    unsafe record.withKey { candidate in
      let fromStart = unsafe key.withUnsafeBytes { unsafe compare(candidate, $0) }
      if isSingleKey { return fromStart == 0 }
      if fromStart < 0 { return false }
      if isOpen { return true }
      return unsafe end.withUnsafeBytes { unsafe compare(candidate, $0) < 0 }
    }
  }
}
