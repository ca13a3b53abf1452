/// Says what a kind or a field is made of, in the form of `kubectl explain`, without prose.
public struct FieldExplanation {
  /// Fields inside one another that are shown at once: types may contain themselves.
  private static let depthMax = 12

  private let type: ResourceType
  private let version: String
  private let path: [String]
  /// The field that the path leads to; nil for the kind itself.
  private let field: SchemaField?
  private let structure: SchemaType?

  /// - Parameter apiVersion: the version that is meant; nil for the preferred one.
  /// - Parameter path: names of fields, one inside the other.
  /// - Throws: if there is no such version or field.
  public init(
    _ type: ResourceType, apiVersion: String?, path: [String], schema: Schema
  ) throws(SelectionError) {
    let versions = type.versions.filter { apiVersion == nil || type.apiVersion($0) == apiVersion }
    guard !versions.isEmpty else {
      throw SelectionError(
        "\(type.kind) is not in \(apiVersion ?? ""); it is in "
          + type.versions.map(type.apiVersion).joined(separator: ", "))
    }
    let known = versions.lazy.compactMap { version in
      schema.type(apiVersion: type.apiVersion(version), kind: type.kind).map { (version, $0) }
    }.first
    guard let (version, top) = known else {
      throw SelectionError("it is not known what a \(type.kind) is made of")
    }
    self.type = type
    self.version = version
    self.path = path
    var structure: SchemaType? = top
    var field: SchemaField?
    for (depth, name) in path.enumerated() {
      guard let next = structure?.field(named: name) else {
        let near = ResourceTable.nearest(name, among: (structure?.fields ?? []).map(\.name))
        throw SelectionError(
          "field \"\(path[...depth].joined(separator: "."))\" does not exist in \(type.kind)"
            + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
      }
      field = next
      structure = next.type.innermostStructure
    }
    self.field = field
    self.structure = structure
  }

  /// The lines.
  /// - Parameter isRecursive: whether fields inside fields are shown too.
  public func text(isRecursive: Bool) -> String {
    var text = type.group.isEmpty ? "" : "GROUP:      \(type.group)\n"
    text += "KIND:       \(type.kind)\nVERSION:    \(version)\n"
    if let field {
      text += "\nFIELD: \(path.last ?? "") <\(Self.name(of: field.type))>\(Self.marks(field))\n"
      text += Self.enumeration(field, indent: "")
    }
    if let structure, !structure.fields.isEmpty {
      text += "\nFIELDS:\n"
      text += Self.fields(of: structure, isRecursive: isRecursive, depth: 1, inside: [structure])
    }
    return TerminalText.lines(text)
  }

  private static func fields(
    of structure: SchemaType, isRecursive: Bool, depth: Int, inside: [SchemaType]
  ) -> String {
    var text = ""
    let indent = String(repeating: "  ", count: depth)
    for field in structure.fields {
      text += "\(indent)\(field.name)\t<\(name(of: field.type))>\(marks(field))\n"
      text += enumeration(field, indent: indent)
      guard isRecursive, let inner = field.type.innermostStructure, depth < depthMax,
        !inside.contains(inner)
      else { continue }
      text += fields(of: inner, isRecursive: true, depth: depth + 1, inside: inside + [inner])
    }
    return text
  }

  private static func marks(_ field: SchemaField) -> String {
    var text = field.isRequired ? " -required-" : ""
    switch field.defaultValue {
    case nil, .null?, .object?, .array?, .string("")?: break
    case let value?: text += " -default: \(GoText.text(value))-"
    }
    switch field.listType {
    case .map(let keys)?: text += " -keys: \(keys.joined(separator: ","))-"
    case .set?: text += " -set-"
    case .atomic?, nil: break
    }
    return text
  }

  private static func enumeration(_ field: SchemaField, indent: String) -> String {
    field.enumeration.isEmpty
      ? "" : "\(indent)enum: \(field.enumeration.joined(separator: ", "))\n"
  }

  /// A type as it is called.
  static func name(of type: FieldType) -> String {
    switch type {
    case .string: "string"
    case .bytes: "string"
    case .boolean: "boolean"
    case .int32, .int64: "integer"
    case .double: "number"
    case .intOrString: "IntOrString"
    case .quantity: "Quantity"
    case .time: "Time"
    case .microTime: "MicroTime"
    case .any: "Object"
    case .structure(let structure):
      structure.kind == nil && structure.isCustom ? "Object" : structure.shortName
    case .list(let element): "[]" + name(of: element)
    case .map(let value): "map[string]" + name(of: value)
    case .either(let first, let second): name(of: first) + " or " + name(of: second)
    }
  }
}

extension SchemaType {
  /// Whether a stored definition makes it, so that its parts have no names of their own.
  var isCustom: Bool { !contents.name.hasPrefix("io.k8s.") }
}
