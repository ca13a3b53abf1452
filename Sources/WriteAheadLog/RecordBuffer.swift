internal import Primitives

/// Records that wait to be written, as they will stand in the file.
@safe
final class RecordBuffer {
  private var memory: UnsafeMutableRawBufferPointer
  /// Bytes of all records.
  private(set) var count = 0

  init() { unsafe memory = .allocate(byteCount: 65_536, alignment: 8) }

  deinit { unsafe memory.deallocate() }

  /// What has been appended.
  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Forgets all records; the memory is kept for the next.
  func removeAll() { count = 0 }

  /// Appends a record without its checksums and batch; `seal` adds them. Returns where it begins.
  func append(
    _ kind: RecordHeader.Kind, entryKind: UInt8 = 0, index: LogIndex, term: Term,
    payload: UnsafeRawBufferPointer
  ) -> Int {
    let start = count
    let padded = RecordHeader.padded(payload.count)
    let end = start + RecordHeader.byteCount + padded
    if unsafe end > memory.count { grow(to: end) }
    store(UInt64(0), at: start)
    store(UInt64(payload.count), at: start + 8)
    store(index.rawValue, at: start + 16)
    store(term.rawValue, at: start + 24)
    store(UInt64(kind.rawValue) | UInt64(entryKind) << 8, at: start + 32)
    if padded > 0 {
      store(UInt64(0), at: end - 8)
      let target = unsafe UnsafeMutableRawBufferPointer(
        rebasing: memory[start + RecordHeader.byteCount..<end])
      unsafe target.copyMemory(from: payload)
    }
    count = end
    return start
  }

  /// Makes one batch of all records: numbers them, marks the last and adds the checksums.
  func seal(batch: UInt32, seed: UInt32) {
    var offset = 0
    while offset < count {
      let length = unsafe memory.load(fromByteOffset: offset + 8, as: UInt32.self)
      let payload = offset + RecordHeader.byteCount
      let end = payload + RecordHeader.padded(Int(UInt32(littleEndian: length)))
      store(batch, at: offset + 12)
      if end == count { store(UInt8(1), at: offset + 34) }
      store(checksum(payload..<end, seed), at: offset + 4)
      store(checksum(offset + 4..<payload, seed), at: offset)
      offset = end
    }
  }

  private func checksum(_ range: Range<Int>, _ seed: UInt32) -> UInt32 {
    unsafe CRC32C.checksum(UnsafeRawBufferPointer(rebasing: memory[range]), continuing: seed)
  }

  @inline(__always)
  private func store<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
    unsafe memory.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
  }

  private func grow(to needed: Int) {
    var capacity = unsafe memory.count
    while capacity < needed { capacity *= 2 }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
    unsafe larger.copyMemory(from: bytes)
    unsafe memory.deallocate()
    unsafe memory = larger
  }
}
