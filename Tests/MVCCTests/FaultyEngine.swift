import Engine
import MVCC
import Primitives
import Synchronization

/// An engine whose snapshots lose or change one record when they are told to.
final class FaultyEngine: Engine {
  let isFaulty = Mutex(false)
  private let inner: MemoryEngine
  private let key: Bytes
  private let isMissing: Bool

  init(_ inner: MemoryEngine, _ revision: SubRevision, isMissing: Bool) {
    self.inner = inner
    key = StoreLayout.recordKey(revision)
    self.isMissing = isMissing
  }

  private final class Snapshot: EngineSnapshot {
    let engine: FaultyEngine
    let inner: any EngineSnapshot

    init(_ engine: FaultyEngine) throws(EngineError) {
      self.engine = engine
      inner = try engine.inner.snapshot()
    }

    func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes? {
      let stored = try inner.value(table, key)
      guard engine.isFaulty.withLock({ $0 }), key == engine.key else { return stored }
      return engine.isMissing ? nil : stored.map { Bytes($0.reversed()) }
    }

    func visit(
      _ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor
    ) throws(EngineError) {
      try unsafe inner.visit(table, from: from, to: to) { key, value in
        guard engine.isFaulty.withLock({ $0 }), Bytes(key) == engine.key else {
          return body(key, value)
        }
        if engine.isMissing { return true }
        return Bytes(value.reversed()).withUnsafeBytes { body(key, $0) }
      }
    }
  }

  func apply(_ batch: EngineBatch) throws(EngineError) { try inner.apply(batch) }
  func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes? {
    try inner.value(table, key)
  }
  func visit(
    _ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor
  ) throws(EngineError) {
    try unsafe inner.visit(table, from: from, to: to, body)
  }
  func snapshot() throws(EngineError) -> any EngineSnapshot { try Snapshot(self) }
  func flush() throws(EngineError) { try inner.flush() }
  func reclaim(_ table: Table, from: Bytes?, to: Bytes?) throws(EngineError) {
    try inner.reclaim(table, from: from, to: to)
  }
  var sizeOnDisk: Int64 { inner.sizeOnDisk }
  func close() { inner.close() }
}
