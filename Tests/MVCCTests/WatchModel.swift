import Primitives
import Synchronization

@testable import MVCC

/// Numbers that look random and repeat with their seed.
struct WatchRandom: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 &+ 0x6A09_E667_F3BC_C909 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// A store that remembers all that ever happened, and of which a bounded part is recent.
final class WatchModel: WatchSource {
  struct State: Sendable {
    var events: [WatchEvent] = []
    var newest: [Bytes: Record] = [:]
    var revision = Revision(1)
    var completeFrom = Revision(2)
    var compacted = Revision.zero
    var isHistoryBroken = false
  }

  let state = Mutex(State())

  var currentRevision: Revision { state.withLock { $0.revision } }
  var compactedRevision: Revision { state.withLock { $0.compacted } }
  var events: [WatchEvent] { state.withLock { $0.events } }

  /// What happened in some revisions.
  func events(from: Revision, through: Revision) -> [WatchEvent] {
    state.withLock { Self.slice($0.events, from, through, .max).events }
  }

  /// Carries out one transaction: a value to put, nil to delete. Keys that do not exist are not deleted.
  func write(_ changes: [(key: Bytes, value: Bytes?)]) {
    state.withLock { state in
      let revision = state.revision.next
      var sub: Int64 = 0
      for change in changes {
        let previous = state.newest[change.key]
        let place = SubRevision(main: revision, sub: sub)
        let record: Record
        if let value = change.value {
          record = Record.make(
            revision: place, createRevision: previous?.createRevision ?? revision,
            version: (previous?.version ?? 0) + 1, lease: .none, key: change.key, value: value,
            previous: nil)
          state.newest[change.key] = record
        } else if previous != nil {
          record = Record.makeTombstone(revision: place, key: change.key, previous: nil)
          state.newest[change.key] = nil
        } else {
          continue
        }
        state.events.append(WatchEvent(record: record, previous: previous))
        sub += 1
      }
      if sub > 0 { state.revision = revision }
    }
  }

  /// Lets go of recent events below a revision.
  func forget(below revision: Revision) {
    state.withLock { $0.completeFrom = max($0.completeFrom, min(revision, $0.revision.next)) }
  }

  func compact(at revision: Revision) {
    state.withLock { $0.compacted = max($0.compacted, revision) }
  }

  func recentEvents(from: Revision, through: Revision, maxEvents: Int) -> WatchEventSlice? {
    state.withLock { state in
      guard from >= state.completeFrom else { return nil }
      return Self.slice(state.events, from, through, maxEvents)
    }
  }

  func recentEvents(at positions: ArraySlice<SubRevision>) -> [WatchEvent]? {
    state.withLock { state in
      var found: [WatchEvent] = []
      for position in positions {
        guard position.main >= state.completeFrom else { return nil }
        let index = Self.partition(state.events) { $0.revision < position }
        found.append(state.events[index])
      }
      return found
    }
  }

  func historyEvents(from: Revision, through: Revision, maxEvents: Int) throws(StoreError)
    -> WatchEventSlice
  {
    let (slice, isCompacted, isBroken) = state.withLock { state in
      (
        Self.slice(state.events, from, through, maxEvents), from < state.compacted,
        state.isHistoryBroken
      )
    }
    if isBroken { throw .engineFailed(detail: "the disk is gone") }
    if isCompacted { throw .compacted }
    return slice
  }

  private static func slice(
    _ events: [WatchEvent], _ from: Revision, _ through: Revision, _ maxEvents: Int
  ) -> WatchEventSlice {
    var found: [WatchEvent] = []
    var index = partition(events) { $0.revision.main < from }
    while index < events.count, events[index].revision.main <= through {
      if found.count >= maxEvents, let last = found.last?.revision.main,
        last != events[index].revision.main
      {
        return WatchEventSlice(events: found, through: last)
      }
      found.append(events[index])
      index += 1
    }
    return WatchEventSlice(events: found, through: through)
  }

