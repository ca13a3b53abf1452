extension Cells {
  /// Kinds about what may be done.
  static let policies: [String: [String: Cell]] = [
    "poddisruptionbudgets.policy": [
      "Min Available": { object, _ in object.text("spec", "minAvailable", or: "N/A") },
      "Max Unavailable": { object, _ in object.text("spec", "maxUnavailable", or: "N/A") },
      "Allowed Disruptions": { object, _ in String(object.number("status", "disruptionsAllowed")) },
    ],
    "rolebindings.rbac.authorization.k8s.io": bindings,
    "clusterrolebindings.rbac.authorization.k8s.io": bindings,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": [
      "Webhooks": { object, _ in String(object.list("webhooks").count) }
    ],
    "validatingwebhookconfigurations.admissionregistration.k8s.io": [
      "Webhooks": { object, _ in String(object.list("webhooks").count) }
    ],
    "mutatingadmissionpolicies.admissionregistration.k8s.io": [
      "Mutations": { object, _ in String(object.list("spec", "mutations").count) },
      "ParamKind": { object, _ in parameterKind(object) },
    ],
    "validatingadmissionpolicies.admissionregistration.k8s.io": [
      "Validations": { object, _ in String(object.list("spec", "validations").count) },
      "ParamKind": { object, _ in parameterKind(object) },
    ],
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": policyBindings,
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": policyBindings,
    "flowschemas.flowcontrol.apiserver.k8s.io": [
      "PriorityLevel": { object, _ in
        object.text("spec", "priorityLevelConfiguration", "name", or: none)
      },
      "MatchingPrecedence": { object, _ in String(object.number("spec", "matchingPrecedence")) },
      "DistinguisherMethod": { object, _ in
        object.text("spec", "distinguisherMethod", "type", or: none)
      },
      "MissingPL": { object, _ in
        object.list("status", "conditions").first { $0.text("type") == "Dangling" }?
          .text("status") ?? "?"
      },
    ],
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": [
      "Type": { object, _ in object.text("spec", "type") },
      "NominalConcurrencyShares": { object, _ in
        object.text(
          "spec", "limited", "nominalConcurrencyShares",
          or: object.text("spec", "exempt", "nominalConcurrencyShares", or: none))
      },
      "Queues": { object, _ in queuing(object, "queues") },
      "HandSize": { object, _ in queuing(object, "handSize") },
      "QueueLengthLimit": { object, _ in queuing(object, "queueLengthLimit") },
    ],
  ]

  private static let bindings: [String: Cell] = [
    "Role": { object, _ in object.text("roleRef", "kind") + "/" + object.text("roleRef", "name") },
    "Users": { object, _ in subjects(object, "User") },
    "Groups": { object, _ in subjects(object, "Group") },
    "ServiceAccounts": { object, _ in subjects(object, "ServiceAccount") },
  ]

  private static func subjects(_ object: Value, _ kind: String) -> String {
    object.list("subjects").filter { $0.text("kind") == kind }
      .map { subject in
        let namespace = kind == "ServiceAccount" ? subject.text("namespace") + "/" : ""
        return namespace + subject.text("name")
      }
      .joined(separator: ", ")
  }

  private static func parameterKind(_ object: Value) -> String {
    guard let kind = object[path: "spec", "paramKind"] else { return unset }
    return kind.text("apiVersion") + "/" + kind.text("kind")
  }

  private static let policyBindings: [String: Cell] = [
    "PolicyName": { object, _ in object.text("spec", "policyName") },
    "ParamRef": { object, _ in
      guard let reference = object[path: "spec", "paramRef"] else { return unset }
      let namespace = reference.text("namespace")
      return (namespace.isEmpty ? "" : "\(namespace)/") + reference.text("name", or: "*")
    },
  ]

  private static func queuing(_ object: Value, _ field: String) -> String {
    object.text("spec", "limited", "limitResponse", "queuing", field, or: none)
  }
}
