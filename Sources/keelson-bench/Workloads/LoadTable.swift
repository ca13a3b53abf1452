/// One load in a table: what it is called, how it is driven, and which bars look at it.
struct LoadRow: Sendable {
  /// How `--only` names it.
  var id: String
  /// What the table calls it.
  var title: String
  var shape: LoadShape
  var pace = Pace.closed
  var keys: Int
  var valueBytes: Int
  var streamMethod: String?
  /// The bar for the server's CPU, and the one for the throughput.
  var cpuBar: String?
  var rateBar: String?
  /// The bar for the 99th percentile: the median of the ratios of neighbouring windows.
  var tailBar: String?
  /// Windows for each server; nil: as many as usual.
  var windows: Int?

  init(
    _ id: String, _ title: String, _ connections: Int, _ depth: Int, pace: Pace = .closed,
    keys: Int, valueBytes: Int, streamMethod: String? = nil, cpuBar: String? = nil,
    rateBar: String? = nil
  ) {
    self.id = id
    self.title = title
    shape = LoadShape(connections: connections, depth: depth)
    self.pace = pace
    self.keys = keys
    self.valueBytes = valueBytes
    self.streamMethod = streamMethod
    self.cpuBar = cpuBar
    self.rateBar = rateBar
  }
}

extension Bench {
  /// What all tables of loads say in their columns.
  static let columns = [
    "load", "connections × streams", "loop", "keys", "value", "keelson: CPU µs", "etcd: CPU µs",
    "etcd / keelson", "keelson: per second", "etcd: per second",
    "keelson: p50 / p99 / p99.9 µs", "etcd: p50 / p99 / p99.9 µs",
    "keelson: resident (anonymous) MiB", "etcd: resident (anonymous) MiB",
    "own CPU µs, keelson", "own CPU µs, etcd",
  ]

  /// Measures the rows of a table that were asked for, one after the other, on the same servers.
  ///
  /// A row that fails says why in its place, and the next one goes on.
  func measure<Target: MeasuredTarget>(
    _ rows: [LoadRow], _ servers: [Target], into section: inout Report.Section,
    _ traffic: (LoadRow, Target) async throws -> any Traffic
  ) async {
    section.columns = Self.columns
    for row in rows where wants(row.id) {
      guard hasTime else {
        section.rows.append(Self.failed(row, "not measured: out of time"))
        continue
      }
      do {
        let results = try await alternate(
          servers, row.shape, row.pace, windows: isQuick ? nil : row.windows,
          streamMethod: row.streamMethod
        ) { try await traffic(row, $0) }
        section.rows.append(cells(row, results))
        note(row, results)
      } catch {
        say("\(row.id): \(error)")
        section.rows.append(Self.failed(row, "error: \(error)"))
      }
    }
  }

  private func note(_ row: LoadRow, _ results: [Windows]) {
    let cpu = results.map(\.serverMicroseconds)
    let rate = results.map(\.rate)
    say(
      "\(row.id): CPU \(cpu.map(\.brief).joined(separator: " against ")) µs, "
        + "\(rate.map { $0.rounded(to: 0) }.joined(separator: " against "))/s")
    guard results.count == 2 else { return }
    if let bar = row.cpuBar { report.note(bar, ours: cpu[0], theirs: cpu[1], unit: "µs") }
    if let bar = row.rateBar { report.note(bar, ours: rate[0], theirs: rate[1], unit: "/s") }
    if let bar = row.tailBar {
      let tails = results.map { $0.list.map { $0.quantile(0.99) } }
      report.note(
        bar, ours: zip(tails[0], tails[1]).map { $0 / $1 }.median, theirs: .nan, unit: "× etcd's")
    }
  }

  private func cells(_ row: LoadRow, _ results: [Windows]) -> [String] {
    let cpu = results.map(\.serverMicroseconds)
    var cells = [
      row.title, "\(row.shape)", "\(row.pace)", "\(row.keys)",
      row.valueBytes == 0 ? "–" : "\(row.valueBytes) B",
    ]
    cells += cpu.map(\.brief)
    cells.append(cpu.count == 2 ? (cpu[1] / cpu[0]).rounded(to: 1) : "–")
    cells += results.map { $0.rate.rounded(to: 0) }
    cells += results.map { windows in
      [0.5, 0.99, 0.999].map { share in windows.median { $0.quantile(share) }.rounded(to: 0) }
        .joined(separator: " / ")
    }
    cells += results.map { windows in
      let resident = windows.median { Double($0.memory.resident) } / 1_048_576
      let anonymous = windows.median { Double($0.memory.anonymous) } / 1_048_576
      return "\(resident.rounded(to: 0)) (\(anonymous.rounded(to: 0)))"
    }
    cells += results.map { $0.ownMicroseconds.rounded(to: 1) }
    return cells
  }

  private static func failed(_ row: LoadRow, _ why: String) -> [String] {
    var cells = [
      row.title, "\(row.shape)", "\(row.pace)", "\(row.keys)", "\(row.valueBytes) B", why,
    ]
    cells += [String](repeating: "–", count: columns.count - cells.count)
    return cells
  }
}
