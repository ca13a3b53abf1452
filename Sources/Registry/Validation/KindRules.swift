/// Rules between the fields of one kind, which no schema can say: what the API server checks in code for each kind.
struct KindRules {
  let root: Node
  let type: ResourceType
  private(set) var findings: [Finding] = []

  /// Checks an object whose single fields are sound.
  static func findings(in root: Node, of type: ResourceType) -> [Finding] {
    guard !type.isCustom, let check = checks["\(type.group)/\(type.kind)"] else { return [] }
    var rules = KindRules(root: root, type: type)
    check(&rules)
    return rules.findings
  }

  private init(root: Node, type: ResourceType) {
    self.root = root
    self.type = type
  }

  private static let checks: [String: @Sendable (inout KindRules) -> Void] = [
    "/ConfigMap": { $0.checkConfigMap() },
    "/Secret": { $0.checkSecret() },
    "/Service": { $0.checkService() },
    "/Pod": { $0.checkPod($0.root["spec"], "spec") },
    "/PodTemplate": { $0.checkTemplate($0.root["template"], "template", restart: nil) },
    "/PersistentVolumeClaim": { $0.checkClaim() },
    "/PersistentVolume": { $0.checkVolume() },
    "/ReplicationController": { $0.checkController() },
    "apps/Deployment": { $0.checkWorkload() },
    "apps/ReplicaSet": { $0.checkWorkload() },
    "apps/StatefulSet": { $0.checkWorkload() },
    "apps/DaemonSet": { $0.checkWorkload() },
    "batch/Job": { $0.checkJob($0.root["spec"], "spec") },
    "batch/CronJob": {
      $0.checkJob($0.root.at("spec", "jobTemplate", "spec"), "spec.jobTemplate.spec")
    },
    "rbac.authorization.k8s.io/Role": { $0.checkRole() },
    "rbac.authorization.k8s.io/ClusterRole": { $0.checkRole() },
    "rbac.authorization.k8s.io/RoleBinding": { $0.checkBinding() },
    "rbac.authorization.k8s.io/ClusterRoleBinding": { $0.checkBinding() },
    "autoscaling/HorizontalPodAutoscaler": { $0.checkAutoscaler() },
    "policy/PodDisruptionBudget": { $0.checkBudget() },
    "scheduling.k8s.io/PriorityClass": { $0.checkPriority() },
    "networking.k8s.io/Ingress": { $0.checkIngress() },
    "apiextensions.k8s.io/CustomResourceDefinition": { $0.checkDefinition() },
  ]

  mutating func report(_ position: Position, _ message: String) {
    findings.append(Finding(position: position, message: message))
  }

  // MARK: Configuration

  /// What the contents of a ConfigMap or a Secret may have together.
  private static let dataBytesMax = 1024 * 1024

  private mutating func checkConfigMap() {
    checkData(["data", "binaryData"])
    guard let data = root["data"]?.members else { return }
    for member in root["binaryData"]?.members ?? []
    where data.contains(where: { $0.name == member.name }) {
      report(member.position, "the name \"\(member.name)\" stands in data and in binaryData")
    }
  }

  private mutating func checkSecret() {
    checkData(["data", "stringData"])
    let names = ((root["data"]?.members ?? []) + (root["stringData"]?.members ?? [])).map(\.name)
    let needed: [String] =
      switch root["type"]?.text {
      case "kubernetes.io/tls": ["tls.crt", "tls.key"]
      case "kubernetes.io/dockerconfigjson": [".dockerconfigjson"]
      case "kubernetes.io/dockercfg": [".dockercfg"]
      case "kubernetes.io/ssh-auth": ["ssh-privatekey"]
      default: []
      }
    for name in needed where !names.contains(name) {
      report(
        (root["type"] ?? root).position,
        "a Secret of the type \(root["type"]?.text ?? "") needs \"\(name)\" in data")
    }
    if root["type"]?.text == "kubernetes.io/service-account-token",
      root.at("metadata", "annotations", "kubernetes.io/service-account.name") == nil
    {
      report(
        root.position,
        "a service account's token needs the annotation kubernetes.io/service-account.name")
    }
  }

