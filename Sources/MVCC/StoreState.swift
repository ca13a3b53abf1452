internal import Engine
internal import Primitives

/// Everything that the store's lock guards.
struct StoreState: ~Copyable {
  /// Changes that go to the engine together with their applied index.
  struct SealedBatch: Sendable {
    var records: [Record] = []
    var changes = EngineBatch()
    /// Where the log stands behind this batch; nil in one that only drops history.
    var applied: (index: LogIndex, revision: Revision)?
    var byteCount = 0

    var isEmpty: Bool { records.isEmpty && changes.isEmpty }
  }

  /// A version that a write at revision `by` superseded: the oldest of `history` when its turn comes.
  struct Superseded: Sendable {
    let by: Int64
    let history: KeyHistory
  }

  var index = KeyIndex()
  var leases = LeaseTable()
  /// The last write's revision.
  var revision = Revision(1)
  /// The compaction floor: reads below it are refused; -1 before the first compaction.
  var floor: Int64 = -1
  /// The floor that has been sealed: what the background may drop up to.
  var sealedFloor: Int64 = -1
  /// The floor up to which history is gone.
  var finishedFloor: Int64 = -1
  /// Where the log stands, as of the last sealed batch.
  var appliedIndex = LogIndex.zero
  /// The highest entry applied, sealed or not.
  var lastCommand = LogIndex.zero
  /// The revision of the last sealed batch.
  var publishedRevision = Revision(1)
  /// The revision up to which the engine has everything.
  var fedRevision = Revision(1)
  /// The applied index that the engine has.
  var fedIndex = LogIndex.zero
  /// What was applied since the last sealed batch.
  var open = SealedBatch()
  /// What the engine is to be fed, in order.
  var queue: [SealedBatch] = []
  /// Bytes in `open`, in `queue` and on their way.
  var unfedBytes = 0
  /// Superseded versions, in order of what superseded them.
  var superseded = ChunkedQueue<Superseded>()
  /// Deletions that compaction has not dropped, in order.
  var tombstones = ChunkedQueue<Record>()
  /// The changes of the transaction under way.
  var events: [WatchEvent] = []
  var logicalBytes: Int64 = 0
  var puts: Int64 = 0
  var deletes: Int64 = 0
  var transactions: Int64 = 0
  var compactedVersions: Int64 = 0

  /// The revision that the transaction under way reads at and answers with.
  var effectiveRevision: Revision { events.isEmpty ? revision : revision.next }

  /// The newest version of a key unless it is a deletion.
  func live(_ key: Bytes) -> Record? {
    guard let newest = index.newest(key), !newest.isTombstone else { return nil }
    return newest
  }

  /// Writes a key in the transaction under way, and answers what was there.
  @discardableResult
  mutating func put(key: Bytes, value: Bytes, lease: LeaseID) -> Record? {
    let newest = index.newest(key)
    let previous = newest.flatMap { $0.isTombstone ? nil : $0 }
    let revision = nextWrite()
    let record = Record.make(
      revision: revision, createRevision: previous?.createRevision ?? revision.main,
      version: (previous?.version ?? 0) + 1, lease: lease, key: key, value: value,
      previous: supersede(newest, by: revision.main))
    let oldLease = previous?.lease ?? .none
    if oldLease != lease {
      leases.detach(key, from: oldLease)
      leases.attach(key, to: lease)
    }
    puts += 1
    note(record, previous: previous)
    return previous
  }

  /// Deletes a live key in the transaction under way.
  mutating func delete(_ previous: Record) {
    let revision = nextWrite()
    let key = previous.key
    let record = Record.makeTombstone(
      revision: revision, key: key, previous: supersede(previous, by: revision.main))
    leases.detach(key, from: previous.lease)
    deletes += 1
    tombstones.append(record)
    note(record, previous: previous)
  }

  private func nextWrite() -> SubRevision {
    SubRevision(main: revision.next, sub: Int64(events.count))
  }

  private mutating func supersede(_ newest: Record?, by main: Revision) -> KeyHistory? {
    guard let newest else { return nil }
    let history = newest.previous ?? KeyHistory()
    history.append(KeyHistory.Version(newest))
    superseded.append(Superseded(by: main.rawValue, history: history))
    return history
  }

  private mutating func note(_ record: Record, previous: Record?) {
    index.insert(record)
    logicalBytes += StoreLayout.byteCount(record.revision, stored: record.byteCount)
    events.append(WatchEvent(record: record, previous: previous))
  }

  /// Ends the transaction under way: its writes become the next revision.
  mutating func commit(to recent: RecentRecords) {
    if events.isEmpty { return }
    revision = revision.next
    for event in events {
      open.records.append(event.record)
      let bytes = event.record.byteCount
      open.byteCount += bytes
      unfedBytes += bytes
    }
    recent.append(events)
    events.removeAll(keepingCapacity: true)
  }

  /// Ends the process unless the parts agree with each other. Cost: a walk over all keys.
  func checkInvariants() {
    index.checkInvariants()
    invariant(events.isEmpty, "\(events.count) changes of a transaction that has ended")
    invariant(floor <= revision.rawValue, "floor \(floor) is past revision \(revision)")
    invariant(sealedFloor <= floor, "sealed floor \(sealedFloor) is past floor \(floor)")
    invariant(
      finishedFloor <= sealedFloor, "finished \(finishedFloor) is past floor \(sealedFloor)")
    invariant(
      fedRevision <= publishedRevision && publishedRevision <= revision,
      "fed \(fedRevision), published \(publishedRevision), applied \(revision)")
    var live = 0
    var attached = 0
    var bytes: Int64 = 0
    index.forEach(from: [], to: nil) { record in
      record.previous?.checkInvariants(newest: record.revision)
      bytes += StoreLayout.byteCount(record.revision, stored: record.byteCount)
      bytes += record.previous?.logicalBytes ?? 0
      if record.isTombstone { return true }
      live += 1
      if let entry = leases[record.lease] {
        attached += 1
        invariant(
          entry.keys.contains(record.key), "\(record.key) is missing on lease \(record.lease)")
      }
      return true
    }
    invariant(live == index.liveCount, "\(live) live keys, counted \(index.liveCount)")
    invariant(attached == leases.attachedKeys, "\(attached) keys on \(leases.attachedKeys) leases")
    invariant(bytes == logicalBytes, "\(bytes) bytes of versions, counted \(logicalBytes)")
  }
}
