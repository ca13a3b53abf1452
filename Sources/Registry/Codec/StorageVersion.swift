/// The conversions between versions that stored objects need.
///
/// kube-apiserver stores each kind in one version and reads all of them, so an object for which there is no rule here
/// stays in its own version.
enum StorageVersion {
  /// The object in the version that kube-apiserver stores; as it is if there is no rule for it.
  static func converted(_ object: Value, to apiVersion: String) -> Value {
    switch (object["kind"]?.text, object["apiVersion"]?.text, apiVersion) {
    case ("Event", "events.k8s.io/v1", "v1"): coreEvent(object)
    case ("HorizontalPodAutoscaler", "autoscaling/v1", "autoscaling/v2"): scaler(object)
    case (let kind?, let version?, _)
    where unchanged.contains(kind) && group(version) == group(apiVersion):
      renamed(object, to: apiVersion)
    default: object
    }
  }

  /// Kinds that have the same fields in all versions that are known.
  static let unchanged: Set<String> = [
    "ClusterTrustBundle", "DeviceTaintRule", "LeaseCandidate", "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
  ]

  /// What a kind is made of in one version; nil if that is not known.
  static func schema(of type: ResourceType, _ apiVersion: String, in schema: Schema) -> SchemaType?
  {
    if let own = schema.type(apiVersion: apiVersion, kind: type.kind) { return own }
    guard unchanged.contains(type.kind) else { return nil }
    return type.versions.lazy
      .compactMap { schema.type(apiVersion: type.apiVersion($0), kind: type.kind) }.first
  }

  private static func group(_ apiVersion: String) -> String {
    ResourceTable.groupAndVersion(apiVersion).group
  }

  private static func renamed(_ object: Value, to apiVersion: String) -> Value {
    guard case .object(var object) = object else { return object }
    object["apiVersion"] = .string(apiVersion)
    return .object(object)
  }

  /// The object in the version that is served, for the kind that is stored in one that no longer is: definitions, which
  /// kube-apiserver writes as v1beta1.
  static func served(_ object: Value) -> Value {
    guard object["kind"]?.text == "CustomResourceDefinition",
      object["apiVersion"]?.text == "apiextensions.k8s.io/v1beta1",
      case .object(var definition) = object, case .object(var spec)? = object["spec"]
    else { return object }
    definition["apiVersion"] = "apiextensions.k8s.io/v1"
    let shared: [(name: String, value: Value?)] = [
      ("schema", spec["validation"]), ("subresources", spec["subresources"]),
      ("additionalPrinterColumns", spec["additionalPrinterColumns"]),
      ("selectableFields", spec["selectableFields"]),
    ]
    var versions = spec["versions"]?.elements ?? []
    if versions.isEmpty, let name = spec["version"] {
      versions = [.object(["name": name, "served": .bool(true), "storage": .bool(true)])]
    }
    spec["versions"] = .array(
      versions.map { version in
        guard case .object(var version) = version else { return version }
        for (name, value) in shared where version[name] == nil { version[name] = value }
        if let columns = version["additionalPrinterColumns"]?.elements {
          version["additionalPrinterColumns"] = .array(
            columns.map { renamed($0, ["JSONPath": "jsonPath"]) })
        }
        return .object(version)
      })
    for name in [
      "version", "validation", "subresources", "additionalPrinterColumns", "selectableFields",
    ] {
      spec[name] = nil
    }
    if case .object(var conversion)? = spec["conversion"] {
      let webhook = Value.Object(
        unordered: [
          conversion["webhookClientConfig"].map { .init("clientConfig", $0) },
          conversion["conversionReviewVersions"].map { .init("conversionReviewVersions", $0) },
        ].compactMap(\.self))
      conversion["webhookClientConfig"] = nil
      conversion["conversionReviewVersions"] = nil
      if let webhook, webhook["clientConfig"] != nil { conversion["webhook"] = .object(webhook) }
      spec["conversion"] = .object(conversion)
    }
    definition["spec"] = .object(spec)
    return .object(definition)
  }

  /// The core group's event and the other one are one kind under two names.
  private static func coreEvent(_ event: Value) -> Value {
    let names = [
      "deprecatedCount": "count", "deprecatedFirstTimestamp": "firstTimestamp",
      "deprecatedLastTimestamp": "lastTimestamp", "deprecatedSource": "source",
      "note": "message", "regarding": "involvedObject",
      "reportingController": "reportingComponent",
    ]
    guard case .object(var object) = renamed(event, names) else { return event }
    object["apiVersion"] = "v1"
    return .object(object)
  }

  /// The older scaler knows one metric; what it keeps of others lies in annotations, which have no rule here.
  private static func scaler(_ scaler: Value) -> Value {
    let annotations = scaler[path: "metadata", "annotations"]?.object?.members ?? []
    guard case .object(var object) = scaler,
      !annotations.contains(where: { $0.name.hasPrefix("autoscaling.alpha.kubernetes.io/") })
    else { return scaler }
    func resource(_ name: String, _ amount: Value.Object) -> Value {
      .array([
        .object([
          "type": "Resource",
          "resource": .object(["name": "cpu", name: .object(amount)]),
        ])
      ])
    }
    if case .object(var spec)? = object["spec"] {
      if let percentage = spec["targetCPUUtilizationPercentage"] {
        spec["metrics"] = resource(
          "target", ["type": "Utilization", "averageUtilization": percentage])
      }
      spec["targetCPUUtilizationPercentage"] = nil
      object["spec"] = .object(spec)
    }
    if case .object(var status)? = object["status"] {
      if let percentage = status["currentCPUUtilizationPercentage"] {
        status["currentMetrics"] = resource("current", ["averageUtilization": percentage])
      }
      status["currentCPUUtilizationPercentage"] = nil
      object["status"] = .object(status)
    }
    object["apiVersion"] = "autoscaling/v2"
    return .object(object)
  }

  private static func renamed(_ value: Value, _ names: [String: String]) -> Value {
    guard case .object(var object) = value else { return value }
    for (old, new) in names {
      guard let member = object[old], object[new] == nil else { continue }
      object[old] = nil
      object[new] = member
    }
    return .object(object)
  }
}
