/// A type of maps: the fields that it may have.
///
/// A small handle; types may contain themselves. Comparing two is cheap for Kubernetes' types, O(fields) for others.
public struct SchemaType: Hashable, Sendable {
  private enum Storage: Hashable, Sendable {
    /// The place in `KubernetesSchema`.
    case kubernetes(Int)
    /// A type that a stored definition makes.
    case custom(SchemaFields)
  }

  private let storage: Storage

  init(kubernetes place: Int) { storage = .kubernetes(place) }

  init(custom fields: SchemaFields) { storage = .custom(fields) }

  /// The place in `KubernetesSchema`; nil for types that stored definitions make.
  var kubernetesPlace: Int? {
    if case .kubernetes(let place) = storage { place } else { nil }
  }

  /// What it is made of.
  var contents: SchemaFields {
    switch storage {
    case .kubernetes(let place): KubernetesSchema.shared.types[place]
    case .custom(let fields): fields
    }
  }

  /// The full name, such as `io.k8s.api.core.v1.PodSpec`.
  public var name: String { contents.name }

  /// The name without its package, such as `PodSpec`.
  public var shortName: String {
    let name = contents.name
    return name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
  }

  /// The fields, in the bytewise order of their names: the order of a `Value.Object`.
  public var fields: [SchemaField] { contents.fields }

  /// The field of this name; nil if there is none. Cost: O(log fields).
  public func field(named name: String) -> SchemaField? {
    let contents = contents
    return contents.place(of: name).map { contents.fields[$0] }
  }

  /// Whether fields that the type does not name are kept as they are.
  public var keepsUnknownFields: Bool { contents.keepsUnknownFields }

  /// The kind of objects that are of this type; nil if it is only a part of others.
  public var kind: GroupVersionKind? { contents.kind }

  /// Whether Kubernetes has a protobuf message for it.
  public var hasMessage: Bool { contents.hasMessage }
}

/// A kind with its version.
public struct GroupVersionKind: Hashable, Sendable {
  /// As manifests write it: `v1`, `apps/v1`.
  public var apiVersion: String
  /// The kind, as manifests name it.
  public var kind: String

  /// Names a kind.
  public init(apiVersion: String, kind: String) {
    self.apiVersion = apiVersion
    self.kind = kind
  }
}

/// What a type is made of.
struct SchemaFields: Hashable, Sendable {
  var name: String
  /// In the bytewise order of their names.
  var fields: [SchemaField]
  var keepsUnknownFields = false
  var kind: GroupVersionKind?
  var hasMessage = false

  func place(of name: String) -> Int? {
    var low = 0
    var high = fields.count
    while low < high {
      let middle = (low + high) / 2
      if isOrdered(fields[middle].name, before: name) { low = middle + 1 } else { high = middle }
    }
    return low < fields.count && isSame(fields[low].name, name) ? low : nil
  }
}
