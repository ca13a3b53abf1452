internal import Primitives

/// Reads protobuf messages as values, by the schema.
///
/// What JSON would leave out is left out: zero values of fields that cannot tell zero from absent. What the schema does
/// not know is named in `issues`. Hostile bytes end in an error; what is read takes memory in proportion to them.
struct MessageDecoder {
  /// What could not be carried over, at most `issuesMax` of it.
  private(set) var issues: [FieldIssue] = []
  private let bytes: Bytes
  private let depthMax: Int
  private var depth = 0
  private var path = FieldPath()

  /// The most issues that are told; those beyond it are counted in the last one.
  static let issuesMax = 100

  private var issuesLeftOut = 0

  init(_ bytes: Bytes, depthMax: Int = DocumentLimits().depth) {
    self.bytes = bytes
    self.depthMax = depthMax
  }

  /// Reads a message of this type that fills `range`.
  mutating func object(_ type: SchemaType, in range: Range<Int>) throws(CodecError) -> Value.Object
  {
    guard let layout = type.layout else {
      throw CodecError(path, "the type \(type.shortName) has no protobuf message")
    }
    depth += 1
    defer { depth -= 1 }
    guard depth <= depthMax else {
      throw CodecError(path, "messages lie deeper than \(depthMax) levels")
    }
    let fields = type.fields
    var slots = [Slot](repeating: .empty, count: fields.count)
    try read(layout, type, fields, range, into: &slots)
    var members: [Value.Object.Member] = []
    for place in fields.indices {
      if let value = slots[place].value { members.append(.init(fields[place].name, value)) }
    }
    if depth > 1, let kind = type.kind {
      members.insert(.init("apiVersion", .string(kind.apiVersion)), at: 0)
      members.append(.init("kind", .string(kind.kind)))
    }
    guard let object = Value.Object(unordered: members) else {
      fatalError("the type \(type.name) has two fields of one name")
    }
    return object
  }

  /// What has been read of a field.
  private enum Slot {
    case empty
    case single(Value)
    case list([Value])
    case map([Value.Object.Member])

    var value: Value? {
      switch self {
      case .empty: return nil
      case .single(let value): return value
      case .list(let elements): return .array(elements)
      case .map(let members):
        if let object = Value.Object(unordered: members) { return .object(object) }
        return Value.Object(unordered: Self.withoutRepeated(members)).map(Value.object)
      }
    }

    /// Of entries with one key, the last one counts.
    private static func withoutRepeated(
      _ members: [Value.Object.Member]
    ) -> [Value.Object.Member] {
      let order = members.indices.sorted { left, right in
        isSame(members[left].name, members[right].name)
          ? left < right : isOrdered(members[left].name, before: members[right].name)
      }
      return order.indices.filter { place in
        place + 1 == order.count
          || !isSame(members[order[place]].name, members[order[place + 1]].name)
      }.map { members[order[$0]] }
    }

    var count: Int {
      if case .list(let elements) = self { elements.count } else { 0 }
    }

    mutating func append(_ value: Value) {
      guard case .list(var elements) = self else {
        self = .list([value])
        return
      }
      self = .empty
      elements.append(value)
      self = .list(elements)
    }

    mutating func append(_ member: Value.Object.Member) {
      guard case .map(var members) = self else {
        self = .map([member])
        return
      }
      self = .empty
      members.append(member)
      self = .map(members)
    }
  }

  private mutating func read(
    _ layout: WireLayout, _ type: SchemaType, _ fields: [SchemaField], _ range: Range<Int>,
    into slots: inout [Slot]
  ) throws(CodecError) {
    var reader = ByteReader(bytes, in: range)
    while !reader.isAtEnd {
      let (number, wireType) = try wire { () throws(DecodingError) in try reader.readTag() }
      switch layout.target(number) {
      case nil:
        let start = reader.position
        try wire { () throws(DecodingError) in try reader.skipField(wireType: wireType) }
        report(
          "the type \(type.shortName) has no field \(number), whose \(reader.position - start) "
            + "bytes are left out")
      case .embedded(let inner):
        try read(inner, type, fields, try content(&reader, wireType), into: &slots)
      case .field(let place):
        let field = fields[place]
        path.push(.field(field.name))
        if field.wire?.isWrapped == true {
          var inner = ByteReader(bytes, in: try content(&reader, wireType))
          try readWrapped(&inner, field, into: &slots[place])
        } else {
          try read(&reader, wireType, field, into: &slots[place])
        }
        path.pop()
      }
    }
  }

