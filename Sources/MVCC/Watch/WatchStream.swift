internal import Primitives
internal import Synchronization

/// The watches of one client's stream: it is pulled, by one caller at a time.
///
/// `create`, `cancel`, `requestProgress` and `close` may come from any thread, but a client understands the
/// stream only if the answers to the first two go out before what `next` gives after them.
public final class WatchStream: Sendable {
  private let hub: WatchHub
  private let place: Int
  private let onReady: @Sendable () -> Void
  private let state: Mutex<WatchStreamState>

  init(hub: WatchHub, place: Int, onReady: @escaping @Sendable () -> Void) {
    self.hub = hub
    self.place = place
    self.onReady = onReady
    state = Mutex(WatchStreamState(bounds: hub.bounds))
  }

  // MARK: For the client

  /// Starts a watch. The answer must be sent before `next` is called again. It may call `onReady`.
  public func create(_ request: WatchRequest) -> WatchCreation {
    var request = request
    if request.keys.key.isEmpty { request.keys.key = [0] }
    guard
      request.keys.isSingleKey || request.keys.isOpen
        || isOrdered(request.keys.key, before: request.keys.end)
    else { return refused(.emptyRange) }
    let handle: WatchHandle
    switch state.withLock({ $0.reserve(request) }) {
    case .success(let reserved): handle = reserved
    case .failure(let refusal): return refused(refusal)
    }
    let token = hub.register(request.keys, WatchTarget(stream: self, handle: handle))
    let current = hub.source.currentRevision
    let compacted = hub.source.compactedRevision
    let (id, wakes) = change { state -> (Int64?, Bool) in
      let id = state.start(handle, token: token, current: current, compacted: compacted)
      let hasWork =
        !state.behind.isEmpty || !state.cancellations.isEmpty || state.requestedProgress != nil
      return (id, hasWork && state.takeWake())
    }
    guard let id else {
      hub.unregister([token])
      return refused(.closed)
    }
    if wakes { onReady() }
    return .created(watchID: id, revision: current)
  }

  private func refused(_ refusal: WatchRefusal) -> WatchCreation {
    .refused(reason: refusal.reason, revision: hub.source.currentRevision)
  }

  /// Ends a watch; false if there is none. Nothing of it comes out of `next` any more. It may call `onReady`.
  public func cancel(_ watchID: Int64) -> Bool {
    let (existed, wakes) = change { state -> (Bool, Bool) in
      guard let slot = state.slotOfID[watchID] else { return (false, false) }
      state.remove(Int(slot))
      return (true, state.requestedProgress != nil && state.takeWake())
    }
    if wakes { onReady() }
    return existed
  }

  /// Asks for a report that all watches of the stream have been told everything up to the present revision.
  /// It comes out of `next` as soon as that is so, and there is a watch; several requests may get one answer.
  /// It may call `onReady`.
  public func requestProgress() {
    let current = hub.source.currentRevision
    let isNew = state.withLock { state in
      state.requestedProgress = max(state.requestedProgress ?? .zero, current)
      defer { state.isWaitingForProgress = true }
      return !state.isWaitingForProgress && !state.isClosed
    }
    if isNew { hub.awaitProgress(self) }
    if state.withLock({ $0.takeWake() }) { onReady() }
  }

  /// The next thing to send, of about `maxBytes` at most: a transaction that is larger comes whole.
  public func next(maxBytes: Int) -> WatchOutput {
    change { $0.next(maxBytes: maxBytes, published: hub.published, source: hub.source) }
  }

  /// Reads events for watches that fell behind, as `.needsHistory` asked for; it may block. When it is done
  /// it makes `onReady` fire, unless the client is awake already. Other calls do nothing.
  public func readHistory() {
    let isExpected = state.withLock { state in
      defer { if state.history == .requested { state.history = .reading } }
      return state.history == .requested
    }
    if !isExpected { return }
    var slices = 0
    while slices < hub.bounds.slicesPerRead {
      slices += 1
      guard let plan = state.withLock({ $0.isClosed ? nil : $0.catchUp() }) else { break }
      if !readSlice(for: plan) { break }
    }
    let wakes = state.withLock { state in
      state.history = .idle
      return state.takeWake()
    }
    if wakes { onReady() }
  }

