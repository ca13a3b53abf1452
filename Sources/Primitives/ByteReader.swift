/// Why bytes could not be read.
public enum DecodingError: Error, Hashable, Sendable {
  /// The bytes end inside a number, a field or a length.
  case truncated
  /// A varint of more than ten bytes, a field number 0, an unknown wire type, or a number out of its range.
  case malformed
}

/// Reads numbers and bytes from the front of a buffer; hostile input ends in an error, never beyond the end.
public struct ByteReader: Sendable {
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

  /// Whether everything has been read.
  public var isAtEnd: Bool { position >= end }

  /// The number of bytes left.
  public var remaining: Int { end - position }

  /// Reads one byte.
  public mutating func readByte() throws(DecodingError) -> UInt8 {
    guard position < end else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  /// Reads a number, most significant byte first.
  public mutating func readBigEndian<Number: FixedWidthInteger>(
    as type: Number.Type = Number.self
  ) throws(DecodingError) -> Number {
    Number(bigEndian: try readRaw())
  }

  /// Reads a number, least significant byte first.
  public mutating func readLittleEndian<Number: FixedWidthInteger>(
    as type: Number.Type = Number.self
  ) throws(DecodingError) -> Number {
    Number(littleEndian: try readRaw())
  }

  private mutating func readRaw<Number: FixedWidthInteger>() throws(DecodingError) -> Number {
    let width = Number.bitWidth / 8
    guard remaining >= width else { throw .truncated }
    let start = position
    position += width
    return unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: start, as: Number.self)
    }
  }

  /// Reads a base-128 varint of up to ten bytes.
  public mutating func readVarint() throws(DecodingError) -> UInt64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64 {
      let byte = try readByte()
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    throw .malformed
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

  /// Reads the tag of a protobuf field.
  public mutating func readTag() throws(DecodingError) -> (field: UInt64, wireType: UInt8) {
    let tag = try readVarint()
    guard tag >> 3 != 0, tag >> 3 < 1 << 29 else { throw .malformed }
    return (tag >> 3, UInt8(tag & 7))
  }

  /// Reads the length of a protobuf field of wire type 2 and passes its content, telling where it lies.
  public mutating func readLengthDelimited() throws(DecodingError) -> Range<Int> {
    let length = try readVarint()
    guard length <= UInt64(remaining) else { throw .truncated }
    return try readRange(Int(length))
  }

  /// Passes the content of a protobuf field that the reader does not know.
  public mutating func skipField(wireType: UInt8) throws(DecodingError) {
    switch wireType {
    case 0: _ = try readVarint()
    case 1: _ = try readRange(8)
    case 2: _ = try readLengthDelimited()
    case 5: _ = try readRange(4)
    default: throw .malformed
    }
  }
}
