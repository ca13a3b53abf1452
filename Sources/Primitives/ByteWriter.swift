/// Appends numbers and bytes to a growing buffer.
///
/// Protobuf's building blocks (varints, tagged fields) and fixed-width big- and little-endian
/// numbers: what log records, engine keys and the direct message codecs are made of.
public struct ByteWriter: ByteSink, Sendable {
  /// What has been written.
  public private(set) var bytes: Bytes

  /// An empty buffer with room for `capacity` bytes.
  @inlinable
  public init(capacity: Int = 0) { self.init(appendingTo: []); reserve(capacity) }

  /// Goes on writing at the end of `bytes`.
  public init(appendingTo bytes: consuming Bytes) { self.bytes = bytes }

  /// The number of bytes written.
  public var count: Int { bytes.count }

  /// Makes room for `extra` more bytes at once.
  public mutating func reserve(_ extra: Int) { bytes.reserveCapacity(bytes.count + extra) }

  /// Appends one byte.
  public mutating func append(_ byte: UInt8) { bytes.append(byte) }

  /// Appends bytes as they are.
  public mutating func append(_ other: Bytes) { bytes.append(contentsOf: other) }

  /// Appends bytes as they are.
  public mutating func append(_ other: ArraySlice<UInt8>) { bytes.append(contentsOf: other) }

  /// Appends bytes as they are.
  public mutating func append(_ other: UnsafeRawBufferPointer) {
    unsafe bytes.append(contentsOf: other)
  }

  /// Appends a number, most significant byte first.
  public mutating func appendBigEndian<Number: FixedWidthInteger>(_ number: Number) {
    unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends a number, least significant byte first.
  public mutating func appendLittleEndian<Number: FixedWidthInteger>(_ number: Number) {
    unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Overwrites four bytes at `position` with a number, least significant byte first.
  public mutating func overwriteLittleEndian(_ number: UInt32, at position: Int) {
    for byte in 0..<4 { bytes[position + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
  }

  /// The number of bytes that a varint takes: 1 to 10.
  public static func varintLength(_ number: UInt64) -> Int {
    (64 - (number | 1).leadingZeroBitCount + 6) / 7
  }
}
