/// Brings together what a manifest says, what it said when it was applied last, and what is stored.
///
/// What the manifest names becomes so; what it named before and no longer names goes away; everything else belongs to
/// others and stays. How lists come together is told by the schema (docs/adr/0009-merge.md); for kinds that have none,
/// and for custom resources, lists are single values, as in a JSON merge patch (RFC 7386).
struct ThreeWayMerge {
  /// Whether lists are merged element by element where the schema says how.
  private let isStrategic: Bool

  /// - Parameter original: what was applied last; nil if that is not known, so that nothing goes away.
  /// - Parameter modified: what the manifest says now; nulls in it say that a field must not be there.
  static func merged(
    original: Value?, modified: Value, current: Value, type: SchemaType?, isCustom: Bool
  ) -> Value {
    let merge = ThreeWayMerge(isStrategic: !isCustom && type != nil)
    guard case .object(let modified) = modified, case .object(let current) = current else {
      return modified
    }
    return .object(
      merge.objects(original?.object, modified, current, type.map(FieldType.structure)))
  }

  private func objects(
    _ original: Value.Object?, _ modified: Value.Object, _ current: Value.Object,
    _ type: FieldType?
  ) -> Value.Object {
    var result: [Value.Object.Member] = []
    result.reserveCapacity(max(modified.count, current.count))
    var left = modified.members[...]
    var right = current.members[...]
    // Both are in the order of their names.
    while let name = Self.least(left.first?.name, right.first?.name) {
      let own = left.first.flatMap { isSame($0.name, name) ? $0.value : nil }
      let stored = right.first.flatMap { isSame($0.name, name) ? $0.value : nil }
      if own != nil { left.removeFirst() }
      if stored != nil { right.removeFirst() }
      if let own {
        if own == .null { continue }
        let value =
          stored.map { values(original?[name], own, $0, Self.field(name, of: type)) } ?? own
        result.append(.init(name, value))
      } else if let stored, original?[name] == nil {
        result.append(.init(name, stored))
      }
    }
    guard let object = Value.Object(unordered: result) else {
      fatalError("two ordered objects merge to one with a name twice")
    }
    return object
  }

  private static func least(_ left: String?, _ right: String?) -> String? {
    guard let left, let right else { return left ?? right }
    return isOrdered(right, before: left) ? right : left
  }

  /// What the schema knows of a member: a field, or the values of a map.
  private enum Place {
    case field(SchemaField)
    case value(FieldType)
  }

  private static func field(_ name: String, of type: FieldType?) -> Place? {
    switch type {
    case .structure(let type)?: type.field(named: name).map(Place.field)
    case .map(let value)?: .value(value)
    case .either(let first, _)?: field(name, of: first)
    default: nil
    }
  }

  private func values(
    _ original: Value?, _ modified: Value, _ current: Value, _ place: Place?
  ) -> Value {
    switch (modified, current) {
    case (.object(let own), .object(let stored)):
      guard case .field(let field)? = place else {
        var type: FieldType?
        if case .value(let value)? = place { type = value }
        return .object(objects(original?.object, own, stored, type))
      }
      let strategy = isStrategic ? field.patchStrategy : nil
      if let strategy, !strategy.merges, !strategy.retainsKeys { return modified }
      let merged = objects(original?.object, own, stored, field.type)
      if strategy?.retainsKeys == true { return Self.retaining(own, merged, stored) }
      return .object(merged)
    case (.array(let own), .array(let stored)):
      guard isStrategic, case .field(let field)? = place,
        let keys = Self.identity(of: field)
      else { return modified }
      let list = ListMerge(keys: keys, type: field.type)
      return .array(
        list.merged(original: original?.elements ?? [], modified: own, current: stored) {
          merged(element: $0, $1, $2, field)
        })
    default: return modified
    }
  }

  /// Two versions of one element of a list.
  private func merged(
    element original: Value?, _ modified: Value, _ current: Value, _ field: SchemaField
  ) -> Value {
    guard case .object(let own) = modified, case .object(let stored) = current,
      case .list(let type) = field.type
    else { return modified }
    let merged = objects(original?.object, own, stored, type)
    return field.patchStrategy?.retainsKeys == true
      ? Self.retaining(own, merged, stored) : .object(merged)
  }

  /// Where members exclude one another, those that the manifest does not name go away with the first change.
  private static func retaining(
    _ own: Value.Object, _ merged: Value.Object, _ stored: Value.Object
  ) -> Value {
    if merged == stored { return .object(merged) }
    let kept = merged.members.filter { own[$0.name] != nil }
    return Value.Object(unordered: kept).map(Value.object) ?? .object(merged)
  }

  /// Under which names the elements of a list are known; nil if the list is one value.
  private static func identity(of field: SchemaField) -> [String]? {
    if let strategy = field.patchStrategy {
      guard strategy.merges else { return nil }
      if case .map(let keys)? = field.listType { return keys }
      return strategy.mergeKey.map { [$0] } ?? []
    }
    switch field.listType {
    case .map(let keys)?: return keys
    case .set?: return []
    default: return nil
    }
  }
}

/// Brings lists together whose elements are known by their values, or by some of their members.
struct ListMerge {
  /// The members that tell which elements are the same; empty if the elements themselves do.
  let keys: [String]
  let type: FieldType

  /// An element's key, and how many with that key came before.
  private struct Key: Hashable {
    var values: [Value?]
    var occurrence: Int
  }

  private func keyed(_ elements: [Value]) -> [(key: Key, value: Value)] {
    var occurrences: [[Value?]: Int] = [:]
    return elements.map { element in
      let values = keys.isEmpty ? [element] : ListKeys.key(of: keys, type) { element[$0] }
      let occurrence = occurrences[values, default: 0]
      occurrences[values] = occurrence + 1
      return (Key(values: values, occurrence: occurrence), element)
    }
  }

  /// The manifest's elements in its order, and between them those of others, each in front of the first element that
  /// it stood in front of before.
  func merged(
    original: [Value], modified: [Value], current: [Value],
    _ merge: (Value?, Value, Value) -> Value
  ) -> [Value] {
    let before = Dictionary(keyed(original).map { ($0.key, $0.value) }) { first, _ in first }
    let own = keyed(modified)
    let ownKeys = Set(own.map(\.key))
    var stored: [Key: (place: Int, value: Value)] = [:]
    var others: [(place: Int, value: Value)] = []
    for (place, element) in keyed(current).enumerated() {
      stored[element.key] = (place, element.value)
      if !ownKeys.contains(element.key), before[element.key] == nil {
        others.append((place, element.value))
      }
    }
    var result: [Value] = []
    result.reserveCapacity(own.count + others.count)
    var rest = others[...]
    for element in own {
      guard let known = stored[element.key] else {
        result.append(element.value)
        continue
      }
      while let other = rest.first, other.place < known.place {
        result.append(other.value)
        rest.removeFirst()
      }
      result.append(
        keys.isEmpty ? element.value : merge(before[element.key], element.value, known.value))
    }
    return result + rest.map(\.value)
  }
}
