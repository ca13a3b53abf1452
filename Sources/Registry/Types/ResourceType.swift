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
  }

  init(
    group: String, version: String, kind: String, plural: String, isNamespaced: Bool,
    storagePath: String, shortNames: [String], subresources: [String]
  ) {
    self.group = group
    versions = [version]
    self.kind = kind
    self.plural = plural
    singular = kind.lowercased()
    self.shortNames = shortNames
    self.isNamespaced = isNamespaced
    self.storagePath = storagePath
    self.subresources = subresources
    isCustom = false
  }
}
