internal import Primitives

/// Writes values as protobuf messages, by the schema.
///
/// Only what a value has is written: a field that is absent reads as its zero value. Fields come in the order of
/// their numbers, and the entries of maps in the order of their keys, so equal values give equal bytes.
struct MessageEncoder {
  /// Fields that the messages do not have, and that are left out.
  private(set) var issues: [FieldIssue] = []
  private var writer = ReverseWriter()
  private var path = FieldPath()

  /// Writes an object in the form in which it is stored.
  mutating func envelope(
    _ object: Value, as type: SchemaType, kind: GroupVersionKind
  ) throws(CodecError) -> Bytes {
    // The envelope's last two fields, which are empty: no compression, and no other form than protobuf.
    writer.prependField(4, EmptyCollection())
    writer.prependField(3, EmptyCollection())
    let end = writer.count
    try write(object, as: type, isWhole: true)
    StorageEnvelope.wrap(&writer, messageEnd: end, kind: kind)
    return writer.bytes
  }

  /// Writes a value as a message of this type.
  mutating func message(_ value: Value, as type: SchemaType) throws(CodecError) -> Bytes {
    try write(value, as: type)
    return writer.bytes
  }

  private mutating func write(_ value: Value, as type: SchemaType, isWhole: Bool = false)
    throws(CodecError)
  {
    guard case .object(let object) = value else { throw mismatch(value, "a map") }
    let fields = type.fields
    guard let layout = type.layout else {
      throw CodecError(path, "the type \(type.shortName) has no protobuf message")
    }
    let values = slots(object, fields, type, isWhole: isWhole)
    try write(layout, values, fields)
  }

  /// The object's members in the places of their fields: both are in the same order.
  private mutating func slots(
    _ object: Value.Object, _ fields: [SchemaField], _ type: SchemaType, isWhole: Bool
  ) -> [Value?] {
    var values = [Value?](repeating: nil, count: fields.count)
    var place = 0
    for member in object.members {
      while place < fields.count, isOrdered(fields[place].name, before: member.name) { place += 1 }
      guard place < fields.count, isSame(fields[place].name, member.name) else {
        path.push(.field(member.name))
        issues.append(
          FieldIssue(path: path.text, message: "the type \(type.shortName) has no such field"))
        path.pop()
        continue
      }
      if fields[place].wire != nil {
        if member.value != .null { values[place] = member.value }
      } else if !isWhole {
        dropKind(member, type)
      }
    }
    return values
  }

  /// Messages inside others do not say their kind: it is the one that the type has.
  private mutating func dropKind(_ member: Value.Object.Member, _ type: SchemaType) {
    guard let kind = type.kind else { return }
    let expected = member.name == "kind" ? kind.kind : kind.apiVersion
    if member.value == .string(expected) { return }
    path.push(.field(member.name))
    issues.append(FieldIssue(path: path.text, message: "can only be \"\(expected)\" here"))
    path.pop()
  }

  private mutating func write(
    _ layout: WireLayout, _ values: [Value?], _ fields: [SchemaField]
  ) throws(CodecError) {
    for entry in layout.entries.reversed() {
      switch entry.target {
      case .embedded(let inner):
        let end = writer.count
        try write(inner, values, fields)
        if writer.count > end { writer.close(entry.number, since: end) }
      case .field(let place):
        guard let value = values[place] else { continue }
        path.push(.field(fields[place].name))
        if fields[place].wire?.isWrapped == true {
          try writeWrapped(entry.number, value, fields[place].type)
        } else {
          try writeField(entry.number, value, fields[place].type)
        }
        path.pop()
      }
    }
  }

  /// A list in a message of its own.
  private mutating func writeWrapped(
    _ number: UInt32, _ value: Value, _ type: FieldType
  ) throws(CodecError) {
    let end = writer.count
    try writeField(1, value, type)
    writer.close(number, since: end)
  }

