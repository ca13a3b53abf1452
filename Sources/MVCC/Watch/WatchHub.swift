public import Primitives
internal import Synchronization

/// Tells watches what happens in one store.
///
/// Events are held once, by the store. A stream notes the positions of those that its watches have yet to
/// send, up to a bound; watches of a stream that is not pulled fast enough fall behind, and are later read what
/// they missed from the store's recent records, or from its history.
///
/// Order of locks: a stream's, then the store's. The hub's own is never held together with another.
public final class WatchHub: Sendable {
  /// Who is there, and who watches what.
  struct State: Sendable {
    var matcher = RangeMatcher<WatchTarget>()
    var streams: [WatchStream?] = []
    var freePlaces: [Int] = []
    /// Streams that wait for a revision to be published so that they may report progress.
    var awaitingProgress: [WatchStream] = []
    /// What closed streams did.
    var past = WatchStatistics()
    var lastRound: UInt64?
  }

  /// What is watched.
  let source: any WatchSource
  let bounds: WatchBounds
  private let progressInterval: UInt64
  private let publishedRevision: Atomic<Int64>
  private let state = Mutex(State())

  /// Watches over a store. `publish` must be called for everything that happens from now on.
  public convenience init(source: any WatchSource, progressInterval: Duration = .seconds(600)) {
    self.init(source: source, progressInterval: progressInterval, bounds: WatchBounds())
  }

  #if DEBUG || PLANTED_BUGS
    /// Watches that may have a fault for tests to find.
    package convenience init(source: any WatchSource, plantedBug: PlantedBug?) {
      var bounds = WatchBounds()
      bounds.dropsEvents = plantedBug == .droppedWatchEvent
      self.init(source: source, progressInterval: .seconds(600), bounds: bounds)
    }
  #endif

  init(source: any WatchSource, progressInterval: Duration, bounds: WatchBounds) {
    self.source = source
    self.bounds = bounds
    let (seconds, attoseconds) = progressInterval.components
    let nanoseconds = max(0, seconds).multipliedReportingOverflow(by: 1_000_000_000)
    self.progressInterval =
      nanoseconds.overflow
      ? .max : UInt64(nanoseconds.partialValue) + UInt64(max(0, attoseconds) / 1_000_000_000)
    publishedRevision = Atomic(source.currentRevision.rawValue)
  }

  /// The revision up to which every event is in the queues of those who want it.
  var published: Revision { Revision(publishedRevision.load(ordering: .acquiring)) }

  /// Opens a stream. `onReady` is called, from any thread and without a lock held, when `next` has something
  /// to give after it answered `.none` or `.needsHistory`: once, until it answers so again.
  public func openStream(onReady: @escaping @Sendable () -> Void) -> WatchStream {
    state.withLock { state in
      let place = state.freePlaces.popLast() ?? state.streams.count
      if place == state.streams.count { state.streams.append(nil) }
      let stream = WatchStream(hub: self, place: place, onReady: onReady)
      state.streams[place] = stream
      return stream
    }
  }

  /// Closes all streams, for a store that is done with: until then a stream and its hub keep each other.
  public func close() {
    let streams = state.withLock { state in
      state.awaitingProgress = []
      return state.streams.compactMap { $0 }
    }
    for stream in streams { stream.close() }
  }

  /// Lets idle watches report progress, every `progressInterval`. `now` counts nanoseconds on a clock that
  /// never goes back; calls may be more frequent.
  public func tick(now: UInt64) {
    let streams = state.withLock { state -> [WatchStream] in
      guard let last = state.lastRound else {
        state.lastRound = now
        return []
      }
      guard now >= last, now - last >= progressInterval else { return [] }
      state.lastRound = now
      return state.streams.compactMap { $0 }
    }
    for stream in streams { stream.reportIdleWatches() }
  }

  /// What the hub and its streams hold at present, and what they have done. Cost: one lock for each stream.
  public var statistics: WatchStatistics {
    let (streams, past) = state.withLock { ($0.streams.compactMap { $0 }, $0.past) }
    var sum = past
    sum.streams = streams.count
    for stream in streams { sum.add(stream.statistics) }
    return sum
  }

