/// What a field's value must be beyond its type; the API server checks the same in code.
enum FieldRule: Hashable, Sendable {
  /// Lower-case letters, digits and dashes, at most 63.
  case label
  /// Labels with dots between them.
  case subdomain
  /// A name for a port: at most 15 characters, with a letter in it.
  case portName
  /// 1 to 65535.
  case port
  /// 1 to 65535, or the name of a port.
  case portOrName
  /// A number that is at least this.
  case atLeast(Int64)
  /// A number in this range.
  case within(Int64, Int64)
  /// A number that is at least zero, or a share such as `25%`.
  case countOrShare
  /// Keys and values of labels.
  case labels
  /// Keys of annotations, and their size.
  case annotations
  /// A list of names with an optional DNS name in front.
  case qualifiedNames
  /// A name with an optional DNS name in front.
  case qualifiedName
  /// A name of an environment variable.
  case environmentName
  /// A path that begins with a slash.
  case absolutePath
  /// A relative path that does not climb.
  case relativePath
  /// Text that is not empty.
  case notEmpty
  /// One of a few texts that the schema does not list.
  case oneOf([String])
  /// A list that is not empty, of texts that the schema does not list.
  case someOf([String])
  /// When a CronJob runs.
  case schedule
  /// Amounts that are at least zero.
  case amounts
  /// A list that is not empty.
  case notEmptyList
  /// An IPv4 or IPv6 address, or "None".
  case addressOrNone
}

/// The rules of single fields, type by type.
enum FieldRules {
  /// The rules for the fields of a type; nil if there are none.
  static func rules(for type: SchemaType) -> [String: FieldRule]? {
    byType[type.contents.name]
  }

  /// The full names of the types that the table knows.
  static var names: [String] { byType.keys.sorted() }

  /// By the types' full names, of which the table leaves `io.k8s.` and `api.` out.
  private static let byType: [String: [String: FieldRule]] = {
    var rules: [String: [String: FieldRule]] = [:]
    for (name, fields) in table {
      let prefix = name.hasPrefix("apimachinery") ? "io.k8s." : "io.k8s.api."
      rules[prefix + name] = fields
    }
    return rules
  }()

