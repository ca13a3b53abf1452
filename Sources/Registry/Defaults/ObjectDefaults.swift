/// Puts an object into the form in which an API server would store it: with defaults, without nulls, amounts and times
/// written in their one way.
struct ObjectDefaults {
  /// Fills an object of a kind that has a schema.
  static func filled(_ object: Value, _ type: SchemaType) -> Value {
    ObjectDefaults().filled(object, .structure(type), isRoot: true)
  }

  private func filled(_ value: Value, _ type: FieldType, isRoot: Bool = false) -> Value {
    switch (type, value) {
    case (.structure(let type), .object(let object)):
      return .object(filled(object, type, isRoot: isRoot))
    case (.list(let element), .array(let elements)):
      return .array(elements.map { filled($0, element) })
    case (.map(let element), .object(let object)):
      // Only amounts and structures have anything to fill in.
      if element == .string { return value }
      let members = object.members.map {
        Value.Object.Member($0.name, filled($0.value, element))
      }
      return Value.Object(unordered: members).map(Value.object) ?? value
    case (.either(let first, _), .object): return filled(value, first)
    case (.quantity, .string(let text)):
      return Quantity(text).map { .string($0.canonical) } ?? value
    case (.quantity, .integer(let number)): return .string(String(number))
    case (.quantity, .number(let number)):
      return Quantity(NumberText.text(number)).map { .string($0.canonical) } ?? value
    case (.time, .string(let text)):
      return Timestamp.seconds(text).map { .string(Timestamp.text($0)) } ?? value
    default: return value
    }
  }

  private func filled(
    _ object: Value.Object, _ type: SchemaType, isRoot: Bool
  ) -> Value.Object {
    let contents = type.contents
    var members: [Value.Object.Member] = []
    members.reserveCapacity(object.count + 8)
    for member in object.members {
      guard let place = contents.place(of: member.name) else {
        if member.value != .null || contents.keepsUnknownFields { members.append(member) }
        continue
      }
      if member.value == .null, !contents.fields[place].isNullable { continue }
      members.append(.init(member.name, filled(member.value, contents.fields[place].type)))
    }
    guard var result = Value.Object(unordered: members) else { return object }
    Self.addDefaults(to: &result, type, contents)
    Self.addComputed(to: &result, contents.name)
    return result
  }

  private static func addDefaults(
    to object: inout Value.Object, _ type: SchemaType, _ contents: SchemaFields
  ) {
    for entry in DefaultTable.entries(for: type) ?? [] where isAbsent(object[entry.field]) {
      if entry.value == .emptyObject, let place = contents.place(of: entry.field) {
        // A structure that is put in has defaults of its own.
        object[entry.field] = ObjectDefaults().filled(entry.value, contents.fields[place].type)
      } else {
        object[entry.field] = entry.value
      }
    }
    // Definitions say what their kinds have by default.
    if contents.hasMessage { return }
    for field in contents.fields where field.openAPI != nil && object[field.name] == nil {
      if let value = field.defaultValue {
        object[field.name] = ObjectDefaults().filled(value, field.type)
      }
    }
  }

  /// An empty text is what the API takes for a field that is absent.
  private static func isAbsent(_ value: Value?) -> Bool { value == nil || value == "" }

