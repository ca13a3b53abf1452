public import Primitives
internal import Synchronization

/// The engine in memory: for tests and for simulation.
///
/// It has what the engine on disk has: a flushed state, and batches that only a later flush makes durable.
/// `crash(keeping:)` takes it back to any batch boundary since the last completed flush, which is what an engine
/// without a log of its own may do. `flush()` completes at once; a simulator calls `beginFlush()` and
/// `completeFlush()` instead, with whatever it likes in between.
public final class MemoryEngine: Engine {
  /// What an engine is asked to do, for faults that a test plans.
  public enum Call: Hashable, Sendable {
    case apply, read, flush, reclaim
  }

  private struct State {
    var tables = Tables()
    /// What the last completed flush made durable.
    var flushed = Tables()
    /// What was applied since then, in order.
    var unflushed: [EngineBatch] = []
    /// How many of those batches the flush that is under way covers.
    var flushing: Int?
    var fault: (@Sendable (Call) -> EngineError?)?
    var isClosed = false
  }

  private let state = Mutex(State())

  /// An empty engine.
  public init() {}

  public func apply(_ batch: EngineBatch) throws(EngineError) {
    try call(.apply) { state in
      state.tables.apply(batch)
      state.unflushed.append(batch)
    }
  }

  public func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes? {
    try call(.read) { $0.tables[table].value(key) }
  }

  public func visit(
    _ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor
  ) throws(EngineError) {
    unsafe try call(.read) { $0.tables[table] }.visit(from: from, to: to, body)
  }

  public func snapshot() throws(EngineError) -> any EngineSnapshot {
    MemorySnapshot(try call(.read) { $0.tables })
  }

  public func flush() throws(EngineError) {
    try beginFlush()
    completeFlush()
  }

  /// Nothing to give back: the memory of what was deleted is free already.
  public func reclaim(_ table: Table, from: Bytes?, to: Bytes?) throws(EngineError) {
    try call(.reclaim) { _ in }
  }

  /// Bytes of the keys and values that are stored.
  public var sizeOnDisk: Int64 { state.withLock { $0.tables.byteCount } }

  public func close() { state.withLock { $0.isClosed = true } }

  // MARK: What a simulator does to it

  /// Batches that a crash may lose.
  public var unflushedBatches: Int { state.withLock { $0.unflushed.count } }

  /// Starts a flush of what has been applied so far. It is durable when `completeFlush` has been called, not
  /// before; one that was started and not completed is extended.
  public func beginFlush() throws(EngineError) {
    try call(.flush) { $0.flushing = $0.unflushed.count }
  }

  /// Completes the flush that was started, and does nothing if none was or a crash came between.
  public func completeFlush() {
    state.withLock { state in
      guard let count = state.flushing else { return }
      state.flushing = nil
      if count == state.unflushed.count {
        state.flushed = state.tables
        state.unflushed.removeAll(keepingCapacity: true)
      } else {
        for batch in state.unflushed.prefix(count) { state.flushed.apply(batch) }
        state.unflushed.removeFirst(count)
      }
    }
  }

  /// Takes the engine back to the last completed flush and `keeping` batches after it (at most
  /// `unflushedBatches`), and opens it again; what it then holds is durable. Snapshots from before keep their
  /// state. The fault stays.
  public func crash(keeping: Int = 0) {
    state.withLock { state in
      invariant(
        keeping >= 0 && keeping <= state.unflushed.count,
        "a crash cannot keep \(keeping) of \(state.unflushed.count) batches")
      for batch in state.unflushed.prefix(keeping) { state.flushed.apply(batch) }
      state.tables = state.flushed
      state.unflushed.removeAll()
      state.flushing = nil
      state.isClosed = false
    }
  }

  /// Asks `fault` before every call from now on: an error that it answers is thrown, and the call changes
  /// nothing. Nil ends that.
  public func setFault(_ fault: (@Sendable (Call) -> EngineError?)?) {
    state.withLock { $0.fault = fault }
  }

  private func call<Answer: Sendable>(
    _ call: Call, _ body: (inout State) -> Answer
  ) throws(EngineError) -> Answer {
    try state.withLock { (state) throws(EngineError) -> Answer in
      if state.isClosed { throw .failed(detail: "the engine is closed") }
      if let error = state.fault?(call) { throw error }
      return body(&state)
    }
  }
}

/// One state of a `MemoryEngine`.
private final class MemorySnapshot: EngineSnapshot {
  private let tables: Tables

  init(_ tables: Tables) { self.tables = tables }

  func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes? {
    tables[table].value(key)
  }

  func visit(
    _ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor
  ) throws(EngineError) {
    unsafe tables[table].visit(from: from, to: to, body)
  }
}

/// The contents of all tables.
private struct Tables: Sendable {
  private var records = SortedTable()
  private var leases = SortedTable()
  private var meta = SortedTable()

  var byteCount: Int64 { records.byteCount + leases.byteCount + meta.byteCount }

  subscript(table: Table) -> SortedTable {
    _read {
      switch table {
      case .records: yield records
      case .leases: yield leases
      case .meta: yield meta
      }
    }
    _modify {
      switch table {
      case .records: yield &records
      case .leases: yield &leases
      case .meta: yield &meta
      }
    }
  }

  mutating func apply(_ batch: EngineBatch) {
    for change in batch.changes {
      switch change {
      case .put(let table, let key, let value): self[table].put(key, value)
      case .delete(let table, let key): self[table].delete(key)
      case .deleteRange(let table, let from, let to): self[table].deleteRange(from: from, to: to)
      }
    }
  }
}
