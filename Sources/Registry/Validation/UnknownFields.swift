extension Value {
  /// The value without what its type does not have.
  func keepingKnownFields(of type: FieldType) -> Value {
    switch (type, self) {
    case (.structure(let type), .object(let object)):
      let contents = type.contents
      let members = object.members.compactMap { member -> Object.Member? in
        guard let place = contents.place(of: member.name) else {
          return contents.keepsUnknownFields ? member : nil
        }
        return Object.Member(
          member.name, member.value.keepingKnownFields(of: contents.fields[place].type))
      }
      guard let kept = Object(unordered: members) else { return self }
      return .object(kept)
    case (.list(let element), .array(let elements)):
      return .array(elements.map { $0.keepingKnownFields(of: element) })
    case (.map(let value), .object(let object)):
      let members = object.members.map {
        Object.Member($0.name, $0.value.keepingKnownFields(of: value))
      }
      return Object(unordered: members).map(Value.object) ?? self
    case (.either(let first, _), .object): return keepingKnownFields(of: first)
    default: return self
    }
  }
}
