extension ObjectDescription {
  mutating func describeNode(_ node: Value) {
    let roles = Cells.cell(of: "nodes", "Roles").map { $0(node, context) } ?? ""
    describeIdentity(node) { $0.pair("Roles", roles) }
    text.pair("CreationTimestamp", node.text("metadata", "creationTimestamp"))
    text.pairs(
      "Taints",
      node.list("spec", "taints").map {
        $0.text("key") + ($0.text("value").isEmpty ? "" : "=\($0.text("value"))") + ":"
          + $0.text("effect")
      })
    text.pair("Unschedulable", Cells.truth(node[path: "spec", "unschedulable"], or: false))
    describeConditions(node, details: true)
    text.line("Addresses:")
    for address in node.list("status", "addresses") {
      text.pair(address.text("type"), address.text("address"), indent: 1)
    }
    for (label, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
      let amounts = node[path: "status", field]?.object?.members ?? []
      if amounts.isEmpty { continue }
      text.line("\(label):")
      for amount in amounts { text.pair(amount.name, GoText.text(amount.value), indent: 1) }
    }
    let system = node[path: "status", "nodeInfo"]?.object?.members ?? []
    if !system.isEmpty { text.line("System Info:") }
    for member in system where member.value.text != nil {
      text.pair(Self.label(member.name), GoText.text(member.value), indent: 1)
    }
    let ranges = node.list("spec", "podCIDRs").map(GoText.text)
    if !ranges.isEmpty { text.pair("PodCIDRs", ranges.joined(separator: ",")) }
    let provider = node.text("spec", "providerID")
    if !provider.isEmpty { text.pair("ProviderID", provider) }
  }

  mutating func describeService(_ service: Value) {
    describeIdentity(service)
    text.pair("Selector", Cells.labels(service[path: "spec", "selector"]))
    text.pair("Type", service.text("spec", "type", or: "ClusterIP"))
    for (label, field) in [
      ("IP Family Policy", "ipFamilyPolicy"), ("External Name", "externalName"),
      ("Session Affinity", "sessionAffinity"), ("External Traffic Policy", "externalTrafficPolicy"),
      ("Internal Traffic Policy", "internalTrafficPolicy"),
    ] where !service.text("spec", field).isEmpty {
      text.pair(label, service.text("spec", field))
    }
    let families = service.list("spec", "ipFamilies").map(GoText.text)
    if !families.isEmpty { text.pair("IP Families", families.joined(separator: ",")) }
    text.pair("IP", service.text("spec", "clusterIP"))
    let addresses = service.list("spec", "clusterIPs").map(GoText.text)
    if addresses.count > 1 { text.pair("IPs", addresses.joined(separator: ",")) }
    let external = service.list("spec", "externalIPs").map(GoText.text)
    if !external.isEmpty { text.pair("External IPs", external.joined(separator: ",")) }
    let balancers = service.list("status", "loadBalancer", "ingress").map {
      $0.text("ip", or: $0.text("hostname"))
    }
    if !balancers.isEmpty { text.pair("LoadBalancer Ingress", balancers.joined(separator: ", ")) }
    for port in service.list("spec", "ports") {
      let `protocol` = port.text("protocol", or: "TCP")
      text.add(["Port:", port.text("name", or: "<unset>"), "\(port.number("port"))/\(`protocol`)"])
      text.pair("TargetPort", "\(port.text("targetPort", or: port.text("port")))/\(`protocol`)")
      if let node = port["nodePort"]?.wholeNumber, node > 0 {
        text.add(["NodePort:", port.text("name", or: "<unset>"), "\(node)/\(`protocol`)"])
      }
    }
  }

  mutating func describeDeployment(_ deployment: Value) {
    describeIdentity(deployment)
    text.pair("CreationTimestamp", deployment.text("metadata", "creationTimestamp"))
    text.pair("Selector", Cells.selector(deployment[path: "spec", "selector"]))
    let status = deployment["status"]
    text.pair(
      "Replicas",
      "\(deployment.number("spec", "replicas", or: 1)) desired | "
        + "\(status?.number("updatedReplicas") ?? 0) updated | "
        + "\(status?.number("replicas") ?? 0) total | "
        + "\(status?.number("availableReplicas") ?? 0) available | "
        + "\(status?.number("unavailableReplicas") ?? 0) unavailable")
    text.pair("StrategyType", deployment.text("spec", "strategy", "type", or: "RollingUpdate"))
    text.pair("MinReadySeconds", String(deployment.number("spec", "minReadySeconds")))
    if let rolling = deployment[path: "spec", "strategy", "rollingUpdate"] {
      text.pair(
        "RollingUpdateStrategy",
        "\(rolling.text("maxUnavailable", or: "25%")) max unavailable, "
          + "\(rolling.text("maxSurge", or: "25%")) max surge")
    }
    text.line("Pod Template:")
    let template = deployment[path: "spec", "template"] ?? .emptyObject
    text.pairs("Labels", Self.entries(template[path: "metadata", "labels"], "="), indent: 1)
    let annotations = Self.entries(template[path: "metadata", "annotations"], ": ")
    if !annotations.isEmpty { text.pairs("Annotations", annotations, indent: 1) }
    let account = template.text("spec", "serviceAccountName")
    if !account.isEmpty { text.pair("Service Account", account, indent: 1) }
    describe(
      containers: template.list("spec", "initContainers"), statuses: [], title: "Init Containers",
      indent: 1)
    describe(
      containers: template.list("spec", "containers"), statuses: [], title: "Containers", indent: 1)
    describe(volumes: template.list("spec", "volumes"))
    describeConditions(deployment, details: false)
  }
}
