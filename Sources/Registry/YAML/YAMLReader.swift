/// Puts libyaml's events together to a document, within limits.
struct YAMLReader {
  private let events: YAMLEventReader
  private let limits: DocumentLimits
  private var anchors: [String: Anchor] = [:]
  private var openAnchors: [String] = []
  private var weight = Weight()
  private var repeated = Weight()
  private var depth = 0
  /// Nodes that anchors hold, for aliases to repeat.
  private var anchored = 0

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

  /// Whether lists of objects are handed out object by object.
  private let takesListsApart: Bool
  /// The list whose objects are being handed out.
  private var list: ObjectList?

  /// Reads one document of a stream.
  init(_ text: DocumentCutter, limits: DocumentLimits, takesListsApart: Bool) {
    events = YAMLEventReader(text, documentBytesMax: limits.bytes)
    self.limits = limits
    self.takesListsApart = takesListsApart
  }

  /// The next document or object; nil at the end. After an error nothing more can be read.
  mutating func readNext() throws(SyntaxError) -> DocumentPart? {
    if list != nil, let part = try readObjectOfList() { return part }
    while true {
      let (event, position) = try events.next()
      switch event {
      case .streamEnd: return nil
      case .documentStart:
        anchors = [:]
        anchored = 0
        openAnchors = []
        forgetWeights()
        depth = 0
        let (first, position) = try events.next()
        if takesListsApart, case .mappingStart(nil) = first {
          try descend(at: position)
          list = ObjectList(at: position)
          if let part = try readRoot() { return part }
          continue
        }
        let node = try readNode(first, at: position)
        try readEnd()
        return DocumentPart(node: node)
      default: throw SyntaxError(position, "expected a document")
      }
    }
  }

  private mutating func forgetWeights() {
    weight = Weight()
    repeated = Weight()
  }

  private mutating func readEnd() throws(SyntaxError) {
    let (end, position) = try events.next()
    guard case .documentEnd = end else {
      throw SyntaxError(position, "expected the end of the document")
    }
    anchors = [:]
  }

  /// Reads the members of a document's root: all of them, or up to the first object of a list.
  private mutating func readRoot() throws(SyntaxError) -> DocumentPart? {
    guard var root = list else { return nil }
    list = nil
    while true {
      let (event, place) = try events.next()
      if case .mappingEnd = event { break }
      if case .scalar(let scalar, _) = event, scalar.isMergeKey {
        try readMerged(into: &root.merged)
        continue
      }
      let name = try readName(event, at: place)
      let (valueEvent, valuePlace) = try events.next()
      guard name == "items", !root.isTakenApart, case .sequenceStart(nil) = valueEvent else {
        let node = try readNode(valueEvent, at: valuePlace)
        root.members.append(Node.Member(name: name, position: place, node: node))
        continue
      }
      try descend(at: valuePlace)
      let (firstEvent, firstPlace) = try events.next()
      var elements: [Node] = []
      if case .sequenceEnd = firstEvent {
      } else {
        let first = try readNode(firstEvent, at: firstPlace)
        if root.mayHold(first) {
          root.isTakenApart = true
          list = root
          return DocumentPart(node: first, list: root.header)
        }
        elements = [first]
        try readElements(into: &elements)
      }
      depth -= 1
      root.members.append(
        Node.Member(name: name, position: place, node: Node(.array(elements), at: valuePlace)))
    }
    depth -= 1
    let node = try Self.mapping(root.members, merged: root.merged, at: root.position)
    try readEnd()
    if root.isTakenApart {
      if let complaint = root.complaint { throw complaint }
      return nil
    }
    return DocumentPart(node: node)
  }

  /// The next object of the list at hand; nil behind the last one, and behind the document.
  private mutating func readObjectOfList() throws(SyntaxError) -> DocumentPart? {
    forgetWeights()
    let (event, place) = try events.next()
    if case .sequenceEnd = event {
      depth -= 1
      return try readRoot()
    }
    let node = try readNode(event, at: place)
    return DocumentPart(node: node, list: list?.header)
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
      let own = Weight(nodes: weight.nodes - before.nodes, bytes: weight.bytes - before.bytes)
      anchored += own.nodes
      guard anchored <= limits.nodes else {
        throw SyntaxError(position, "anchors hold more than \(limits.nodes) parts")
      }
      anchors[anchor] = Anchor(node: node, weight: own)
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
    try readElements(into: &elements)
    depth -= 1
    return Node(.array(elements), at: position)
  }

  private mutating func readElements(into elements: inout [Node]) throws(SyntaxError) {
    while true {
      let (event, place) = try events.next()
      if case .sequenceEnd = event { return }
      elements.append(try readNode(event, at: place))
    }
  }

  private mutating func readMapping(at position: Position) throws(SyntaxError) -> Node {
    try descend(at: position)
    var members: [Node.Member] = []
    var merged: [Node.Member] = []
    while true {
      let (event, place) = try events.next()
      if case .mappingEnd = event { break }
      if case .scalar(let scalar, _) = event, scalar.isMergeKey {
        try readMerged(into: &merged)
        continue
      }
      let name = try readName(event, at: place)
      let (valueEvent, valuePlace) = try events.next()
      let value = try readNode(valueEvent, at: valuePlace)
      members.append(Node.Member(name: name, position: place, node: value))
    }
    depth -= 1
    return try Self.mapping(members, merged: merged, at: position)
  }

  private mutating func readMerged(into merged: inout [Node.Member]) throws(SyntaxError) {
    let (event, place) = try events.next()
    let value = try readNode(event, at: place)
    merged += try Self.mergedMembers(of: value, at: place)
  }

  /// What stands in the map itself wins over what is merged in, and what is merged first over what follows.
  private static func mapping(
    _ members: [Node.Member], merged: [Node.Member], at position: Position
  ) throws(SyntaxError) -> Node {
    if let second = repeatedMember(members) {
      throw SyntaxError(
        members[second].position, "the name \"\(members[second].name)\" occurs twice in this map")
    }
    if merged.isEmpty { return Node(.object(members), at: position) }
    var all = members
    var known = Set(members.map { Array($0.name.utf8) })
    for member in merged where known.insert(Array(member.name.utf8)).inserted {
      all.append(member)
    }
    return Node(.object(all), at: position)
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
