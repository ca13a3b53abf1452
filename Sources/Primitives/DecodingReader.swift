/// What readers of encoded bytes have in common: varints, and the fields of protobuf.
public protocol DecodingReader {
  /// The number of bytes left.
  var remaining: Int { get }

  /// Reads one byte.
  mutating func readByte() throws(DecodingError) -> UInt8

  /// Passes `count` bytes and tells where they lie.
  mutating func readRange(_ count: Int) throws(DecodingError) -> Range<Int>
}

extension DecodingReader {
  /// Whether everything has been read.
  @inlinable public var isAtEnd: Bool { remaining <= 0 }

  /// Reads a base-128 varint of up to ten bytes.
  @inlinable
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

  /// Reads the tag of a protobuf field.
  @inlinable
  public mutating func readTag() throws(DecodingError) -> (field: UInt64, wireType: UInt8) {
    let tag = try readVarint()
    guard tag >> 3 != 0, tag >> 3 < 1 << 29 else { throw .malformed }
    return (tag >> 3, UInt8(tag & 7))
  }

  /// Reads the length of a protobuf field of wire type 2 and passes its content, telling where it lies.
  @inlinable
  public mutating func readLengthDelimited() throws(DecodingError) -> Range<Int> {
    let length = try readVarint()
    guard length <= UInt64(remaining) else { throw .truncated }
    return try readRange(Int(length))
  }

  /// Passes the content of a protobuf field that the reader does not know.
  @inlinable
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

/// Reads memory that somebody else owns and keeps alive meanwhile: for what is read in passing, without a copy.
@safe
public struct LentReader: DecodingReader {
  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline var position = 0

  /// Reads all of `bytes`, and must not be used after their loan has ended.
  @unsafe @inlinable
  public init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  @inlinable public var remaining: Int { unsafe bytes.count - position }

  @inlinable
  public mutating func readByte() throws(DecodingError) -> UInt8 {
    guard remaining > 0 else { throw .truncated }
    defer { position += 1 }
    return unsafe bytes[position]
  }

  @inlinable
  public mutating func readRange(_ count: Int) throws(DecodingError) -> Range<Int> {
    guard count >= 0, count <= remaining else { throw .truncated }
    defer { position += count }
    return position..<position + count
  }
}
