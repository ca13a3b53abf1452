public import Primitives

/// What lies at a key, as far as it can be read.
public enum StoredValue: Hashable, Sendable {
  /// An object as JSON: custom resources, and all that is imported.
  case json(Value)
  /// An object in the binary form that kube-apiserver writes for Kubernetes' own kinds.
  case protobuf
  /// A custom resource in CBOR.
  case cbor
  /// An object that kube-apiserver has encrypted.
  case encrypted
  /// None of these.
  case unknown

  /// Tells by the first bytes what a value is.
  public init(_ bytes: Bytes) {
    if bytes.starts(with: [0x6b, 0x38, 0x73, 0x00]) {
      self = .protobuf
    } else if bytes.starts(with: "k8s:enc:".utf8) {
      self = .encrypted
    } else if bytes.starts(with: [0xd9, 0xd9, 0xf7]) {
      self = .cbor
    } else if let value = try? Value(json: bytes), value.object != nil {
      self = .json(value)
    } else {
      self = .unknown
    }
  }

  /// The object, if it can be read.
  public var object: Value? {
    if case .json(let value) = self { value } else { nil }
  }

  /// What the value is, for messages.
  public var name: String {
    switch self {
    case .json: "JSON"
    case .protobuf: "Kubernetes protobuf"
    case .cbor: "CBOR"
    case .encrypted: "encrypted"
    case .unknown: "not an object"
    }
  }
}
