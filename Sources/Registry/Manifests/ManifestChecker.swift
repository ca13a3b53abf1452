/// Turns documents into manifests, or says what is wrong with them.
struct ManifestChecker: Sendable {
  /// The kinds that are known.
  var table: ResourceTable
  /// What objects of these kinds are made of.
  var schema = Schema.kubernetes
  /// The namespace of objects that name none.
  var defaultNamespace = "default"
  /// Whether objects must not name another namespace than `defaultNamespace`.
  var requiresNamespace = false
  /// How severe the checks are.
  var mode = ValidationMode.strict

  /// What became of one object.
  enum Outcome {
    /// It is sound; what was tolerated is named.
    case manifest(Manifest, warnings: [ManifestError])
    case errors([ManifestError])
    /// The kind is not known; `error` says so if no definition turns up.
    case unknown(UnknownType, error: ManifestError)
  }

  /// Adds the kind of a CustomResourceDefinition, and what it is made of.
  mutating func define(_ definition: Value) {
    table.define(definition)
    schema.define(definition)
  }

  /// The objects of a document: none in an empty one, several in a list.
  func check(_ part: DocumentPart, file: String) -> [Outcome] {
    if part.node.isNull { return [] }
    return check(part.node, file: file, assumed: part.list.flatMap(Self.itemType))
  }

  /// The items of a list of one kind may leave that kind out.
  private static func itemType(of list: ListHeader) -> UnknownType? {
    guard let apiVersion = list.apiVersion, let kind = list.kind, kind != "List",
      kind.hasSuffix("List")
    else { return nil }
    return UnknownType(apiVersion: apiVersion, kind: String(kind.dropLast("List".count)))
  }

  private func check(_ node: Node, file: String, assumed: UnknownType?) -> [Outcome] {
    func failure(_ position: Position, _ message: String) -> ManifestError {
      ManifestError(file: file, position: position, message: message)
    }
    guard let members = node.members else {
      return [.errors([failure(node.position, "expected an object, found \(node.kindName)")])]
    }
    var errors: [ManifestError] = []
    func text(_ name: String, assumed: String?, _ example: String) -> String? {
      guard let field = node[name], !field.isNull else {
        if let assumed { return assumed }
        errors.append(failure(node.position, "the object has no \(name), such as \(example)"))
        return nil
      }
      guard let text = field.text, !text.isEmpty else {
        errors.append(failure(field.position, "\(name) must be text, such as \(example)"))
        return nil
      }
      return text
    }
    let apiVersion = text("apiVersion", assumed: assumed?.apiVersion, "v1")
    let kind = text("kind", assumed: assumed?.kind, "ConfigMap")
    guard let apiVersion, let kind else { return [.errors(errors)] }
    let type = table.type(apiVersion: apiVersion, kind: kind)
    if type == nil, kind.hasSuffix("List"), let items = node["items"] {
      guard let elements = items.elements else {
        if items.isNull { return [] }
        return [.errors([failure(items.position, "items must be a list")])]
      }
      let item = Self.itemType(of: ListHeader(apiVersion: apiVersion, kind: kind))
      return elements.flatMap { check($0, file: file, assumed: item) }
    }
    guard let type else {
      let position = members.first { $0.name == "kind" }?.node.position ?? node.position
      return [
        .unknown(
          UnknownType(apiVersion: apiVersion, kind: kind),
          error: failure(position, table.complaint(apiVersion: apiVersion, kind: kind)))
      ]
    }
    var object = ObjectChecker(
      file: file, type: type, schema: StorageVersion.schema(of: type, apiVersion, in: schema),
      apiVersion: apiVersion, root: node, rules: self)
    return [object.checked()]
  }
}
