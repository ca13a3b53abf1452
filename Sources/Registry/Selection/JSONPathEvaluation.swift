/// Applies a template to a value.
struct JSONPathEvaluation {
  /// Values that are looked at. Beyond: an error, for `..` inside ranges can multiply them.
  private static let stepsMax = 16_000_000
  /// Ranges inside one another. Beyond: an error.
  private static let depthMax = 64

  private var steps = 0

  /// What each node finds, ranges unrolled.
  mutating func find(_ nodes: [JSONPathNode], in value: Value) throws(SelectionError) -> [[Value]] {
    var found: [[Value]] = []
    _ = try find(nodes[...], in: value, depth: 0, into: &found)
    return found
  }

  /// - Parameter value: nil in a range without values, whose nodes are passed over.
  /// - Returns: the place of the `{end}` that closed this range, or the end of the nodes.
  private mutating func find(
    _ nodes: ArraySlice<JSONPathNode>, in value: Value?, depth: Int, into found: inout [[Value]]
  ) throws(SelectionError) -> Int {
    guard depth <= Self.depthMax else { throw SelectionError("ranges are nested too deeply") }
    var place = nodes.startIndex
    while place < nodes.endIndex {
      let node = nodes[place]
      if Self.names(node, .end) {
        guard depth > 0 else { throw SelectionError("not in range, nothing to end") }
        return place
      }
      let results = try walk([node], from: value.map { [$0] } ?? [])
      guard Self.names(node, .range) else {
        found.append(results)
        place += 1
        continue
      }
      var end = nodes.endIndex
      let body = nodes[(place + 1)...]
      if results.isEmpty {
        var nothing: [[Value]] = []
        end = try find(body, in: nil, depth: depth + 1, into: &nothing)
      }
      for result in results {
        end = try find(body, in: result, depth: depth + 1, into: &found)
      }
      place = end + 1
    }
    return nodes.endIndex
  }

  private static func names(_ node: JSONPathNode, _ mark: JSONPathNode) -> Bool {
    if case .list(let nodes) = node { nodes.contains(mark) } else { false }
  }

  private mutating func walk(
    _ nodes: [JSONPathNode], from values: [Value]
  ) throws(SelectionError) -> [Value] {
    var values = values
    for node in nodes {
      steps += values.count + 1
      guard steps <= Self.stepsMax else {
        throw SelectionError("the path finds more than \(Self.stepsMax) values")
      }
      values = try step(node, from: values)
    }
    return values
  }

  private mutating func step(
    _ node: JSONPathNode, from values: [Value]
  ) throws(SelectionError) -> [Value] {
    switch node {
    case .text(let text): return [.string(text)]
    case .list(let nodes): return try walk(nodes, from: values)
    case .field(let name): return values.compactMap { $0[name] }
    case .wildcard: return values.flatMap(Self.children)
    case .descent:
      var all: [Value] = []
      for value in values { try descend(value, into: &all) }
      return all
    case .slice(let slice):
      var all: [Value] = []
      for value in values where value != .null { all += try Self.slice(slice, of: value) }
      return all
    case .union(let paths):
      var all: [Value] = []
      for path in paths { all += try walk(path, from: values) }
      return all
    case .filter(let left, let operation, let right):
      return try filter(values, left, operation, right)
    case .integer(let number): return values.map { _ in .integer(number) }
    case .number(let number): return values.map { _ in .number(number) }
    case .bool(let truth): return values.map { _ in .bool(truth) }
    case .range, .end: return values
    case .unknown(let word): throw SelectionError("unrecognized identifier \(word)")
    }
  }

  private static func children(of value: Value) -> [Value] {
    switch value {
    case .array(let elements): elements
    case .object(let object): object.members.map(\.value)
    default: []
    }
  }

