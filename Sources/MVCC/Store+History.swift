internal import Engine
public import Primitives
internal import Synchronization

/// What watches read.
extension Store: WatchSource {
  /// Changes of recent transactions: see `WatchSource`. Nothing beyond the last finished batch.
  public func recentEvents(from: Revision, through: Revision, maxEvents: Int) -> WatchEventSlice? {
    recent.slice(from: from, through: min(through, currentRevision), maxEvents: maxEvents)
  }

  /// The recent changes at some positions: see `WatchSource`.
  public func recentEvents(at positions: ArraySlice<SubRevision>) -> [WatchEvent]? {
    recent.events(at: positions)
  }

  /// Changes from the engine, and from memory where the engine lacks them: whole transactions until at least
  /// `maxEvents`, or `historyReadBytes`, are found. It may block.
  ///
  /// A change at the floor has no previous version any more, as in etcd.
  public func historyEvents(from: Revision, through: Revision, maxEvents: Int)
    throws(StoreError) -> WatchEventSlice
  {
    let (floor, fed) = state.withLock { ($0.floor, $0.fedRevision) }
    if from.rawValue < floor { throw .compacted }
    let end = min(through, currentRevision)
    if let slice = recent.slice(from: from, through: end, maxEvents: maxEvents) { return slice }
    let (records, last) = try readHistory(from: from, through: min(end, fed), maxEvents)
    let events = try withPrevious(records, floor: floor)
    if from.rawValue < state.withLock({ $0.floor }) { throw .compacted }
    return WatchEventSlice(events: events, through: last)
  }

  private func readHistory(from: Revision, through: Revision, _ maxEvents: Int)
    throws(StoreError) -> ([Record], last: Revision)
  {
    var records: [Record] = []
    var bytes = 0
    var last = through
    var failure: EngineError?
    do throws(EngineError) {
      try unsafe engine.visit(
        .records, from: StoreLayout.firstKey(max(from, Revision(1))),
        to: StoreLayout.firstKey(through.next)
      ) { key, value in
        do throws(EngineError) {
          let record = try unsafe StoreLayout.decodeRecord(key: key, value: value)
          let isFull = records.count >= maxEvents || bytes >= configuration.historyReadBytes
          if isFull, let newest = records.last, newest.revision.main != record.revision.main {
            last = newest.revision.main
            return false
          }
          bytes += record.byteCount
          records.append(record)
          return true
        } catch {
          failure = error
          return false
        }
      }
      if let failure { throw failure }
    } catch {
      throw StoreError(error)
    }
    return (records, last)
  }

  /// Finds what each record replaced: first where it is, under the lock, then the versions themselves.
  private func withPrevious(_ records: [Record], floor: Int64) throws(StoreError) -> [WatchEvent] {
    var events: [WatchEvent] = []
    events.reserveCapacity(records.count)
    var rest = records[...]
    while !rest.isEmpty {
      let slice = rest.prefix(configuration.rangeSliceRecords)
      rest = rest.dropFirst(slice.count)
      let places = state.withLock { state in slice.map { state.predecessor(of: $0) } }
      for (record, place) in zip(slice, places) {
        var previous: Record?
        if let place, !place.isTombstone, record.revision.main.rawValue > floor {
          previous = try self.record(at: place.revision)
        }
        events.append(WatchEvent(record: record, previous: previous))
      }
    }
    return events
  }
}

extension StoreState {
  /// The version that a record superseded, unless compaction has dropped it.
  fileprivate func predecessor(of record: Record) -> KeyHistory.Version? {
    unsafe record.withKey { key in
      unsafe index.newest(key)?.previous?.newest(before: record.revision)
    }
  }
}
