public import Primitives

/// A kind of objects, and where its objects lie in the store.
public struct ResourceType: Hashable, Sendable {
  /// The API group; empty for the core one.
  public var group: String
  /// The versions that are known, the first being the one to read and list in.
  public var versions: [String]
  /// The kind, as manifests name it.
  public var kind: String
  /// The name in paths, for many.
  public var plural: String
  /// The name for one.
  public var singular: String
  /// Further names on the command line.
  public var shortNames: [String]
  /// Whether objects lie in namespaces.
  public var isNamespaced: Bool
  /// What follows `/registry/`, without a slash at the end.
  public var storagePath: String
  /// Parts of an object that are written on their own, such as `status`.
  public var subresources: [String]
  /// The groups of kinds that it belongs to on the command line, such as `all`.
  public var categories: [String]
  /// What the API can do with its objects.
  public var verbs: [String]
  /// The `apiVersion` that kube-apiserver stores objects in, whichever version they were sent in.
  public var storageVersion: String
  /// Whether kube-apiserver stores objects as protobuf, and their message is known; else as JSON.
  public var isStoredAsProtobuf: Bool
  /// The columns of tables, for each version that says them.
  public internal(set) var columns: [String: [ResourceColumn]]
  /// Whether a stored definition, not Kubernetes itself, makes the kind.
  public var isCustom: Bool

  /// What all keys begin with.
  public static let root = "/registry/"

  /// `group/version`, or `version` in the core group.
  public func apiVersion(_ version: String) -> String {
    group.isEmpty ? version : "\(group)/\(version)"
  }

  /// `plural.group`, or `plural` in the core group.
  public var qualifiedName: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// How an object is called in messages: `deployment.apps/web`.
  public func title(of name: String) -> String {
    (group.isEmpty ? singular : "\(singular).\(group)") + "/" + name
  }

  /// What the keys of all objects begin with, or of those in one namespace.
  public func prefix(namespace: String? = nil) -> Bytes {
    var prefix = Bytes((Self.root + storagePath + "/").utf8)
    if isNamespaced, let namespace { prefix += "\(namespace)/".utf8 }
    return prefix
  }

  /// The key of one object.
  /// - Parameter namespace: for kinds in namespaces; others leave it out of the key.
  public func key(namespace: String?, name: String) -> Bytes {
    invariant(
      !isNamespaced || namespace != nil, "a \(kind) has no key without a namespace")
    return prefix(namespace: namespace) + Bytes(name.utf8)
  }

  /// Namespace and name of the object at a key; nil if the key is none of this kind.
  public func identity(ofKey key: Bytes) -> (namespace: String?, name: String)? {
    let prefix = prefix()
    guard key.starts(with: prefix),
      let rest = String(validating: key.dropFirst(prefix.count), as: UTF8.self)
    else { return nil }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if isNamespaced { return parts.count == 2 ? (parts[0], parts[1]) : nil }
    return parts.count == 1 ? (nil, parts[0]) : nil
  }

  /// The type that a CustomResourceDefinition makes; nil if the object does not say what is needed.
  public init?(definition: Value) {
    guard let spec = definition["spec"], let group = spec["group"]?.text,
      let kind = spec[path: "names", "kind"]?.text,
      let plural = spec[path: "names", "plural"]?.text
    else { return nil }
    var versions = (spec["versions"]?.elements ?? []).filter { $0["served"]?.truth != false }
      .compactMap { $0["name"]?.text }
    if versions.isEmpty, let version = spec["version"]?.text { versions = [version] }
    guard !versions.isEmpty, !group.isEmpty, !plural.isEmpty, !kind.isEmpty else { return nil }
    self.group = group
    self.versions = versions
    self.kind = kind
    self.plural = plural
    singular = spec[path: "names", "singular"]?.text ?? kind.lowercased()
    shortNames = (spec[path: "names", "shortNames"]?.elements ?? []).compactMap(\.text)
    isNamespaced = spec["scope"]?.text == "Namespaced"
    storagePath = "\(group)/\(plural)"
    let parts =
      [spec["subresources"]] + (spec["versions"]?.elements ?? []).map { $0["subresources"] }
    subresources = parts.contains { $0?["status"] != nil } ? ["status"] : []
    isCustom = true
    categories = (spec[path: "names", "categories"]?.elements ?? []).compactMap(\.text)
    verbs = Self.usualVerbs
    let stored = (spec["versions"]?.elements ?? []).first { $0["storage"]?.truth == true }
    storageVersion = "\(group)/\(stored?["name"]?.text ?? versions[0])"
    isStoredAsProtobuf = false
    columns = [:]
    for version in versions {
      columns[version] = CustomSchema.columns(of: definition, version: version)
    }
  }

  init(_ line: ResourceLine) {
    group = line.group
    versions = [line.version]
    kind = line.kind
    plural = line.plural
    singular = line.singular
    isNamespaced = line.isNamespaced
    storagePath = line.storagePath
    shortNames = line.shortNames
    subresources = line.subresources
    categories = line.categories
    verbs = line.verbs.isEmpty ? Self.usualVerbs : line.verbs
    storageVersion = line.storedAs
    isStoredAsProtobuf = line.isStoredAsProtobuf
    columns = line.columns.isEmpty ? [:] : [line.version: line.columns]
    isCustom = false
  }

  private static let usualVerbs = [
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
  ]
}
