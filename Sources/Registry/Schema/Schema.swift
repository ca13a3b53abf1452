/// What the objects of each kind are made of: Kubernetes' own kinds, and those that stored definitions add.
public struct Schema: Sendable {
  private var custom: [GroupVersionKind: SchemaType] = [:]

  /// The kinds of Kubernetes alone. Cost: read once, about 2 ms.
  public static let kubernetes = Schema()

  /// The Kubernetes release that the built-in types are those of, such as `1.36.2`.
  public static var release: String { KubernetesSchema.shared.release }

  /// The type of a kind's objects; nil if it is not known what they are made of.
  public func type(apiVersion: String, kind: String) -> SchemaType? {
    type(GroupVersionKind(apiVersion: apiVersion, kind: kind))
  }

  /// The type of a kind's objects; nil if it is not known what they are made of.
  public func type(_ kind: GroupVersionKind) -> SchemaType? {
    custom[kind] ?? KubernetesSchema.shared.kinds[kind]
  }

  /// One of Kubernetes' types by its full name, such as `io.k8s.api.core.v1.PodSpec`.
  public static func type(named name: String) -> SchemaType? {
    KubernetesSchema.shared.names[name]
  }

  /// All of Kubernetes' types, in the order of their packages and names.
  public static var types: [SchemaType] {
    KubernetesSchema.shared.types.indices.map(SchemaType.init(kubernetes:))
  }

  /// Adds the types of a CustomResourceDefinition, a type for each version; what an earlier definition said of the
  /// same kind goes away. Kubernetes' own kinds cannot be redefined.
  public mutating func define(_ definition: Value) {
    for (kind, type) in CustomSchema.types(of: definition)
    where KubernetesSchema.shared.kinds[kind] == nil {
      custom[kind] = type
    }
  }
}
