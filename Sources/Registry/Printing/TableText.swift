/// Rows of text as lines in columns, laid out as kubectl lays them out: three spaces between columns, no column
/// narrower than six, and no spaces at the end of a line.
///
/// Columns keep the width that they have had, so that rows which come later stand below the earlier ones.
public struct TableText {
  private static let gap = 3
  private static let widthMin = 6

  /// The titles.
  public let titles: [String]
  private var widths: [Int]

  /// A table with these titles, which are not printed yet.
  public init(_ titles: [String]) {
    self.titles = titles
    widths = titles.map { _ in 0 }
  }

  /// Titles and rows as lines: the columns are as wide as their widest cell.
  public mutating func lines(_ rows: [[String]], withTitles: Bool) -> String {
    let all = (withTitles ? [titles] : []) + rows
    for row in all {
      for (column, cell) in row.dropLast().enumerated() where column < widths.count {
        widths[column] = max(
          widths[column], max(cell.unicodeScalars.count + Self.gap, Self.widthMin))
      }
    }
    var text = ""
    for row in all {
      for (column, cell) in row.enumerated() {
        text += cell
        if column < row.count - 1 {
          let missing = widths[column] - cell.unicodeScalars.count
          text += String(repeating: " ", count: max(missing, 0))
        }
      }
      text += "\n"
    }
    return text
  }
}
