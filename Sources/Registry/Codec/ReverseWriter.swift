internal import Primitives

/// Writes a protobuf message from its end to its beginning, so that the length of what lies inside is known when its
/// tag is written.
struct ReverseWriter {
  /// What has been written lies at the end, behind `start`.
  private var buffer = Bytes(repeating: 0, count: 2048)
  private var start = 2048

  /// How much has been written.
  var count: Int { buffer.count - start }

  /// What has been written, in its own order.
  var bytes: Bytes { Bytes(buffer[start...]) }

  mutating func prepend(_ bytes: some Collection<UInt8>) {
    let count = bytes.count
    makeRoom(count)
    start -= count
    let start = start
    unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      let target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[start..<start + count])
      _ = unsafe target.initialize(fromContentsOf: bytes)
    }
  }

  private mutating func makeRoom(_ count: Int) {
    guard start < count else { return }
    let written = self.count
    let size = max(2 * buffer.count, written + count)
    buffer = Bytes(repeating: 0, count: size - written) + buffer[start...]
    start = size - written
  }

  mutating func prependVarint(_ number: UInt64) {
    let length = number < 0x80 ? 1 : (70 - number.leadingZeroBitCount) / 7
    makeRoom(length)
    start -= length
    var rest = number
    for place in start..<start + length - 1 {
      buffer[place] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
    }
    buffer[start + length - 1] = UInt8(truncatingIfNeeded: rest)
  }

  mutating func prependTag(_ field: UInt32, wireType: UInt64) {
    prependVarint(UInt64(field) << 3 | wireType)
  }

  mutating func prependVarintField(_ field: UInt32, _ number: UInt64) {
    prependVarint(number)
    prependTag(field, wireType: 0)
  }

  mutating func prependField(_ field: UInt32, _ content: some Collection<UInt8>) {
    let end = count
    prepend(content)
    close(field, since: end)
  }

  /// Puts the tag and the length in front of what was written since `end`, which was the count then.
  mutating func close(_ field: UInt32, since end: Int) {
    prependVarint(UInt64(count - end))
    prependTag(field, wireType: 2)
  }
}
