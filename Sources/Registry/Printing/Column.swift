/// A column of a table of objects: a title, and what stands in it.
struct Column: Sendable {
  var title: String
  var isWide: Bool
  var cell: @Sendable (Value) -> String

  init(_ title: String, isWide: Bool = false, _ cell: @escaping @Sendable (Value) -> String) {
    self.title = title
    self.isWide = isWide
    self.cell = cell
  }

  /// The columns between name and age, after those of kubectl.
  static func columns(for type: ResourceType) -> [Column] {
    switch (type.group, type.kind) {
    case ("", "Namespace"): [Column("STATUS") { text($0, "status", "phase") }]
    case ("", "ConfigMap"):
      [Column("DATA") { String(count($0["data"]) + count($0["binaryData"])) }]
    case ("", "Secret"):
      [Column("TYPE") { text($0, "type") }, Column("DATA") { String(count($0["data"])) }]
    case ("", "Service"): service
    case ("", "Pod"): pod
    case ("", "Node"): node
    case ("", "PersistentVolumeClaim"): claim
    case ("", "PersistentVolume"): volume
    case ("apps", "Deployment"):
      [
        Column("READY") { "\(number($0, "status", "readyReplicas"))/\(replicas($0))" },
        Column("UP-TO-DATE") { number($0, "status", "updatedReplicas") },
        Column("AVAILABLE") { number($0, "status", "availableReplicas") },
      ] + template
    case ("apps", "StatefulSet"):
      [Column("READY") { "\(number($0, "status", "readyReplicas"))/\(replicas($0))" }] + template
    case ("apps", "ReplicaSet"), ("", "ReplicationController"):
      [
        Column("DESIRED", { replicas($0) }),
        Column("CURRENT") { number($0, "status", "replicas") },
        Column("READY") { number($0, "status", "readyReplicas") },
      ] + template
    case ("apps", "DaemonSet"):
      [
        Column("DESIRED") { number($0, "status", "desiredNumberScheduled") },
        Column("CURRENT") { number($0, "status", "currentNumberScheduled") },
        Column("READY") { number($0, "status", "numberReady") },
      ] + template
    case ("batch", "CronJob"):
      [
        Column("SCHEDULE") { text($0, "spec", "schedule") },
        Column("SUSPEND") { $0[path: "spec", "suspend"]?.truth == true ? "True" : "False" },
      ]
    case ("networking.k8s.io", "Ingress"): ingress
    case ("rbac.authorization.k8s.io", "RoleBinding"),
      ("rbac.authorization.k8s.io", "ClusterRoleBinding"):
      [Column("ROLE") { text($0, "roleRef", "kind") + "/" + text($0, "roleRef", "name") }]
    case ("storage.k8s.io", "StorageClass"):
      [
        Column("PROVISIONER") { text($0, "provisioner") },
        Column("RECLAIMPOLICY") { text($0, "reclaimPolicy", default: "Delete") },
        Column("VOLUMEBINDINGMODE") { text($0, "volumeBindingMode", default: "Immediate") },
      ]
    case ("coordination.k8s.io", "Lease"): [Column("HOLDER") { text($0, "spec", "holderIdentity") }]
    case ("apiextensions.k8s.io", "CustomResourceDefinition"):
      [
        Column("GROUP", isWide: true) { text($0, "spec", "group") },
        Column("KIND", isWide: true) { text($0, "spec", "names", "kind") },
      ]
    default: []
    }
  }

  private static let template = [
    Column("CONTAINERS", isWide: true) { containers($0, "name") },
    Column("IMAGES", isWide: true) { containers($0, "image") },
  ]

  private static let service = [
    Column("TYPE") { text($0, "spec", "type", default: "ClusterIP") },
    Column("CLUSTER-IP") { text($0, "spec", "clusterIP") },
    Column("EXTERNAL-IP") {
      let addresses = ($0[path: "status", "loadBalancer", "ingress"]?.elements ?? [])
        .compactMap { $0["ip"]?.text ?? $0["hostname"]?.text }
      let external = ($0[path: "spec", "externalIPs"]?.elements ?? []).compactMap(\.text)
      return list(addresses + external)
    },
    Column("PORT(S)") {
      list(
        ($0[path: "spec", "ports"]?.elements ?? []).map { port in
          let node = port["nodePort"]?.wholeNumber.map { ":\($0)" } ?? ""
          return "\(number(port, "port"))\(node)/\(port["protocol"]?.text ?? "TCP")"
        })
    },
    Column("SELECTOR", isWide: true) {
      list(
        ($0[path: "spec", "selector"]?.object?.members ?? []).map {
          "\($0.name)=\($0.value.text ?? "")"
        })
    },
  ]

