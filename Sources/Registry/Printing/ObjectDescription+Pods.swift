extension ObjectDescription {
  mutating func describePod(_ pod: Value) {
    let summary = PodSummary(pod)
    describeIdentity(pod) { text in
      if let priority = pod[path: "spec", "priority"]?.wholeNumber {
        text.pair("Priority", String(priority))
      }
      for (label, field) in [
        ("Priority Class Name", "priorityClassName"), ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
      ] where !pod.text("spec", field).isEmpty { text.pair(label, pod.text("spec", field)) }
      let host = pod.text("status", "hostIP")
      let node = pod.text("spec", "nodeName", or: Cells.none)
      text.pair("Node", host.isEmpty ? node : "\(node)/\(host)")
      let start = pod.text("status", "startTime")
      if !start.isEmpty { text.pair("Start Time", start) }
    }
    text.pair("Status", summary.reason)
    for (label, field) in [("Reason", "reason"), ("Message", "message")]
    where !pod.text("status", field).isEmpty { text.pair(label, pod.text("status", field)) }
    text.pair("IP", pod.text("status", "podIP"))
    let addresses = pod.list("status", "podIPs").map { $0.text("ip") }
    if addresses.count > 1 { text.pairs("IPs", addresses) }
    let owner = pod.list("metadata", "ownerReferences").first { $0["controller"]?.truth == true }
    if let owner { text.pair("Controlled By", owner.text("kind") + "/" + owner.text("name")) }
    describe(
      containers: pod.list("spec", "initContainers"),
      statuses: pod.list("status", "initContainerStatuses"), title: "Init Containers")
    describe(
      containers: pod.list("spec", "containers"), statuses: pod.list("status", "containerStatuses"),
      title: "Containers")
    describeConditions(pod, details: false)
    describe(volumes: pod.list("spec", "volumes"))
    let quality = pod.text("status", "qosClass")
    if !quality.isEmpty { text.pair("QoS Class", quality) }
    text.pairs("Node-Selectors", Self.entries(pod[path: "spec", "nodeSelector"], "="))
    text.pairs("Tolerations", pod.list("spec", "tolerations").map(Self.toleration))
  }

  /// The containers of a pod, or of what makes pods.
  mutating func describe(containers: [Value], statuses: [Value], title: String, indent: Int = 0) {
    if containers.isEmpty { return }
    text.line("\(title):", indent: indent)
    for container in containers {
      let name = container.text("name")
      text.line("\(name):", indent: indent + 1)
      describe(
        container, status: statuses.first { $0.text("name") == name }, indent: indent + 2)
    }
  }

  private mutating func describe(_ container: Value, status: Value?, indent: Int) {
    if let id = status?.text("containerID"), !id.isEmpty {
      text.pair("Container ID", id, indent: indent)
    }
    text.pair("Image", container.text("image"), indent: indent)
    if let id = status?.text("imageID"), !id.isEmpty { text.pair("Image ID", id, indent: indent) }
    let ports = container.list("ports").map {
      "\($0.number("containerPort"))/\($0.text("protocol", or: "TCP"))"
        + ($0.text("name").isEmpty ? "" : " (\($0.text("name")))")
    }
    text.pair(
      ports.count > 1 ? "Ports" : "Port",
      ports.isEmpty ? Cells.none : ports.joined(separator: ", "), indent: indent)
    for (label, field) in [("Command", "command"), ("Args", "args")] {
      let words = container.list(field).map(GoText.text)
      if words.isEmpty { continue }
      text.line("\(label):", indent: indent)
      for word in words { text.line(word, indent: indent + 1) }
    }
    if let status {
      describe(state: status["state"], label: "State", indent: indent)
      if let last = status["lastState"], last.object?.isEmpty == false {
        describe(state: last, label: "Last State", indent: indent)
      }
      text.pair("Ready", status["ready"]?.truth == true ? "True" : "False", indent: indent)
      text.pair("Restart Count", String(status.number("restartCount")), indent: indent)
    }
    for (label, field) in [("Limits", "limits"), ("Requests", "requests")] {
      let amounts = container[path: "resources", field]?.object?.members ?? []
      if amounts.isEmpty { continue }
      text.line("\(label):", indent: indent)
      for amount in amounts {
        text.pair(amount.name, GoText.text(amount.value), indent: indent + 1)
      }
    }
    for (label, field) in [
      ("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe"),
    ] {
      if let probe = container[field] { text.pair(label, Self.probe(probe), indent: indent) }
    }
    describe(environment: container, indent: indent)
    let mounts = container.list("volumeMounts")
    if mounts.isEmpty { text.pair("Mounts", Cells.none, indent: indent) }
    if !mounts.isEmpty { text.line("Mounts:", indent: indent) }
    for mount in mounts {
      let mode = mount["readOnly"]?.truth == true ? "ro" : "rw"
      text.line(
        "\(mount.text("mountPath")) from \(mount.text("name")) (\(mode))", indent: indent + 1)
    }
  }

  private mutating func describe(environment container: Value, indent: Int) {
    let sources = container.list("envFrom").map { source in
      let reference =
        source["configMapRef"].map { ($0.text("name"), "ConfigMap") }
        ?? source["secretRef"].map { ($0.text("name"), "Secret") } ?? ("", "")
      return (reference.0, reference.1)
    }
    if !sources.isEmpty { text.line("Environment Variables from:", indent: indent) }
    for (name, kind) in sources { text.add([name, kind], indent: indent + 1) }
    let variables = container.list("env")
    if variables.isEmpty { text.pair("Environment", Cells.none, indent: indent) }
    if !variables.isEmpty { text.line("Environment:", indent: indent) }
    for variable in variables {
      var value = variable.text("value")
      if let field = variable[path: "valueFrom", "fieldRef"] {
        value = "(\(field.text("apiVersion", or: "v1")):\(field.text("fieldPath")))"
      } else if let key = variable[path: "valueFrom", "secretKeyRef"] {
        value = "<set to the key '\(key.text("key"))' in secret '\(key.text("name"))'>"
      } else if let key = variable[path: "valueFrom", "configMapKeyRef"] {
        value = "<set to the key '\(key.text("key"))' of config map '\(key.text("name"))'>"
      } else if let field = variable[path: "valueFrom", "resourceFieldRef"] {
        value = "(\(field.text("resource")))"
      }
      text.pair(variable.text("name"), value, indent: indent + 1)
    }
  }

  private mutating func describe(state: Value?, label: String, indent: Int) {
    guard let member = state?.object?.members.first else {
      text.pair(label, "Waiting", indent: indent)
      return
    }
    text.pair(label, Self.label(member.name), indent: indent)
    for (label, field) in [
      ("Reason", "reason"), ("Message", "message"), ("Exit Code", "exitCode"),
      ("Signal", "signal"), ("Started", "startedAt"), ("Finished", "finishedAt"),
    ] where !member.value.text(field).isEmpty {
      text.pair(label, member.value.text(field), indent: indent + 1)
    }
  }

  mutating func describe(volumes: [Value]) {
    if volumes.isEmpty {
      text.pair("Volumes", Cells.none)
      return
    }
    text.line("Volumes:")
    for volume in volumes {
      text.line("\(volume.text("name")):", indent: 1)
      for member in volume.object?.members ?? [] where member.name != "name" {
        text.pair("Type", Self.label(member.name), indent: 2)
        for field in member.value.object?.members ?? [] {
          text.pair(Self.label(field.name), GoText.text(field.value), indent: 2)
        }
      }
    }
  }

  private static func probe(_ probe: Value) -> String {
    var kind = "unknown"
    if let get = probe["httpGet"] {
      kind =
        "http-get \(get.text("scheme", or: "HTTP").lowercased())://\(get.text("host")):"
        + "\(get.text("port"))\(get.text("path"))"
    } else if let command = probe["exec"] {
      kind = "exec [\(command.list("command").map(GoText.text).joined(separator: " "))]"
    } else if let socket = probe["tcpSocket"] {
      kind = "tcp-socket \(socket.text("host")):\(socket.text("port"))"
    } else if let call = probe["grpc"] {
      kind = "grpc <pod>:\(call.text("port")) \(call.text("service"))"
    }
    return "\(kind) delay=\(probe.number("initialDelaySeconds"))s "
      + "timeout=\(probe.number("timeoutSeconds", or: 1))s "
      + "period=\(probe.number("periodSeconds", or: 10))s "
      + "#success=\(probe.number("successThreshold", or: 1)) "
      + "#failure=\(probe.number("failureThreshold", or: 3))"
  }

  private static func toleration(_ toleration: Value) -> String {
    let value = toleration.text("value")
    let effect = toleration.text("effect")
    var text =
      toleration.text("key") + (value.isEmpty ? "" : "=\(value)")
      + (effect.isEmpty ? "" : ":\(effect)")
    if toleration.text("operator") == "Exists", value.isEmpty { text += " op=Exists" }
    if let seconds = toleration["tolerationSeconds"]?.wholeNumber { text += " for \(seconds)s" }
    return text
  }
}
