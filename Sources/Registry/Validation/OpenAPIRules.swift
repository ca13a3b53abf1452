extension SchemaChecker {
  /// Checks what a stored definition says about a field beyond its type. Patterns and expressions are left to the
  /// API server: they are written for other engines.
  mutating func check(_ node: Node, openAPI rules: Value) {
    if case .scalar(let value) = node.content {
      checkNumber(value, at: node.position, rules)
      if let text = value.text { checkText(text, at: node.position, rules) }
      if value.text == nil, let allowed = rules["enum"]?.elements, !allowed.contains(value) {
        let texts = allowed.map { String(decoding: $0.json, as: UTF8.self) }
        report(node.position, "\(path.text) must be one of \(texts.joined(separator: ", "))")
      }
    }
    if let elements = node.elements {
      checkCount(elements.count, "elements", at: node.position, rules, "minItems", "maxItems")
      if rules["uniqueItems"]?.truth == true,
        Set(elements.map(\.value.json)).count != elements.count
      {
        report(node.position, "\(path.text) must not hold an element twice")
      }
    }
    if let members = node.members {
      checkCount(
        members.count, "members", at: node.position, rules, "minProperties", "maxProperties")
    }
  }

  private mutating func checkNumber(_ value: Value, at position: Position, _ rules: Value) {
    guard let number = Self.number(value) else { return }
    if let bound = Self.number(rules["minimum"]) {
      if rules["exclusiveMinimum"]?.truth == true, number <= bound {
        report(position, "\(path.text) must be more than \(NumberText.text(bound))")
      } else if number < bound {
        report(position, "\(path.text) must be at least \(NumberText.text(bound))")
      }
    }
    if let bound = Self.number(rules["maximum"]) {
      if rules["exclusiveMaximum"]?.truth == true, number >= bound {
        report(position, "\(path.text) must be less than \(NumberText.text(bound))")
      } else if number > bound {
        report(position, "\(path.text) must be at most \(NumberText.text(bound))")
      }
    }
    if let step = Self.number(rules["multipleOf"]), step > 0,
      number.remainder(dividingBy: step) != 0
    {
      report(position, "\(path.text) must be a multiple of \(NumberText.text(step))")
    }
  }

  private static func number(_ value: Value?) -> Double? {
    switch value {
    case .integer(let number)?: Double(number)
    case .number(let number)?: number
    default: nil
    }
  }

  private mutating func checkText(_ text: String, at position: Position, _ rules: Value) {
    let count = text.unicodeScalars.count
    checkCount(count, "characters", at: position, rules, "minLength", "maxLength")
  }

  private mutating func checkCount(
    _ count: Int, _ what: String, at position: Position, _ rules: Value, _ low: String,
    _ high: String
  ) {
    if let bound = rules[low]?.wholeNumber, count < bound {
      report(position, "\(path.text) has \(count) \(what), but must have at least \(bound)")
    }
    if let bound = rules[high]?.wholeNumber, count > bound {
      report(position, "\(path.text) has \(count) \(what), but must have at most \(bound)")
    }
  }
}
