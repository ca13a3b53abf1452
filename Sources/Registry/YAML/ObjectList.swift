/// A document, or one object of a list that is handed out object by object.
struct DocumentPart {
  /// The document or object.
  var node: Node
  /// What is known of the list that the object is in.
  var list: ListHeader?
}

/// What a list says about itself.
struct ListHeader: Hashable, Sendable {
  /// Nil if it has not been said yet.
  var apiVersion: String?
  /// Nil if it has not been said yet.
  var kind: String?
}

/// The root of a document while it is read, so that a list of objects need not be held as a whole.
struct ObjectList {
  /// Where the document begins.
  var position: Position
  /// The members that were read, but for objects that were handed out.
  var members: [Node.Member] = []
  /// What merge keys brought in.
  var merged: [Node.Member] = []
  /// Whether its objects were handed out one by one.
  var isTakenApart = false

  init(at position: Position) { self.position = position }

  private func text(_ name: String) -> String? {
    members.first { $0.name == name }?.node.text
  }

  /// What the list has said up to here.
  var header: ListHeader { ListHeader(apiVersion: text("apiVersion"), kind: text("kind")) }

  /// Whether the first element shows that `items` are objects to hand out: the kind says so, or comes later and the
  /// element is an object that names its own.
  func mayHold(_ element: Node) -> Bool {
    if let kind = text("kind") { return kind.hasSuffix("List") }
    return element["apiVersion"]?.text != nil && element["kind"]?.text != nil
      && element["metadata"]?.members != nil
  }

  /// What is wrong with a list whose objects have been handed out.
  var complaint: SyntaxError? {
    guard let kind = members.first(where: { $0.name == "kind" }) else {
      return SyntaxError(position, "the object has no kind, such as List")
    }
    guard let text = kind.node.text, text.hasSuffix("List") else {
      return SyntaxError(kind.node.position, "only a List can hold objects in items")
    }
    return nil
  }
}
