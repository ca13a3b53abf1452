internal import Primitives

/// What kube-apiserver puts around an object in protobuf: four bytes, and `runtime.Unknown`.
struct StorageEnvelope {
  /// `k8s` and a zero.
  static let prefix: Bytes = [0x6b, 0x38, 0x73, 0x00]

  /// The kind of the object inside.
  var kind: GroupVersionKind
  /// Where the object lies in the bytes.
  var content: Range<Int>
  /// How it is compressed; empty if it is not.
  var encoding: String
  /// The form of the object; empty for protobuf.
  var contentType: String

  /// Finds the object in bytes that begin with the prefix.
  init(_ bytes: Bytes) throws(CodecError) {
    kind = GroupVersionKind(apiVersion: "", kind: "")
    content = bytes.count..<bytes.count
    encoding = ""
    contentType = ""
    do throws(DecodingError) {
      var reader = ByteReader(bytes, in: Self.prefix.count..<bytes.count)
      while !reader.isAtEnd {
        let (number, wireType) = try reader.readTag()
        guard wireType == 2, number <= 4 else {
          try reader.skipField(wireType: wireType)
          continue
        }
        let range = try reader.readLengthDelimited()
        switch number {
        case 1: kind = try Self.kind(bytes, range)
        case 2: content = range
        case 3: encoding = String(decoding: bytes[range], as: UTF8.self)
        default: contentType = String(decoding: bytes[range], as: UTF8.self)
        }
      }
    } catch {
      throw CodecError("the envelope of the Kubernetes protobuf is damaged")
    }
  }

  private static func kind(
    _ bytes: Bytes, _ range: Range<Int>
  ) throws(DecodingError) -> GroupVersionKind {
    var kind = GroupVersionKind(apiVersion: "", kind: "")
    var reader = ByteReader(bytes, in: range)
    while !reader.isAtEnd {
      let (number, wireType) = try reader.readTag()
      guard wireType == 2, number <= 2 else {
        try reader.skipField(wireType: wireType)
        continue
      }
      let text = String(decoding: bytes[try reader.readLengthDelimited()], as: UTF8.self)
      if number == 1 { kind.apiVersion = text } else { kind.kind = text }
    }
    return kind
  }

  /// Closes the envelope around the message that has been written.
  static func wrap(_ writer: inout ReverseWriter, messageEnd: Int, kind: GroupVersionKind) {
    writer.close(2, since: messageEnd)
    let end = writer.count
    writer.prependField(2, kind.kind.utf8)
    writer.prependField(1, kind.apiVersion.utf8)
    writer.close(1, since: end)
    writer.prepend(prefix)
  }
}
