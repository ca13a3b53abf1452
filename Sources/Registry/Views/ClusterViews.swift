/// A Lease: who leads, until when.
public struct LeaseView: ObjectView {
  public static let group = "coordination.k8s.io"
  public static let kind = "Lease"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// Who holds it; nil if nobody does.
  public var holder: String? {
    object[path: "spec", "holderIdentity"]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// How long it holds after a renewal, in seconds.
  public var durationSeconds: Int64? {
    object[path: "spec", "leaseDurationSeconds"]?.wholeNumber
  }

  /// When it was taken, in seconds since 1970.
  public var acquisitionSeconds: Int64? { object[path: "spec", "acquireTime"]?.seconds }

  /// When it was renewed last, in seconds since 1970.
  public var renewalSeconds: Int64? { object[path: "spec", "renewTime"]?.seconds }

  /// How often it has passed from one holder to another.
  public var transitions: Int64 { object[path: "spec", "leaseTransitions"]?.wholeNumber ?? 0 }
}

/// A CustomResourceDefinition, of v1 or of v1beta1.
public struct DefinitionView: ObjectView {
  public static let group = "apiextensions.k8s.io"
  public static let kind = "CustomResourceDefinition"
  public let object: Value
  public init(checked object: Value) { self.object = StorageVersion.served(object) }

  /// A version of the kind that it defines.
  public struct Version: Hashable, Sendable {
    /// As in `v1beta1`.
    public var name: String
    /// Whether the API answers in it.
    public var isServed: Bool
    /// Whether objects are stored in it; one version is.
    public var isStored: Bool
    /// The OpenAPI schema; nil if anything goes.
    public var schema: Value?
  }

  /// The group of the kind that it defines.
  public var definedGroup: String { object[path: "spec", "group"]?.text ?? "" }

  /// The kind that it defines.
  public var definedKind: String { object[path: "spec", "names", "kind"]?.text ?? "" }

  /// The name of the kind in paths.
  public var plural: String { object[path: "spec", "names", "plural"]?.text ?? "" }

  /// Whether objects of the kind lie in namespaces.
  public var isNamespaced: Bool { object[path: "spec", "scope"] == "Namespaced" }

  /// The versions, in the definition's order.
  public var versions: [Version] {
    (object[path: "spec", "versions"]?.elements ?? []).map {
      Version(
        name: $0["name"]?.text ?? "", isServed: $0["served"]?.truth ?? false,
        isStored: $0["storage"]?.truth ?? false, schema: $0[path: "schema", "openAPIV3Schema"])
    }
  }
}