  /// A list in a message of its own, as field 1.
  private mutating func readWrapped(
    _ reader: inout ByteReader, _ field: SchemaField, into slot: inout Slot
  ) throws(CodecError) {
    while !reader.isAtEnd {
      let (number, wireType) = try wire { () throws(DecodingError) in try reader.readTag() }
      if number == 1 {
        try read(&reader, wireType, field, into: &slot)
      } else {
        try skip(&reader, number, wireType)
      }
    }
  }

  private mutating func skip(
    _ reader: inout ByteReader, _ number: UInt64, _ wireType: UInt8
  ) throws(CodecError) {
    try wire { () throws(DecodingError) in try reader.skipField(wireType: wireType) }
    report("has an unknown field \(number) inside, which is left out")
  }

  private mutating func read(
    _ reader: inout ByteReader, _ wireType: UInt8, _ field: SchemaField, into slot: inout Slot
  ) throws(CodecError) {
    switch field.type {
    case .list(let element):
      // Numbers may come in one piece.
      if wireType == 2, element.isVarint {
        var packed = ByteReader(bytes, in: try content(&reader, wireType))
        while !packed.isAtEnd {
          if let value = try value(&packed, 0, element) { slot.append(value) }
        }
        return
      }
      path.push(.element(slot.count))
      slot.append(try value(&reader, wireType, element) ?? .null)
      path.pop()
    case .map(let element):
      if let member = try entry(try content(&reader, wireType), element) { slot.append(member) }
    default:
      guard let value = try value(&reader, wireType, field.type) else { return }
      let isShown = field.keepsZero || field.defaultValue != nil || !value.isZero
      slot = isShown || !field.type.canBeAbsent ? .single(value) : .empty
    }
  }

  private mutating func entry(
    _ range: Range<Int>, _ type: FieldType
  ) throws(CodecError) -> Value.Object.Member? {
    var reader = ByteReader(bytes, in: range)
    var key = ""
    var slot = Slot.empty
    while !reader.isAtEnd {
      let (number, wireType) = try wire { () throws(DecodingError) in try reader.readTag() }
      switch number {
      case 1: key = text(try content(&reader, wireType))
      case 2:
        path.push(.key(key))
        if case .list = type {
          var inner = ByteReader(bytes, in: try content(&reader, wireType))
          try readWrapped(&inner, SchemaField(key, type), into: &slot)
          if case .empty = slot { slot = .list([]) }
        } else if let value = try value(&reader, wireType, type) {
          slot = .single(value)
        }
        path.pop()
      default: try skip(&reader, number, wireType)
      }
    }
    return (slot.value ?? type.zero).map { .init(key, $0) }
  }

  /// One value; nil if it is one that JSON has no text for, which is an issue unless it means that there is none.
  private mutating func value(
    _ reader: inout ByteReader, _ wireType: UInt8, _ type: FieldType
  ) throws(CodecError) -> Value? {
    switch type {
    case .boolean: return .bool(try varint(&reader, wireType) != 0)
    case .int32:
      return .integer(Int64(Int32(truncatingIfNeeded: try varint(&reader, wireType))))
    case .int64: return .integer(Int64(bitPattern: try varint(&reader, wireType)))
    case .double:
      guard wireType == 1 else { throw unexpected(wireType) }
      let bits: UInt64 = try wire { () throws(DecodingError) in try reader.readLittleEndian() }
      guard let value = Value.canonical(Double(bitPattern: bits)) else {
        report("is no number that JSON can write")
        return nil
      }
      return value
    default: return try message(try content(&reader, wireType), type)
    }
  }

  /// A value whose form is bytes behind a length.
  private mutating func message(_ range: Range<Int>, _ type: FieldType) throws(CodecError) -> Value?
  {
    switch type {
    case .string: return .string(text(range))
    case .bytes: return .string(Base64.encoded(Bytes(bytes[range])))
    case .structure(let structure): return .object(try object(structure, in: range))
    case .intOrString:
      let parts = try scalars(range)
      switch parts.numbers[1] ?? 0 {
      case 0: return .integer(Int64(Int32(truncatingIfNeeded: parts.numbers[2] ?? 0)))
      case 1: return .string(parts.ranges[3].map { text($0) } ?? "")
      case let other:
        report("is neither a number nor text, but of the unknown form \(other)")
        return nil
      }
    case .quantity:
      let amount = try scalars(range).ranges[1].map { text($0) } ?? ""
      return .string(amount.isEmpty ? "0" : amount)
    case .time, .microTime: return try time(range, isMicro: type == .microTime)
    case .any: return try any(range)
    case .either(let first, let second): return try either(range, first, second)
    case .boolean, .int32, .int64, .double, .list, .map:
      fatalError("the type \(type) has no length")
    }
  }

