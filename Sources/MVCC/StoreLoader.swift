internal import Engine
internal import Primitives

/// Rebuilds what the store holds in memory from what lies in an engine: one scan in the order of revisions, which
/// finds every version's predecessor on its way, and a sorted load of the key index.
struct StoreLoader: ~Copyable {
  private(set) var statistics = LoadStatistics()
  private var state = StoreState()

  init() {}

  var revision: Revision { state.revision }

  mutating func load(_ engine: any Engine) throws(StoreError) {
    do throws(EngineError) {
      let meta = try StoreMeta { (key) throws(EngineError) in try engine.value(.meta, key) }
      if !meta.hasFormat { try mark(engine) }
      state.appliedIndex = meta.appliedIndex
      state.lastCommand = meta.appliedIndex
      state.fedIndex = meta.appliedIndex
      state.revision = meta.revision
      state.publishedRevision = meta.revision
      state.fedRevision = meta.revision
      state.floor = meta.floor
      state.sealedFloor = meta.floor
      state.finishedFloor = meta.finishedFloor
      try loadLeases(engine)
      try loadRecords(engine)
    } catch {
      throw StoreError(error)
    }
  }

  /// The rebuilt state.
  consuming func finish() -> StoreState { state }

  /// Gives an empty engine its format.
  private func mark(_ engine: any Engine) throws(EngineError) {
    var batch = EngineBatch()
    batch.put(
      .meta, key: StoreLayout.formatKey,
      value: StoreLayout.bigEndian(Int64(StoreLayout.formatVersion)))
    try engine.apply(batch)
  }

  private mutating func loadLeases(_ engine: any Engine) throws(EngineError) {
    var failure: EngineError?
    var leases = LeaseTable()
    try engine.scan(.leases, from: [], to: nil) { key, value in
      do throws(EngineError) {
        leases.insert(try StoreLayout.decodeLease(key: key, value: value))
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    statistics.leases = leases.count
    state.leases = leases
  }

  private mutating func loadRecords(_ engine: any Engine) throws(EngineError) {
    var failure: EngineError?
    var versions = LoadedVersions()
    try engine.scan(.records, from: [], to: nil) { key, value in
      do throws(EngineError) {
        try versions.add(key: key, value: value)
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    if let last = versions.last, last.main > state.revision {
      throw .corrupt(detail: "a record has revision \(last), the store is at \(state.revision)")
    }
    statistics.records = versions.count
    statistics.recordBytes = versions.recordBytes
    state.logicalBytes = versions.logicalBytes
    state.superseded = versions.superseded
    state.tombstones = versions.tombstones
    let sorted = versions.newest.sortedByKey()
    statistics.keys = sorted.count
    for record in sorted where !record.isTombstone && record.lease != .none {
      state.leases.attach(record.key, to: record.lease)
    }
    state.index.bulkLoad(sorted: sorted)
  }
}

/// Versions as a scan in the order of revisions meets them.
private struct LoadedVersions {
  var newest = NewestRecords()
  var superseded = ChunkedQueue<StoreState.Superseded>()
  var tombstones = ChunkedQueue<Record>()
  var count = 0
  var recordBytes: Int64 = 0
  var logicalBytes: Int64 = 0
  var last: SubRevision?

  mutating func add(key: Bytes, value: Bytes) throws(EngineError) {
    let record = try StoreLayout.decodeRecord(key: key, value: value)
    if let last, record.revision <= last {
      throw .corrupt(detail: "revision \(record.revision) follows revision \(last)")
    }
    last = record.revision
    count += 1
    recordBytes += Int64(record.byteCount)
    logicalBytes += StoreLayout.byteCount(record.revision, stored: record.byteCount)
    let slot = newest.slot(of: record)
    var kept = record
    if let older = newest[slot] {
      let history = older.previous ?? KeyHistory()
      history.append(KeyHistory.Version(older))
      superseded.append(
        StoreState.Superseded(by: record.revision.main.rawValue, history: history))
      kept = record.following(history)
    }
    newest[slot] = kept
    if record.isTombstone { tombstones.append(kept) }
  }
}
