public import Primitives

/// An object that was read from its stored form.
public struct DecodedObject: Hashable, Sendable {
  /// The object, with `apiVersion` and `kind`.
  public var value: Value
  /// What the bytes hold beyond that: fields that are not known, values that JSON cannot write. An object with issues
  /// that is written again loses them.
  public var issues: [FieldIssue]
}

/// Objects in the forms in which kube-apiserver stores them.
public enum ObjectCodec {
  /// How objects lie in the store.
  public enum Form: String, Hashable, Sendable {
    /// Text.
    case json
    /// The binary form of Kubernetes' own kinds.
    case protobuf
  }

  /// An object in its stored form.
  public struct Encoded: Hashable, Sendable {
    /// What goes under the key.
    public var bytes: Bytes
    /// The form that the bytes have.
    public var form: Form
    /// Fields that the form has no place for, and that are left out. JSON has none.
    public var issues: [FieldIssue]
  }

  /// Reads what lies under a key, JSON or protobuf.
  /// - Throws: if the bytes are damaged, encrypted, CBOR or of a kind whose message is not known, or no object.
  public static func decode(_ bytes: Bytes) throws(CodecError) -> DecodedObject {
    switch StoredValue(bytes) {
    case .json(let value): return DecodedObject(value: value, issues: [])
    case .protobuf(let object): return object
    case .unreadable(let reason): throw CodecError(reason)
    case let other: throw CodecError("the value is \(other.name)")
    }
  }

  /// Reads an object behind the prefix `k8s\0`.
  static func decodeProtobuf(
    _ bytes: Bytes, depthMax: Int = DocumentLimits().depth
  ) throws(CodecError) -> DecodedObject {
    let envelope = try StorageEnvelope(bytes)
    guard envelope.encoding.isEmpty else {
      throw CodecError("the object is compressed in the unknown form \"\(envelope.encoding)\"")
    }
    let kind = envelope.kind
    if envelope.contentType == "application/json" {
      do throws(SyntaxError) {
        return DecodedObject(value: try Value(json: Bytes(bytes[envelope.content])), issues: [])
      } catch {
        throw CodecError("the object in the envelope is no JSON: \(error.message)")
      }
    }
    guard let type = Schema.kubernetes.type(kind), type.hasMessage else {
      throw CodecError(
        "the Kubernetes protobuf holds a \(kind.kind) of \(kind.apiVersion), whose message is not known"
      )
    }
    var decoder = MessageDecoder(bytes, depthMax: depthMax)
    var object = try decoder.object(type, in: envelope.content)
    object["apiVersion"] = .string(kind.apiVersion)
    object["kind"] = .string(kind.kind)
    return DecodedObject(value: .object(object), issues: decoder.issues)
  }

  /// Writes an object in one form, in the version that it says.
  /// - Throws: if a value does not fit its field, or the kind has no message.
  public static func encode(_ object: Value, as form: Form) throws(CodecError) -> Encoded {
    if form == .json { return Encoded(bytes: object.json, form: .json, issues: []) }
    guard let apiVersion = object["apiVersion"]?.text, let kind = object["kind"]?.text else {
      throw CodecError("the object has no apiVersion and kind")
    }
    let identity = GroupVersionKind(apiVersion: apiVersion, kind: kind)
    guard let type = Schema.kubernetes.type(identity), type.hasMessage else {
      throw CodecError("\(kind) of \(apiVersion) has no protobuf message; it is stored as JSON")
    }
    return try encode(object, as: type, kind: identity)
  }

  /// Writes an object as kube-apiserver would store it: built-in kinds as protobuf if their message is known, all others
  /// as JSON; in the version that kube-apiserver stores, if the object can be told in it, else in its own.
  /// - Throws: if a value does not fit its field.
  public static func encodeForStorage(
    _ object: Value, _ type: ResourceType
  ) throws(CodecError) -> Encoded {
    let stored = StorageVersion.converted(object, to: type.storageVersion)
    guard type.isStoredAsProtobuf else { return try encode(stored, as: .json) }
    let kind = GroupVersionKind(apiVersion: stored["apiVersion"]?.text ?? "", kind: type.kind)
    if let schema = Schema.kubernetes.type(kind) {
      return schema.hasMessage
        ? try encode(stored, as: schema, kind: kind) : try encode(stored, as: .json)
    }
    // A version that is not known: where every field means something in the stored one, they are the same.
    let same = GroupVersionKind(apiVersion: type.storageVersion, kind: type.kind)
    if let schema = Schema.kubernetes.type(same),
      let encoded = try? encode(stored, as: schema, kind: same), encoded.issues.isEmpty
    {
      return encoded
    }
    return try encode(object, as: .json)
  }

  private static func encode(
    _ object: Value, as type: SchemaType, kind: GroupVersionKind
  ) throws(CodecError) -> Encoded {
    var encoder = MessageEncoder()
    let bytes = try encoder.envelope(object, as: type, kind: kind)
    return Encoded(bytes: bytes, form: .protobuf, issues: encoder.issues)
  }
}