  private static let table: [String: [String: FieldRule]] = [
    "apimachinery.pkg.apis.meta.v1.ObjectMeta": [
      "labels": .labels, "annotations": .annotations, "finalizers": .qualifiedNames,
    ],
    "apimachinery.pkg.apis.meta.v1.LabelSelector": ["matchLabels": .labels],
    "apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": [
      "key": .qualifiedName, "operator": .oneOf(["DoesNotExist", "Exists", "In", "NotIn"]),
    ],
    "apps.v1.DeploymentSpec": [
      "replicas": .atLeast(0), "minReadySeconds": .atLeast(0), "revisionHistoryLimit": .atLeast(0),
      "progressDeadlineSeconds": .atLeast(0),
    ],
    "apps.v1.RollingUpdateDeployment": [
      "maxSurge": .countOrShare, "maxUnavailable": .countOrShare,
    ],
    "apps.v1.RollingUpdateDaemonSet": ["maxSurge": .countOrShare, "maxUnavailable": .countOrShare],
    "apps.v1.ReplicaSetSpec": ["replicas": .atLeast(0), "minReadySeconds": .atLeast(0)],
    "apps.v1.StatefulSetSpec": [
      "replicas": .atLeast(0), "minReadySeconds": .atLeast(0), "revisionHistoryLimit": .atLeast(0),
    ],
    "apps.v1.DaemonSetSpec": ["minReadySeconds": .atLeast(0), "revisionHistoryLimit": .atLeast(0)],
    "autoscaling.v1.HorizontalPodAutoscalerSpec": [
      "minReplicas": .atLeast(0), "maxReplicas": .atLeast(1),
    ],
    "autoscaling.v2.HorizontalPodAutoscalerSpec": [
      "minReplicas": .atLeast(0), "maxReplicas": .atLeast(1),
    ],
    "autoscaling.v2.MetricSpec": [
      "type": .oneOf(["ContainerResource", "External", "Object", "Pods", "Resource"])
    ],
    "autoscaling.v2.MetricTarget": [
      "type": .oneOf(["AverageValue", "Utilization", "Value"]), "averageUtilization": .atLeast(1),
    ],
    "batch.v1.CronJobSpec": [
      "schedule": .schedule, "successfulJobsHistoryLimit": .atLeast(0),
      "failedJobsHistoryLimit": .atLeast(0), "startingDeadlineSeconds": .atLeast(0),
    ],
    "batch.v1.JobSpec": [
      "parallelism": .atLeast(0), "completions": .atLeast(0), "backoffLimit": .atLeast(0),
      "activeDeadlineSeconds": .atLeast(0), "ttlSecondsAfterFinished": .atLeast(0),
    ],
    "core.v1.Container": container, "core.v1.EphemeralContainer": container,
    "core.v1.ContainerPort": [
      "containerPort": .port, "hostPort": .port, "name": .portName,
    ],
    "core.v1.EnvVar": ["name": .environmentName],
    "core.v1.HTTPGetAction": ["port": .portOrName],
    "core.v1.TCPSocketAction": ["port": .portOrName],
    "core.v1.GRPCAction": ["port": .port],
    "core.v1.Probe": [
      "initialDelaySeconds": .atLeast(0), "timeoutSeconds": .atLeast(0),
      "periodSeconds": .atLeast(0), "successThreshold": .atLeast(0),
      "failureThreshold": .atLeast(0),
    ],
    "core.v1.KeyToPath": ["path": .relativePath, "key": .notEmpty],
    "core.v1.NodeSelectorRequirement": [
      "operator": .oneOf(["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"])
    ],
    "core.v1.PersistentVolumeClaimSpec": ["accessModes": accessModes],
    "core.v1.PersistentVolumeSpec": ["capacity": .amounts, "accessModes": accessModes],
    "core.v1.PodAffinityTerm": ["topologyKey": .qualifiedName],
    "core.v1.PodSpec": [
      "containers": .notEmptyList, "nodeSelector": .labels, "activeDeadlineSeconds": .atLeast(1),
      "terminationGracePeriodSeconds": .atLeast(0), "hostname": .label, "subdomain": .label,
      "serviceAccountName": .subdomain, "priorityClassName": .subdomain, "overhead": .amounts,
    ],
    "core.v1.PreferredSchedulingTerm": ["weight": .within(1, 100)],
    "core.v1.WeightedPodAffinityTerm": ["weight": .within(1, 100)],
    "core.v1.ReplicationControllerSpec": [
      "replicas": .atLeast(0), "minReadySeconds": .atLeast(0), "selector": .labels,
    ],
    "core.v1.ResourceQuotaSpec": ["hard": .amounts],
    "core.v1.ResourceRequirements": ["limits": .amounts, "requests": .amounts],
    "core.v1.VolumeResourceRequirements": ["limits": .amounts, "requests": .amounts],
    "core.v1.SecretKeySelector": ["key": .notEmpty],
    "core.v1.ConfigMapKeySelector": ["key": .notEmpty],
    "core.v1.ServicePort": [
      "port": .port, "targetPort": .portOrName, "name": .label, "nodePort": .within(0, 65_535),
    ],
    "core.v1.ServiceSpec": [
      "selector": .labels, "clusterIP": .addressOrNone, "externalName": .subdomain,
      "healthCheckNodePort": .within(0, 65_535),
    ],
    "core.v1.Taint": ["key": .qualifiedName],
    "core.v1.TopologySpreadConstraint": ["maxSkew": .atLeast(1), "topologyKey": .qualifiedName],
    "core.v1.Volume": ["name": .label],
    "core.v1.VolumeMount": ["mountPath": .notEmpty, "name": .notEmpty, "subPath": .relativePath],
    "discovery.v1.EndpointPort": ["port": .port],
    "networking.v1.HTTPIngressPath": ["path": .absolutePath],
    "networking.v1.IngressServiceBackend": ["name": .serviceName],
    "networking.v1.ServiceBackendPort": ["number": .port, "name": .portName],
    "networking.v1.NetworkPolicyPort": ["port": .portOrName, "endPort": .port],
    "policy.v1.PodDisruptionBudgetSpec": [
      "minAvailable": .countOrShare, "maxUnavailable": .countOrShare,
    ],
    "rbac.v1.PolicyRule": ["verbs": .notEmptyList],
    "rbac.v1.RoleRef": ["kind": .oneOf(["ClusterRole", "Role"]), "name": .notEmpty],
    "rbac.v1.Subject": ["kind": .oneOf(["Group", "ServiceAccount", "User"]), "name": .notEmpty],
    "storage.v1.StorageClass": ["provisioner": .notEmpty],
  ]

  private static let accessModes = FieldRule.someOf([
    "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod",
  ])

  private static let container: [String: FieldRule] = [
    "name": .label, "terminationMessagePath": .absolutePath,
  ]
}

extension FieldRule {
  /// The name of a Service.
  static let serviceName = FieldRule.label
}

