/// Checks one object whose type is known, and takes out of it what only a server may set.
struct ObjectChecker {
  private let file: String
  private let type: ResourceType
  private let schema: SchemaType?
  private let apiVersion: String
  private let root: Node
  private let rules: ManifestChecker
  private var findings: [Finding] = []

  /// What every object has.
  private static let metadataType: SchemaType = {
    guard let type = Schema.type(named: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") else {
      fatalError("the schema has no ObjectMeta")
    }
    return type
  }()

  /// What a manifest may say, but only a server sets.
  private static let serverFields = [
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation",
    "generateName", "managedFields", "resourceVersion", "selfLink", "uid",
  ]

  init(
    file: String, type: ResourceType, schema: SchemaType?, apiVersion: String, root: Node,
    rules: ManifestChecker
  ) {
    self.file = file
    self.type = type
    self.schema = schema
    self.apiVersion = apiVersion
    self.root = root
    self.rules = rules
  }

  /// The manifest, or all that is wrong with it.
  mutating func checked() -> ManifestChecker.Outcome {
    guard let metadata = root["metadata"], !metadata.isNull else {
      report(root.position, "the object has no metadata")
      return outcome(nil)
    }
    guard metadata.members != nil else {
      report(metadata.position, "metadata must be a map, not \(metadata.kindName)")
      return outcome(nil)
    }
    let name = checkedName(metadata)
    let namespace = checkedNamespace(metadata)
    var fields = SchemaChecker(
      bytesHint: type.group.isEmpty && type.kind == "Secret"
        ? "; text as it is belongs into stringData" : "")
    if let schema {
      fields.check(root, as: schema)
    } else {
      fields.check(metadata, as: Self.metadataType, at: "metadata")
    }
    // What was said about the name above is more precise.
    findings += fields.findings.filter { finding in
      !findings.contains { $0.position == finding.position }
    }
    if findings.allSatisfy(\.isTolerable) {
      findings += KindRules.findings(in: root, of: type)
    }
    guard findings.allSatisfy({ $0.isTolerable && rules.mode != .strict }), let name else {
      return outcome(nil)
    }
    return outcome(
      Manifest(
        file: file, position: root.position, type: type, schema: schema, namespace: namespace,
        namespacePosition: metadata["namespace"]?.position ?? root.position, name: name,
        object: storable(namespace: namespace)))
  }

  private func outcome(_ manifest: Manifest?) -> ManifestChecker.Outcome {
    let errors = findings.sorted { $0.position < $1.position }.map {
      ManifestError(file: file, position: $0.position, message: $0.message)
    }
    guard let manifest else { return .errors(errors) }
    return .manifest(manifest, warnings: rules.mode == .warn ? errors : [])
  }

  private mutating func report(_ position: Position, _ message: String) {
    findings.append(Finding(position: position, message: message))
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
      if rules.requiresNamespace, text != rules.defaultNamespace {
        report(
          node.position,
          "the object belongs to the namespace \"\(text)\", not to "
            + "\"\(rules.defaultNamespace)\", which was asked for")
        return nil
      }
      written = text
    }
    return type.isNamespaced ? written ?? rules.defaultNamespace : nil
  }

  /// The object without what only a server may set, and without fields that were tolerated.
  private func storable(namespace: String?) -> Value {
    var value = root.value
    if !findings.isEmpty, let schema { value = value.keepingKnownFields(of: .structure(schema)) }
    guard case .object(var object) = value, case .object(var metadata)? = object["metadata"]
    else { fatalError("a checked object has no metadata") }
    object["apiVersion"] = .string(apiVersion)
    object["kind"] = .string(type.kind)
    for field in Self.serverFields { metadata[field] = nil }
    metadata["namespace"] = namespace.map(Value.string)
    object["metadata"] = .object(metadata)
    return .object(object)
  }
}
