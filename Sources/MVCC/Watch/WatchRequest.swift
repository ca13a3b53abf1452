public import Primitives

/// What a client asks to watch.
public struct WatchRequest: Hashable, Sendable {
  /// The keys watched. An end that does not lie behind the key is refused.
  public var keys: KeyRange
  /// The first revision whose events are wanted; 0: the one after the present one. It may lie ahead.
  public var startRevision: Revision = .zero
  /// Leaves out puts.
  public var noPut = false
  /// Leaves out deletions.
  public var noDelete = false
  /// Gives each event the version that it replaced.
  public var previous = false
  /// Reports progress while the watch is idle.
  public var progressNotify = false
  /// Splits responses beyond `Limits.watchFragmentBytes`.
  public var fragment = false
  /// The identifier that the client chose; 0: the stream chooses one.
  public var watchID: Int64 = 0

  /// A watch of everything that happens to some keys from now on.
  public init(_ keys: KeyRange) { self.keys = keys }
}

/// What became of a request to watch.
public enum WatchCreation: Hashable, Sendable {
  /// The watch exists. `revision` is the store's: what the answer's header carries.
  case created(watchID: Int64, revision: Revision)
  /// It does not. etcd answers with `created` and `canceled` both set, identifier -1 and the reason.
  case refused(reason: String, revision: Revision)
}

/// The next thing to send on a stream.
public enum WatchOutput: Sendable {
  /// Nothing at present: `onReady` tells when to ask again.
  case none
  /// Events of one watch, whole transactions unless `isFragment` says that more of them follow at once.
  /// Every event of the watch up to `revision` has gone out with this output, or, in a fragment, before its
  /// last one.
  case events(watchID: Int64, revision: Revision, events: [WatchEvent], isFragment: Bool)
  /// Every event up to `revision` has gone out, on the watch or, with identifier -1, on all of the stream.
  case progress(watchID: Int64, revision: Revision)
  /// The store dropped what the watch had yet to be told; the watch is gone. `revision` is the store's.
  case canceled(
    watchID: Int64, revision: Revision, compactRevision: Revision, reason: String)
  /// Nothing at present, and older events must be read first: call `readHistory` on a thread that may block.
  /// Later events of other watches may still make `onReady` fire meanwhile, and until the read has begun
  /// `next` may ask for it again.
  case needsHistory
}

/// What a hub and its streams hold at present, and what they have done.
public struct WatchStatistics: Hashable, Sendable {
  /// Open streams.
  public var streams = 0
  /// Watches on them.
  public var watches = 0
  /// Watches that must read what they missed before they hear of new events.
  public var slowWatches = 0
  /// Events that wait to be pulled, counted once for each watch.
  public var pendingEvents = 0
  /// Events handed to clients, counted once for each watch.
  public var deliveredEvents: UInt64 = 0
  /// Reads of the engine's history.
  public var historyReads: UInt64 = 0
  /// Catch-up reads that the recent records sufficed for.
  public var recentReads: UInt64 = 0
  /// Times that a watch fell behind: its stream was pulled too slowly.
  public var fallenBehind: UInt64 = 0
  /// Watches cancelled because compaction overtook them.
  public var compactedWatches: UInt64 = 0

  /// Nothing yet.
  public init() {}

  /// Adds another's figures, all but the number of streams.
  mutating func add(_ other: WatchStatistics) {
    watches += other.watches
    slowWatches += other.slowWatches
    pendingEvents += other.pendingEvents
    deliveredEvents += other.deliveredEvents
    historyReads += other.historyReads
    recentReads += other.recentReads
    fallenBehind += other.fallenBehind
    compactedWatches += other.compactedWatches
  }
}