  private mutating func checkData(_ fields: [String]) {
    var bytes = 0
    for field in fields {
      for member in root[field]?.members ?? [] {
        bytes += member.node.text?.utf8.count ?? 0
        if !NameRules.isDataKey(member.name) {
          report(
            member.position,
            "the name \"\(member.name)\" in \(field) must be at most 253 letters, digits, '-', '_' "
              + "and '.'")
        }
      }
    }
    if bytes > Self.dataBytesMax * 4 / 3 + 4 {
      report(root.position, "the data have \(bytes) bytes, more than \(Self.dataBytesMax)")
    }
  }

  // MARK: Services and volumes

  private mutating func checkService() {
    guard let spec = root["spec"] else {
      return report(root.position, "a Service has no spec, which is required")
    }
    let ports = spec["ports"]?.elements ?? []
    let kind = spec["type"]?.text ?? "ClusterIP"
    if kind == "ExternalName" {
      if (spec["externalName"]?.text ?? "").isEmpty {
        report(spec.position, "a Service of the type ExternalName needs spec.externalName")
      }
      return
    }
    if ports.isEmpty, spec["clusterIP"]?.text != "None" {
      report((spec["ports"] ?? spec).position, "spec has no ports, which are required")
    }
    if kind == "LoadBalancer" || kind == "NodePort", spec["clusterIP"]?.text == "None" {
      report(
        spec["clusterIP"]?.position ?? spec.position,
        "spec.clusterIP must not be None for a Service of the type \(kind)")
    }
    if ports.count > 1 {
      for (index, port) in ports.enumerated() where (port["name"]?.text ?? "").isEmpty {
        report(port.position, "spec.ports[\(index)] has no name, which several ports need")
      }
    }
  }

  private mutating func checkClaim() {
    guard let spec = root["spec"] else {
      return report(root.position, "a PersistentVolumeClaim has no spec, which is required")
    }
    if spec["accessModes"]?.elements == nil {
      report(spec.position, "spec has no accessModes, which are required")
    }
    if spec.at("resources", "requests", "storage") == nil {
      report(spec.position, "spec has no resources.requests.storage, which is required")
    }
  }

  private mutating func checkVolume() {
    guard let spec = root["spec"] else {
      return report(root.position, "a PersistentVolume has no spec, which is required")
    }
    for field in ["capacity", "accessModes"] where spec[field] == nil {
      report(spec.position, "spec has no \(field), which is required")
    }
  }

  // MARK: Access

  private mutating func checkRole() {
    for (index, rule) in (root["rules"]?.elements ?? []).enumerated() {
      let paths = rule["nonResourceURLs"]?.elements ?? []
      if !paths.isEmpty, type.isNamespaced {
        report(
          rule["nonResourceURLs"]?.position ?? rule.position,
          "rules[\(index)].nonResourceURLs belong into a ClusterRole")
      }
      if paths.isEmpty {
        for field in ["apiGroups", "resources"]
        where (rule[field]?.elements ?? []).isEmpty {
          report(rule.position, "rules[\(index)] has no \(field), which are required")
        }
      }
    }
  }

  private mutating func checkBinding() {
    if let role = root["roleRef"] {
      let group = role["apiGroup"]
      if let text = group?.text, !text.isEmpty, text != "rbac.authorization.k8s.io" {
        report(
          group?.position ?? role.position,
          "roleRef.apiGroup \"\(text)\" must be rbac.authorization.k8s.io")
      }
      if !type.isNamespaced, let kind = role["kind"], kind.text == "Role" {
        report(kind.position, "roleRef.kind must be ClusterRole in a ClusterRoleBinding")
      }
    }
    for (index, subject) in (root["subjects"]?.elements ?? []).enumerated()
    where subject["kind"]?.text == "ServiceAccount" {
      if (subject["namespace"]?.text ?? "").isEmpty {
        report(
          subject.position, "subjects[\(index)] has no namespace, which a ServiceAccount needs")
      }
    }
  }

