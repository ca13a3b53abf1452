extension Cells {
  /// Kinds that the cluster consists of.
  static let cluster: [String: [String: Cell]] = [
    "configmaps": [
      "Data": { object, _ in
        String((object["data"]?.object?.count ?? 0) + (object["binaryData"]?.object?.count ?? 0))
      }
    ],
    "secrets": [
      "Type": { object, _ in object.text("type", or: "Opaque") },
      "Data": { object, _ in String(object["data"]?.object?.count ?? 0) },
    ],
    "namespaces": ["Status": { object, _ in object.text("status", "phase") }],
    "nodes": nodes,
    "events": events,
    "events.events.k8s.io": events,
    "resourcequotas": [
      "Request": { object, _ in quota(object) { !$0.hasPrefix("limits") } },
      "Limit": { object, _ in quota(object) { $0.hasPrefix("limits") } },
    ],
    "leases.coordination.k8s.io": [
      "Holder": { object, _ in object.text("spec", "holderIdentity") }
    ],
    "runtimeclasses.node.k8s.io": ["Handler": { object, _ in object.text("handler") }],
    "priorityclasses.scheduling.k8s.io": [
      "Value": { object, _ in String(object.number("value")) },
      "Global-Default": { object, _ in truth(object["globalDefault"], or: false) },
      "PreemptionPolicy": { object, _ in object.text("preemptionPolicy", or: "PreemptLowerPriority")
      },
    ],
    "apiservices.apiregistration.k8s.io": [
      "Service": { object, _ in
        guard let service = object[path: "spec", "service"] else { return "Local" }
        return service.text("namespace") + "/" + service.text("name")
      },
      "Available": { object, _ in
        let conditions = object.list("status", "conditions")
        guard let condition = conditions.first(where: { $0.text("type") == "Available" }) else {
          return "Unknown"
        }
        let status = condition.text("status")
        return status == "True" ? status : "\(status) (\(condition.text("reason")))"
      },
    ],
    "certificatesigningrequests.certificates.k8s.io": [
      "SignerName": { object, _ in object.text("spec", "signerName", or: none) },
      "Requestor": { object, _ in object.text("spec", "username") },
      "RequestedDuration": { object, _ in
        object[path: "spec", "expirationSeconds"]?.wholeNumber.map(Age.text) ?? none
      },
      "Condition": { object, _ in
        func has(_ type: String) -> Bool {
          object.list("status", "conditions").contains { $0.text("type") == type }
        }
        let state = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending"
        return state + (has("Failed") ? ",Failed" : "")
          + (object.text("status", "certificate").isEmpty ? "" : ",Issued")
      },
    ],
    "deviceclasses.resource.k8s.io": [:],
    "resourceclaims.resource.k8s.io": [
      "State": { object, _ in
        let isAllocated = object[path: "status", "allocation"] != nil
        var states = isDeleted(object) ? ["deleted"] : isAllocated ? [] : ["pending"]
        if isAllocated { states.append("allocated") }
        if !object.list("status", "reservedFor").isEmpty { states.append("reserved") }
        return states.joined(separator: ",")
      }
    ],
    "resourceslices.resource.k8s.io": [
      "Node": { object, _ in object.text("spec", "nodeName", or: unset) },
      "Driver": { object, _ in object.text("spec", "driver") },
      "Pool": { object, _ in object.text("spec", "pool", "name") },
    ],
  ]

  private static let nodes: [String: Cell] = [
    "Status": { object, _ in
      let ready = object.list("status", "conditions").first { $0.text("type") == "Ready" }
      let state =
        ready.map { $0.text("status") == "True" ? "Ready" : "NotReady" } ?? "Unknown"
      return object[path: "spec", "unschedulable"]?.truth == true
        ? state + ",SchedulingDisabled" : state
    },
    "Roles": { object, _ in
      let mark = "node-role.kubernetes.io/"
      var roles: Set<String> = []
      for label in object[path: "metadata", "labels"]?.object?.members ?? [] {
        if label.name.hasPrefix(mark), label.name.utf8.count > mark.utf8.count {
          roles.insert(String(label.name.dropFirst(mark.count)))
        } else if label.name == "kubernetes.io/role", let role = label.value.text, !role.isEmpty {
          roles.insert(role)
        }
      }
      return list(roles.sorted())
    },
    "Version": { object, _ in object.text("status", "nodeInfo", "kubeletVersion") },
    "Internal-IP": { object, _ in address(object, "InternalIP") },
    "External-IP": { object, _ in address(object, "ExternalIP") },
    "OS-Image": { object, _ in object.text("status", "nodeInfo", "osImage", or: unknown) },
    "Kernel-Version": { object, _ in
      object.text("status", "nodeInfo", "kernelVersion", or: unknown)
    },
    "Container-Runtime": { object, _ in
      object.text("status", "nodeInfo", "containerRuntimeVersion", or: unknown)
    },
  ]

  private static func address(_ node: Value, _ type: String) -> String {
    node.list("status", "addresses").first { $0.text("type") == type }?.text("address") ?? none
  }

  private static func quota(_ object: Value, _ isMeant: (String) -> Bool) -> String {
    (object[path: "status", "hard"]?.object?.members ?? []).filter { isMeant($0.name) }
      .map {
        "\($0.name): \(object.text("status", "used", $0.name, or: "0"))/\(GoText.text($0.value))"
      }
      .joined(separator: ", ")
  }

  // MARK: Events

  /// Events of both groups lie in the store under the same keys, and may have the names of either.
  private static let events: [String: Cell] = [
    "Last Seen": { object, context in EventTimes(object).last(context) },
    "First Seen": { object, context in EventTimes(object).first(context) },
    "Count": { object, _ in String(EventTimes(object).count) },
    "Type": { object, _ in object.text("type") },
    "Reason": { object, _ in object.text("reason") },
    "Object": { object, _ in
      let target = object["involvedObject"] ?? object["regarding"]
      let kind = target?.text("kind").lowercased() ?? ""
      let name = target?.text("name") ?? ""
      return name.isEmpty ? kind : "\(kind)/\(name)"
    },
    "Subobject": { object, _ in
      (object["involvedObject"] ?? object["regarding"])?.text("fieldPath") ?? ""
    },
    "Source": { object, _ in source(ofEvent: object) },
    "Message": { object, _ in message(ofEvent: object) },
  ]

  static func message(ofEvent event: Value) -> String {
    let text = event.text("message", or: event.text("note"))
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }

  static func source(ofEvent event: Value) -> String {
    let source = event["source"] ?? event["deprecatedSource"]
    let component = source?.text("component") ?? ""
    let host = source?.text("host") ?? ""
    let names = [
      component.isEmpty
        ? event.text("reportingComponent", or: event.text("reportingController")) : component,
      host.isEmpty ? event.text("reportingInstance") : host,
    ]
    return names.filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

/// When an event was seen, and how often: said in different fields by different versions of the API.
struct EventTimes {
  let firstTime: Value?
  let lastTime: Value?
  let count: Int64

  init(_ event: Value) {
    func time(_ names: String...) -> Value? {
      names.lazy.compactMap { event[$0] }.first { $0 != .null && $0 != "" }
    }
    firstTime = time("firstTimestamp", "deprecatedFirstTimestamp", "eventTime")
    let series = event["series"] ?? .null
    if series != .null {
      lastTime = series["lastObservedTime"]
      count = series.number("count")
    } else {
      lastTime = time("lastTimestamp", "deprecatedLastTimestamp") ?? firstTime
      let counted = event.number("count", or: event.number("deprecatedCount"))
      count = counted == 0 ? 1 : counted
    }
  }

  func first(_ context: CellContext) -> String { context.age(firstTime) }

  func last(_ context: CellContext) -> String { context.age(lastTime) }
}
