internal import Engine
internal import Primitives
internal import Synchronization

/// Rebuilds what the store holds in memory from what lies in an engine: records are decoded in chunks of revisions
/// at once; then, in parts of the keys at once, taken in the order of revisions, which finds every version's
/// predecessor, and sorted; and loaded into the key index part by part.
struct StoreLoader: ~Copyable {
  private(set) var statistics = LoadStatistics()
  private var state = StoreState()

  init() {}

  var revision: Revision { state.revision }

  /// Reads the state.
  ///
  /// - Parameter values: where values stay that are not brought into memory; nil: all are.
  mutating func load(
    _ engine: any Engine, _ concurrently: ConcurrentLoop, leavingValuesIn values: StoredValues?
  ) throws(StoreError) {
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
      try loadRecords(engine, concurrently, values)
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
    _ engine: any Engine, _ concurrently: ConcurrentLoop, _ values: StoredValues?
  ) throws(EngineError) {
    let chunks = try LoadedChunks(
      engine, through: state.revision, leavingValuesIn: values)
    concurrently(chunks.count) { chunks.load($0) }
    if let last = try chunks.check(), last.main > state.revision {
      throw .corrupt(detail: "a record has revision \(last), the store is at \(state.revision)")
    }
    let done = Mutex<[LoadedVersions?]>(Array(repeating: nil, count: chunks.parts))
    concurrently(chunks.parts) { part in
      let versions = LoadedVersions(chunks.take(part: part))
      done.withLock { $0[part] = versions }
    }
    take(done.withLock { $0.compactMap { $0 } })
  }

  /// Joins the parts of the keys.
  private mutating func take(_ parts: [LoadedVersions]) {
    for part in parts {
      statistics.records += part.count
      statistics.recordBytes += part.recordBytes
      statistics.keys += part.sorted.count
      state.logicalBytes += part.logicalBytes
      for record in part.leased { state.leases.attach(record.key, to: record.lease) }
    }
    for superseded in parts.flatMap(\.superseded).sorted(by: { $0.by < $1.by }) {
      state.superseded.append(superseded)
    }
    for tombstone in parts.flatMap(\.tombstones).sorted(by: { $0.revision < $1.revision }) {
      state.tombstones.append(tombstone)
    }
    state.index.bulkLoad(parts: parts.map(\.sorted))
  }
}

/// The versions of one part of the keys.
private struct LoadedVersions: Sendable {
  /// The newest ones in the order of their keys.
  var sorted: [Record] = []
  /// Those of them that hang on a lease.
  var leased: [Record] = []
  /// The rest in the order of what superseded them.
  var superseded: [StoreState.Superseded] = []
  var tombstones: [Record] = []
  var count = 0
  var recordBytes: Int64 = 0
  var logicalBytes: Int64 = 0
  private var hasLeases = false

  /// Takes what was loaded out of the chunks.
  init(_ shares: consuming [LoadedChunks.Share]) {
    var newest = NewestRecords(expecting: shares.reduce(0) { $0 + $1.records.count })
    for place in shares.indices {
      // What a chunk holds is let go before the next one is looked at.
      let share = shares[place]
      shares[place] = LoadedChunks.Share()
      for (position, record) in share.records.enumerated() {
        add(record, keyHash: share.keyHashes[position], to: &newest)
      }
    }
    sorted = newest.takeSortedByKey()
    // Looking at a million records once more takes long, and most stores have few leases or none.
    if hasLeases { leased = sorted.filter { !$0.isTombstone && $0.lease != .none } }
  }

  private mutating func add(_ record: Record, keyHash: UInt32, to newest: inout NewestRecords) {
    count += 1
    recordBytes += Int64(record.byteCount)
    logicalBytes += StoreLayout.byteCount(record.revision, stored: record.byteCount)
    hasLeases = hasLeases || record.lease != .none
    let (slot, isNew) = newest.slot(of: record, keyHash: keyHash)
    var kept = record
    if !isNew {
      let older = newest[slot]
      let history = older.previous ?? KeyHistory()
      history.append(KeyHistory.Version(older))
      superseded.append(
        StoreState.Superseded(by: record.revision.main.rawValue, history: history))
      kept = record.following(history)
      newest[slot] = kept
    }
    if record.isTombstone { tombstones.append(kept) }
  }
}
