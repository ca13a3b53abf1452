/// Checks the parts of an object against the schema of its kind: types, required fields, allowed texts, fields that do
/// not exist, elements that occur twice, and the rules of single fields.
struct SchemaChecker {
  private(set) var findings: [Finding] = []
  private(set) var path = FieldPath()
  /// What is said about bytes that are not in base64.
  private let bytesHint: String

  init(bytesHint: String = "") { self.bytesHint = bytesHint }

  /// Checks a whole object. Fields that are required in a status are let lack: controllers write them.
  mutating func check(_ root: Node, as type: SchemaType) {
    checkStructure(root, type)
  }

  /// Checks a part of an object by itself.
  mutating func check(_ part: Node, as type: SchemaType, at field: String) {
    path.push(.field(field))
    checkStructure(part, type)
    path.pop()
  }

  mutating func report(_ position: Position, _ message: String, isTolerable: Bool = false) {
    findings.append(Finding(position: position, message: message, isTolerable: isTolerable))
  }

  /// What messages call the place: the path, or the kind at the root.
  private func title(_ type: SchemaType) -> String {
    path.isRoot ? "a \(type.kind?.kind ?? type.shortName)" : path.text
  }

  private mutating func checkStructure(_ node: Node, _ type: SchemaType) {
    guard let members = node.members else {
      return report(node.position, "\(path.text) must be a map, not \(node.kindName)")
    }
    let contents = type.contents
    let rules = FieldRules.rules(for: type)
    for member in members {
      guard let place = contents.place(of: member.name) else {
        if !contents.keepsUnknownFields { reportUnknown(member, type) }
        continue
      }
      if member.node.isNull { continue }
      path.push(.field(member.name))
      let before = findings.count
      check(member.node, contents.fields[place].type)
      if findings.count == before {
        checkFurther(member.node, contents.fields[place])
        if let rule = rules?[member.name] { check(member.node, rule) }
      }
      path.pop()
    }
    if path.isInStatus { return }
    for field in contents.fields where field.isRequired {
      if let node = node[field.name], !node.isNull { continue }
      report(node.position, "\(title(type)) has no \(field.name), which is required")
    }
  }

  private mutating func reportUnknown(_ member: Node.Member, _ type: SchemaType) {
    let names = type.fields.map(\.name)
    let near = ResourceTable.nearest(member.name, among: names)
    report(
      member.position,
      "\(title(type)) has no field \"\(member.name)\""
        + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"),
      isTolerable: true)
  }

  /// Checks what kind of value it is.
  private mutating func check(_ node: Node, _ type: FieldType) {
    switch type {
    case .any: break
    case .structure(let type): checkStructure(node, type)
    case .list(let element):
      guard let elements = node.elements else {
        return report(node.position, "\(path.text) must be a list, not \(node.kindName)")
      }
      for (index, node) in elements.enumerated() {
        path.push(.element(index))
        check(node, element)
        path.pop()
      }
    case .map(let value):
      guard let members = node.members else {
        return report(node.position, "\(path.text) must be a map, not \(node.kindName)")
      }
      for member in members { checkEntry(member, value) }
    case .either(let first, let second):
      check(node, node.members == nil ? second : first)
    default: checkScalar(node, type)
    }
  }

  private mutating func checkEntry(_ member: Node.Member, _ type: FieldType) {
    if type == .string, member.node.text == nil {
      report(
        member.node.position,
        "\(path.text) must hold text, not \(member.node.kindName): put the value of "
          + "\"\(member.name)\" in quotes")
      return
    }
    path.push(.key(member.name))
    check(member.node, type)
    path.pop()
  }