extension FieldRule {
  /// What is wrong with a text; nil if nothing is, or if the rule is not about texts.
  func complaint(_ text: String) -> String? {
    switch self {
    case .label: NameRules.complaint(name: text, rule: .label)
    case .subdomain: NameRules.complaint(name: text, rule: .subdomain)
    case .portName: Self.portName(text)
    case .portOrName: Self.portName(text)
    case .countOrShare:
      Self.isShare(text) ? nil : "must be a whole number or a share such as 25%"
    case .qualifiedName: NameRules.complaint(qualifiedName: text)
    case .environmentName:
      !text.isEmpty && text.utf8.allSatisfy { (0x20..<0x7f).contains($0) && $0 != 0x3d }
        ? nil : "must be printable ASCII characters other than '='"
    case .absolutePath: text.hasPrefix("/") ? nil : "must begin with '/'"
    case .relativePath: Self.relativePath(text)
    case .notEmpty: text.isEmpty ? "must not be empty" : nil
    case .oneOf(let texts):
      texts.contains { isSame($0, text) }
        ? nil : "must be one of \(texts.joined(separator: ", "))"
    case .schedule: CronSchedule.complaint(text)
    case .addressOrNone:
      text == "None" || IPAddressText.isValid(text) ? nil : "must be an IP address, or None"
    default: nil
    }
  }

  /// What is wrong with a number; nil if nothing is, or if the rule is not about numbers.
  func complaint(_ number: Int64) -> String? {
    switch self {
    case .port, .portOrName:
      (1...65_535).contains(number) ? nil : "must be a port from 1 to 65535"
    case .atLeast(let bound): number >= bound ? nil : "must be at least \(bound)"
    case .within(let low, let high):
      (low...high).contains(number) ? nil : "must be from \(low) to \(high)"
    case .countOrShare: number >= 0 ? nil : "must be at least 0"
    default: nil
    }
  }

  private static func portName(_ text: String) -> String? {
    let bytes = text.utf8
    let isSound =
      (1...15).contains(bytes.count)
      && bytes.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
      && bytes.contains { (0x61...0x7a).contains($0) } && bytes.first != 0x2d && bytes.last != 0x2d
      && !text.contains("--")
    return isSound
      ? nil
      : "must be at most 15 lower-case letters, digits and single '-' inside, with a letter in it"
  }

  private static func isShare(_ text: String) -> Bool {
    text.utf8.last == UInt8(ascii: "%") && text.utf8.count > 1
      && text.utf8.dropLast().allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func relativePath(_ text: String) -> String? {
    if text.hasPrefix("/") { return "must be a relative path" }
    return text.split(separator: "/").contains("..") ? "must not contain '..'" : nil
  }
}

extension SchemaChecker {
  /// Checks a value whose type is right against a field's own rule.
  mutating func check(_ node: Node, _ rule: FieldRule) {
    switch rule {
    case .labels: checkLabels(node)
    case .annotations: checkAnnotations(node)
    case .qualifiedNames:
      for element in node.elements ?? [] {
        guard let text = element.text, let complaint = NameRules.complaint(qualifiedName: text)
        else { continue }
        report(element.position, "\(path.text): \"\(text)\" \(complaint)")
      }
    case .amounts:
      for member in node.members ?? [] {
        guard case .scalar(let value) = member.node.content,
          let amount = Quantity(value.text ?? String(decoding: value.json, as: UTF8.self)),
          amount.billionths < 0
        else { continue }
        report(member.node.position, "\(path.text)[\(member.name)] must not be negative")
      }
    case .someOf(let texts):
      check(node, .notEmptyList)
      for element in node.elements ?? [] {
        guard let text = element.text, let complaint = FieldRule.oneOf(texts).complaint(text)
        else { continue }
        report(element.position, "\(path.text) \"\(text)\" \(complaint)")
      }
    case .notEmptyList:
      if node.elements?.isEmpty == true {
        report(node.position, "\(path.text) must not be empty")
      }
    default:
      if let text = node.text {
        // An empty text is what the API takes for a field that is absent.
        guard !text.isEmpty || rule == .notEmpty else { return }
        if let complaint = rule.complaint(text) {
          report(node.position, "\(path.text) \"\(text)\" \(complaint)")
        }
      } else if case .scalar(.integer(let number)) = node.content,
        let complaint = rule.complaint(number)
      {
        report(node.position, "\(path.text) is \(number), but \(complaint)")
      }
    }
  }

  private mutating func checkLabels(_ node: Node) {
    for member in node.members ?? [] {
      if let complaint = NameRules.complaint(qualifiedName: member.name) {
        report(member.position, "\(path.text): the label \"\(member.name)\" \(complaint)")
      }
      if let text = member.node.text, let complaint = NameRules.complaint(labelValue: text) {
        report(
          member.node.position,
          "\(path.text): the value \"\(text)\" of the label \"\(member.name)\" \(complaint)")
      }
    }
  }

  private mutating func checkAnnotations(_ node: Node) {
    var bytes = 0
    for member in node.members ?? [] {
      if let complaint = NameRules.complaint(qualifiedName: member.name.lowercased()) {
        report(member.position, "\(path.text): the annotation \"\(member.name)\" \(complaint)")
      }
      bytes += member.name.utf8.count + (member.node.text?.utf8.count ?? 0)
    }
    if bytes > LastApplied.annotationBytesMax {
      report(
        node.position,
        "\(path.text) has \(bytes) bytes, more than \(LastApplied.annotationBytesMax)")
    }
  }
}
