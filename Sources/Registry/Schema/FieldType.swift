/// What a field may hold.
public indirect enum FieldType: Hashable, Sendable {
  /// Text.
  case string
  /// Bytes: text in base64.
  case bytes
  /// True or false.
  case boolean
  /// A whole number of 32 bits.
  case int32
  /// A whole number of 64 bits.
  case int64
  /// Any number.
  case double
  /// A whole number of 32 bits, or text.
  case intOrString
  /// An amount such as `100m` or `2Gi`: text, or a number.
  case quantity
  /// A moment to the second: text as in RFC 3339.
  case time
  /// A moment to the microsecond: text as in RFC 3339.
  case microTime
  /// Whatever it be.
  case any
  /// A map whose fields are known.
  case structure(SchemaType)
  /// Values of one type in order.
  case list(FieldType)
  /// Values of one type under names of any kind.
  case map(FieldType)
  /// One or the other; the first is the one for maps.
  case either(FieldType, FieldType)

  /// The structure that it is, or whose list or map it is.
  public var innermostStructure: SchemaType? {
    switch self {
    case .structure(let type): type
    case .list(let element), .map(let element): element.innermostStructure
    case .either(let first, _): first.innermostStructure
    default: nil
    }
  }
}

/// Which elements of a list are the same one, when two versions of the list come together.
public enum ListType: Hashable, Sendable {
  /// None: the list is one value.
  case atomic
  /// Those with the same value.
  case set
  /// Those with the same values under these names.
  case map(keys: [String])
}

/// How a strategic merge patch treats a list or a map.
public struct PatchStrategy: Hashable, Sendable {
  /// Whether elements are merged; else the new list or map replaces the old one.
  public var merges: Bool
  /// Whether members that the patch does not name go away.
  public var retainsKeys: Bool
  /// The name whose value tells which elements of a list are the same; nil for lists of scalars and for maps.
  public var mergeKey: String?
}

/// A field of a type.
public struct SchemaField: Hashable, Sendable {
  /// The name in JSON and YAML.
  public var name: String
  /// What it may hold.
  public var type: FieldType
  /// Whether an object without it is not valid.
  public var isRequired = false
  /// How two versions of a list come together; nil if nothing is said, which means as one value.
  public var listType: ListType?
  /// Whether a map is one value when two versions of it come together.
  public var isAtomicMap = false
  /// How a strategic merge patch treats it; nil if nothing is said, which means that a list is replaced.
  public var patchStrategy: PatchStrategy?
  /// What the API fills in. A zero value or an empty map says only that the field never is absent from an answer.
  public var defaultValue: Value?
  /// The texts that are allowed; empty if all are.
  public var enumeration: [String] = []
  /// Whether null is a value of its own; elsewhere null means that the field is absent.
  public var isNullable = false
  /// Whether a zero, false or empty text says something else than the absence of the field does.
  public var keepsZero = false
  /// What a stored definition says about the field, for rules that have no place here, such as `pattern`.
  public var openAPI: Value?
  /// Where it lies in a protobuf message; nil if the type has none.
  var wire: WireField?

  init(_ name: String, _ type: FieldType) {
    self.name = name
    self.type = type
  }
}

/// Where a field lies in a protobuf message.
struct WireField: Hashable, Sendable {
  /// The field's number, behind the numbers of the messages around it that JSON has no level for.
  var path: [UInt32]
  /// Whether the list lies in a message of its own, as field 1.
  var isWrapped = false
}