  private mutating func writeField(
    _ number: UInt32, _ value: Value, _ type: FieldType
  ) throws(CodecError) {
    switch type {
    case .list(let element):
      guard case .array(let elements) = value else { throw mismatch(value, "a list") }
      for index in elements.indices.reversed() {
        path.push(.element(index))
        try writeField(number, elements[index], element)
        path.pop()
      }
    case .map(let element):
      guard case .object(let object) = value else { throw mismatch(value, "a map") }
      for member in object.members.reversed() {
        path.push(.key(member.name))
        let end = writer.count
        if case .list = element {
          try writeWrapped(2, member.value, element)
        } else {
          try writeField(2, member.value, element)
        }
        writer.prependField(1, member.name.utf8)
        writer.close(number, since: end)
        path.pop()
      }
    case .boolean:
      guard case .bool(let truth) = value else { throw mismatch(value, "true or false") }
      writer.prependVarintField(number, truth ? 1 : 0)
    case .int32, .int64:
      writer.prependVarintField(number, UInt64(bitPattern: try whole(value, type)))
    case .double:
      let double: Double
      switch value {
      case .integer(let whole): double = Double(whole)
      case .number(let number): double = number
      default: throw mismatch(value, "a number")
      }
      for byte in 0..<8 {
        writer.prepend(
          CollectionOfOne(UInt8(truncatingIfNeeded: double.bitPattern >> (56 - 8 * byte))))
      }
      writer.prependTag(number, wireType: 1)
    default:
      let end = writer.count
      try writeContent(value, type)
      writer.close(number, since: end)
    }
  }

  private func whole(_ value: Value, _ type: FieldType) throws(CodecError) -> Int64 {
    guard case .integer(let number) = value else { throw mismatch(value, "a whole number") }
    guard type == .int64 || Int32(exactly: number) != nil else {
      throw CodecError(path, "must lie between -2147483648 and 2147483647, not \(number)")
    }
    return number
  }

  /// What stands behind a tag and a length.
  private mutating func writeContent(_ value: Value, _ type: FieldType) throws(CodecError) {
    switch type {
    case .string:
      guard case .string(let text) = value else { throw mismatch(value, "text") }
      writer.prepend(text.utf8)
    case .bytes:
      guard case .string(let text) = value, let bytes = Base64.decoded(text) else {
        throw mismatch(value, "text in base64")
      }
      writer.prepend(bytes)
    case .intOrString: try writeIntOrString(value)
    case .quantity:
      writer.prependField(1, try quantity(value).utf8)
    case .time, .microTime:
      guard case .string(let text) = value, let moment = Moment(text) else {
        throw mismatch(value, "a time such as 2006-01-02T15:04:05Z")
      }
      let nanoseconds = type == .time ? 0 : moment.nanoseconds / 1000 * 1000
      writer.prependVarintField(2, UInt64(nanoseconds))
      writer.prependVarintField(1, UInt64(bitPattern: moment.seconds))
    case .any: writer.prependField(1, value.json)
    case .structure(let structure): try write(value, as: structure)
    case .either(let first, let second): try writeEither(value, first, second)
    case .boolean, .int32, .int64, .double, .list, .map:
      fatalError("the type \(type) has no length")
    }
  }

  private mutating func writeIntOrString(_ value: Value) throws(CodecError) {
    switch value {
    case .string(let text):
      writer.prependField(3, text.utf8)
      writer.prependVarintField(2, 0)
      writer.prependVarintField(1, 1)
    case .integer:
      writer.prependField(3, EmptyCollection())
      writer.prependVarintField(2, UInt64(bitPattern: try whole(value, .int32)))
      writer.prependVarintField(1, 0)
    default: throw mismatch(value, "a whole number or text")
    }
  }

  private func quantity(_ value: Value) throws(CodecError) -> String {
    let text: String
    switch value {
    case .string(let string): text = string
    case .integer(let number): text = String(number)
    case .number(let number): text = NumberText.text(number)
    default: throw mismatch(value, "an amount such as 100m or 2Gi")
    }
    guard Quantity.isValid(text) else { throw mismatch(value, "an amount such as 100m or 2Gi") }
    return text
  }

  /// The parts of JSON schemas that are a schema or something simpler.
  private mutating func writeEither(
    _ value: Value, _ first: FieldType, _ second: FieldType
  ) throws(CodecError) {
    switch (value, second) {
    case (.object, .boolean):
      try writeField(2, value, first)
      writer.prependVarintField(1, 1)
    case (.bool, .boolean): try writeField(1, value, second)
    case (.object, _): try writeField(1, value, first)
    default: try writeField(2, value, second)
    }
  }

  private func mismatch(_ value: Value, _ expected: String) -> CodecError {
    CodecError(path, "must be \(expected), not \(value.kindName)")
  }
}

extension SchemaType {
  /// The fields in the order of their numbers; nil if there is no message for the type.
  var layout: WireLayout? { hasMessage ? kubernetesPlace.map { WireLayout.kubernetes[$0] } : nil }
}
