internal import Engine
internal import Primitives

/// The store's own names in the engine's `meta` table, read and checked.
struct StoreMeta {
  private(set) var appliedIndex = LogIndex.zero
  private(set) var revision = Revision(1)
  private(set) var floor: Int64 = -1
  private(set) var finishedFloor: Int64 = -1
  /// Whether the engine names a format; an empty one does not.
  private(set) var hasFormat = false

  /// Reads the names through `value`; an engine without them is empty.
  init(_ value: (Bytes) throws(EngineError) -> Bytes?) throws(EngineError) {
    if let stored = try value(StoreLayout.formatKey) {
      let version = try Self.number(stored, "the format's version")
      guard version == StoreLayout.formatVersion else {
        throw .failed(
          detail: "the data has format \(version), and this program reads format "
            + "\(StoreLayout.formatVersion)")
      }
      hasFormat = true
    }
    if let stored = try value(StoreLayout.appliedKey) {
      do throws(DecodingError) {
        (appliedIndex, revision) = try StoreLayout.decodeApplied(stored)
      } catch {
        throw .corrupt(detail: "the applied index is damaged")
      }
    }
    if let stored = try value(StoreLayout.scheduledCompactionKey) {
      floor = try Self.number(stored, "the compaction floor")
    }
    if let stored = try value(StoreLayout.finishedCompactionKey) {
      finishedFloor = try Self.number(stored, "the finished compaction")
    }
    guard finishedFloor <= floor, floor <= revision.rawValue else {
      throw .corrupt(
        detail: "compaction finished at \(finishedFloor), its floor is \(floor), the revision is "
          + "\(revision)")
    }
  }

  private static func number(_ stored: Bytes, _ name: String) throws(EngineError) -> Int64 {
    do throws(DecodingError) {
      return try StoreLayout.number(stored)
    } catch {
      throw .corrupt(detail: "\(name) is damaged")
    }
  }
}

extension StoreLayout {
  /// Reads one entry of the `records` table.
  static func decodeRecord(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer,
    leavingValueIn values: StoredValues.Chunk? = nil
  ) throws(EngineError) -> Record {
    guard let revision = unsafe revision(ofRecordKey: key) else {
      throw .corrupt(detail: "a key of \(key.count) bytes names no revision")
    }
    do throws(DecodingError) {
      return try unsafe Record.decode(
        revision: revision, stored: value, leavingValueIn: values)
    } catch {
      throw .corrupt(detail: "the record of revision \(revision) is damaged")
    }
  }

  /// Reads one entry of the `leases` table.
  static func decodeLease(key: Bytes, value: Bytes) throws(EngineError) -> Lease {
    do throws(DecodingError) {
      let lease = try decodeLease(value)
      if key == leaseKey(lease.lease) {
        return Lease(
          id: lease.lease, seconds: lease.seconds, remainingSeconds: lease.remainingSeconds)
      }
    } catch {}
    throw .corrupt(detail: "a lease is damaged: its key has \(key.count) bytes")
  }
}
