/// Fields that an API server lets nobody change, because what follows from them has already been made.
enum Immutability {
  /// Which field a new version of an object must not change, if it does; nil if all is well.
  static func violation(_ type: ResourceType, from old: Value, to new: Value) -> String? {
    if type.isCustom { return nil }
    if type.group.isEmpty, type.kind == "ConfigMap" || type.kind == "Secret",
      old["immutable"] == .bool(true)
    {
      for field in ["data", "binaryData", "immutable", "stringData"]
      where !isSame(old[field], new[field]) {
        return "\(field) cannot be changed: the object is immutable"
      }
    }
    for path in paths["\(type.group)/\(type.kind)"] ?? [] {
      let before = value(old, path).map(essence)
      if before == nil || before == "" || isSame(before, value(new, path).map(essence)) {
        continue
      }
      return "\(path.joined(separator: ".")) cannot be changed"
    }
    return nil
  }

  private static let paths: [String: [[String]]] = [
    "/Secret": [["type"]],
    "/Service": [["spec", "clusterIP"]],
    "/PersistentVolumeClaim": [
      ["spec", "accessModes"], ["spec", "storageClassName"], ["spec", "volumeMode"],
      ["spec", "volumeName"], ["spec", "selector"], ["spec", "dataSource"],
    ],
    "/PersistentVolume": [["spec", "volumeMode"], ["spec", "csi"], ["spec", "nodeAffinity"]],
    "/Pod": [["spec", "nodeName"], ["spec", "restartPolicy"], ["spec", "serviceAccountName"]],
    "apps/Deployment": [["spec", "selector"]],
    "apps/ReplicaSet": [["spec", "selector"]],
    "apps/DaemonSet": [["spec", "selector"]],
    "apps/StatefulSet": [
      ["spec", "selector"], ["spec", "serviceName"], ["spec", "podManagementPolicy"],
      ["spec", "volumeClaimTemplates"],
    ],
    "batch/Job": [
      ["spec", "selector"], ["spec", "template"], ["spec", "completionMode"],
      ["spec", "podFailurePolicy"],
    ],
    "rbac.authorization.k8s.io/RoleBinding": [["roleRef"]],
    "rbac.authorization.k8s.io/ClusterRoleBinding": [["roleRef"]],
    "storage.k8s.io/StorageClass": [
      ["provisioner"], ["parameters"], ["reclaimPolicy"], ["volumeBindingMode"],
    ],
    "scheduling.k8s.io/PriorityClass": [["value"], ["preemptionPolicy"]],
    "networking.k8s.io/IngressClass": [["spec", "controller"]],
    "discovery.k8s.io/EndpointSlice": [["addressType"]],
    "node.k8s.io/RuntimeClass": [["handler"]],
    "apiextensions.k8s.io/CustomResourceDefinition": [
      ["spec", "group"], ["spec", "scope"], ["spec", "names", "plural"], ["spec", "names", "kind"],
    ],
  ]

  private static func value(_ object: Value, _ path: [String]) -> Value? {
    var value = object
    for name in path {
      guard let next = value[name] else { return nil }
      value = next
    }
    return value
  }

  /// A list's objects without what a server says of them rather than a person: the claims of a stateful set carry
  /// their kind and a status where a server has stored them.
  private static func essence(_ value: Value) -> Value {
    guard case .array(let elements) = value else { return value }
    return .array(
      elements.map { element in
        guard case .object(var object) = element else { return element }
        for name in ["apiVersion", "kind", "status"] { object[name] = nil }
        return .object(object)
      })
  }

  /// Byte by byte: Swift compares texts by what they show.
  private static func isSame(_ left: Value?, _ right: Value?) -> Bool { left?.json == right?.json }
}
