internal import Primitives

/// Writes a protobuf message from its end to its beginning, so that the length of what lies inside is known when its
/// tag is written.
struct ReverseWriter {
  /// The last byte comes first.
  private var reversed: Bytes = []

  /// How much has been written.
  var count: Int { reversed.count }

  /// What has been written, in its own order.
  var bytes: Bytes { reversed.reversed() }

  mutating func prepend(_ bytes: some BidirectionalCollection<UInt8>) {
    reversed.append(contentsOf: bytes.reversed())
  }

  mutating func prependVarint(_ number: UInt64) {
    var rest = number
    let start = reversed.count
    while rest >= 0x80 {
      reversed.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    reversed.append(UInt8(truncatingIfNeeded: rest))
    reversed[start...].reverse()
  }

  mutating func prependTag(_ field: UInt32, wireType: UInt64) {
    prependVarint(UInt64(field) << 3 | wireType)
  }

  mutating func prependVarintField(_ field: UInt32, _ number: UInt64) {
    prependVarint(number)
    prependTag(field, wireType: 0)
  }

  mutating func prependField(_ field: UInt32, _ content: some BidirectionalCollection<UInt8>) {
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