  private mutating func time(_ range: Range<Int>, isMicro: Bool) throws(CodecError) -> Value? {
    // Go's zero time is an empty message, and means that there is none.
    if range.isEmpty { return nil }
    let parts = try scalars(range)
    let seconds = Int64(bitPattern: parts.numbers[1] ?? 0)
    let nanoseconds = Int32(truncatingIfNeeded: parts.numbers[2] ?? 0)
    guard Moment.range.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
      report("is no time that RFC 3339 can write: \(seconds) s and \(nanoseconds) ns since 1970")
      return nil
    }
    if seconds == Moment.range.lowerBound, nanoseconds == 0 { return nil }
    let moment = Moment(seconds: seconds, nanoseconds: nanoseconds)
    return .string(isMicro ? moment.microText : moment.text)
  }

  /// JSON inside a message, or an object in the storage form inside another.
  private mutating func any(_ range: Range<Int>) throws(CodecError) -> Value? {
    guard let raw = try scalars(range).ranges[1], !raw.isEmpty else { return nil }
    let content = Bytes(bytes[raw])
    if content.starts(with: StorageEnvelope.prefix) {
      let inner = try ObjectCodec.decodeProtobuf(content, depthMax: depthMax - depth - 1)
      for issue in inner.issues { report(issue.description) }
      return inner.value
    }
    do throws(SyntaxError) {
      return try Value(json: content)
    } catch {
      report("holds \(content.count) bytes that are no JSON and are left out: \(error.message)")
      return nil
    }
  }

  private mutating func either(
    _ range: Range<Int>, _ first: FieldType, _ second: FieldType
  ) throws(CodecError) -> Value? {
    var reader = ByteReader(bytes, in: range)
    let schemaNumber: UInt64 = second == .boolean ? 2 : 1
    var schema: Value?
    var other = Slot.empty
    let field = SchemaField("", second)
    while !reader.isAtEnd {
      let (number, wireType) = try wire { () throws(DecodingError) in try reader.readTag() }
      if number == schemaNumber {
        schema = try message(try content(&reader, wireType), first)
      } else if number == 3 - schemaNumber {
        if second == .boolean {
          other = .single(.bool(try varint(&reader, wireType) != 0))
        } else {
          try read(&reader, wireType, field, into: &other)
        }
      } else {
        try skip(&reader, number, wireType)
      }
    }
    return schema ?? other.value ?? second.zero
  }

  /// The fields of a small message of numbers and texts.
  private mutating func scalars(
    _ range: Range<Int>
  ) throws(CodecError) -> (numbers: [UInt64: UInt64], ranges: [UInt64: Range<Int>]) {
    var reader = ByteReader(bytes, in: range)
    var numbers: [UInt64: UInt64] = [:]
    var ranges: [UInt64: Range<Int>] = [:]
    while !reader.isAtEnd {
      let (number, wireType) = try wire { () throws(DecodingError) in try reader.readTag() }
      switch wireType {
      case 0 where number <= 3: numbers[number] = try varint(&reader, wireType)
      case 2 where number <= 3: ranges[number] = try content(&reader, wireType)
      default: try skip(&reader, number, wireType)
      }
    }
    return (numbers, ranges)
  }

  private mutating func text(_ range: Range<Int>) -> String {
    if let text = String(validating: bytes[range], as: UTF8.self) { return text }
    report("holds bytes that are not UTF-8, which are shown as U+FFFD")
    return String(decoding: bytes[range], as: UTF8.self)
  }

  private func content(
    _ reader: inout ByteReader, _ wireType: UInt8
  ) throws(CodecError) -> Range<Int> {
    guard wireType == 2 else { throw unexpected(wireType) }
    return try wire { () throws(DecodingError) in try reader.readLengthDelimited() }
  }

  private func varint(_ reader: inout ByteReader, _ wireType: UInt8) throws(CodecError) -> UInt64 {
    guard wireType == 0 else { throw unexpected(wireType) }
    return try wire { () throws(DecodingError) in try reader.readVarint() }
  }

  private func unexpected(_ wireType: UInt8) -> CodecError {
    CodecError(path, "the protobuf field has the wrong wire type \(wireType)")
  }

  private func wire<Result>(
    _ body: () throws(DecodingError) -> Result
  ) throws(CodecError) -> Result {
    do throws(DecodingError) {
      return try body()
    } catch {
      throw CodecError(
        path, error == .truncated ? "the protobuf ends too early" : "the protobuf is malformed")
    }
  }

  private mutating func report(_ message: String) {
    if issues.count < Self.issuesMax {
      issues.append(FieldIssue(path: path.text, message: message))
    } else {
      issuesLeftOut += 1
      issues[Self.issuesMax - 1] = FieldIssue(
        path: "", message: "\(issuesLeftOut + 1) further parts could not be read either")
    }
  }
}
