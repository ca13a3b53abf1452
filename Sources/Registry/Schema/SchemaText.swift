internal import Primitives

/// Reads the text of `KubernetesSchema`: lines of words, in the form that docs/adr/0006-schema.md describes.
///
/// The text is part of the program, so whatever is wrong with it is an error of the program.
struct SchemaText {
  private(set) var release = ""
  private(set) var types: [SchemaFields] = []
  private(set) var resources: [ResourceLine] = []

  private let bytes: Bytes
  private var place = 0
  /// The lines of types, with their package, in the order of their places.
  private var lines: [(range: Range<Int>, package: Int)] = []
  private var packages: [(name: String, version: String, types: [String: Int])] = []

  init(_ text: String) { bytes = Bytes(text.utf8) }

  mutating func read() {
    index()
    types.reserveCapacity(lines.count)
    for line in lines { types.append(type(line.range, package: line.package)) }
  }

  /// Finds the lines, and gives each type its place before any of them is referred to.
  private mutating func index() {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      place = start
      let first = word(in: end)
      switch first {
      case "schema":
        invariant(word(in: end) == "1", "the schema's text is of another format")
        invariant(word(in: end) == "kubernetes", "the schema's text is not Kubernetes'")
        release = word(in: end)
      case "package": packages.append((word(in: end), word(in: end), [:]))
      case "resource": resources.append(resource(until: end))
      default:
        let name = first.prefix { $0 != "!" && $0 != "-" }
        packages[packages.count - 1].types[String(name)] = lines.count
        lines.append((start..<end, packages.count - 1))
      }
      start = end + 1
    }
  }

  /// The next word of the line, and the space behind it; empty at the end.
  private mutating func word(in end: Int) -> String {
    let start = place
    while place < end, bytes[place] != UInt8(ascii: " ") { place += 1 }
    defer { place += 1 }
    return text(start..<place)
  }

  private func text(_ range: Range<Int>) -> String {
    range.isEmpty ? "" : String(decoding: bytes[range], as: UTF8.self)
  }

  private mutating func resource(until end: Int) -> ResourceLine {
    var words: [String] = []
    for _ in 0..<13 {
      let next = word(in: end)
      words.append(next == "-" ? "" : next)
    }
    func list(_ word: String) -> [String] { word.split(separator: ",").map(String.init) }
    let columns = place < end ? text(place..<end).split(separator: "|").map(Self.column) : []
    return ResourceLine(
      group: words[0], version: words[1], kind: words[2], plural: words[3], singular: words[4],
      isNamespaced: words[5] == "namespaced", storagePath: words[6], storedAs: words[7],
      isStoredAsProtobuf: words[8] == "protobuf", shortNames: list(words[9]),
      subresources: list(words[10]), categories: list(words[11]), verbs: list(words[12]),
      columns: columns)
  }

  /// `Name:type@priority`, of which the last two may lack.
  private static func column(_ text: Substring) -> ResourceColumn {
    let parts = text.split(separator: "@")
    let names = parts[0].split(separator: ":")
    let type: ResourceColumn.Kind =
      switch names.count > 1 ? names[1] : "" {
      case "i": .integer
      case "b": .boolean
      case "d": .date
      default: .string
      }
    return ResourceColumn(
      name: String(names[0]), kind: type, format: names.count > 1 && names[1] == "n" ? "name" : "",
      priority: parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
  }

  private mutating func type(_ range: Range<Int>, package: Int) -> SchemaFields {
    place = range.lowerBound
    let first = word(in: range.upperBound)
    let isKind = first.contains("!")
    let name = String(first.prefix { $0 != "!" && $0 != "-" })
    var type = SchemaFields(name: packages[package].name + "." + name, fields: [])
    type.hasMessage = !first.contains("-")
    if isKind {
      type.kind = GroupVersionKind(apiVersion: packages[package].version, kind: name)
    }
    while place < range.upperBound { type.fields.append(field(package, range.upperBound)) }
    if isKind {
      type.fields += [SchemaField("apiVersion", .string), SchemaField("kind", .string)]
      type.fields.sort { isOrdered($0.name, before: $1.name) }
    }
    return type
  }

  private var next: UInt8 { bytes[place] }

  private func isAtMark(_ end: Int) -> Bool {
    place >= end || " !*@%+#|".utf8.contains(next)
  }

  private mutating func field(_ package: Int, _ end: Int) -> SchemaField {
    let start = place
    while next != UInt8(ascii: "=") && next != UInt8(ascii: ":") { place += 1 }
    let name = text(start..<place)
    let wire = next == UInt8(ascii: "=") ? wireField() : nil
    place += 1
    var field = SchemaField(name, fieldType(package))
    field.wire = wire
    while place < end, next != UInt8(ascii: " ") { attribute(of: &field, end) }
    place += 1
    return field
  }

  /// `=NUMBER/NUMBER^`, up to the colon.
  private mutating func wireField() -> WireField {
    var wire = WireField(path: [])
    while next != UInt8(ascii: ":") {
      switch next {
      case UInt8(ascii: "="), UInt8(ascii: "/"): wire.path.append(0)
      case UInt8(ascii: "^"): wire.isWrapped = true
      default:
        let last = wire.path.count - 1
        wire.path[last] = wire.path[last] * 10 + UInt32(next - UInt8(ascii: "0"))
      }
      place += 1
    }
    return wire
  }

  private mutating func fieldType(_ package: Int) -> FieldType {
    let code = next
    if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(code) {
      return .structure(reference(package))
    }
    if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(code) {
      var number = 0
      while next != UInt8(ascii: ".") {
        number = number * 10 + Int(next - UInt8(ascii: "0"))
        place += 1
      }
      place += 1
      return .structure(reference(number))
    }
    place += 1
    switch code {
    case UInt8(ascii: "s"): return .string
    case UInt8(ascii: "y"): return .bytes
    case UInt8(ascii: "b"): return .boolean
    case UInt8(ascii: "i"): return .int32
    case UInt8(ascii: "l"): return .int64
    case UInt8(ascii: "d"): return .double
    case UInt8(ascii: "x"): return .intOrString
    case UInt8(ascii: "q"): return .quantity
    case UInt8(ascii: "t"): return .time
    case UInt8(ascii: "u"): return .microTime
    case UInt8(ascii: "*"): return .any
    case UInt8(ascii: "["): return .list(fieldType(package))
    case UInt8(ascii: "{"): return .map(fieldType(package))
    case UInt8(ascii: "/"):
      let first = fieldType(package)
      place += 1
      return .either(first, fieldType(package))
    default: fatalError("the schema's text has an unknown type at byte \(place - 1)")
    }
  }

  private mutating func reference(_ package: Int) -> SchemaType {
    let start = place
    while place < bytes.count, isNameByte(next) { place += 1 }
    let name = text(start..<place)
    guard let type = packages[package].types[name] else {
      fatalError("the schema's text has no type \(name) in \(packages[package].name)")
    }
    return SchemaType(kubernetes: type)
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }

  private mutating func attribute(of field: inout SchemaField, _ end: Int) {
    let mark = next
    place += 1
    let start = place
    if mark == UInt8(ascii: "|") {
      while place < end, next != UInt8(ascii: " ") { place += 1 }
      field.enumeration = text(start..<place).split(
        separator: "|", omittingEmptySubsequences: false
      ).map(String.init)
      return
    }
    if mark == UInt8(ascii: "#") {
      while place < end, next != UInt8(ascii: " "), next != UInt8(ascii: "|") { place += 1 }
      field.defaultValue = defaultValue(start..<place)
      return
    }
    while !isAtMark(end) { place += 1 }
    let word = text(start..<place)
    switch mark {
    case UInt8(ascii: "!"): field.isRequired = true
    case UInt8(ascii: "*"): field.keepsZero = true
    case UInt8(ascii: "%"): field.isAtomicMap = word == "a"
    case UInt8(ascii: "@"):
      field.listType =
        switch word.utf8.first {
        case UInt8(ascii: "a"): .atomic
        case UInt8(ascii: "s"): .set
        default: .map(keys: word.dropFirst().split(separator: ",").map(String.init))
        }
    case UInt8(ascii: "+"):
      let code = word.utf8.first
      let key = String(word.dropFirst())
      field.patchStrategy = PatchStrategy(
        merges: code == UInt8(ascii: "m") || code == UInt8(ascii: "k"),
        retainsKeys: code == UInt8(ascii: "k") || code == UInt8(ascii: "r"),
        mergeKey: key.isEmpty ? nil : key)
    default: fatalError("the schema's text has an unknown mark at byte \(start - 1)")
    }
  }

  private func defaultValue(_ range: Range<Int>) -> Value {
    switch bytes[range] {
    case [UInt8(ascii: "{"), UInt8(ascii: "}")]: return .emptyObject
    case [UInt8(ascii: "\""), UInt8(ascii: "\"")]: return .string("")
    default:
      guard let value = try? Value(json: Bytes(bytes[range])) else {
        fatalError("the schema's text has a default that is no JSON: \(text(range))")
      }
      return value
    }
  }
}
