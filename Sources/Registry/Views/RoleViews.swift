/// A rule of a role: who has it may do each of the verbs with each of the resources.
public struct PolicyRule: Hashable, Sendable {
  /// What may be done; `*` for everything.
  public var verbs: [String]
  /// The groups of the resources; an empty text is the core group, `*` all of them.
  public var apiGroups: [String]
  /// The resources, and `resource/subresource`; `*` for all of them.
  public var resources: [String]
  /// The objects that are meant; empty for all of them.
  public var resourceNames: [String]
  /// Paths that are no resources; a `*` at the end stands for whatever follows.
  public var nonResourceURLs: [String]

  init(_ value: Value) {
    verbs = value["verbs"]?.texts ?? []
    apiGroups = value["apiGroups"]?.texts ?? []
    resources = value["resources"]?.texts ?? []
    resourceNames = value["resourceNames"]?.texts ?? []
    nonResourceURLs = value["nonResourceURLs"]?.texts ?? []
  }
}

/// A Role: rules for its own namespace.
public struct RoleView: ObjectView {
  public static let group = "rbac.authorization.k8s.io"
  public static let kind = "Role"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// What it allows.
  public var rules: [PolicyRule] { (object["rules"]?.elements ?? []).map(PolicyRule.init) }
}

/// A ClusterRole: rules for all namespaces, or for the one that binds it.
public struct ClusterRoleView: ObjectView {
  public static let group = "rbac.authorization.k8s.io"
  public static let kind = "ClusterRole"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// What it allows.
  public var rules: [PolicyRule] { (object["rules"]?.elements ?? []).map(PolicyRule.init) }

  /// The label selectors of the roles whose rules become its own; nil if its rules are its own.
  public var aggregatedSelectors: [Value]? {
    object[path: "aggregationRule", "clusterRoleSelectors"]?.elements
  }
}

/// Who is given a role.
public struct RoleSubject: Hashable, Sendable {
  /// `User`, `Group` or `ServiceAccount`.
  public var kind: String
  /// The name.
  public var name: String
  /// The namespace of a service account.
  public var namespace: String?
}

/// Which role a binding gives.
public struct RoleReference: Hashable, Sendable {
  /// `Role` or `ClusterRole`.
  public var kind: String
  /// The name.
  public var name: String
}

/// What both kinds of bindings say.
public protocol RoleBindingViews: ObjectView {}

extension RoleBindingViews {
  /// The role that it gives.
  public var role: RoleReference {
    RoleReference(
      kind: object[path: "roleRef", "kind"]?.text ?? "",
      name: object[path: "roleRef", "name"]?.text ?? "")
  }

  /// Who is given the role.
  public var subjects: [RoleSubject] {
    (object["subjects"]?.elements ?? []).map {
      RoleSubject(
        kind: $0["kind"]?.text ?? "", name: $0["name"]?.text ?? "",
        namespace: $0["namespace"]?.text)
    }
  }
}

/// A RoleBinding: it gives a role in its own namespace.
public struct RoleBindingView: RoleBindingViews {
  public static let group = "rbac.authorization.k8s.io"
  public static let kind = "RoleBinding"
  public let object: Value
  public init(checked object: Value) { self.object = object }
}

/// A ClusterRoleBinding: it gives a role everywhere.
public struct ClusterRoleBindingView: RoleBindingViews {
  public static let group = "rbac.authorization.k8s.io"
  public static let kind = "ClusterRoleBinding"
  public let object: Value
  public init(checked object: Value) { self.object = object }
}