  static func partition(_ events: [WatchEvent], _ isBefore: (WatchEvent) -> Bool) -> Int {
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(events[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// A client that knows what it must be told, and checks what it is told against that.
final class WatchClient {
  /// One watch, from the client's side.
  struct Expectation {
    var request: WatchRequest
    var first: Revision
    var received: [WatchEvent] = []
    var isInFragments = false
    var compacted: Revision?
    var isCancelled = false
    /// How much of what was received has been checked, and up to which revision.
    var checkedCount = 0
    var checkedThrough = Revision.zero
  }

  let model: WatchModel
  let stream: WatchStream
  let wakes: Counter
  var watches: [Int64: Expectation] = [:]
  var ended: [Expectation] = []
  var isAwake = false
  var wantsHistory = false
  var outputs = 0
  var progressReports = 0
  var complaints: [String] = []

  /// A number that any thread may raise.
  final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  init(hub: WatchHub, model: WatchModel) {
    self.model = model
    let wakes = Counter()
    self.wakes = wakes
    stream = hub.openStream { wakes.value.add(1, ordering: .acquiringAndReleasing) }
  }

  func create(_ request: WatchRequest) -> Int64? {
    guard case .created(let id, let revision) = stream.create(request) else { return nil }
    let first =
      request.startRevision == .zero ? revision.next : max(request.startRevision, Revision(1))
    watches[id] = Expectation(request: request, first: first)
    return id
  }

  func cancel(_ id: Int64) {
    guard var watch = watches.removeValue(forKey: id) else { return }
    if !stream.cancel(id) {
      // Compaction may have ended it before the client was told.
      watch.compacted = model.compactedRevision
    }
    watch.isCancelled = true
    ended.append(watch)
  }

  /// What a watch must have been told of the revisions after one through another.
  func expected(_ watch: Expectation, after: Revision = .zero, through: Revision) -> [WatchEvent] {
    model.events(from: max(watch.first, after.next), through: through).filter {
      watch.request.keys.contains($0.record.key)
        && ($0.record.isTombstone ? !watch.request.noDelete : !watch.request.noPut)
    }
  }

  /// Pulls some outputs, if the client is awake. Says whether it is so no more.
  func pull(atMost: Int, maxBytes: Int) -> Bool {
    let pending = wakes.value.exchange(0, ordering: .acquiringAndReleasing)
    if pending > 1 { complaints.append("woken \(pending) times at once") }
    if pending > 0 {
      if isAwake { complaints.append("woken while awake") }
      isAwake = true
    }
    guard isAwake else { return true }
    for _ in 0..<atMost {
      switch stream.next(maxBytes: maxBytes) {
      case .none:
        isAwake = false
        return true
      case .needsHistory:
        isAwake = false
        wantsHistory = true
        return true
      case .events(let id, let revision, let events, let isFragment):
        take(id, revision, events, isFragment)
      case .progress(let id, let revision): take(progress: revision, of: id)
      case .canceled(let id, _, let compacted, let reason):
        guard var watch = watches.removeValue(forKey: id) else { continue }
        if compacted == .zero { complaints.append("watch \(id) ends: \(reason)") }
        watch.compacted = compacted
        ended.append(watch)
      }
      outputs += 1
    }
    return false
  }

  private func take(_ id: Int64, _ revision: Revision, _ events: [WatchEvent], _ isFragment: Bool) {
    guard var watch = watches[id] else {
      complaints.append("events for watch \(id), which is gone")
      return
    }
    if let open = watches.first(where: { $0.value.isInFragments })?.key, open != id {
      complaints.append("events of \(id) between fragments of \(open)")
    }
    watch.received += events
    watch.isInFragments = isFragment
    watches[id] = watch
    if events.isEmpty { complaints.append("no events in a response") }
    if !isFragment { check(id, through: revision, what: "events of \(id) at \(revision)") }
  }

  private func take(progress revision: Revision, of id: Int64) {
    progressReports += 1
    if revision > model.currentRevision { complaints.append("progress \(revision) is early") }
    for (other, watch) in watches where id == -1 || other == id {
      check(other, through: revision, what: "progress \(revision) of \(other)")
      if watch.first > revision.next { complaints.append("progress \(revision) before the start") }
    }
    if id == -1, watches.isEmpty { complaints.append("progress without a watch") }
  }

  /// Checks that a watch has been told exactly what it must up to a revision, and nothing later.
  func check(_ id: Int64, through: Revision, what: String) {
    guard let watch = watches[id] else { return }
    let expected = expected(watch, after: watch.checkedThrough, through: through)
    let received = watch.received[watch.checkedCount...].map(\.revision)
    if received != expected.map(\.revision) {
      complaints.append("\(what): \(received.count) events instead of \(expected.count)")
    }
    watches[id]?.checkedCount = watch.received.count
    watches[id]?.checkedThrough = max(watch.checkedThrough, through)
  }

  /// Checks what every watch has been told after everything was pulled.
  func checkAll() {
    for (id, watch) in watches {
      let expected = expected(watch, through: model.currentRevision)
      if watch.received.map(\.revision) != expected.map(\.revision) {
        complaints.append("watch \(id) has \(watch.received.count) of \(expected.count) events")
      }
      checkContents(watch, expected)
    }
    for watch in ended {
      let expected = expected(watch, through: model.currentRevision)
      if !expected.map(\.revision).starts(with: watch.received.map(\.revision)) {
        complaints.append("an ended watch has other events than those expected")
      }
      if let floor = watch.compacted, !watch.isCancelled, watch.first >= floor,
        let missing = expected.dropFirst(watch.received.count).first?.revision.main,
        missing >= floor
      {
        complaints.append("a watch was ended at \(floor), though it lacked only \(missing)")
      }
      checkContents(watch, expected)
    }
  }

  private func checkContents(_ watch: Expectation, _ expected: [WatchEvent]) {
    for (got, want) in zip(watch.received, expected) {
      let previous = watch.request.previous ? want.previous : nil
      if got.record.stored != want.record.stored || got.previous?.stored != previous?.stored {
        complaints.append("event \(got.revision) is wrong")
      }
    }
  }
}
