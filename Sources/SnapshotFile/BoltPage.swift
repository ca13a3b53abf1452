internal import Primitives

/// A page of a bbolt file as it was read, with its overflow; every access is checked against its bytes.
struct BoltPage {
  /// A key and value of a leaf.
  struct Element {
    var flags: UInt32
    var key: Bytes
    var value: Bytes
  }

  let number: UInt64
  let flags: UInt16
  let count: Int
  let overflow: UInt32
  private let bytes: Bytes

  init(_ bytes: Bytes) throws(SnapshotError) {
    var reader = ByteReader(bytes)
    guard let number = try? reader.readLittleEndian(as: UInt64.self),
      let flags = try? reader.readLittleEndian(as: UInt16.self),
      let count = try? reader.readLittleEndian(as: UInt16.self),
      let overflow = try? reader.readLittleEndian(as: UInt32.self)
    else { throw .corrupt(detail: "a page of \(bytes.count) bytes") }
    self.number = number
    self.flags = flags
    self.count = Int(count)
    self.overflow = overflow
    self.bytes = bytes
  }

  var isLeaf: Bool { flags == Bolt.PageFlags.leaf }
  var isBranch: Bool { flags == Bolt.PageFlags.branch }

  /// The pair at a place of a leaf.
  func element(_ place: Int) throws(SnapshotError) -> Element {
    let start = Bolt.headerBytes + place * Bolt.elementBytes
    var reader = try elementReader(start)
    guard let flags = try? reader.readLittleEndian(as: UInt32.self),
      let position = try? reader.readLittleEndian(as: UInt32.self),
      let keyCount = try? reader.readLittleEndian(as: UInt32.self),
      let valueCount = try? reader.readLittleEndian(as: UInt32.self)
    else { throw outOfBounds(place) }
    let key = start + Int(position)
    let value = key + Int(keyCount)
    guard keyCount > 0, value + Int(valueCount) <= bytes.count else { throw outOfBounds(place) }
    return Element(
      flags: flags, key: Bytes(bytes[key..<value]),
      value: Bytes(bytes[value..<value + Int(valueCount)]))
  }

  /// The page below a place of a branch.
  func child(_ place: Int) throws(SnapshotError) -> UInt64 {
    var reader = try elementReader(Bolt.headerBytes + place * Bolt.elementBytes)
    guard (try? reader.readRange(8)) != nil,
      let child = try? reader.readLittleEndian(as: UInt64.self)
    else { throw outOfBounds(place) }
    return child
  }

  private func elementReader(_ start: Int) throws(SnapshotError) -> ByteReader {
    guard start + Bolt.elementBytes <= bytes.count else { throw outOfBounds(0) }
    return ByteReader(bytes, in: start..<start + Bolt.elementBytes)
  }

  private func outOfBounds(_ place: Int) -> SnapshotError {
    .corrupt(detail: "page \(number): element \(place) lies outside")
  }
}
