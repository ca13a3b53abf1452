internal import Primitives

/// How far the records of a segment are whole.
///
/// A write is one batch of records, and the next one begins only after it was synced. So when a record does
/// not match its checksum, what decides is whether any record of a later batch exists: if so, the bad
/// record's batch had been synced, and the segment is damaged; if not, the batch may just never have been
/// finished, whichever of its sectors reached the disk, and it is cut as a whole.
struct SegmentScan: Hashable {
  /// What follows the last whole batch.
  enum Rest: Hashable {
    case nothing
    /// An unfinished batch; the parts of it that were found end at this offset.
    case torn(until: Int)
    /// A synced batch that does not match.
    case damaged(at: Int, reason: String)
  }

  /// Where the last whole batch ends.
  var end = SegmentHeader.byteCount
  /// How many whole batches there are.
  var batches: UInt32 = 0
  /// What follows them.
  var rest = Rest.nothing

  /// Reads a whole segment file; `verifying: false` believes all checksums, which only a fuzzer wants.
  init(
    _ bytes: UnsafeRawBufferPointer, seed: UInt32, isRecycled: Bool, verifying: Bool = true
  ) {
    var offset = end
    while let record = unsafe RecordHeader.read(
      bytes, at: offset, seed: seed, verifying: verifying),
      record.batch == batches &+ 1,
      unsafe record.payloadMatches(bytes, at: offset, seed: seed, verifying: verifying)
    {
      offset += record.recordBytes
      if record.endsBatch {
        end = offset
        batches = record.batch
      }
    }
    unsafe findRest(
      bytes, from: offset, seed: seed, isRecycled: isRecycled, verifying: verifying)
  }

  private mutating func findRest(
    _ bytes: UnsafeRawBufferPointer, from bad: Int, seed: UInt32, isRecycled: Bool, verifying: Bool
  ) {
    var found = bad
    var lastByte = bad
    var offset = bad
    while offset + 8 <= bytes.count {
      // Most of the rest is zero; a header whose two checksums are both zero is no case to wait for.
      let next = unsafe Self.skipZeroes(bytes, from: offset)
      if next > offset {
        offset = next
        continue
      }
      lastByte = offset + 8
      if let record = unsafe RecordHeader.read(
        bytes, at: offset, seed: seed, verifying: verifying)
      {
        if record.batch > batches &+ 1 {
          rest = .damaged(at: bad, reason: unsafe damage(bytes, bad, later: offset, seed))
          return
        }
        found = max(found, min(bytes.count, offset + record.recordBytes))
      }
      offset += 8
    }
    for last in offset..<max(offset, bytes.count) where unsafe bytes[last] != 0 {
      lastByte = last + 1
    }
    // In a recycled file, bytes that make no record of this generation are the older segment's.
    let until = isRecycled ? found : max(found, lastByte)
    if until > end { rest = .torn(until: until) }
  }

  /// The first word from `offset` on that is not zero, or the last that is whole.
  private static func skipZeroes(_ bytes: UnsafeRawBufferPointer, from offset: Int) -> Int {
    guard let base = bytes.baseAddress else { return offset }
    var offset = offset
    while offset + 64 <= bytes.count {
      let lane = unsafe base.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
      if lane != .zero { break }
      offset += 64
    }
    while offset + 8 <= bytes.count,
      unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == 0
    {
      offset += 8
    }
    return offset
  }

  private func damage(
    _ bytes: UnsafeRawBufferPointer, _ bad: Int, later: Int, _ seed: UInt32
  ) -> String {
    let what =
      if let record = unsafe RecordHeader.read(bytes, at: bad, seed: seed), later != bad {
        "the record of index \(record.index) does not match its checksum"
      } else {
        "there is no valid record"
      }
    return what + ", but a later write was found at offset \(later)"
  }
}

/// Parses arbitrary bytes as a segment file, for a fuzzer; returns nothing and must never trap.
///
/// Once as recovery does it, and once believing every checksum, so that mutated input reaches what stands
/// behind them.
public func fuzzLogSegment(_ bytes: [UInt8]) {
  var header = SegmentHeader(
    isReset: true, isRecycled: false, sequence: 1, salt: 0, previousIndex: .zero,
    previousTerm: .zero, hardState: HardState(), previousEnd: 0)
  if case .header(let read) = SegmentHeader.read(bytes) { header = read }
  for verifying in [true, false] {
    unsafe bytes.withUnsafeBytes { buffer in
      let scan = unsafe SegmentScan(
        buffer, seed: header.seed, isRecycled: header.isRecycled, verifying: verifying)
      var contents = LogContents(
        base: header.previousIndex, baseTerm: header.previousTerm, hardState: header.hardState)
      contents.beginRange()
      _ = unsafe contents.replay(buffer, through: scan.end, seed: header.seed, verifying: verifying)
    }
  }
}