  /// The value and what lies in it, if anything does; texts that are not empty count, numbers do not.
  private mutating func descend(_ value: Value, into all: inout [Value]) throws(SelectionError) {
    steps += 1
    guard steps <= Self.stepsMax else {
      throw SelectionError("the path finds more than \(Self.stepsMax) values")
    }
    if case .string(let text) = value {
      if !text.isEmpty { all.append(value) }
      return
    }
    let children = Self.children(of: value)
    if children.isEmpty { return }
    all.append(value)
    for child in children { try descend(child, into: &all) }
  }

  private static func slice(
    _ slice: JSONPathSlice, of value: Value
  ) throws(SelectionError) -> [Value] {
    guard case .array(let elements) = value else {
      throw SelectionError("\(name(of: value)) is not array or slice")
    }
    let count = elements.count
    var start = slice.start
    if start < 0 { start &+= count }
    var end = slice.end ?? count
    if end < 0 || (end == 0 && slice.isIndex) { end &+= count }
    if start == end { return [] }
    guard (0..<count).contains(start) else {
      throw SelectionError("array index out of bounds: index \(start), length \(count)")
    }
    guard (0...count).contains(end) else {
      throw SelectionError("array index out of bounds: index \(end - 1), length \(count)")
    }
    guard start <= end else {
      throw SelectionError("starting index \(start) is greater than ending index \(end)")
    }
    guard let step = slice.step else { return Array(elements[start..<end]) }
    guard step > 0 else { throw SelectionError("step must be > 0") }
    return stride(from: start, to: end, by: step).map { elements[$0] }
  }

  private mutating func filter(
    _ values: [Value], _ left: [JSONPathNode], _ operation: String, _ right: [JSONPathNode]
  ) throws(SelectionError) -> [Value] {
    var found: [Value] = []
    for value in values {
      guard case .array(let elements) = value else {
        throw SelectionError("\(GoText.text(value)) is not array or slice and cannot be filtered")
      }
      for element in elements {
        if operation == "exists" {
          // What cannot be found does not exist, whatever the reason.
          if let lefts = try? walk(left, from: [element]), !lefts.isEmpty { found.append(element) }
          continue
        }
        let lefts = try walk(left, from: [element])
        if lefts.isEmpty { continue }
        let rights = try walk(right, from: [element])
        if rights.isEmpty { continue }
        guard lefts.count == 1, rights.count == 1 else {
          throw SelectionError("can only compare one element at a time")
        }
        if try Self.holds(lefts[0], operation, rights[0]) { found.append(element) }
      }
    }
    return found
  }

  private static func holds(
    _ left: Value, _ operation: String, _ right: Value
  ) throws(SelectionError) -> Bool {
    guard ["==", "!=", "<", "<=", ">", ">="].contains(operation) else {
      throw SelectionError("unrecognized filter operator \(operation)")
    }
    let order: (isLess: Bool, isEqual: Bool)
    switch (left, right) {
    case (.integer(let left), .integer(let right)): order = (left < right, left == right)
    case (.number(let left), .number(let right)): order = (left < right, left == right)
    case (.string(let left), .string(let right)):
      order = (isOrdered(left, before: right), isSame(left, right))
    case (.bool(let left), .bool(let right)):
      guard operation == "==" || operation == "!=" else {
        throw SelectionError("invalid type for comparison")
      }
      order = (false, left == right)
    case (.null, _), (.array, _), (.object, _), (_, .null), (_, .array), (_, .object):
      throw SelectionError("invalid type for comparison")
    default: throw SelectionError("incompatible types for comparison")
    }
    return switch operation {
    case "==": order.isEqual
    case "!=": !order.isEqual
    case "<": order.isLess
    case "<=": order.isLess || order.isEqual
    case ">": !order.isLess && !order.isEqual
    default: !order.isLess
    }
  }

  /// Go's name of a value's type, which kubectl's messages have.
  private static func name(of value: Value) -> String {
    switch value {
    case .null: "nil"
    case .bool: "bool"
    case .integer: "int64"
    case .number: "float64"
    case .string: "string"
    case .array: "[]interface {}"
    case .object: "map[string]interface {}"
    }
  }
}
