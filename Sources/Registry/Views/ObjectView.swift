/// An object of one kind, with names and types for what the store itself acts on.
///
/// A view holds the object as it is, and looks values up when they are asked for; what has another type than the API
/// gives it reads as absent.
public protocol ObjectView: Hashable, Sendable {
  /// The API group; empty for the core one.
  static var group: String { get }
  /// The kind.
  static var kind: String { get }
  /// The object.
  var object: Value { get }
  /// Takes an object of this kind.
  init(checked object: Value)
}

extension ObjectView {
  /// Nil if the object is of another kind or group; any version will do.
  public init?(_ object: Value) {
    let apiVersion = object["apiVersion"]?.text ?? ""
    guard object["kind"]?.text == Self.kind,
      ResourceTable.groupAndVersion(apiVersion).group == Self.group
    else { return nil }
    self.init(checked: object)
  }

  /// What all objects have.
  public var metadata: MetadataView { MetadataView(object["metadata"] ?? .emptyObject) }
}

/// ObjectMeta: what all objects have.
public struct MetadataView: Hashable, Sendable {
  /// The metadata itself.
  public var value: Value

  /// Takes metadata.
  public init(_ value: Value) { self.value = value }

  /// The name; empty if there is none.
  public var name: String { value["name"]?.text ?? "" }
  /// The namespace; nil for objects of the cluster.
  public var namespace: String? { value["namespace"]?.text }
  /// What tells objects of one name apart that lived at different times.
  public var uid: String? { value["uid"]?.text }
  /// The revision of the last change, as the API writes it.
  public var resourceVersion: String? { value["resourceVersion"]?.text }
  /// How often the spec has changed.
  public var generation: Int64? { value["generation"]?.wholeNumber }
  /// When the object was made, in seconds since 1970.
  public var creationSeconds: Int64? { value["creationTimestamp"]?.seconds }
  /// When it was asked to go away, in seconds since 1970; nil if it was not.
  public var deletionSeconds: Int64? { value["deletionTimestamp"]?.seconds }
  /// What has to be done before it goes away.
  public var finalizers: [String] { value["finalizers"]?.texts ?? [] }

  /// A label; nil if there is none of this name.
  public func label(_ name: String) -> String? { value["labels"]?[name]?.text }
  /// An annotation; nil if there is none of this name.
  public func annotation(_ name: String) -> String? { value["annotations"]?[name]?.text }

  /// The labels, in the order of their names.
  public var labels: [(name: String, value: String)] { value["labels"]?.pairs ?? [] }
  /// The annotations, in the order of their names.
  public var annotations: [(name: String, value: String)] { value["annotations"]?.pairs ?? [] }

  /// An object that this one goes away with.
  public struct Owner: Hashable, Sendable {
    /// As manifests write it.
    public var apiVersion: String
    /// The kind.
    public var kind: String
    /// The name.
    public var name: String
    /// Which of the objects of that name.
    public var uid: String
    /// Whether it is the one that manages this object.
    public var isController: Bool
  }

  /// The objects that this one goes away with.
  public var owners: [Owner] {
    (value["ownerReferences"]?.elements ?? []).map {
      Owner(
        apiVersion: $0["apiVersion"]?.text ?? "", kind: $0["kind"]?.text ?? "",
        name: $0["name"]?.text ?? "", uid: $0["uid"]?.text ?? "",
        isController: $0["controller"]?.truth ?? false)
    }
  }
}

extension Value {
  /// The texts in a list; what is no text is left out.
  var texts: [String] { elements?.compactMap(\.text) ?? [] }

  /// The texts in a map, in the order of their names.
  var pairs: [(name: String, value: String)] {
    object?.members.compactMap { member in member.value.text.map { (member.name, $0) } } ?? []
  }

  /// A time in seconds since 1970.
  var seconds: Int64? { text.flatMap(Timestamp.seconds) }

  /// The element of a list of conditions that has this type.
  func condition(_ type: String) -> Value? {
    self[path: "status", "conditions"]?.elements?.first { $0["type"]?.text == type }
  }
}
