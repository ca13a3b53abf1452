internal import Primitives

/// Checks one object whose type is known, and takes out of it what only a server may set.
struct ObjectChecker {
  let file: String
  let type: ResourceType
  let apiVersion: String
  let root: Node
  let namespaceRules: ManifestChecker
  private var errors: [ManifestError] = []

  /// Bytes that all annotations of an object may have, as the API bounds them.
  private static let annotationBytesMax = 256 * 1024

  /// What `metadata` may hold.
  private static let metadataFields: Set<String> = [
    "annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp",
    "finalizers", "generateName", "generation", "labels", "managedFields", "name", "namespace",
    "ownerReferences", "resourceVersion", "selfLink", "uid",
  ]

  /// What a manifest may say, but only a server sets.
  private static let serverFields = [
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation",
    "generateName", "managedFields", "resourceVersion", "selfLink", "uid",
  ]

  init(
    file: String, type: ResourceType, apiVersion: String, root: Node,
    namespaceRules: ManifestChecker
  ) {
    self.file = file
    self.type = type
    self.apiVersion = apiVersion
    self.root = root
    self.namespaceRules = namespaceRules
  }

  /// The manifest, or all that is wrong with it.
  mutating func checked() -> ManifestChecker.Outcome {
    guard let metadata = root["metadata"], !metadata.isNull else {
      report(root.position, "the object has no metadata")
      return .errors(errors)
    }
    guard let fields = metadata.members else {
      report(metadata.position, "metadata must be a map, not \(metadata.kindName)")
      return .errors(errors)
    }
    for field in fields where !Self.metadataFields.contains(field.name) {
      let near = ResourceTable.nearest(field.name, among: Self.metadataFields.sorted())
      report(
        field.position,
        "metadata has no field \"\(field.name)\""
          + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
    }
    let name = checkedName(metadata)
    let namespace = checkedNamespace(metadata)
    checkLabels(metadata["labels"])
    checkAnnotations(metadata["annotations"])
    checkFinalizers(metadata["finalizers"])
    checkContents()
    guard errors.isEmpty, let name else { return .errors(errors) }
    return .manifest(
      Manifest(
        file: file, position: root.position, type: type, namespace: namespace, name: name,
        object: storable(name: name, namespace: namespace)))
  }

  private mutating func report(_ position: Position, _ message: String) {
    errors.append(ManifestError(file: file, position: position, message: message))
  }

  private mutating func checkedName(_ metadata: Node) -> String? {
    guard let node = metadata["name"], !node.isNull else {
      report(
        metadata.position,
        metadata["generateName"] == nil
          ? "metadata has no name"
          : "metadata has no name, and generateName gives a new one with every import: use name")
      return nil
    }
    guard let name = node.text else {
      report(node.position, "metadata.name must be text, not \(node.kindName)")
      return nil
    }
    if let complaint = NameRules.complaint(name: name, rule: NameRules.rule(for: type)) {
      report(node.position, "metadata.name \"\(name)\" \(complaint)")
      return nil
    }
    if type.kind == "CronJob", name.utf8.count > 52 {
      report(node.position, "metadata.name of a CronJob must have at most 52 characters")
      return nil
    }
    return name
  }

  private mutating func checkedNamespace(_ metadata: Node) -> String? {
    var written: String?
    if let node = metadata["namespace"], !node.isNull, node.text != "" {
      guard let text = node.text else {
        report(node.position, "metadata.namespace must be text, not \(node.kindName)")
        return nil
      }
      if !type.isNamespaced {
        report(node.position, "a \(type.kind) belongs to the cluster and must not name a namespace")
        return nil
      }
      if let complaint = NameRules.complaint(name: text, rule: .label) {
        report(node.position, "metadata.namespace \"\(text)\" \(complaint)")
        return nil
      }
      if namespaceRules.requiresNamespace, text != namespaceRules.defaultNamespace {
        report(
          node.position,
          "the object belongs to the namespace \"\(text)\", not to "
            + "\"\(namespaceRules.defaultNamespace)\", which was asked for")
        return nil
      }
      written = text
    }
    return type.isNamespaced ? written ?? namespaceRules.defaultNamespace : nil
  }

  private mutating func checkLabels(_ node: Node?) {
    for (member, text) in texts(node, "metadata.labels") {
      if let complaint = NameRules.complaint(qualifiedName: member.name) {
        report(member.position, "the label \"\(member.name)\" \(complaint)")
      }
      if let complaint = NameRules.complaint(labelValue: text) {
        report(
          member.node.position, "the value \"\(text)\" of the label \"\(member.name)\" \(complaint)"
        )
      }
    }
  }

  private mutating func checkAnnotations(_ node: Node?) {
    var bytes = 0
    for (member, text) in texts(node, "metadata.annotations") {
      if let complaint = NameRules.complaint(qualifiedName: member.name.lowercased()) {
        report(member.position, "the annotation \"\(member.name)\" \(complaint)")
      }
      bytes += member.name.utf8.count + text.utf8.count
    }
    if let node, bytes > Self.annotationBytesMax {
      report(
        node.position, "the annotations have \(bytes) bytes, more than \(Self.annotationBytesMax)")
    }
  }

  private mutating func checkFinalizers(_ node: Node?) {
    guard let node, !node.isNull else { return }
    guard let elements = node.elements else {
      return report(node.position, "metadata.finalizers must be a list, not \(node.kindName)")
    }
    for element in elements {
      guard let text = element.text else {
        report(element.position, "a finalizer must be text, not \(element.kindName)")
        continue
      }
      if let complaint = NameRules.complaint(qualifiedName: text) {
        report(element.position, "the finalizer \"\(text)\" \(complaint)")
      }
    }
  }

  /// The members of a map of texts; reports what is none.
  private mutating func texts(
    _ node: Node?, _ title: String
  ) -> [(member: Node.Member, text: String)] {
    guard let node, !node.isNull else { return [] }
    guard let members = node.members else {
      report(node.position, "\(title) must be a map, not \(node.kindName)")
      return []
    }
    var texts: [(Node.Member, String)] = []
    for member in members {
      if let text = member.node.text {
        texts.append((member, text))
      } else {
        report(
          member.node.position,
          "\(title) must hold text, not \(member.node.kindName): put the value of "
            + "\"\(member.name)\" in quotes")
      }
    }
    return texts
  }

  /// What the store itself relies on, kind by kind.
  private mutating func checkContents() {
    for name in ["spec", "status"] {
      if let node = root[name], !node.isNull, node.members == nil {
        report(node.position, "\(name) must be a map, not \(node.kindName)")
      }
    }
    switch (type.group, type.kind) {
    case ("", "ConfigMap"):
      checkData("data", isEncoded: false)
      checkData("binaryData", isEncoded: true)
    case ("", "Secret"):
      checkData("data", isEncoded: true)
      checkData("stringData", isEncoded: false)
    case ("apiextensions.k8s.io", "CustomResourceDefinition"): checkDefinition()
    default: break
    }
  }

  private mutating func checkData(_ field: String, isEncoded: Bool) {
    for (member, text) in texts(root[field], field) {
      if !NameRules.isDataKey(member.name) {
        report(
          member.position,
          "the name \"\(member.name)\" in \(field) must be at most 253 letters, digits, '-', '_' "
            + "and '.'")
      }
      if isEncoded, Base64.decoded(text) == nil {
        report(
          member.node.position,
          "\"\(member.name)\" in \(field) is not base64"
            + (type.kind == "Secret" ? "; text as it is belongs into stringData" : ""))
      }
    }
  }

  private mutating func checkDefinition() {
    guard let spec = root["spec"], spec.members != nil else {
      return report(root.position, "the definition has no spec")
    }
    guard let made = ResourceType(definition: root.value) else {
      return report(
        spec.position, "the definition needs group, names.kind, names.plural and a served version")
    }
    if let scope = spec["scope"], ["Namespaced", "Cluster"].contains(scope.text ?? "") {
    } else {
      report((spec["scope"] ?? spec).position, "scope must be Namespaced or Cluster")
    }
    if let name = root["metadata"]?["name"], name.text != made.qualifiedName {
      report(
        name.position, "metadata.name must be \"\(made.qualifiedName)\", made of plural and group")
    }
    if !NameRules.isSubdomain(made.group) || !made.group.utf8.contains(UInt8(ascii: ".")) {
      report((spec["group"] ?? spec).position, "the group must be a DNS name with a dot")
    }
    if !NameRules.isLabel(made.plural) {
      report((spec["names"] ?? spec).position, "names.plural must be a lower-case DNS label")
    }
  }

  /// The object as it goes to the store, but for what is filled in there.
  private func storable(name: String, namespace: String?) -> Value {
    guard case .object(var object) = root.value, case .object(var metadata)? = object["metadata"]
    else { fatalError("a checked object has no metadata") }
    object["apiVersion"] = .string(apiVersion)
    object["kind"] = .string(type.kind)
    for field in Self.serverFields { metadata[field] = nil }
    for field in metadata.members where field.value == .null { metadata[field.name] = nil }
    metadata["namespace"] = namespace.map(Value.string)
    object["metadata"] = .object(metadata)
    if type.group.isEmpty, type.kind == "Secret" { Self.foldTexts(into: &object) }
    return .object(object)
  }

  /// A Secret's `stringData` is a way to write `data`, and wins over it.
  private static func foldTexts(into secret: inout Value.Object) {
    if let texts = secret["stringData"]?.object {
      var data = secret["data"]?.object ?? Value.Object()
      for member in texts.members {
        data[member.name] = .string(Base64.encoded(Bytes((member.value.text ?? "").utf8)))
      }
      secret["data"] = .object(data)
    }
    secret["stringData"] = nil
    if secret["type"] == nil { secret["type"] = "Opaque" }
  }
}
