internal import Primitives

/// A stream's watches and what they have to send. Its functions run with the stream's lock held.
struct WatchStreamState: Sendable {
  /// Who reads events for watches behind.
  enum HistoryRead: Sendable { case idle, requested, reading }

  /// A watch that compaction overtook, to be reported.
  struct Cancellation: Sendable {
    var id: Int64
    var compactRevision: Revision
    var reason: String
  }

  /// A response that goes out in several parts.
  struct OpenFragments: Sendable {
    var id: Int64
    var revision: Revision
    var events: ArraySlice<WatchEvent>
  }

  let bounds: WatchBounds
  /// The watches, each in a place that a later one may take over. Changed in place: a copy would copy queues.
  var slots: [Watch] = []
  var freeSlots: [Int32] = []
  var slotOfID: [Int64: Int32] = [:]
  var nextID: Int64 = 0

  var ready = FirstInFirstOut<WatchHandle>()
  var behind: [WatchHandle] = []
  var idle = FirstInFirstOut<WatchHandle>()
  var cancellations = FirstInFirstOut<Cancellation>()
  var fragments: OpenFragments?
  /// Registrations to end once the lock is released.
  var released: [RangeMatcher<WatchTarget>.Token] = []

  /// The revision that a requested report of progress must reach, if one was requested.
  var requestedProgress: Revision?
  /// At least the highest first revision of any watch.
  var highestFirst = Revision.zero
  var isWaitingForProgress = false
  /// The highest revision of any events sent. Events that were read may be ahead of what is published; progress
  /// never falls back behind them.
  var sentThrough = Revision.zero

  var history = HistoryRead.idle
  /// The length of the next slice of history.
  var sliceLength: Int
  /// Whether the client has been told that there is nothing to pull, and waits to be woken.
  var isArmed = true
  /// Whether the publication under way has queued anything here.
  var isTouched = false
  var isClosed = false
  var pendingPositions = 0
  var statistics = WatchStatistics()

  init(bounds: WatchBounds) {
    self.bounds = bounds
    sliceLength = min(128, bounds.sliceEvents)
  }

  /// The place of a watch that still exists.
  func live(_ handle: WatchHandle) -> Int? {
    let slot = Int(handle.slot)
    guard slot < slots.count, slots[slot].isLive, slots[slot].generation == handle.generation
    else { return nil }
    return slot
  }

  /// Names the watch in a place.
  func handle(of slot: Int) -> WatchHandle {
    WatchHandle(slot: Int32(slot), generation: slots[slot].generation)
  }

  /// Whether to wake the client, which is then awake.
  mutating func takeWake() -> Bool {
    defer { isArmed = false }
    return isArmed && !isClosed
  }

  // MARK: Life of a watch