  // MARK: Policies and routes

  private mutating func checkAutoscaler() {
    guard let spec = root["spec"] else {
      return report(root.position, "a \(type.kind) has no spec, which is required")
    }
    guard case .scalar(.integer(let low))? = spec["minReplicas"]?.content,
      let most = spec["maxReplicas"], case .scalar(.integer(let high)) = most.content, high < low
    else { return }
    report(most.position, "spec.maxReplicas is \(high), less than spec.minReplicas")
  }

  private mutating func checkBudget() {
    guard let spec = root["spec"], let most = spec["maxUnavailable"], !most.isNull,
      let least = spec["minAvailable"], !least.isNull
    else { return }
    report(most.position, "spec must not have both minAvailable and maxUnavailable")
  }

  private mutating func checkPriority() {
    guard let value = root["value"], case .scalar(.integer(let number)) = value.content,
      number > 1_000_000_000, root.at("metadata", "name")?.text?.hasPrefix("system-") != true
    else { return }
    report(value.position, "value is \(number), but must be at most 1000000000")
  }

  private mutating func checkIngress() {
    guard let spec = root["spec"] else { return }
    if (spec["rules"]?.elements ?? []).isEmpty, spec["defaultBackend"] == nil {
      report(spec.position, "spec has neither rules nor a defaultBackend")
    }
    for (index, rule) in (spec["rules"]?.elements ?? []).enumerated() {
      for (place, path) in (rule.at("http", "paths")?.elements ?? []).enumerated() {
        let kind = path["pathType"]?.text
        if kind == "Exact" || kind == "Prefix", (path["path"]?.text ?? "").isEmpty {
          report(
            path.position,
            "spec.rules[\(index)].http.paths[\(place)] has no path, which pathType \(kind ?? "") needs"
          )
        }
      }
    }
  }

  // MARK: Definitions

  private mutating func checkDefinition() {
    guard let spec = root["spec"] else {
      return report(root.position, "the definition has no spec")
    }
    guard let made = ResourceType(definition: root.value) else {
      return report(
        spec.position, "the definition needs group, names.kind, names.plural and a served version")
    }
    if let scope = spec["scope"], !["Namespaced", "Cluster"].contains(scope.text ?? "") {
      report(scope.position, "scope must be Namespaced or Cluster")
    }
    if let name = root.at("metadata", "name"), name.text != made.qualifiedName {
      report(
        name.position, "metadata.name must be \"\(made.qualifiedName)\", made of plural and group")
    }
    if !NameRules.isSubdomain(made.group) || !made.group.utf8.contains(UInt8(ascii: ".")) {
      report((spec["group"] ?? spec).position, "the group must be a DNS name with a dot")
    }
    if !NameRules.isLabel(made.plural) {
      report((spec["names"] ?? spec).position, "names.plural must be a lower-case DNS label")
    }
    guard let versions = spec["versions"], let elements = versions.elements else { return }
    let stored = elements.filter { $0["storage"]?.value.truth == true }
    if stored.count != 1 {
      report(versions.position, "one version must have storage: true, not \(stored.count)")
    }
    for (index, version) in elements.enumerated()
    where version.at("schema", "openAPIV3Schema")?.members == nil {
      report(
        version.position, "spec.versions[\(index)] has no schema.openAPIV3Schema, which is required"
      )
    }
  }
}

extension Node {
  /// What lies at the end of a path of names.
  func at(_ path: String...) -> Node? {
    var node = self
    for name in path {
      guard let next = node[name] else { return nil }
      node = next
    }
    return node
  }
}
