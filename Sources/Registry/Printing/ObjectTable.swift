/// Objects as lines of a table, in columns that depend on the kind.
public struct ObjectTable {
  private let now: Int64
  private let isWide: Bool
  private let showsNamespaces: Bool
  private let showsKinds: Bool

  /// - Parameter now: seconds since 1970.
  /// - Parameter isWide: whether columns come in that are left out for want of room.
  /// - Parameter showsNamespaces: whether objects may come from several namespaces.
  /// - Parameter showsKinds: whether names carry their kind, because several kinds are shown.
  public init(now: Int64, isWide: Bool, showsNamespaces: Bool, showsKinds: Bool) {
    self.now = now
    self.isWide = isWide
    self.showsNamespaces = showsNamespaces
    self.showsKinds = showsKinds
  }

  /// The table of some objects of one type; a column is as wide as its widest cell. Empty without objects.
  public func text(_ objects: [StoredObject]) -> String {
    guard let type = objects.first?.type else { return "" }
    let columns = Column.columns(for: type).filter { isWide || !$0.isWide }
    let hasNamespaces = showsNamespaces && type.isNamespaced
    var rows = [(hasNamespaces ? ["NAMESPACE"] : []) + ["NAME"] + columns.map(\.title) + ["AGE"]]
    for object in objects {
      var row = hasNamespaces ? [object.namespace ?? ""] : []
      row.append(showsKinds ? object.title : object.name)
      row += columns.map { object.stored.object.map($0.cell) ?? "<unknown>" }
      row.append(age(of: object.stored.object))
      rows.append(row.map(TerminalText.printable))
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for row in rows {
      for (column, cell) in row.enumerated() {
        text += cell
        if column < row.count - 1 {
          text += String(repeating: " ", count: widths[column] - cell.count + 3)
        }
      }
      text += "\n"
    }
    return text
  }

  private func age(of object: Value?) -> String {
    guard let created = object?[path: "metadata", "creationTimestamp"]?.text,
      let seconds = Timestamp.seconds(created)
    else { return "<unknown>" }
    return Age.text(now - seconds)
  }
}
