/// The results as a Markdown table: one row for each kind of Range and each load.
struct TransportTable {
  private let servers: [String]
  private var rows: [String] = []

  init(servers: [String]) { self.servers = servers }

  /// Adds the windows of one load, a list for each server.
  mutating func add(_ kind: RangeKind, _ shape: LoadShape, _ windows: [[Window]]) {
    let medians = windows.map { $0.map(\.serverMicroseconds).median }
    var cells = [kind.rawValue, "\(shape)"]
    for (place, list) in windows.enumerated() {
      cells.append("\(medians[place].rounded(to: 1)) (\(list.map(\.serverMicroseconds).spread))")
    }
    for median in medians.dropFirst() { cells.append((median / medians[0]).rounded(to: 1)) }
    for list in windows { cells.append(list.map(\.rate).median.rounded(to: 0)) }
    for list in windows { cells.append(list.map(\.ownMicroseconds).median.rounded(to: 1)) }
    rows.append(line(cells))
  }

  /// The table, with its head.
  var markdown: String {
    let columns =
      ["Range", "connections × in flight"]
      + servers.map { "\($0): CPU µs per call" }
      + servers.dropFirst().map { "\($0) / \(servers[0])" }
      + servers.map { "\($0): calls/s" }
      + servers.map { "own CPU µs, \($0)" }
    let rule = columns.indices.map { $0 == 0 ? "---" : "---:" }
    return ([line(columns), line(rule)] + rows).joined(separator: "\n") + "\n"
  }

  private func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