  private mutating func checkScalar(_ node: Node, _ type: FieldType) {
    let value: Value
    if case .scalar(let scalar) = node.content { value = scalar } else { value = .emptyObject }
    switch (type, value) {
    case (.string, .string), (.boolean, .bool), (.int64, .integer), (.double, .integer),
      (.double, .number), (.intOrString, .string), (.any, _):
      break
    case (.int32, .integer(let number)), (.intOrString, .integer(let number)):
      if Int32(exactly: number) == nil {
        report(node.position, "\(path.text) is \(number), more than 32 bits can hold")
      }
    case (.string, .bool), (.string, .integer), (.string, .number):
      report(node.position, "\(path.text) must be text, not \(node.kindName): put it in quotes")
    case (.bytes, .string(let text)):
      if Base64.decoded(text) == nil {
        report(node.position, "\(path.text) is not base64\(bytesHint)")
      }
    case (.time, .string(let text)), (.microTime, .string(let text)):
      if Timestamp.seconds(text) == nil {
        report(
          node.position, "\(path.text) \"\(text)\" is not a time such as 2006-01-02T15:04:05Z")
      }
    case (.quantity, .string(let text)):
      if Quantity(text) == nil {
        report(
          node.position,
          "\(path.text) \"\(text)\" is not a quantity such as 500m, 2Gi or 1.5")
      }
    case (.quantity, .integer), (.quantity, .number): break
    default:
      report(node.position, "\(path.text) must be \(Self.name(of: type)), not \(node.kindName)")
    }
  }

  private static func name(of type: FieldType) -> String {
    switch type {
    case .string: "text"
    case .bytes: "text in base64"
    case .boolean: "true or false"
    case .int32, .int64: "a whole number"
    case .double: "a number"
    case .intOrString: "a whole number or text"
    case .quantity: "a quantity"
    case .time, .microTime: "a time"
    default: "something else"
    }
  }

  /// What a field's entry in the schema says beyond its type.
  private mutating func checkFurther(_ node: Node, _ field: SchemaField) {
    if !field.enumeration.isEmpty {
      if let text = node.text {
        checkAllowed(text, at: node.position, field.enumeration)
      } else {
        for element in node.elements ?? [] {
          if let text = element.text {
            checkAllowed(text, at: element.position, field.enumeration)
          }
        }
      }
    }
    switch field.listType {
    case .map(let keys): checkKeys(node.elements ?? [], keys, field.type)
    case .set: checkSet(node.elements ?? [])
    default: break
    }
    if let rules = field.openAPI { check(node, openAPI: rules) }
  }

  private mutating func checkAllowed(_ text: String, at position: Position, _ allowed: [String]) {
    // An empty text is what the API takes for a field that is absent.
    if text.isEmpty || allowed.contains(where: { isSame($0, text) }) { return }
    let near = ResourceTable.nearest(text, among: allowed)
    let hint = near.isEmpty || allowed.count <= 4 ? "" : "; did you mean \(near[0])?"
    report(
      position, "\(path.text) \"\(text)\" must be one of \(allowed.joined(separator: ", "))\(hint)")
  }

  private mutating func checkKeys(_ elements: [Node], _ keys: [String], _ type: FieldType) {
    guard elements.count > 1 else { return }
    var seen: Set<[Value?]> = []
    for (index, element) in elements.enumerated() {
      let key = ListKeys.key(of: keys, type) { name in
        guard case .scalar(let value)? = element[name]?.content else { return nil }
        return value
      }
      guard key.contains(where: { $0 != nil }), !seen.insert(key).inserted else { continue }
      let text = zip(keys, key).compactMap { name, value in
        value.map { "\(name) \($0.text ?? String(decoding: $0.json, as: UTF8.self))" }
      }
      let position = keys.lazy.compactMap { element[$0]?.position }.first ?? element.position
      report(
        position,
        "\(path.text)[\(index)]: \(text.joined(separator: ", ")) occurs twice in the list",
        isTolerable: true)
    }
  }

  private mutating func checkSet(_ elements: [Node]) {
    var seen: Set<Value> = []
    for element in elements {
      guard case .scalar(let value) = element.content, !seen.insert(value).inserted else {
        continue
      }
      let text = value.text ?? String(decoding: value.json, as: UTF8.self)
      report(
        element.position, "\(path.text): \"\(text)\" occurs twice in the list", isTolerable: true)
    }
  }
}
