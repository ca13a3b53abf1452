public import Primitives

/// A Namespace.
public struct NamespaceView: ObjectView {
  public static let group = ""
  public static let kind = "Namespace"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// Whether it is going away, so that nothing new may come into it.
  public var isTerminating: Bool {
    metadata.deletionSeconds != nil || object[path: "status", "phase"] == "Terminating"
  }

  /// What has to be done in the namespace before it goes away.
  public var finalizers: [String] { object[path: "spec", "finalizers"]?.texts ?? [] }
}

/// A Node.
public struct NodeView: ObjectView {
  public static let group = ""
  public static let kind = "Node"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// Whether no further pods come to it.
  public var isUnschedulable: Bool { object[path: "spec", "unschedulable"]?.truth ?? false }

  /// Whether its kubelet says that it is ready; nil if it has not said.
  public var isReady: Bool? {
    object.condition("Ready")?["status"]?.text.flatMap {
      ["True": true, "False": false][$0]
    }
  }

  /// Where it is reached, by the type of the address: `InternalIP`, `Hostname` and others.
  public var addresses: [(type: String, address: String)] {
    (object[path: "status", "addresses"]?.elements ?? []).compactMap {
      guard let type = $0["type"]?.text, let address = $0["address"]?.text else { return nil }
      return (type, address)
    }
  }

  /// The roles that its labels give it.
  public var roles: [String] {
    let prefix = "node-role.kubernetes.io/"
    return metadata.labels.filter { $0.name.hasPrefix(prefix) }
      .map { String($0.name.dropFirst(prefix.count)) }
  }
}

/// A Pod.
public struct PodView: ObjectView {
  public static let group = ""
  public static let kind = "Pod"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// The node that it runs on; nil as long as none is chosen.
  public var nodeName: String? {
    object[path: "spec", "nodeName"]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`; nil if nothing is said.
  public var phase: String? { object[path: "status", "phase"]?.text }

  /// Whether it will not run again.
  public var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }

  /// Whether it takes requests.
  public var isReady: Bool { object.condition("Ready")?["status"] == "True" }

  /// Its address; nil as long as it has none.
  public var address: String? { object[path: "status", "podIP"]?.text }

  /// The account that it acts as.
  public var serviceAccountName: String {
    object[path: "spec", "serviceAccountName"]?.text.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
  }
}

/// A Service.
public struct ServiceView: ObjectView {
  public static let group = ""
  public static let kind = "Service"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// A port that the service listens on.
  public struct Port: Hashable, Sendable {
    /// Nil if it is the only one and has none.
    public var name: String?
    /// The service's own number.
    public var number: Int64
    /// `TCP`, `UDP` or `SCTP`.
    public var transport: String
    /// The number or the name at the pods; nil if it is the same number.
    public var target: Value?
  }

  /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
  public var type: String { object[path: "spec", "type"]?.text ?? "ClusterIP" }

  /// Its addresses inside the cluster; `None` for a service without one.
  public var clusterAddresses: [String] {
    object[path: "spec", "clusterIPs"]?.texts
      ?? object[path: "spec", "clusterIP"]?.text.map { [$0] } ?? []
  }

  /// The labels of the pods that it leads to, in the order of their names; empty if it chooses none.
  public var selector: [(name: String, value: String)] {
    object[path: "spec", "selector"]?.pairs ?? []
  }

  /// The ports.
  public var ports: [Port] {
    (object[path: "spec", "ports"]?.elements ?? []).map {
      Port(
        name: $0["name"]?.text, number: $0["port"]?.wholeNumber ?? 0,
        transport: $0["protocol"]?.text ?? "TCP", target: $0["targetPort"])
    }
  }
}

/// A Secret.
public struct SecretView: ObjectView {
  public static let group = ""
  public static let kind = "Secret"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// What it is for: `Opaque`, `kubernetes.io/tls` and others.
  public var type: String { object["type"]?.text ?? "Opaque" }

  /// Whether it must not change.
  public var isImmutable: Bool { object["immutable"]?.truth ?? false }

  /// The names of what it holds, in their order.
  public var names: [String] { object["data"]?.object?.members.map(\.name) ?? [] }

  /// What it holds under a name; nil if there is nothing, or no base64.
  public func data(_ name: String) -> Bytes? {
    object["data"]?[name]?.text.flatMap(Base64.decoded)
  }
}

/// A ServiceAccount.
public struct ServiceAccountView: ObjectView {
  public static let group = ""
  public static let kind = "ServiceAccount"
  public let object: Value
  public init(checked object: Value) { self.object = object }

  /// Whether pods get a token of it unless they say otherwise.
  public var mountsToken: Bool { object["automountServiceAccountToken"]?.truth ?? true }

  /// The names of its secrets.
  public var secretNames: [String] {
    (object["secrets"]?.elements ?? []).compactMap { $0["name"]?.text }
  }

  /// The user that it is, as RBAC names it.
  public var userName: String {
    "system:serviceaccount:\(metadata.namespace ?? ""):\(metadata.name)"
  }
}
