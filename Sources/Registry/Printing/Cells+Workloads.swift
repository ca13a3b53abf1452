extension Cells {
  /// Kinds that run containers.
  static let workloads: [String: [String: Cell]] = [
    "pods": pods,
    "podtemplates": [
      "Containers": { object, _ in names(object.list("template", "spec", "containers")) },
      "Images": { object, _ in images(object.list("template", "spec", "containers")) },
      "Pod Labels": { object, _ in labels(object[path: "template", "metadata", "labels"]) },
    ],
    "replicationcontrollers": joined(
      joined(replicas, template),
      ["Selector": { object, _ in labels(object[path: "spec", "selector"]) }]),
    "replicasets.apps": joined(replicas, template),
    "deployments.apps": joined(
      template,
      [
        "Ready": { object, _ in readyOfWanted(object) },
        "Up-to-date": { object, _ in String(object.number("status", "updatedReplicas")) },
        "Available": { object, _ in String(object.number("status", "availableReplicas")) },
      ]),
    "statefulsets.apps": joined(
      template, ["Ready": { object, _ in readyOfWanted(object) }]),
    "daemonsets.apps": joined(
      template,
      [
        "Desired": { object, _ in String(object.number("status", "desiredNumberScheduled")) },
        "Current": { object, _ in String(object.number("status", "currentNumberScheduled")) },
        "Ready": { object, _ in String(object.number("status", "numberReady")) },
        "Up-to-date": { object, _ in String(object.number("status", "updatedNumberScheduled")) },
        "Available": { object, _ in String(object.number("status", "numberAvailable")) },
        "Node Selector": { object, _ in
          labels(object[path: "spec", "template", "spec", "nodeSelector"])
        },
      ]),
    "controllerrevisions.apps": [
      "Controller": { object, _ in
        let owners = object.list("metadata", "ownerReferences")
        guard let owner = owners.first(where: { $0["controller"]?.truth == true }) else {
          return none
        }
        let group = ResourceTable.groupAndVersion(owner.text("apiVersion")).group
        let kind = owner.text("kind").lowercased()
        return (group.isEmpty ? kind : "\(kind).\(group)") + "/" + owner.text("name")
      },
      "Revision": { object, _ in String(object.number("revision")) },
    ],
    "jobs.batch": joined(jobs, template),
    "cronjobs.batch": cronJobs,
    "horizontalpodautoscalers.autoscaling": autoscalers,
  ]

  /// The columns about the pods that a kind makes.
  private static let template: [String: Cell] = [
    "Containers": { object, _ in names(object.list("spec", "template", "spec", "containers")) },
    "Images": { object, _ in images(object.list("spec", "template", "spec", "containers")) },
    "Selector": { object, _ in selector(object[path: "spec", "selector"]) },
  ]

  private static let replicas: [String: Cell] = [
    // One is wanted where nothing is said.
    "Desired": { object, _ in String(object.number("spec", "replicas", or: 1)) },
    "Current": { object, _ in String(object.number("status", "replicas")) },
    "Ready": { object, _ in String(object.number("status", "readyReplicas")) },
  ]

  private static func readyOfWanted(_ object: Value) -> String {
    "\(object.number("status", "readyReplicas"))/\(object.number("spec", "replicas", or: 1))"
  }

  private static let jobs: [String: Cell] = [
    "Status": { object, _ in
      for condition in ["Complete", "Failed"] where isTrue(condition, in: object) {
        return condition
      }
      if isDeleted(object) { return "Terminating" }
      for (condition, status) in [
        ("Suspended", "Suspended"), ("FailureTarget", "FailureTarget"),
        ("SuccessCriteriaMet", "SuccessCriteriaMet"),
      ] where isTrue(condition, in: object) { return status }
      return "Running"
    },
    "Completions": { object, _ in
      let succeeded = object.number("status", "succeeded")
      if let wanted = object[path: "spec", "completions"]?.wholeNumber {
        return "\(succeeded)/\(wanted)"
      }
      let parallelism = object.number("spec", "parallelism")
      return parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
    },
    "Duration": { object, context in
      guard let start = Timestamp.seconds(object.text("status", "startTime")) else { return "" }
      let end = Timestamp.seconds(object.text("status", "completionTime")) ?? context.now
      return Age.text(end - start)
    },
  ]

  private static let cronJobs: [String: Cell] = [
    "Schedule": { object, _ in object.text("spec", "schedule") },
    "Timezone": { object, _ in object.text("spec", "timeZone", or: none) },
    "Suspend": { object, _ in
      object[path: "spec", "suspend"]?.truth == true ? "True" : "False"
    },
    "Active": { object, _ in String(object.list("status", "active").count) },
    "Last Schedule": { object, context in
      let time = object[path: "status", "lastScheduleTime"]
      return time == nil ? none : context.age(time)
    },
    "Containers": { object, _ in
      names(object.list("spec", "jobTemplate", "spec", "template", "spec", "containers"))
    },
    "Images": { object, _ in
      images(object.list("spec", "jobTemplate", "spec", "template", "spec", "containers"))
    },
    "Selector": { object, _ in
      selector(object[path: "spec", "jobTemplate", "spec", "selector"])
    },
  ]

  // MARK: Autoscalers

  private static let autoscalers: [String: Cell] = [
    "Reference": { object, _ in
      object.text("spec", "scaleTargetRef", "kind") + "/"
        + object.text("spec", "scaleTargetRef", "name")
    },
    "Targets": { object, _ in targets(object) },
    "MinPods": { object, _ in object.text("spec", "minReplicas", or: unset) },
    "MaxPods": { object, _ in String(object.number("spec", "maxReplicas")) },
    "Replicas": { object, _ in String(object.number("status", "currentReplicas")) },
  ]

  /// Each metric as it is and as it should be; two, and how many more.
  private static func targets(_ object: Value) -> String {
    var texts: [String] = []
    let metrics = object.list("spec", "metrics")
    let current = object.list("status", "currentMetrics")
    for (index, metric) in metrics.enumerated() {
      texts.append(target(metric, current.indices.contains(index) ? current[index] : nil))
    }
    if metrics.isEmpty,
      let wanted = object[path: "spec", "targetCPUUtilizationPercentage"]?.wholeNumber
    {
      let now = object[path: "status", "currentCPUUtilizationPercentage"]?.wholeNumber
      texts.append("cpu: \(now.map { "\($0)%" } ?? unknown)/\(wanted)%")
    }
    if texts.isEmpty { return none }
    let text = texts.prefix(2).joined(separator: ", ")
    return texts.count > 2 ? "\(text) + \(texts.count - 2) more..." : text
  }

  private static func target(_ metric: Value, _ status: Value?) -> String {
    let type = metric.text("type")
    guard ["External", "Pods", "Object", "Resource", "ContainerResource"].contains(type) else {
      return "<unknown type>"
    }
    // The member is called as the type, with a small letter in front.
    let member = (type.first.map { String($0).lowercased() } ?? "") + type.dropFirst()
    let wanted = metric[path: member, "target"]
    let current = status?[path: member, "current"]
    let prefix = type.hasSuffix("Resource") ? metric.text(member, "name") + ": " : ""
    if type.hasSuffix("Resource"), wanted?["averageValue"] == nil {
      func percent(_ value: Value?, _ missing: String) -> String {
        value?["averageUtilization"]?.wholeNumber.map { "\($0)%" } ?? missing
      }
      return "\(prefix)\(percent(current, unknown))/\(percent(wanted, "<auto>"))"
    }
    let isAverage = wanted?["averageValue"] != nil || type == "Pods"
    let field = isAverage ? "averageValue" : "value"
    let suffix = isAverage && (type == "External" || type == "Object") ? " (avg)" : ""
    return
      "\(prefix)\(current?.text(field, or: unknown) ?? unknown)/\(wanted?.text(field) ?? "")\(suffix)"
  }
}
