/// Why bytes could not be read.
public enum DecodingError: Error, Hashable, Sendable {
  /// The bytes end inside a number, a field or a length.
  case truncated
  /// A varint of more than ten bytes, a field number 0, an unknown wire type, or a number out of its range.
  case malformed
}

/// Reads numbers and bytes from the front of a buffer; hostile input ends in an error, never beyond the end.
public struct ByteReader: DecodingReader, Sendable {
  /// What is read from.
  public let bytes: Bytes
  /// The next byte to read.
  public private(set) var position: Int
  /// Where to stop.
  public let end: Int

  /// Reads all of `bytes`.
  public init(_ bytes: Bytes) { self.init(bytes, in: 0..<bytes.count) }

  /// Reads a part of `bytes`, without copying it.
  public init(_ bytes: Bytes, in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The number of bytes left.
  public var remaining: Int { end - position }

  /// Reads one byte.
  public mutating func readByte() throws(DecodingError) -> UInt8 {
    guard position < end else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  /// Reads a number, most significant byte first.
  @inlinable
  public mutating func readBigEndian<Number: FixedWidthInteger>(
    as type: Number.Type = Number.self
  ) throws(DecodingError) -> Number {
    Number(bigEndian: try readRaw())
  }

  /// Reads a number, least significant byte first.
  @inlinable
  public mutating func readLittleEndian<Number: FixedWidthInteger>(
    as type: Number.Type = Number.self
  ) throws(DecodingError) -> Number {
    Number(littleEndian: try readRaw())
  }

  @inlinable
  mutating func readRaw<Number: FixedWidthInteger>() throws(DecodingError) -> Number {
    let range = try readRange(Number.bitWidth / 8)
    return unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: range.lowerBound, as: Number.self)
    }
  }

  /// Reads `count` bytes into an array of their own.
  public mutating func readBytes(_ count: Int) throws(DecodingError) -> Bytes {
    Bytes(bytes[try readRange(count)])
  }

  /// Passes `count` bytes and tells where they lie.
  public mutating func readRange(_ count: Int) throws(DecodingError) -> Range<Int> {
    guard count >= 0, count <= remaining else { throw .truncated }
    defer { position += count }
    return position..<position + count
  }
}
