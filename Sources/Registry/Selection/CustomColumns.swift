/// Columns that the user names: `NAME:.metadata.name,IMAGE:.spec.containers[*].image`.
public struct CustomColumns: Hashable, Sendable {
  /// A title, and the path to what stands below it.
  struct Column: Hashable, Sendable {
    var title: String
    var path: JSONPath
  }

  let columns: [Column]

  /// Parses titles and paths, separated by commas.
  public init(_ text: String) throws(SelectionError) {
    guard !text.isEmpty else {
      throw SelectionError("custom-columns format specified but no custom columns given")
    }
    var columns: [Column] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else {
        throw SelectionError(
          "unexpected custom-columns spec: \(part), expected <header>:<json-path-expr>")
      }
      columns.append(Column(title: String(pair[0]), path: try JSONPath(relaxed: String(pair[1]))))
    }
    self.columns = columns
  }

  /// Parses a template: a line of titles, a line of paths, words separated by spaces.
  public init(template: String) throws(SelectionError) {
    let lines = template.split(separator: "\n").map { line in
      line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
    }.filter { !$0.isEmpty }
    guard lines.count == 2 else {
      throw SelectionError(
        "the file of custom columns needs a line of titles and a line of paths; it has \(lines.count)"
      )
    }
    guard lines[0].count == lines[1].count else {
      throw SelectionError(
        "number of headers (\(lines[0].count)) and field specifications (\(lines[1].count)) don't "
          + "match")
    }
    var columns: [Column] = []
    for (title, path) in zip(lines[0], lines[1]) {
      columns.append(Column(title: title, path: try JSONPath(relaxed: path)))
    }
    self.columns = columns
  }

  /// The titles.
  public var titles: [String] { columns.map(\.title) }

  /// What stands below the titles for one object; `<none>` where it has nothing.
  public func cells(of object: Value) throws(SelectionError) -> [String] {
    var cells: [String] = []
    for column in columns {
      let found = try column.path.find(object)
      if found.first?.isEmpty ?? true {
        cells.append("<none>")
      } else {
        cells.append(found.joined().map(GoText.text).joined(separator: ","))
      }
    }
    return cells
  }
}
