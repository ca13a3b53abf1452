internal import Engine
internal import Primitives

/// Rebuilds what the store holds in memory from what lies in an engine: records are
/// decoded in chunks at once, then taken in the order of revisions, which finds every version's predecessor, and
/// loaded into the key index in the order of keys.
struct StoreLoader: ~Copyable {
  private(set) var statistics = LoadStatistics()
  private var state = StoreState()

  init() {}

  var revision: Revision { state.revision }

  mutating func load(_ engine: any Engine, _ concurrently: ConcurrentLoop) throws(StoreError) {
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
      try loadRecords(engine, concurrently)
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

  private mutating func loadRecords(
    _ engine: any Engine, _ concurrently: ConcurrentLoop
  ) throws(EngineError) {
    let chunks = LoadedChunks(engine, through: state.revision)
    concurrently(chunks.count) { chunks.load($0) }
    let versions = try LoadedVersions(chunks)
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

/// Versions in the order of revisions.
private struct LoadedVersions {
  var newest: NewestRecords
  var superseded = ChunkedQueue<StoreState.Superseded>()
  var tombstones = ChunkedQueue<Record>()
  var count = 0
  var recordBytes: Int64 = 0
  var logicalBytes: Int64 = 0
  var last: SubRevision?

  /// Takes what was loaded out of the chunks.
  init(_ chunks: LoadedChunks) throws(EngineError) {
    newest = NewestRecords(expecting: chunks.recordCount)
    for number in 0..<chunks.count {
      let chunk = try chunks.take(number)
      for (position, record) in chunk.records.enumerated() {
        try add(record, keyHash: chunk.keyHashes[position])
      }
    }
  }

  private mutating func add(_ record: Record, keyHash: UInt32) throws(EngineError) {
    if let last, record.revision <= last {
      throw .corrupt(detail: "revision \(record.revision) follows revision \(last)")
    }
    last = record.revision
    count += 1
    recordBytes += Int64(record.byteCount)
    logicalBytes += StoreLayout.byteCount(record.revision, stored: record.byteCount)
    let slot = newest.slot(of: record, keyHash: keyHash)
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
