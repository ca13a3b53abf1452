internal import Registry

/// Prints objects as lines of tables: one table for each kind, or columns of the user's own for all of them.
///
/// Rows are laid out together up to `rowsMax`; beyond, in parts, whose columns only grow wider.
struct TablePrinter {
  /// Rows that are laid out together.
  private static let rowsMax = 10_000

  private let style: TableStyle
  private let columns: CustomColumns?
  private let showsTitles: Bool
  private let showsEvents: Bool

  private var type: ResourceType?
  private var table: ObjectTable?
  private var layout: TableText?
  private var needsTitles = false
  private var rows: [[String]] = []
  private var isNewTable = false
  private var hasPrinted = false

  /// - Parameter columns: the user's own; nil for those of each kind.
  /// - Parameter showsEvents: whether the first column says what happened, in a watch.
  init(_ style: TableStyle, columns: CustomColumns?, showsTitles: Bool, showsEvents: Bool = false) {
    self.style = style
    self.columns = columns
    self.showsTitles = showsTitles
    self.showsEvents = showsEvents
  }

  /// A row for an object, below those of the same kind.
  mutating func add(
    _ object: StoredObject, _ value: Value?, event: String = ""
  ) throws(SelectionError) {
    begin(object.type)
    var row = try columns.map { (columns) throws(SelectionError) in
      try columns.cells(of: value ?? .emptyObject).map(TerminalText.printable)
    }
    if row == nil { row = table?.row(object) }
    rows.append((showsEvents ? [event] : []) + (row ?? []))
    if rows.count >= Self.rowsMax { flush() }
  }

  /// Prints the rows that have come together.
  mutating func flush() {
    if rows.isEmpty { return }
    if isNewTable, hasPrinted { Output.write("\n") }
    isNewTable = false
    hasPrinted = true
    Output.write(layout?.lines(rows, withTitles: needsTitles) ?? "")
    needsTitles = false
    rows = []
  }

  /// Prints what is left; the user's own columns have titles even above nothing.
  mutating func finish() {
    flush()
    if let columns, !hasPrinted, showsTitles {
      var layout = TableText(columns.titles)
      Output.write(layout.lines([], withTitles: true))
    }
  }

  private mutating func begin(_ type: ResourceType) {
    guard self.type != type else { return }
    if let columns {
      if layout == nil { start(columns.titles) }
    } else {
      flush()
      let table = ObjectTable(type, style: style)
      self.table = table
      start(table.titles)
      isNewTable = true
    }
    self.type = type
  }

  private mutating func start(_ titles: [String]) {
    layout = TableText((showsEvents ? ["EVENT"] : []) + titles)
    needsTitles = showsTitles
  }
}
