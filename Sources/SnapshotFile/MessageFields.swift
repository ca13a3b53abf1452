internal import Primitives

/// Walks over the fields of one protobuf message, where it lies in longer bytes.
struct MessageFields {
  /// What a field holds.
  enum Content: Hashable {
    case number(UInt64)
    /// Where the content of a string, of bytes or of a message lies.
    case bytes(Range<Int>)
  }

  private var reader: ByteReader

  init(_ bytes: Bytes) { reader = ByteReader(bytes) }

  init(_ bytes: Bytes, in range: Range<Int>) { reader = ByteReader(bytes, in: range) }

  /// The next field that holds a number or bytes; nil at the end.
  mutating func next() throws(DecodingError) -> (field: UInt64, content: Content)? {
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch tag.wireType {
      case 0: return (tag.field, .number(try reader.readVarint()))
      case 2: return (tag.field, .bytes(try reader.readLengthDelimited()))
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    return nil
  }
}
