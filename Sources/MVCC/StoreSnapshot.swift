public import Engine
public import Primitives

/// One state of a store, readable while the store goes on; what backups are made of. It ends when it is released.
///
/// It may still hold versions below the floor that the background had yet to drop.
public final class StoreSnapshot: Sendable {
  /// The engine's side, for the tables and names of the store's owner.
  public let engine: any EngineSnapshot
  /// The log entry behind the state.
  public let appliedIndex: LogIndex
  /// The store's revision.
  public let revision: Revision
  /// The compaction floor; 0 before the first compaction.
  public let compactedRevision: Revision
  /// The floor up to which history is gone; 0 before the first compaction.
  public let finishedCompactRevision: Revision

  /// Reads what a pinned engine holds.
  public init(_ engine: any EngineSnapshot) throws(EngineError) {
    let meta = try StoreMeta { (key) throws(EngineError) in try engine.value(.meta, key) }
    self.engine = engine
    appliedIndex = meta.appliedIndex
    revision = meta.revision
    compactedRevision = Revision(max(0, meta.floor))
    finishedCompactRevision = Revision(max(0, meta.finishedFloor))
  }

  /// Passes each version from `from` on in the order of revisions, until `body` answers false.
  ///
  /// - Throws: `corrupt` for a record that cannot be read.
  public func scanRecords(from: Revision = .zero, _ body: (Record) -> Bool) throws(EngineError) {
    var failure: EngineError?
    let first = from.rawValue <= 0 ? [] : StoreLayout.firstKey(from)
    try unsafe engine.visit(.records, from: first, to: nil) { key, value in
      do throws(EngineError) {
        return body(try unsafe StoreLayout.decodeRecord(key: key, value: value))
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// All leases, in order of their identifiers.
  public func leases() throws(EngineError) -> [Lease] {
    var leases: [Lease] = []
    var failure: EngineError?
    try engine.scan(.leases, from: [], to: nil) { key, value in
      do throws(EngineError) {
        leases.append(try StoreLayout.decodeLease(key: key, value: value))
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    return leases
  }
}
