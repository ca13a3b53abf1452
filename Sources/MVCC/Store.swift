public import Engine
public import Primitives
internal import Synchronization

/// The multi-version key-value store: etcd's revisions, ranges, transactions, leases and compaction.
///
/// One thread writes (`apply`, `finishBatch`); one other at a time feeds the engine and compacts; any number
/// reads. Writes happen in memory; the engine follows in batches, each with the applied index of its last log
/// entry, so that after a crash the log goes on where the engine stands. What the engine lacks is always in
/// memory.
public final class Store: Sendable {
  /// What the store's data lies in. Cost: a lock.
  public var engine: any Engine { place.withLock { $0 } }
  /// The bounds that the store was opened with.
  public let configuration: StoreConfiguration
  /// What opening the store found.
  public let loadStatistics: LoadStatistics

  let state: Mutex<StoreState>
  let recent: RecentRecords
  /// Held by whoever feeds the engine.
  let feeding = Mutex(())
  let place: Mutex<any Engine>
  /// The values that the start left in the engine; nil if it left none.
  let leftValues: StoredValues?
  let published: Atomic<Int64>
  let rangeCount = Atomic<Int64>(0)

  /// Opens the store that lies in an engine; an empty engine is an empty store at revision 1.
  ///
  /// Cost: one scan of the records; all newest versions come into memory, in an engine of more than
  /// `StoreConfiguration.wholeLoadBytes` without their values.
  /// - Throws: `StoreError.corrupt` naming the record, or `engineFailed`.
  public init(engine: any Engine, configuration: StoreConfiguration = StoreConfiguration())
    throws(StoreError)
  {
    var loader = StoreLoader()
    leftValues = try Self.valuesToLeave(in: engine, configuration)
    try loader.load(engine, configuration.concurrently, leavingValuesIn: leftValues)
    loadStatistics = loader.statistics
    place = Mutex(engine)
    self.configuration = configuration
    let revision = loader.revision
    recent = RecentRecords(after: revision, maxBytes: configuration.recentRecordBytes)
    published = Atomic(revision.rawValue)
    state = Mutex(loader.finish())
  }

  deinit { leftValues?.forgetRecords() }

  // MARK: What the store holds

  /// The revision of the last finished batch. Reads may see a batch under way, one revision or more later.
  public var currentRevision: Revision { Revision(published.load(ordering: .acquiring)) }

  /// The compaction floor: reads below it are refused; 0 before the first compaction.
  public var compactedRevision: Revision { Revision(max(0, state.withLock { $0.floor })) }

  /// The floor up to which history has been dropped from memory and engine; 0 before the first compaction.
  public var finishedCompactRevision: Revision {
    Revision(max(0, state.withLock { $0.finishedFloor }))
  }

  /// The log entry behind the last finished batch.
  public var appliedIndex: LogIndex { state.withLock { $0.appliedIndex } }

  /// Bytes of all versions that compaction has not dropped, engine keys included: the quota's figure.
  public var logicalBytes: Int64 { state.withLock { $0.logicalBytes } }

  /// Bytes of records that the engine has not been fed; an owner pushes back when they grow.
  public var unfedBytes: Int { state.withLock { $0.unfedBytes } }

  /// What the store holds and has done.
  public var statistics: StoreStatistics {
    var statistics = state.withLock { state in
      var statistics = StoreStatistics()
      statistics.keys = state.index.liveCount
      statistics.leases = state.leases.count
      statistics.olderVersions = state.superseded.count
      statistics.logicalBytes = state.logicalBytes
      statistics.unfedBytes = state.unfedBytes
      statistics.indexBytes = state.index.memoryFootprint
      statistics.puts = state.puts
      statistics.deletes = state.deletes
      statistics.transactions = state.transactions
      statistics.compactedVersions = state.compactedVersions
      return statistics
    }
    statistics.ranges = rangeCount.load(ordering: .relaxed)
    statistics.recentRecordBytes = recent.byteCount
    return statistics
  }

  /// All leases, in order of their identifiers.
  public func leases() -> [Lease] { state.withLock { $0.leases.sorted } }

  /// A lease, or nil.
  public func lease(_ id: LeaseID) -> Lease? { state.withLock { $0.leases[id]?.lease } }

  /// The keys that hang on a lease, in their order; empty if there is no such lease.
  public func keys(of id: LeaseID) -> [Bytes] { state.withLock { $0.leases.keys(of: id) } }

  /// Whether something holds for each key that hangs on a lease; true if there is none. `isTrue` runs under the
  /// store's lock, in no particular order, until it answers false.
  public func everyKey(of id: LeaseID, satisfies isTrue: (Bytes) -> Bool) -> Bool {
    state.withLock { $0.leases.everyKey(of: id, satisfies: isTrue) }
  }

  /// Ends the process unless the store's parts agree with each other. Cost: a walk over all keys.
  public func checkInvariants() { state.withLock { $0.checkInvariants() } }

  // MARK: Writing

  /// Carries out a command in memory. Reads see it at once; the engine and watches when its batch is finished.
  ///
  /// `engineFailed` and `corrupt` come only from a transaction that reads an old revision, before it had any
  /// effect; a member that gets one must stop, because others may not.
  public func apply(_ command: StoreCommand, at index: LogIndex) -> Result<StoreResult, StoreError>
  {
    do throws(StoreError) {
      return .success(
        try state.withLock { (state) throws(StoreError) -> StoreResult in
          invariant(
            index > state.appliedIndex && index >= state.lastCommand,
            "entry \(index) after entry \(state.lastCommand), batch \(state.appliedIndex)")
          state.lastCommand = index
          defer { state.commit(to: recent) }
          return try execute(command, &state)
        })
    } catch {
      return .failure(error)
    }
  }

  private func execute(_ command: StoreCommand, _ state: inout StoreState) throws(StoreError)
    -> StoreResult
  {
    switch command {
    case .put(let operation): .put(try put(operation, &state))
    case .deleteRange(let operation): .deleteRange(deleteRange(operation, &state))
    case .transaction(let operation): .transaction(try transact(operation, &state))
    case .compact(let revision): try compact(revision, &state)
    case .grantLease(let id, let seconds): try grant(id, seconds, &state)
    case .revokeLease(let id): try revoke(id, &state)
    case .checkpointLeases(let checkpoints): checkpoint(checkpoints, &state)
    }
  }

  /// Seals what was applied since the last call, together with the applied index and `extra`, into one atomic
  /// change of the engine, and lets watches see it. Returns the revisions that it made; empty if none.
  @discardableResult
  public func finishBatch(appliedIndex: LogIndex, with extra: EngineBatch = EngineBatch())
    -> Range<Revision>
  {
    let revisions = state.withLock { state in
      invariant(
        appliedIndex >= state.appliedIndex && appliedIndex >= state.lastCommand,
        "batch \(appliedIndex) after batch \(state.appliedIndex), entry \(state.lastCommand)")
      state.open.changes.append(extra)
      state.open.byteCount += extra.byteCount
      state.unfedBytes += extra.byteCount
      state.open.applied = (appliedIndex, state.revision)
      state.queue.append(state.open)
      state.open = StoreState.SealedBatch()
      let revisions = state.publishedRevision.next..<state.revision.next
      state.appliedIndex = appliedIndex
      state.sealedFloor = state.floor
      state.publishedRevision = state.revision
      return revisions
    }
    published.store(revisions.upperBound.rawValue - 1, ordering: .releasing)
    return revisions
  }
}