  /// Makes place for a watch, or says why not.
  mutating func reserve(_ request: WatchRequest) -> Result<WatchHandle, WatchRefusal> {
    if isClosed { return .failure(.closed) }
    guard slotOfID.count < bounds.watches else { return .failure(.tooMany(bounds.watches)) }
    var id = request.watchID
    if id == 0 {
      while slotOfID[nextID] != nil { nextID += 1 }
      id = nextID
      nextID += 1
    } else if slotOfID[id] != nil {
      return .failure(.duplicate)
    }
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = Int(free)
    } else {
      slot = slots.count
      slots.append(Watch())
    }
    slots[slot].isLive = true
    slots[slot].id = id
    slots[slot].request = request
    slotOfID[id] = Int32(slot)
    highestFirst = Revision(.max)
    statistics.watches += 1
    return .success(handle(of: slot))
  }

  /// Lets a registered watch begin. `current` is the store's revision, taken after the registration: every
  /// later event has been or will be offered. Nil if the watch was ended meanwhile.
  mutating func start(
    _ handle: WatchHandle, token: RangeMatcher<WatchTarget>.Token, current: Revision,
    compacted: Revision
  ) -> Int64? {
    guard let slot = live(handle) else { return nil }
    let id = slots[slot].id
    let asked = slots[slot].request.startRevision
    let first = asked == .zero ? current.next : max(asked, Revision(1))
    slots[slot].token = token
    slots[slot].first = first
    slots[slot].next = first
    // As long as nothing is compacted, clients know the floor as -1; zero would tell them no reason.
    let floor = compacted == .zero ? Revision(-1) : compacted
    if asked != .zero, asked < floor {
      cancelCompacted(slot, at: floor)
    } else if first > current, slots[slot].target < first {
      slots[slot].phase = .synced
    } else {
      slots[slot].target = max(current, slots[slot].target)
      listBehind(slot)
    }
    return id
  }

  /// Forgets a watch and everything that it has to send.
  mutating func remove(_ slot: Int) {
    let id = slots[slot].id
    let queued = slots[slot].queue.count
    pendingPositions -= queued
    statistics.pendingEvents -= queued + slots[slot].fetched.count
    statistics.watches -= 1
    if slots[slot].phase == .behind { statistics.slowWatches -= 1 }
    if let token = slots[slot].token { released.append(token) }
    if let open = fragments, open.id == id {
      statistics.pendingEvents -= open.events.count
      fragments = nil
    }
    let generation = slots[slot].generation &+ 1
    slots[slot] = Watch()
    slots[slot].generation = generation
    freeSlots.append(Int32(slot))
    slotOfID[id] = nil
    pruneLists()
  }

  /// Ends a watch whose next event has been compacted away; the client is told.
  mutating func cancelCompacted(_ slot: Int, at floor: Revision) {
    cancel(slot, compactRevision: floor, reason: "")
    statistics.compactedWatches += 1
  }

  /// Ends a watch and tells the client why.
  mutating func cancel(_ slot: Int, compactRevision: Revision, reason: String) {
    let id = slots[slot].id
    remove(slot)
    cancellations.append(
      Cancellation(id: id, compactRevision: compactRevision, reason: reason))
  }

  /// Keeps the lists from growing with watches that are gone, where nobody pulls.
  private mutating func pruneLists() {
    let bound = 2 * slotOfID.count + 64
    if ready.count > bound { ready = ready.filtered { live($0) != nil } }
    if idle.count > bound { idle = idle.filtered { live($0) != nil } }
    if behind.count > bound { pruneBehind() }
  }

  // MARK: Events

  /// Takes note of an event in a watch's range.
  mutating func offer(_ handle: WatchHandle, _ position: SubRevision, isTombstone: Bool) {
    guard let slot = live(handle) else { return }
    guard slots[slot].wants(isTombstone: isTombstone), position.main >= slots[slot].next else {
      return
    }
    guard slots[slot].phase == .synced else {
      slots[slot].target = max(slots[slot].target, position.main)
      return
    }
    isTouched = true
    let bound = bounds.pendingEvents + bounds.pendingEventsPerWatch * slotOfID.count
    guard pendingPositions < bound else {
      fallBehind(slot, firstMissed: position.main, target: position.main)
      return
    }
    slots[slot].queue.append(position)
    pendingPositions += 1
    statistics.pendingEvents += 1
    listReady(slot)
  }

  /// Gives up a synced watch's queue: everything from its beginning on, or else from `firstMissed` on, will be
  /// read again, up to `target` at least.
  mutating func fallBehind(_ slot: Int, firstMissed: Revision, target: Revision) {
    let queued = slots[slot].queue.count
    let first = slots[slot].queue.first?.main ?? firstMissed
    slots[slot].next = max(slots[slot].next, first)
    slots[slot].target = max(target, slots[slot].queue.last?.main ?? .zero)
    slots[slot].queue.removeAll()
    pendingPositions -= queued
    statistics.pendingEvents -= queued
    statistics.fallenBehind += 1
    listBehind(slot)
  }

  /// Makes every watch read again what happened from `revision` through `target`, which could not be offered.
  mutating func fallBehind(from revision: Revision, through target: Revision) {
    for slot in slots.indices where slots[slot].isLive {
      if slots[slot].phase != .synced {
        slots[slot].target = max(slots[slot].target, target)
      } else if slots[slot].next <= target {
        fallBehind(slot, firstMissed: revision, target: target)
        isTouched = true
      }
    }
  }

  /// Puts a watch on the list of those with something to send, once.
  mutating func listReady(_ slot: Int) {
    if slots[slot].isListedReady { return }
    slots[slot].isListedReady = true
    ready.append(handle(of: slot))
  }

  private mutating func listBehind(_ slot: Int) {
    slots[slot].phase = .behind
    statistics.slowWatches += 1
    if slots[slot].isListedBehind { return }
    slots[slot].isListedBehind = true
    behind.append(handle(of: slot))
  }

  /// Puts watches that have something to report, and were told nothing since the last call, on the list of
  /// those whose progress is due. Says whether there are any.
  mutating func listIdle() -> Bool {
    for slot in slots.indices where slots[slot].isLive && slots[slot].request.progressNotify {
      if slots[slot].wasTold {
        slots[slot].wasTold = false
      } else if !slots[slot].isListedIdle {
        slots[slot].isListedIdle = true
        idle.append(handle(of: slot))
      }
    }
    return !idle.isEmpty
  }
}

/// Why a watch was not created.
enum WatchRefusal: Error, Hashable, Sendable {
  case closed
  case duplicate
  case emptyRange
  case tooMany(Int)

  /// What the client reads, in etcd's words where it has any.
  var reason: String {
    switch self {
    case .closed: "the watch stream is closed"
    case .duplicate: "mvcc: duplicate watch ID provided on the WatchStream"
    case .emptyRange: "mvcc: watcher range is empty"
    case .tooMany(let bound):
      "the stream has \(bound) watches, which is the most it may have: open another stream"
    }
  }
}
