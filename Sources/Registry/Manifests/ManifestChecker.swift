/// Turns documents into manifests, or says what is wrong with them.
struct ManifestChecker: Sendable {
  /// The kinds that are known.
  var table: ResourceTable
  /// The namespace of objects that name none.
  var defaultNamespace = "default"
  /// Whether objects must not name another namespace than `defaultNamespace`.
  var requiresNamespace = false

  /// What became of one object.
  enum Outcome {
    case manifest(Manifest)
    case errors([ManifestError])
    /// The kind is not known; `error` says so if no definition turns up.
    case unknown(UnknownType, error: ManifestError)
  }

  /// The objects of a document: none in an empty one, several in a list.
  func check(_ document: Node, file: String) -> [Outcome] {
    document.isNull ? [] : check(document, file: file, assumed: nil)
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
      // The items of a list of one kind may leave that kind out.
      let item =
        kind == "List"
        ? nil : UnknownType(apiVersion: apiVersion, kind: String(kind.dropLast("List".count)))
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
      file: file, type: type, apiVersion: apiVersion, root: node, namespaceRules: self)
    return [object.checked()]
  }
}
