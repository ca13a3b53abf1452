/// Lines with cells, in columns as wide as the cells of the lines around them: a column ends where a line does not
/// have it.
struct DescriptionText {
  private static let gap = 2

  private var lines: [[String]] = []

  /// A line of text, which ends all columns.
  mutating func line(_ text: String, indent: Int = 0) { add([text], indent: indent) }

  /// `Label:`, and what it says in the column behind.
  mutating func pair(_ label: String, _ value: String, indent: Int = 0) {
    add(["\(label):", value.isEmpty ? " " : value], indent: indent)
  }

  /// A label, and values below one another.
  mutating func pairs(_ label: String, _ values: [String], indent: Int = 0) {
    if values.isEmpty { pair(label, Cells.none, indent: indent) }
    for (index, value) in values.enumerated() {
      add([index == 0 ? "\(label):" : "", value], indent: indent)
    }
  }

  /// Cells of a line of a table.
  mutating func add(_ cells: [String], indent: Int = 0) {
    var cells = cells.map(TerminalText.printable)
    cells[0] = String(repeating: "  ", count: indent) + cells[0]
    lines.append(cells)
  }

  /// A table with its titles underlined.
  mutating func table(_ titles: [String], _ rows: [[String]], indent: Int) {
    add(titles, indent: indent)
    add(titles.map { String(repeating: "-", count: $0.count) }, indent: indent)
    for row in rows { add(row, indent: indent) }
  }

  /// All lines.
  var text: String {
    var widths = lines.map { _ in [Int]() }
    for column in 0..<(lines.map(\.count).max() ?? 0) {
      var start = 0
      while start < lines.count {
        guard lines[start].count > column + 1 else {
          start += 1
          continue
        }
        let end = lines[start...].firstIndex { $0.count <= column + 1 } ?? lines.count
        let width = lines[start..<end].map { $0[column].unicodeScalars.count }.max() ?? 0
        for line in start..<end { widths[line].append(width + Self.gap) }
        start = end
      }
    }
    var text = ""
    for (cells, widths) in zip(lines, widths) {
      for (column, cell) in cells.enumerated() {
        text += cell
        if column < cells.count - 1 {
          text += String(repeating: " ", count: widths[column] - cell.unicodeScalars.count)
        }
      }
      while text.last == " " { text.removeLast() }
      text += "\n"
    }
    return text
  }
}
