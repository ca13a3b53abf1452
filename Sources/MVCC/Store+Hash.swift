internal import Engine
public import Primitives
internal import Synchronization

/// Hashes over history, by which members are compared.
extension Store {
  /// What one attempt to hash is pinned to.
  private struct HashPin {
    let target: Revision
    let present: Revision
    let floor: Int64
    let fed: Revision
    /// Below the floor what counts is what is newest at this revision.
    var keep: Revision
  }

  /// etcd's HashKV over all history up to `revision` (0: the present one), whatever the engine happens still to
  /// hold below the floor. It may block on the engine. Cost: a scan of all records.
  ///
  /// - Throws: `compacted`, also if compaction overtakes it repeatedly; `futureRevision`.
  public func hashKV(at revision: Revision = .zero) throws(StoreError) -> StoreHash {
    for _ in 0..<8 {
      if let hash = try attemptHash(at: revision) { return hash }
    }
    throw .compacted
  }

  /// Nil if compaction or the feeding of the engine came between.
  private func attemptHash(at revision: Revision) throws(StoreError) -> StoreHash? {
    var pin = try state.withLock { (state) throws(StoreError) -> HashPin in
      let target = try state.pin(revision)
      return HashPin(
        target: target, present: state.revision, floor: state.floor, fed: state.fedRevision,
        keep: target)
    }
    let unfed = recent.slice(from: pin.fed.next, through: pin.target, maxEvents: .max)
    guard let unfed else { return nil }
    // Where nothing is live, etcd counts what its compaction has left.
    if try count(KeyRange([0], end: [0]), at: pin.target) == 0 { pin.keep = Revision(pin.floor) }
    var crc = CRC32C.checksum(Bytes("key".utf8))
    crc = try hashEngine(pin, crc)
    for event in unfed.events where isCounted(event.record, pin) {
      Self.hash(event.record, &crc)
    }
    guard state.withLock({ $0.floor }) == pin.floor else { return nil }
    return StoreHash(
      hash: crc, hashRevision: pin.target, revision: pin.present,
      compactRevision: Revision(pin.floor))
  }

  private func hashEngine(_ pin: HashPin, _ start: UInt32) throws(StoreError) -> UInt32 {
    var crc = start
    var failure: EngineError?
    let end = StoreLayout.firstKey(min(pin.fed, pin.target).next)
    do throws(EngineError) {
      try unsafe engine.visit(.records, from: [], to: end) { key, value in
        do throws(EngineError) {
          let record = try unsafe StoreLayout.decodeRecord(key: key, value: value)
          if isCounted(record, pin) { Self.hash(record, &crc) }
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
    return crc
  }

  /// Everything above the floor counts; at or below it what is its key's newest version at the revision that is
  /// hashed, unless it is a deletion.
  private func isCounted(_ record: Record, _ pin: HashPin) -> Bool {
    if record.revision.main.rawValue > pin.floor { return true }
    if record.isTombstone { return false }
    return state.withLock { state in
      unsafe record.withKey { key in
        guard let newest = unsafe state.index.newest(key) else { return false }
        if newest.revision.main <= pin.keep { return newest.revision == record.revision }
        return newest.previous?.newest(atOrBelow: pin.keep)?.revision == record.revision
      }
    }
  }

  private static func hash(_ record: Record, _ crc: inout UInt32) {
    var key = ByteWriter(capacity: 18)
    key.appendBigEndian(record.revision.main.rawValue)
    key.append(UInt8(ascii: "_"))
    key.appendBigEndian(record.revision.sub)
    if record.isTombstone { key.append(UInt8(ascii: "t")) }
    crc = CRC32C.checksum(key.bytes, continuing: crc)
    crc = unsafe record.withStored { [crc] in unsafe CRC32C.checksum($0, continuing: crc) }
  }
}
