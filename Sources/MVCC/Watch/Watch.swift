internal import Primitives

/// Names one watch inside its stream; a later watch in the same place has another generation.
struct WatchHandle: Hashable, Sendable {
  /// The watch's place in the stream.
  var slot: Int32
  /// How often the place had been used before.
  var generation: UInt32
}

/// Names one watch inside its hub.
struct WatchTarget: Sendable {
  /// The watch's stream.
  let stream: WatchStream
  /// The watch in that stream.
  let handle: WatchHandle
}

/// What a stream knows of one of its watches.
struct Watch: Sendable {
  /// How a watch learns of events.
  enum Phase: Sendable {
    /// It is being registered: what it hears of meanwhile is only noted.
    case starting
    /// It hears of every event; those it has yet to send are in its queue.
    case synced
    /// It missed some events, which are read for it in slices. What it hears of meanwhile is only noted.
    case behind
  }

  /// Whether the place holds a watch at present.
  var isLive = false
  /// How often the place had been used before.
  var generation: UInt32 = 0
  /// The identifier on the wire.
  var id: Int64 = 0
  /// What was asked for.
  var request = WatchRequest(KeyRange([]))
  /// The registration with the hub, once there is one.
  var token: RangeMatcher<WatchTarget>.Token?
  var phase = Phase.starting
  /// The first revision that was asked for.
  var first = Revision(.max)
  /// Events below this revision were sent or read, or are not wanted; a watch behind is to be read those from
  /// here on.
  var next = Revision.zero
  /// The highest revision that a watch behind has heard of: it must have read that far to be synced.
  var target = Revision.zero
  /// Events that are to be sent next, by their place among the store's recent records.
  var queue = FirstInFirstOut<SubRevision>()
  /// Events that were read for the watch; they go before the queue.
  var fetched = FirstInFirstOut<WatchEvent>()
  /// The revision up to which nothing is missing once `fetched` has been sent.
  var fetchedThrough = Revision.zero
  /// Whether the watch waits in the stream's list of those with something to send.
  var isListedReady = false
  /// Whether it waits in the stream's list of those behind.
  var isListedBehind = false
  /// Whether it was sent anything since the last round of progress reports.
  var wasTold = false
  /// Whether it waits in the stream's list of idle watches to report on.
  var isListedIdle = false

  /// Whether the watch wants to know of a change.
  func wants(isTombstone: Bool) -> Bool {
    isTombstone ? !request.noDelete : !request.noPut
  }
}

/// What a hub's streams may hold and do at once.
struct WatchBounds: Sendable {
  /// Watches on a stream. Beyond: refused.
  var watches = Limits.watchesPerStream
  /// Positions of events that may wait on a stream, of 16 bytes, besides those for each watch. Beyond: the
  /// watch falls behind.
  var pendingEvents = 8192
  /// Positions that may wait on a stream for each of its watches, on average.
  var pendingEventsPerWatch = 16
  /// Events that are read in one slice for watches behind.
  var sliceEvents = 1024
  /// Bytes that a slice of history should have; the next slice's length follows from the last one's.
  var sliceBytes = 1024 * 1024
  /// Slices that one call of `readHistory` reads before it lets others go on.
  var slicesPerRead = 64
  /// Watches behind for which a pull reads recent events itself. Beyond: `readHistory` does.
  var inlineWatches = 256
  /// Positions of one watch that are looked up at once.
  var lookup = 256
  /// Bytes of events in a response that asked for fragments.
  var fragmentBytes = Limits.watchFragmentBytes
  #if DEBUG || PLANTED_BUGS
    /// Whether some events are not offered to anybody: for tests to find.
    var dropsEvents = false
  #endif
}
