/// What a table of objects shows.
public struct TableStyle: Sendable {
  /// Seconds since 1970, which ages are counted up to.
  public var now: Int64
  /// Whether columns come in that are left out for want of room.
  public var isWide = false
  /// Whether objects may come from several namespaces.
  public var showsNamespaces = false
  /// Whether names carry their kind, because several kinds are shown.
  public var showsKinds = false
  /// Whether all labels stand in a column.
  public var showsLabels = false
  /// Labels that have columns of their own.
  public var labelColumns: [String] = []

  /// The style of a plain table.
  public init(now: Int64) { self.now = now }
}

/// The columns of a kind's objects, as kubectl prints them.
public struct ObjectTable: Sendable {
  private let type: ResourceType
  private let style: TableStyle
  private let columns: [(title: String, isName: Bool, cell: Cell)]

  /// The columns of a kind; those of a stored definition for kinds that one makes.
  public init(_ type: ResourceType, style: TableStyle) {
    self.type = type
    self.style = style
    columns = Self.definitions(type).filter { style.isWide || $0.priority == 0 }.map { column in
      (column.name.uppercased(), Self.isName(column), Self.cell(of: column, type))
    }
  }

  /// The headings.
  public var titles: [String] {
    (hasNamespaces ? ["NAMESPACE"] : []) + columns.map(\.title)
      + style.labelColumns.map { label in
        (label.split(separator: "/").last.map(String.init) ?? label).uppercased()
      } + (style.showsLabels ? ["LABELS"] : [])
  }

  /// What stands below the headings for an object; `<unknown>` for what cannot be read.
  public func row(_ object: StoredObject) -> [String] {
    let context = CellContext(now: style.now, isWide: style.isWide)
    let value = object.stored.object
    var row = hasNamespaces ? [object.namespace ?? ""] : []
    for column in columns {
      var text: String
      if let value {
        text = column.cell(value, context)
        // An object of which the store holds little has its name in the key.
        if column.isName, text.isEmpty { text = object.name }
      } else {
        text = column.isName ? object.name : Cells.unknown
      }
      row.append(column.isName && style.showsKinds ? type.title(of: text) : text)
    }
    let labels = value?[path: "metadata", "labels"]
    row += style.labelColumns.map { labels?.text($0, or: Cells.none) ?? Cells.none }
    if style.showsLabels { row.append(Cells.labels(labels)) }
    return row.map(Self.fitted)
  }

  private var hasNamespaces: Bool { style.showsNamespaces && type.isNamespaced }

  /// The columns of the version that is preferred, or of another that says some.
  static func definitions(_ type: ResourceType) -> [ResourceColumn] {
    let said = type.versions.lazy.compactMap { type.columns[$0] }.first
    let name = ResourceColumn(name: "Name", kind: .string, format: "name")
    let age = ResourceColumn(
      name: "Age", kind: .date, jsonPath: type.isCustom ? ".metadata.creationTimestamp" : nil)
    return type.isCustom ? [name] + (said ?? [age]) : said ?? [name, age]
  }

  private static func isName(_ column: ResourceColumn) -> Bool {
    column.name == "Name" && column.jsonPath == nil
  }

  private static func cell(of column: ResourceColumn, _ type: ResourceType) -> Cell {
    if let path = column.jsonPath { return customCell(path, column.kind) }
    // What the schema has and this program does not know how to fill is said to be unknown; a test holds that
    // there is no such column.
    return Cells.cell(of: type.qualifiedName, column.name) ?? { _, _ in Cells.unknown }
  }

  /// The cell of a column that a definition describes; empty where the object has nothing.
  private static func customCell(_ path: String, _ kind: ResourceColumn.Kind) -> Cell {
    guard let path = try? JSONPath(relaxed: path) else { return { _, _ in "" } }
    return { object, context in
      guard let found = try? path.find(object).first?.first else { return "" }
      switch (kind, found) {
      case (_, .null): return ""
      case (.date, .string(let text)):
        guard Timestamp.seconds(text) != nil else { return "<invalid>" }
        return context.age(found)
      case (.integer, .number(let number)):
        return Int64(exactly: number.rounded(.towardZero)).map(String.init) ?? ""
      case (.integer, .integer), (.number, .integer), (.number, .number), (.boolean, .bool):
        return GoText.text(found)
      case (.string, .array), (.string, .object): return String(decoding: found.json, as: UTF8.self)
      case (.string, _): return GoText.text(found)
      default: return ""
      }
    }
  }

  /// The first line of a cell, without anything that could steer a terminal.
  private static func fitted(_ cell: String) -> String {
    let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{c}"]
    guard let end = cell.unicodeScalars.firstIndex(where: breaks.contains) else {
      return TerminalText.printable(cell)
    }
    return TerminalText.printable(String(cell.unicodeScalars[..<end])) + "..."
  }
}
