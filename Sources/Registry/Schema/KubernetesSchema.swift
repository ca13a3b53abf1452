/// Kubernetes' own types and resources, read from the text that `scripts/generate-schema` writes.
///
/// Read as a whole when it is first asked for. Cost: about 2 ms.
final class KubernetesSchema: Sendable {
  static let shared = KubernetesSchema()

  /// What the text was made from, such as `1.36.2`.
  let release: String
  /// In the order of the text.
  let types: [SchemaFields]
  /// The types of objects.
  let kinds: [GroupVersionKind: SchemaType]
  /// The types by their full names.
  let names: [String: SchemaType]
  /// A line for each kind and version.
  let resources: [ResourceLine]

  private init() {
    var reader = SchemaText(Self.data)
    reader.read()
    release = reader.release
    types = reader.types
    resources = reader.resources
    var kinds: [GroupVersionKind: SchemaType] = [:]
    var names: [String: SchemaType] = [:]
    names.reserveCapacity(types.count)
    for (place, type) in types.enumerated() {
      names[type.name] = SchemaType(kubernetes: place)
      if let kind = type.kind { kinds[kind] = SchemaType(kubernetes: place) }
    }
    self.kinds = kinds
    self.names = names
  }
}

/// A kind in one of its versions, as the text describes it.
struct ResourceLine: Sendable {
  var group: String
  var version: String
  var kind: String
  var plural: String
  var singular: String
  var isNamespaced: Bool
  var storagePath: String
  /// The `apiVersion` that kube-apiserver stores objects in.
  var storedAs: String
  /// Whether kube-apiserver stores objects as protobuf, and the message is known.
  var isStoredAsProtobuf: Bool
  var shortNames: [String]
  var subresources: [String]
  var categories: [String]
  /// Empty for the usual ones.
  var verbs: [String]
  var columns: [ResourceColumn]
}
