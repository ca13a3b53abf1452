/// Follows names of fields through the schema.
public enum SchemaPath {
  /// Why a path is no field whose value can be compared; nil if it is one, or if it is not known what objects of the
  /// kind are made of.
  public static func complaint(
    _ path: [String], type: ResourceType, schema: Schema
  ) -> String? {
    guard let start = structure(of: type, schema: schema) else { return nil }
    var field = FieldType.structure(start)
    for (depth, name) in path.enumerated() {
      switch field {
      case .structure(let structure):
        if let next = structure.field(named: name) {
          field = next.type
        } else if structure.keepsUnknownFields {
          return nil
        } else {
          let title = path[...depth].joined(separator: ".")
          let near = ResourceTable.nearest(name, among: structure.fields.map(\.name))
          return "\(type.qualifiedName) have no field \(title)"
            + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?")
        }
      case .map(let values): field = values
      case .any, .either: return nil
      default:
        return "\(path[..<depth].joined(separator: ".")) of \(type.qualifiedName) has no fields"
      }
    }
    switch field {
    case .structure, .list, .map:
      return "\(path.joined(separator: ".")) of \(type.qualifiedName) is no single value"
    default: return nil
    }
  }

  /// What a kind's objects are made of, in the version that is preferred, or another that is known.
  public static func structure(of type: ResourceType, schema: Schema) -> SchemaType? {
    type.versions.lazy.compactMap {
      schema.type(apiVersion: type.apiVersion($0), kind: type.kind)
    }.first
  }
}
