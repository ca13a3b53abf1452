/// What makes an element of a list the same as one of another version of the list.
enum ListKeys {
  /// The values of an element under the list's keys; where a key is absent, what the API fills in for it.
  static func key(
    of keys: [String], _ type: FieldType, value: (String) -> Value?
  ) -> [Value?] {
    keys.map { name in
      if let value = value(name), value != .null { return value }
      guard case .list(.structure(let element)) = type,
        let fallback = element.field(named: name)?.defaultValue, fallback != "",
        fallback != .integer(0)
      else { return nil }
      return fallback
    }
  }
}
