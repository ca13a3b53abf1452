/// Puts libyaml's events together to documents, within limits.
struct YAMLReader {
  private let events: YAMLEventReader
  private let limits: DocumentLimits
  private var anchors: [String: Anchor] = [:]
  private var openAnchors: [String] = []
  private var weight = Weight()
  private var repeated = Weight()
  private var depth = 0

  /// What a part of a document costs whoever walks through it.
  private struct Weight {
    var nodes = 0
    var bytes = 0
  }

  /// A part that aliases may repeat.
  private struct Anchor {
    var node: Node
    var weight: Weight
  }

  init(_ source: any DocumentSource, limits: DocumentLimits) {
    events = YAMLEventReader(source, documentBytesMax: limits.bytes)
    self.limits = limits
  }

  /// The next document; nil at the end of the stream. After an error the stream is over.
  mutating func readNext() throws(SyntaxError) -> Node? {
    while true {
      let (event, position) = try events.next()
      switch event {
      case .streamEnd: return nil
      case .documentStart:
        anchors = [:]
        openAnchors = []
        weight = Weight()
        repeated = Weight()
        depth = 0
        let (first, position) = try events.next()
        let node = try readNode(first, at: position)
        let (end, endPosition) = try events.next()
        guard case .documentEnd = end else {
          throw SyntaxError(endPosition, "expected the end of the document")
        }
        anchors = [:]
        return node
      default: throw SyntaxError(position, "expected a document")
      }
    }
  }

  private mutating func readNode(
    _ event: YAMLEvent, at position: Position
  ) throws(SyntaxError) -> Node {
    let before = weight
    weight.nodes += 1
    guard weight.nodes <= limits.nodes else {
      throw SyntaxError(position, "the document has more than \(limits.nodes) parts")
    }
    let node: Node
    let anchor: String?
    switch event {
    case .alias(let name): return try repeatAnchor(name, at: position)
    case .scalar(let scalar, let name):
      anchor = name
      weight.bytes += scalar.text.utf8.count
      node = Node(.scalar(try resolve(scalar, at: position)), at: position)
    case .sequenceStart(let name):
      anchor = name
      if let name { openAnchors.append(name) }
      node = try readSequence(at: position)
    case .mappingStart(let name):
      anchor = name
      if let name { openAnchors.append(name) }
      node = try readMapping(at: position)
    default: throw SyntaxError(position, "expected a value")
    }
    if let anchor {
      if openAnchors.last == anchor, !isScalar(node) { openAnchors.removeLast() }
      anchors[anchor] = Anchor(
        node: node,
        weight: Weight(nodes: weight.nodes - before.nodes, bytes: weight.bytes - before.bytes))
    }
    return node
  }

  private func isScalar(_ node: Node) -> Bool {
    if case .scalar = node.content { true } else { false }
  }

  /// The part that an alias stands for. It costs as much as if it were written out.
  private mutating func repeatAnchor(
    _ name: String, at position: Position
  ) throws(SyntaxError) -> Node {
    if openAnchors.contains(name) {
      throw SyntaxError(position, "the alias *\(name) stands inside of what it repeats")
    }
    guard let anchor = anchors[name] else {
      throw SyntaxError(
        position, "the alias *\(name) repeats nothing: there is no &\(name) before it")
    }
    repeated.nodes += anchor.weight.nodes
    repeated.bytes += anchor.weight.bytes
    weight.nodes += anchor.weight.nodes
    weight.bytes += anchor.weight.bytes
    guard repeated.nodes <= limits.repeatedNodes, repeated.bytes <= limits.repeatedBytes,
      weight.nodes <= limits.nodes
    else {
      throw SyntaxError(
        position,
        "aliases repeat more than \(limits.repeatedNodes) parts or \(limits.repeatedBytes) bytes")
    }
    return anchor.node
  }

  private func resolve(
    _ scalar: YAMLScalar, at position: Position
  ) throws(SyntaxError) -> Value {
    do throws(YAMLScalar.Unresolvable) {
      return try scalar.resolved()
    } catch {
      throw SyntaxError(position, error.reason)
    }
  }

  private mutating func descend(at position: Position) throws(SyntaxError) {
    depth += 1
    guard depth <= limits.depth else {
      throw SyntaxError(position, "maps and lists lie deeper than \(limits.depth) levels")
    }
  }

  private mutating func readSequence(at position: Position) throws(SyntaxError) -> Node {
    try descend(at: position)
    var elements: [Node] = []
    while true {
      let (event, place) = try events.next()
      if case .sequenceEnd = event { break }
      elements.append(try readNode(event, at: place))
    }
    depth -= 1
    return Node(.array(elements), at: position)
  }

  private mutating func readMapping(at position: Position) throws(SyntaxError) -> Node {
    try descend(at: position)
    var members: [Node.Member] = []
    var merged: [Node.Member] = []
    while true {
      let (event, place) = try events.next()
      if case .mappingEnd = event { break }
      if case .scalar(let scalar, _) = event, scalar.isMergeKey {
        let (valueEvent, valuePlace) = try events.next()
        let value = try readNode(valueEvent, at: valuePlace)
        merged += try Self.mergedMembers(of: value, at: valuePlace)
        continue
      }
      let name = try readName(event, at: place)
      let (valueEvent, valuePlace) = try events.next()
      let value = try readNode(valueEvent, at: valuePlace)
      members.append(Node.Member(name: name, position: place, node: value))
    }
    depth -= 1
    if let second = repeatedName(members.map(\.name)) {
      throw SyntaxError(
        members[second].position, "the name \"\(members[second].name)\" occurs twice in this map")
    }
    // What stands in the map itself wins over what is merged in, and what is merged first over what follows.
    if !merged.isEmpty {
      var known = Set(members.map { Array($0.name.utf8) })
      for member in merged where known.insert(Array(member.name.utf8)).inserted {
        members.append(member)
      }
    }
    return Node(.object(members), at: position)
  }

  private static func mergedMembers(
    of value: Node, at position: Position
  ) throws(SyntaxError) -> [Node.Member] {
    if let members = value.members { return members }
    var all: [Node.Member] = []
    guard let elements = value.elements else {
      throw SyntaxError(position, "only a map, or a list of maps, can be merged with <<")
    }
    for element in elements {
      guard let members = element.members else {
        throw SyntaxError(position, "only a map, or a list of maps, can be merged with <<")
      }
      all += members
    }
    return all
  }

  /// A name in a map: JSON has only text there, so numbers and booleans become theirs.
  private mutating func readName(
    _ event: YAMLEvent, at position: Position
  ) throws(SyntaxError) -> String {
    let node = try readNode(event, at: position)
    guard case .scalar(let value) = node.content else {
      throw SyntaxError(position, "\(node.kindName) cannot be a name in a map")
    }
    switch value {
    case .string(let text): return text
    case .bool(let truth): return String(truth)
    case .integer(let number): return String(number)
    case .number(let number): return NumberText.text(number)
    default: throw SyntaxError(position, "null cannot be a name in a map")
    }
  }
}