  // MARK: For streams

  /// Has a watch's events offered to it from now on.
  func register(_ range: KeyRange, _ target: WatchTarget) -> RangeMatcher<WatchTarget>.Token {
    state.withLock { $0.matcher.insert(range, target) }
  }

  /// Ends registrations, some at a time, so that a publication never waits for long.
  func unregister(_ tokens: [RangeMatcher<WatchTarget>.Token]) {
    var rest = tokens[...]
    while !rest.isEmpty {
      let some = rest.prefix(256)
      state.withLock { state in
        for token in some { state.matcher.remove(token) }
      }
      rest = rest.dropFirst(some.count)
    }
  }

  /// Has a stream asked, whenever something is published, whether it may report progress.
  func awaitProgress(_ stream: WatchStream) {
    state.withLock { $0.awaitingProgress.append(stream) }
  }

  /// Lets go of a stream.
  func forget(place: Int, statistics: WatchStatistics) {
    state.withLock { state in
      state.past.add(statistics)
      state.streams[place] = nil
      state.freePlaces.append(place)
    }
  }

  // MARK: Publication

  /// Passes on the events of all revisions up to `revision`. For one thread at a time, after the store shows
  /// them to readers, and without a lock of the store's.
  ///
  /// Cost: a search for each event, and some tens of nanoseconds for each watch that wants it.
  public func publish(through revision: Revision) {
    var touched: [WatchStream] = []
    var from = published.next
    guard from <= revision else { return }
    while from <= revision, isWatched {
      guard let slice = source.recentEvents(from: from, through: revision, maxEvents: 1024) else {
        touched += fallBehind(from: from, through: revision)
        break
      }
      invariant(slice.through >= from, "recent events from \(from) end at \(slice.through)")
      offer(slice.events, &touched)
      from = slice.through.next
    }
    publishedRevision.store(revision.rawValue, ordering: .releasing)
    for stream in touched { stream.endPublication() }
    wakeThoseAwaitingProgress(revision)
  }

  private var isWatched: Bool { state.withLock { $0.matcher.count > 0 } }

  /// Queues events where they are wanted, and notes the streams concerned.
  private func offer(_ events: [WatchEvent], _ touched: inout [WatchStream]) {
    var offers: [WatchOffer] = []
    var index = 0
    while index < events.count {
      offers.removeAll(keepingCapacity: true)
      state.withLock { state in
        while index < events.count, offers.count < 4096 {
          let record = events[index].record
          let (revision, isTombstone) = (record.revision, record.isTombstone)
          #if DEBUG || PLANTED_BUGS
            if bounds.dropsEvents, revision.main.rawValue % 16 == 0 {
              index += 1
              continue
            }
          #endif
          state.matcher.forEach(interestedIn: record.key) {
            offers.append(WatchOffer(target: $0, position: revision, isTombstone: isTombstone))
          }
          index += 1
        }
      }
      var start = 0
      while start < offers.count {
        let stream = offers[start].target.stream
        var end = start + 1
        while end < offers.count, offers[end].target.stream === stream { end += 1 }
        if stream.offer(offers[start..<end]) { touched.append(stream) }
        start = end
      }
    }
  }

  /// Makes every watch read for itself what memory no longer holds: a batch that was larger than that.
  private func fallBehind(from: Revision, through revision: Revision) -> [WatchStream] {
    let streams = state.withLock { $0.streams.compactMap { $0 } }
    return streams.filter { $0.fallBehind(from: from, through: revision) }
  }

  private func wakeThoseAwaitingProgress(_ revision: Revision) {
    let waiting = state.withLock { state in
      let waiting = state.awaitingProgress
      state.awaitingProgress = []
      return waiting
    }
    if waiting.isEmpty { return }
    let rest = waiting.filter { $0.checkProgress(published: revision) }
    state.withLock { $0.awaitingProgress += rest }
  }
}

/// One event for one watch.
struct WatchOffer: Sendable {
  var target: WatchTarget
  var position: SubRevision
  var isTombstone: Bool
}
