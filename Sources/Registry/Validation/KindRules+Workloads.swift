/// What the API server asks of pods, and of what makes pods.
extension KindRules {
  mutating func checkWorkload() {
    guard let spec = root["spec"] else {
      return report(root.position, "a \(type.kind) has no spec, which is required")
    }
    guard let template = spec["template"], !template.isNull else {
      return report(spec.position, "spec has no template, which is required")
    }
    if let labels = spec.at("selector", "matchLabels")?.members {
      for label in labels
      where label.node.text != template.at("metadata", "labels")?[label.name]?.text {
        report(
          label.position,
          "the selector's label \"\(label.name)\" is not one of spec.template.metadata.labels")
      }
    }
    if let selector = spec["selector"], isEmptySelector(selector) {
      report(selector.position, "spec.selector must not be empty")
    }
    checkTemplate(template, "spec.template", restart: ["Always"])
  }

  private func isEmptySelector(_ selector: Node) -> Bool {
    (selector["matchLabels"]?.members ?? []).isEmpty
      && (selector["matchExpressions"]?.elements ?? []).isEmpty
  }

  mutating func checkController() {
    guard let spec = root["spec"] else { return }
    guard let template = spec["template"] else { return }
    for label in spec["selector"]?.members ?? []
    where label.node.text != template.at("metadata", "labels")?[label.name]?.text {
      report(
        label.position,
        "the selector's label \"\(label.name)\" is not one of spec.template.metadata.labels")
    }
    checkTemplate(template, "spec.template", restart: ["Always"])
  }

  mutating func checkJob(_ spec: Node?, _ path: String) {
    guard let spec else {
      return report(root.position, "a \(type.kind) has no \(path), which is required")
    }
    checkTemplate(spec["template"], "\(path).template", restart: ["Never", "OnFailure"])
  }

  mutating func checkTemplate(_ template: Node?, _ path: String, restart: [String]?) {
    guard let template else { return }
    guard let spec = template["spec"], !spec.isNull else {
      return report(template.position, "\(path) has no spec, which is required")
    }
    if let restart {
      let policy = spec["restartPolicy"]
      let text = policy?.text ?? ""
      if !(text.isEmpty && restart.contains("Always")), !restart.contains(text) {
        report(
          (policy ?? spec).position,
          "\(path).spec.restartPolicy must be \(restart.joined(separator: " or ")) in a \(type.kind)"
        )
      }
    }
    checkPod(spec, "\(path).spec")
  }

  mutating func checkPod(_ spec: Node?, _ path: String) {
    guard let spec else {
      return report(root.position, "a \(type.kind) has no \(path), which is required")
    }
    // A StatefulSet makes volumes of its claims.
    let claims = root.at("spec", "volumeClaimTemplates")?.elements ?? []
    let volumes =
      (spec["volumes"]?.elements ?? []).compactMap { $0["name"]?.text }
      + claims.compactMap { $0.at("metadata", "name")?.text }
    var names: [String] = []
    for list in ["initContainers", "containers"] {
      for (index, container) in (spec[list]?.elements ?? []).enumerated() {
        let place = "\(path).\(list)[\(index)]"
        checkContainer(container, place, volumes: volumes)
        guard let name = container["name"] else { continue }
        if let text = name.text, list == "containers", names.contains(text) {
          report(name.position, "\(place).name \"\(text)\" is the name of an init container too")
        }
        if let text = name.text, list == "initContainers" { names.append(text) }
      }
    }
  }

  private mutating func checkContainer(_ container: Node, _ path: String, volumes: [String]) {
    // A pod on its own needs images; in a template an admission plug-in may put them in, but none does so in a store.
    if (container["image"]?.text ?? "").isEmpty {
      report(container.position, "\(path) has no image, which is required")
    }
    for (index, mount) in (container["volumeMounts"]?.elements ?? []).enumerated() {
      guard let name = mount["name"], let text = name.text, !volumes.contains(text) else {
        continue
      }
      report(
        name.position,
        "\(path).volumeMounts[\(index)].name \"\(text)\" is not the name of a volume"
          + Self.hint(text, volumes))
    }
    for (index, variable) in (container["env"]?.elements ?? []).enumerated()
    where variable["valueFrom"] != nil && !(variable["value"]?.text ?? "").isEmpty {
      report(
        variable.position, "\(path).env[\(index)] must not have both value and valueFrom")
    }
    let limits = container.at("resources", "limits")
    for request in container.at("resources", "requests")?.members ?? [] {
      guard let limit = limits?[request.name].flatMap(Self.amount),
        let amount = Self.amount(request.node), amount.billionths > limit.billionths
      else { continue }
      report(
        request.node.position,
        "\(path).resources.requests[\(request.name)] is more than the limit")
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
      guard let probe = container[name], !probe.isNull else { continue }
      let found = Self.probeHandlers.count { probe[$0].map { !$0.isNull } ?? false }
      if found == 1 { continue }
      report(
        probe.position,
        "\(path).\(name) must have one of \(Self.probeHandlers.joined(separator: ", ")), not \(found)"
      )
    }
  }

  private static let probeHandlers = ["exec", "grpc", "httpGet", "tcpSocket"]

  private static func amount(_ node: Node) -> Quantity? {
    guard case .scalar(let value) = node.content else { return nil }
    return Quantity(value.text ?? String(decoding: value.json, as: UTF8.self))
  }

  private static func hint(_ text: String, _ words: [String]) -> String {
    let near = ResourceTable.nearest(text, among: words)
    return near.isEmpty ? "" : "; did you mean \(near[0])?"
  }
}
