/// Makes types of what a CustomResourceDefinition says in OpenAPI.
///
/// Both forms of definitions are read: v1, with a schema for each version, and v1beta1, which kube-apiserver stores and
/// which may have one schema for all versions.
struct CustomSchema {
  /// The full name of the type that is being made.
  private let name: String

  /// The types of a definition's versions, those that are not served included; empty if it does not say enough.
  static func types(of definition: Value) -> [(GroupVersionKind, SchemaType)] {
    guard let spec = definition["spec"], let group = spec["group"]?.text,
      let kind = spec[path: "names", "kind"]?.text
    else { return [] }
    let shared = spec[path: "validation", "openAPIV3Schema"]
    var versions = (spec["versions"]?.elements ?? []).compactMap { version in
      version["name"]?.text.map {
        (name: $0, schema: version[path: "schema", "openAPIV3Schema"] ?? shared)
      }
    }
    if versions.isEmpty, let version = spec["version"]?.text { versions = [(version, shared)] }
    let keepsAll = spec["preserveUnknownFields"]?.truth == true
    return versions.map { version in
      let identity = GroupVersionKind(apiVersion: "\(group)/\(version.name)", kind: kind)
      let maker = CustomSchema(name: "\(group).\(version.name).\(kind)")
      var type = maker.object(version.schema ?? .emptyObject, isResource: true)
      type.kind = identity
      type.keepsUnknownFields = type.keepsUnknownFields || keepsAll || version.schema == nil
      return (identity, SchemaType(custom: type))
    }
  }

  /// The columns that a version's definition asks for; nil if it asks for none.
  static func columns(of definition: Value, version: String) -> [ResourceColumn]? {
    let spec = definition["spec"]
    let own = spec?["versions"]?.elements?.first { $0["name"]?.text == version }
    let listed =
      own?["additionalPrinterColumns"]?.elements ?? spec?["additionalPrinterColumns"]?.elements
    guard let listed, !listed.isEmpty else { return nil }
    return listed.compactMap { column in
      guard let name = column["name"]?.text,
        let path = column["jsonPath"]?.text ?? column["JSONPath"]?.text
      else { return nil }
      return ResourceColumn(
        name: name, kind: column["type"]?.text.flatMap(ResourceColumn.Kind.init) ?? .string,
        format: column["format"]?.text ?? "",
        priority: column["priority"]?.wholeNumber.map(Int.init(clamping:)) ?? 0, jsonPath: path)
    }
  }

  private func object(_ schema: Value, isResource: Bool) -> SchemaFields {
    let required = (schema["required"]?.elements ?? []).compactMap(\.text)
    var fields: [SchemaField] = []
    for member in schema["properties"]?.object?.members ?? [] {
      var field = CustomSchema(name: "\(name).\(member.name)").field(member.name, member.value)
      field.isRequired = required.contains { isSame($0, member.name) }
      fields.append(field)
    }
    if isResource {
      let names = ["apiVersion", "kind", "metadata"]
      fields.removeAll { field in names.contains { isSame($0, field.name) } }
      fields += [SchemaField("apiVersion", .string), SchemaField("kind", .string)]
      if let metadata = Schema.type(named: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") {
        fields.append(SchemaField("metadata", .structure(metadata)))
      }
      fields.sort { isOrdered($0.name, before: $1.name) }
    }
    return SchemaFields(
      name: name, fields: fields,
      keepsUnknownFields: schema["x-kubernetes-preserve-unknown-fields"]?.truth == true
        || schema["additionalProperties"]?.truth == true)
  }

  private func field(_ name: String, _ schema: Value) -> SchemaField {
    var field = SchemaField(name, type(of: schema))
    field.listType =
      switch schema["x-kubernetes-list-type"]?.text {
      case "set": .set
      case "map":
        .map(keys: (schema["x-kubernetes-list-map-keys"]?.elements ?? []).compactMap(\.text))
      case "atomic": .atomic
      default: nil
      }
    field.isAtomicMap = schema["x-kubernetes-map-type"]?.text == "atomic"
    field.defaultValue = schema["default"]
    let allowed = schema["enum"]?.elements ?? []
    let texts = allowed.compactMap(\.text)
    if texts.count == allowed.count { field.enumeration = texts }
    field.isNullable = schema["nullable"]?.truth == true
    field.keepsZero = true
    field.openAPI = schema
    return field
  }

  private func type(of schema: Value) -> FieldType {
    if schema["x-kubernetes-int-or-string"]?.truth == true { return .intOrString }
    let isResource = schema["x-kubernetes-embedded-resource"]?.truth == true
    switch schema["type"]?.text {
    case "string":
      return switch schema["format"]?.text {
      case "byte": .bytes
      case "date-time": .time
      default: .string
      }
    case "integer": return schema["format"]?.text == "int32" ? .int32 : .int64
    case "number": return .double
    case "boolean": return .boolean
    case "array": return .list(schema["items"].map(type) ?? .any)
    case "object" where isResource || schema["properties"] != nil:
      return .structure(SchemaType(custom: object(schema, isResource: isResource)))
    case "object":
      switch schema["additionalProperties"] {
      case .bool(true)?: return .map(.any)
      case .object(let values)?: return .map(type(of: .object(values)))
      default: return .structure(SchemaType(custom: object(schema, isResource: false)))
      }
    default:
      if schema["properties"] == nil { return .any }
      return .structure(SchemaType(custom: object(schema, isResource: isResource)))
    }
  }
}