  /// Reads one slice. Says whether to read another one before the client is woken.
  private func readSlice(for plan: WatchStreamState.CatchUp) -> Bool {
    let current = hub.source.currentRevision
    var isRecent = true
    let slice: WatchEventSlice
    do {
      if let recent = hub.source.recentEvents(
        from: plan.from, through: current, maxEvents: hub.bounds.sliceEvents)
      {
        slice = recent
      } else {
        isRecent = false
        slice = try hub.source.historyEvents(
          from: plan.from, through: current, maxEvents: plan.length)
      }
    } catch .compacted {
      let floor = hub.source.compactedRevision
      change { $0.cancelCompacted(in: plan, floor: floor) }
      return true
    } catch {
      change { $0.cancelAll(in: plan, reason: "the history cannot be read: \(error)") }
      return false
    }
    invariant(slice.through >= plan.from, "events from \(plan.from) end at \(slice.through)")
    let finds = WatchStreamState.finds(slice, for: plan)
    return state.withLock { state in
      if isRecent { state.statistics.recentReads += 1 } else { state.statistics.historyReads += 1 }
      state.apply(slice, to: plan, finds: finds)
      return state.ready.isEmpty && !state.behind.isEmpty
    }
  }

  /// Ends all watches and lets go of the stream. Required, or the hub keeps it; a second call does nothing.
  public func close() {
    let statistics = change { state -> WatchStatistics? in
      if state.isClosed { return nil }
      for slot in state.slots.indices where state.slots[slot].isLive { state.remove(slot) }
      state.isClosed = true
      return state.statistics
    }
    if let statistics { hub.forget(place: place, statistics: statistics) }
  }

  // MARK: For the hub

  /// Queues some events; whether they are the first ones of this publication.
  func offer(_ offers: ArraySlice<WatchOffer>) -> Bool {
    state.withLock { state in
      let wasTouched = state.isTouched
      for offer in offers {
        state.offer(offer.target.handle, offer.position, isTombstone: offer.isTombstone)
      }
      return state.isTouched && !wasTouched
    }
  }

  /// Makes the watches read for themselves what could not be offered; whether that is the first thing that
  /// this publication brings.
  func fallBehind(from revision: Revision, through target: Revision) -> Bool {
    state.withLock { state in
      let wasTouched = state.isTouched
      state.fallBehind(from: revision, through: target)
      return state.isTouched && !wasTouched
    }
  }

  /// Wakes the client: what was queued may be pulled now.
  func endPublication() {
    let wakes = state.withLock { state in
      state.isTouched = false
      return state.takeWake()
    }
    if wakes { onReady() }
  }

  /// Wakes the client if a report of progress that it asked for may go out; whether it still waits for one.
  func checkProgress(published: Revision) -> Bool {
    let (wakes, waits) = state.withLock { state -> (Bool, Bool) in
      let waits = state.requestedProgress != nil && !state.isClosed
      state.isWaitingForProgress = waits
      return (waits && state.mayReportProgress(published) && state.takeWake(), waits)
    }
    if wakes { onReady() }
    return waits
  }

  /// Has idle watches report progress.
  func reportIdleWatches() {
    if state.withLock({ $0.listIdle() && $0.takeWake() }) { onReady() }
  }

  /// What the stream holds and has done.
  var statistics: WatchStatistics { state.withLock { $0.statistics } }

  /// Changes the state, and ends the registrations of watches that are gone once the lock is released.
  private func change<Answer: Sendable>(
    _ body: (inout WatchStreamState) -> Answer
  ) -> Answer {
    let (answer, released) = state.withLock { state in
      let answer = body(&state)
      let released = state.released
      if !released.isEmpty { state.released = [] }
      return (answer, released)
    }
    if !released.isEmpty { hub.unregister(released) }
    return answer
  }
}
