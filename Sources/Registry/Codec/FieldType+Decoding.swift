internal import Primitives

extension FieldType {
  /// Whether lists of it may be packed.
  var isVarint: Bool {
    switch self {
    case .boolean, .int32, .int64: true
    default: false
    }
  }

  /// Whether JSON leaves out its zero.
  var canBeAbsent: Bool {
    switch self {
    case .string, .bytes, .boolean, .int32, .int64, .double: true
    default: false
    }
  }

  /// What an entry of a map holds that has only a key.
  var zero: Value? {
    switch self {
    case .string, .bytes: .string("")
    case .boolean: .bool(false)
    case .int32, .int64, .double, .intOrString: .integer(0)
    case .quantity: .string("0")
    case .structure, .map: .emptyObject
    case .list: .array([])
    case .time, .microTime, .any, .either: nil
    }
  }
}

extension Value {
  /// Whether it is what Go leaves out.
  var isZero: Bool {
    switch self {
    case .string(let text): text.isEmpty
    case .bool(let truth): !truth
    case .integer(let number): number == 0
    default: false
    }
  }
}
