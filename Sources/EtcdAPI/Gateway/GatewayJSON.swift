internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// Messages between protobuf and the JSON of etcd's gateway: fields under their proto names, 64-bit numbers as strings,
/// bytes in base64, defaults left out. In requests lowerCamelCase names are taken as well, and unknown fields ignored.
enum GatewayJSON {
  private static let decoding = {
    var options = JSONDecodingOptions()
    options.ignoreUnknownFields = true
    // Each nested transaction is two messages deep.
    options.messageDepthLimit = 4 * Limits.transactionDepth
    return options
  }()

  private static let encoding = {
    var options = JSONEncodingOptions()
    options.preserveProtoFieldNames = true
    return options
  }()

  /// A JSON value as an encoded message; throws InvalidArgument if it is none.
  static func protobuf<M: Message>(
    from text: Bytes, as type: M.Type
  ) throws(CallStatus) -> Bytes {
    do {
      return try M(jsonUTF8Bytes: text, options: decoding).serializedBytes()
    } catch {
      throw CallStatus(.invalidArgument, "the request is not the JSON of this call: \(error)")
    }
  }

  /// An encoded message as JSON.
  static func text<M: Message>(
    ofProtobuf bytes: Bytes, as type: M.Type
  ) throws(CallStatus) -> Bytes {
    do {
      return try M(serializedBytes: bytes).jsonUTF8Bytes(options: encoding)
    } catch {
      throw CallStatus(.internalError, "the answer can't be told in JSON: \(error)")
    }
  }
}
