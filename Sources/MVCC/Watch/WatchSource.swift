public import Primitives

/// What watches read: the store's recent records in memory, and its history in the engine.
///
/// Called with a stream's lock held, so a source must not call the hub or a stream while it holds a lock that
/// these functions take.
public protocol WatchSource: AnyObject, Sendable {
  /// The newest revision that may be read.
  var currentRevision: Revision { get }
  /// The revision below which history has been dropped; 0 if none was.
  var compactedRevision: Revision { get }

  /// Events of recent transactions from revision `from` through `through`, in order: whole transactions until
  /// at least `maxEvents` are found. Nil if memory no longer holds everything from `from` on.
  func recentEvents(from: Revision, through: Revision, maxEvents: Int) -> WatchEventSlice?

  /// The recent events at some positions, in their order; nil if memory no longer holds all of them.
  func recentEvents(at positions: ArraySlice<SubRevision>) -> [WatchEvent]?

  /// The same as `recentEvents(from:through:maxEvents:)` from the engine; it may block.
  ///
  /// - Throws: `StoreError.compacted` if `from` lies below the compacted revision.
  func historyEvents(from: Revision, through: Revision, maxEvents: Int) throws(StoreError)
    -> WatchEventSlice
}

/// Consecutive events of a store.
public struct WatchEventSlice: Sendable {
  /// The events, in order; transactions are whole.
  public var events: [WatchEvent]
  /// The revision up to which nothing is missing.
  public var through: Revision

  /// Describes a slice.
  public init(events: [WatchEvent], through: Revision) {
    self.events = events
    self.through = through
  }
}
