public import Primitives

/// What lies at a key, as far as it can be read.
public enum StoredValue: Hashable, Sendable {
  /// An object as JSON: custom resources, and kinds without a binary form.
  case json(Value)
  /// An object in the binary form that kube-apiserver writes for Kubernetes' own kinds.
  case protobuf(DecodedObject)
  /// The binary form, damaged or of a kind that is not known; with the reason.
  case unreadable(String)
  /// A custom resource in CBOR.
  case cbor
  /// An object that kube-apiserver has encrypted; with the provider and the key as it names them, such as
  /// `aescbc:v1:key1`.
  case encrypted(String)
  /// None of these.
  case unknown

  /// Tells by the first bytes what a value is, and reads it.
  public init(_ bytes: Bytes) {
    if bytes.starts(with: StorageEnvelope.prefix) {
      do throws(CodecError) {
        self = .protobuf(try ObjectCodec.decodeProtobuf(bytes))
      } catch {
        self = .unreadable(error.description)
      }
    } else if bytes.starts(with: Self.encryptionPrefix) {
      self = .encrypted(Self.provider(bytes.dropFirst(Self.encryptionPrefix.count)))
    } else if bytes.starts(with: [0xd9, 0xd9, 0xf7]) {
      self = .cbor
    } else if let value = try? Value(json: bytes), value.object != nil {
      self = .json(value)
    } else {
      self = .unknown
    }
  }

  private static let encryptionPrefix = Bytes("k8s:enc:".utf8)

  /// Provider, version and key: what stands in front of the third colon, where the ciphertext begins.
  private static func provider(_ bytes: ArraySlice<UInt8>) -> String {
    let parts = bytes.prefix(256).split(
      separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4 else { return "" }
    return parts.dropLast().map { String(decoding: $0, as: UTF8.self) }.joined(separator: ":")
  }

  /// The object, if it can be read.
  public var object: Value? {
    switch self {
    case .json(let value): value
    case .protobuf(let object): object.value
    default: nil
    }
  }

  /// What could not be read of the object.
  public var issues: [FieldIssue] {
    if case .protobuf(let object) = self { object.issues } else { [] }
  }

  /// What the value is, for messages.
  public var name: String {
    switch self {
    case .json: "JSON"
    case .protobuf: "Kubernetes protobuf"
    case .unreadable(let reason): "Kubernetes protobuf that cannot be read (\(reason))"
    case .cbor: "CBOR"
    case .encrypted(let provider): provider.isEmpty ? "encrypted" : "encrypted (\(provider))"
    case .unknown: "not an object"
    }
  }

  /// The same, with another object in it.
  func replacing(_ value: Value) -> StoredValue {
    switch self {
    case .json: .json(value)
    case .protobuf(let object): .protobuf(DecodedObject(value: value, issues: object.issues))
    default: self
    }
  }
}
