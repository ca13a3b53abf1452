/// An object from a file, checked, with everything left out that only a server may set.
public struct Manifest: Hashable, Sendable {
  /// The file that it stands in.
  public var file: String
  /// Where in the file it begins.
  public var position: Position
  /// What it is.
  public var type: ResourceType
  /// What its kind is made of; nil if that is not known.
  public var schema: SchemaType?
  /// Its namespace; nil for kinds of the cluster.
  public var namespace: String?
  /// Where its namespace is named, or else the object itself.
  public var namespacePosition: Position
  /// Its name.
  public var name: String
  /// The object itself. Nulls are kept: they say that a field must not be there.
  public var object: Value

  /// How messages call it: `deployment.apps/web`.
  public var title: String { type.title(of: name) }

  /// Whether others may need it before they can be imported: namespaces and definitions of kinds.
  public var comesFirst: Bool { isNamespace || definesType }

  /// Whether it is a Namespace.
  public var isNamespace: Bool { type.group.isEmpty && type.kind == "Namespace" }

  /// Whether it is a CustomResourceDefinition.
  public var definesType: Bool {
    type.group == "apiextensions.k8s.io" && type.kind == "CustomResourceDefinition"
  }
}

/// A kind that no type is known for, so that a definition may have to be looked for first.
struct UnknownType: Hashable, Sendable {
  var apiVersion: String
  var kind: String
}
