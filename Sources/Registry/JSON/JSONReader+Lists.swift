extension JSONReader where Tree == Node {
  /// The next document, or the next object of a list; nil at the end.
  mutating func readPart(takesListsApart: Bool) throws(SyntaxError) -> DocumentPart? {
    while true {
      try skipSpace()
      startPart()
      if let header = list?.header {
        if try takesAnother("]") { return DocumentPart(node: try readValue(), list: header) }
        if let part = try readRoot() { return part }
        continue
      }
      guard let first = try next() else { return nil }
      guard takesListsApart, first == UInt8(ascii: "{") else {
        return DocumentPart(node: try readValue())
      }
      list = ObjectList(at: position)
      try descend()
      if let part = try readRoot() { return part }
    }
  }

  /// Reads the members of a document's root: all of them, or up to the first object of a list.
  private mutating func readRoot() throws(SyntaxError) -> DocumentPart? {
    guard var root = list else { return nil }
    list = nil
    // Behind the objects of a list a comma may follow; in front of the first member nothing does.
    var isFirst = !root.isTakenApart
    while true {
      if isFirst, try next() == UInt8(ascii: "}") {
        ascend()
        break
      }
      if !isFirst, !(try takesAnother("}")) { break }
      isFirst = false
      let place = position
      let name = try readName()
      let start = position
      guard name == "items", !root.isTakenApart, try next() == UInt8(ascii: "[") else {
        root.members.append(Node.Member(name: name, position: place, node: try readValue()))
        continue
      }
      try descend()
      var elements: [Node] = []
      if try next() == UInt8(ascii: "]") {
        ascend()
      } else {
        let first = try readValue()
        if root.mayHold(first) {
          root.isTakenApart = true
          list = root
          return DocumentPart(node: first, list: root.header)
        }
        elements = [first]
        if try takesAnother("]") { try readElements(into: &elements) }
      }
      root.members.append(
        Node.Member(name: name, position: place, node: Node(.array(elements), at: start)))
    }
    if let second = repeatedMember(root.members) {
      throw SyntaxError(
        root.members[second].position,
        "the name \"\(root.members[second].name)\" occurs twice in this map")
    }
    if root.isTakenApart {
      if let complaint = root.complaint { throw complaint }
      return nil
    }
    return DocumentPart(node: Node(.object(root.members), at: root.position))
  }
}