  /// Defaults that depend on other fields.
  private static func addComputed(to object: inout Value.Object, _ type: String) {
    switch type {
    case "io.k8s.api.core.v1.Container", "io.k8s.api.core.v1.EphemeralContainer":
      if isAbsent(object["imagePullPolicy"]), let image = object["image"]?.text {
        object["imagePullPolicy"] = .string(pullPolicy(image))
      }
    case "io.k8s.api.core.v1.ResourceRequirements":
      guard let limits = object["limits"]?.object else { break }
      var requests = object["requests"]?.object ?? Value.Object()
      for limit in limits.members where requests[limit.name] == nil {
        requests[limit.name] = limit.value
      }
      object["requests"] = .object(requests)
    case "io.k8s.api.core.v1.PodSpec": addPodDefaults(to: &object)
    case "io.k8s.api.core.v1.ServiceSpec": addServiceDefaults(to: &object)
    case "io.k8s.api.apps.v1.DeploymentStrategy":
      fillRollingUpdate(&object, ["maxSurge": "25%", "maxUnavailable": "25%"])
    case "io.k8s.api.apps.v1.DaemonSetUpdateStrategy":
      fillRollingUpdate(&object, ["maxSurge": 0, "maxUnavailable": 1])
    case "io.k8s.api.apps.v1.StatefulSetUpdateStrategy":
      fillRollingUpdate(&object, ["partition": 0])
    case "io.k8s.api.apps.v1.StatefulSetSpec":
      guard let claims = object["volumeClaimTemplates"]?.elements else { break }
      object["volumeClaimTemplates"] = .array(claims.map(named))
    case "io.k8s.api.batch.v1.JobSpec":
      if object["completions"] == nil, object["parallelism"] == nil { object["completions"] = 1 }
      if object["parallelism"] == nil { object["parallelism"] = 1 }
    case "io.k8s.api.rbac.v1.Subject":
      guard isAbsent(object["apiGroup"]), object["kind"] != "ServiceAccount" else { break }
      object["apiGroup"] = "rbac.authorization.k8s.io"
    default: break
    }
  }

  /// A claim with its kind, which the API server tells inside of a stateful set as well.
  private static func named(_ claim: Value) -> Value {
    guard case .object(var object) = claim else { return claim }
    object["apiVersion"] = "v1"
    object["kind"] = "PersistentVolumeClaim"
    return .object(object)
  }

  /// Images without a tag, or with `latest`, are pulled anew each time.
  private static func pullPolicy(_ image: String) -> String {
    if image.contains("@") { return "IfNotPresent" }
    let name = image.split(separator: "/").last ?? ""
    let tag = name.split(separator: ":", maxSplits: 1).dropFirst().first
    return tag == nil || tag == "latest" ? "Always" : "IfNotPresent"
  }

  private static func fillRollingUpdate(_ strategy: inout Value.Object, _ fields: Value.Object) {
    guard strategy["type"] == "RollingUpdate" else { return }
    var update = strategy["rollingUpdate"]?.object ?? Value.Object()
    for field in fields.members where update[field.name] == nil { update[field.name] = field.value }
    strategy["rollingUpdate"] = .object(update)
  }

  private static func addPodDefaults(to pod: inout Value.Object) {
    // The old name of the field is kept equal to the new one.
    if let account = pod["serviceAccountName"]?.text, !account.isEmpty {
      pod["serviceAccount"] = .string(account)
    } else if let account = pod["serviceAccount"]?.text, !account.isEmpty {
      pod["serviceAccountName"] = .string(account)
    }
    guard pod["hostNetwork"] == .bool(true) else { return }
    for list in ["containers", "initContainers"] {
      guard let containers = pod[list]?.elements else { continue }
      pod[list] = .array(containers.map(Self.withHostPorts))
    }
  }

  private static func withHostPorts(_ container: Value) -> Value {
    guard case .object(var object) = container, let ports = object["ports"]?.elements else {
      return container
    }
    object["ports"] = .array(
      ports.map { port in
        guard case .object(var port) = port, port["hostPort"] == nil else { return port }
        port["hostPort"] = port["containerPort"]
        return .object(port)
      })
    return .object(object)
  }

  private static func addServiceDefaults(to service: inout Value.Object) {
    let kind = service["type"]
    if kind == "ExternalName" {
      service["internalTrafficPolicy"] = nil
    } else if kind == "NodePort" || kind == "LoadBalancer" {
      if isAbsent(service["externalTrafficPolicy"]) { service["externalTrafficPolicy"] = "Cluster" }
    }
    if kind == "LoadBalancer", service["allocateLoadBalancerNodePorts"] == nil {
      service["allocateLoadBalancerNodePorts"] = .bool(true)
    }
    if service["sessionAffinity"] == "ClientIP", service["sessionAffinityConfig"] == nil {
      service["sessionAffinityConfig"] = .object([
        "clientIP": .object(["timeoutSeconds": 10_800])
      ])
    }
    guard let ports = service["ports"]?.elements else { return }
    service["ports"] = .array(
      ports.map { port in
        guard case .object(var object) = port,
          object["targetPort"] == nil
            || object["targetPort"] == 0 || object["targetPort"] == ""
        else { return port }
        object["targetPort"] = object["port"]
        return .object(object)
      })
  }
}