  private static let pod = [
    Column("READY") {
      let states = $0[path: "status", "containerStatuses"]?.elements ?? []
      let ready = states.filter { $0["ready"]?.truth == true }.count
      return "\(ready)/\(($0[path: "spec", "containers"]?.elements ?? []).count)"
    },
    Column("STATUS") { text($0, "status", "phase", default: "Pending") },
    Column("RESTARTS") {
      String(
        ($0[path: "status", "containerStatuses"]?.elements ?? [])
          .reduce(0) { $0 &+ ($1["restartCount"]?.wholeNumber ?? 0) })
    },
    Column("IP", isWide: true) { text($0, "status", "podIP") },
    Column("NODE", isWide: true) { text($0, "spec", "nodeName") },
  ]

  private static let node = [
    Column("STATUS") { node in
      let ready = (node[path: "status", "conditions"]?.elements ?? [])
        .first { $0["type"]?.text == "Ready" }?["status"]?.text
      let state = ready == "True" ? "Ready" : ready == "False" ? "NotReady" : "Unknown"
      return node[path: "spec", "unschedulable"]?.truth == true
        ? state + ",SchedulingDisabled" : state
    },
    Column("ROLES") {
      let mark = "node-role.kubernetes.io/"
      return list(
        ($0[path: "metadata", "labels"]?.object?.members ?? [])
          .filter { $0.name.hasPrefix(mark) }.map { String($0.name.dropFirst(mark.count)) })
    },
    Column("VERSION") { text($0, "status", "nodeInfo", "kubeletVersion") },
  ]

  private static let claim = [
    Column("STATUS") { text($0, "status", "phase", default: "Pending") },
    Column("VOLUME") { text($0, "spec", "volumeName", default: "") },
    Column("CAPACITY") { text($0, "status", "capacity", "storage", default: "") },
    Column("ACCESS MODES") { modes($0[path: "spec", "accessModes"]) },
    Column("STORAGECLASS") { text($0, "spec", "storageClassName", default: "") },
  ]

  private static let volume = [
    Column("CAPACITY") { text($0, "spec", "capacity", "storage") },
    Column("ACCESS MODES") { modes($0[path: "spec", "accessModes"]) },
    Column("RECLAIM POLICY") {
      text($0, "spec", "persistentVolumeReclaimPolicy", default: "Retain")
    },
    Column("STATUS") { text($0, "status", "phase", default: "Pending") },
    Column("CLAIM") {
      guard let claim = $0[path: "spec", "claimRef"] else { return "" }
      return text(claim, "namespace") + "/" + text(claim, "name")
    },
    Column("STORAGECLASS") { text($0, "spec", "storageClassName", default: "") },
  ]

  private static let ingress = [
    Column("CLASS") { text($0, "spec", "ingressClassName") },
    Column("HOSTS") {
      list(($0[path: "spec", "rules"]?.elements ?? []).map { $0["host"]?.text ?? "*" })
    },
    Column("ADDRESS") {
      ($0[path: "status", "loadBalancer", "ingress"]?.elements ?? [])
        .compactMap { $0["ip"]?.text ?? $0["hostname"]?.text }.joined(separator: ",")
    },
    Column("PORTS") {
      ($0[path: "spec", "tls"]?.elements ?? []).isEmpty ? "80" : "80, 443"
    },
  ]

  private static func find(_ object: Value, _ path: [String]) -> Value? {
    var value: Value? = object
    for name in path { value = value?[name] }
    return value
  }

  private static func text(
    _ object: Value, _ path: String..., default missing: String = "<none>"
  ) -> String {
    find(object, path)?.text ?? missing
  }

  private static func number(_ object: Value, _ path: String...) -> String {
    String(find(object, path)?.wholeNumber ?? 0)
  }

  /// One replica is wanted where nothing is said.
  private static func replicas(_ object: Value) -> String {
    String(object[path: "spec", "replicas"]?.wholeNumber ?? 1)
  }

  private static func count(_ object: Value?) -> Int { object?.object?.count ?? 0 }

  private static func list(_ items: [String]) -> String {
    items.isEmpty ? "<none>" : items.joined(separator: ",")
  }

  private static func containers(_ object: Value, _ field: String) -> String {
    list(
      (object[path: "spec", "template", "spec", "containers"]?.elements ?? [])
        .compactMap { $0[field]?.text })
  }

  private static func modes(_ modes: Value?) -> String {
    let short = [
      "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX",
      "ReadWriteOncePod": "RWOP",
    ]
    return (modes?.elements ?? []).compactMap { mode in mode.text.map { short[$0] ?? $0 } }
      .joined(separator: ",")
  }
}
