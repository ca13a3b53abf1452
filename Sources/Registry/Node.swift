/// A document with the place of every part of it.
public struct Node: Hashable, Sendable {
  /// What a node is.
  public enum Content: Hashable, Sendable {
    /// A scalar: never an array or an object.
    case scalar(Value)
    /// Nodes in order.
    case array([Node])
    /// Nodes by name, in the order of the file; no name occurs twice.
    case object([Member])
  }

  /// A name with its place, and what it names.
  public struct Member: Hashable, Sendable {
    /// The name.
    public var name: String
    /// Where the name stands.
    public var position: Position
    /// What it names.
    public var node: Node
  }

  /// Where the node begins.
  public var position: Position
  /// What it is.
  public var content: Content

  init(_ content: Content, at position: Position) {
    self.content = content
    self.position = position
  }

  /// The node without its places.
  public var value: Value {
    switch content {
    case .scalar(let value): return value
    case .array(let nodes): return .array(nodes.map(\.value))
    case .object(let members):
      guard
        let object = Value.Object(unordered: members.map { .init($0.name, $0.node.value) })
      else { fatalError("an object has two members of one name") }
      return .object(object)
    }
  }

  /// The members, if it is an object.
  public var members: [Member]? {
    if case .object(let members) = content { members } else { nil }
  }

  /// A member of an object. Cost: O(members).
  public subscript(name: String) -> Node? {
    members?.first { isSame($0.name, name) }?.node
  }

  /// The elements, if it is an array.
  public var elements: [Node]? {
    if case .array(let nodes) = content { nodes } else { nil }
  }

  /// The text, if it is a text.
  public var text: String? {
    if case .scalar(.string(let text)) = content { text } else { nil }
  }

  /// Whether it is null.
  public var isNull: Bool {
    if case .scalar(.null) = content { true } else { false }
  }

  /// What kind of thing it is, for messages.
  public var kindName: String {
    switch content {
    case .array: "a list"
    case .object: "a map"
    case .scalar(let value): value.kindName
    }
  }
}

/// What a reader builds: `Node` where places matter, `Value` where they do not.
protocol DocumentTree: Sendable {
  static func scalar(_ value: Value, at position: Position) -> Self
  static func array(_ elements: [Self], at position: Position) -> Self
  /// Nil if a name occurs twice.
  static func object(
    _ members: [(name: String, position: Position, tree: Self)], at position: Position
  ) -> Self?
}

extension Value: DocumentTree {
  static func scalar(_ value: Value, at position: Position) -> Value { value }

  static func array(_ elements: [Value], at position: Position) -> Value { .array(elements) }

  static func object(
    _ members: [(name: String, position: Position, tree: Value)], at position: Position
  ) -> Value? {
    Object(unordered: members.map { Object.Member($0.name, $0.tree) }).map(Value.object)
  }
}

extension Node: DocumentTree {
  static func scalar(_ value: Value, at position: Position) -> Node {
    Node(.scalar(value), at: position)
  }

  static func array(_ elements: [Node], at position: Position) -> Node {
    Node(.array(elements), at: position)
  }

  static func object(
    _ members: [(name: String, position: Position, tree: Node)], at position: Position
  ) -> Node? {
    if repeatedName(members.map(\.name)) != nil { return nil }
    return Node(
      .object(members.map { Member(name: $0.name, position: $0.position, node: $0.tree) }),
      at: position)
  }
}

/// The place of the first member whose name occurred before. Cost: O(n log n), but O(n²) steps of few nanoseconds for
/// the few members that most maps have.
func repeatedMember(_ members: [Node.Member]) -> Int? {
  if members.count > 16 { return repeatedName(members.map(\.name)) }
  for later in members.indices.dropFirst() {
    for earlier in 0..<later where isSame(members[earlier].name, members[later].name) {
      return later
    }
  }
  return nil
}

/// The place of the first name that occurred before. Cost: O(n log n).
func repeatedName(_ names: [String]) -> Int? {
  if names.count < 2 { return nil }
  let order = names.indices.sorted {
    isSame(names[$0], names[$1]) ? $0 < $1 : isOrdered(names[$0], before: names[$1])
  }
  return order.indices.dropFirst()
    .filter { isSame(names[order[$0 - 1]], names[order[$0]]) }
    .map { order[$0] }.min()
}
