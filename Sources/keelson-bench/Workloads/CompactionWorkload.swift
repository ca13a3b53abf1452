internal import HTTPTransport
internal import Primitives

/// What clients feel of maintenance: puts at a fixed rate while history is compacted, or a snapshot
/// is saved.
struct CompactionWorkload: Workload {
  let id = "compaction"

  private static let rate = 2_000

  private enum Kind: String, Sendable, CaseIterable {
    case quiet
    case compacting
    case snapshot
  }

  /// One server's part: its windows by kind.
  private final class Part {
    let server: RunningServer
    let run: LoadRun
    let connections: [ClientConnection]
    var windows: [Kind: [Window]] = [:]
    var order: [Double] = []

    init(_ server: RunningServer, _ run: LoadRun, _ connections: [ClientConnection]) {
      self.server = server
      self.run = run
      self.connections = connections
    }

    func p99(_ kind: Kind) -> Double { (windows[kind] ?? []).map { $0.quantile(0.99) }.median }
  }

  func run(_ bench: Bench) async throws {
    let history = bench.isQuick ? 10_000 : 300_000
    let keys = KeySpace("compaction", count: bench.usualKeys, valueBytes: 1_024)
    var plan: [Kind] = [.quiet, .compacting, .quiet, .compacting, .quiet, .compacting, .quiet]
    if bench.isQuick { plan = [.quiet, .compacting] }
    plan += bench.isQuick ? [.snapshot] : [.snapshot, .snapshot]
    try await bench.withServers { servers in
      var parts: [Part] = []
      for server in servers {
        try await bench.fill(server, keys)
        let connections = try await server.connect(10)
        let run = LoadRun(
          connections: connections, loop: bench.loop, lanes: 2_000,
          pace: .open(perSecond: Self.rate), traffic: PutTraffic(keys))
        parts.append(Part(server, run, connections))
      }
      for kind in plan {
        guard bench.hasTime else { throw BenchError("out of time in the compaction's windows") }
        for part in parts {
          try await window(bench, part, kind, keys, history: history)
        }
      }
      bench.report.add(section(bench, parts, history: history, plan: plan))
      for part in parts { for connection in part.connections { await connection.close() } }
      if parts.count == 2 { note(bench, parts[0], parts[1]) }
    }
  }

  private func window(
    _ bench: Bench, _ part: Part, _ kind: Kind, _ keys: KeySpace, history: Int
  ) async throws {
    let server = part.server
    if kind == .compacting { try await makeHistory(bench, server, keys, history) }
    let seconds = bench.isQuick ? 2.0 : kind == .snapshot ? 8 : 20
    let revision = try await server.revision()
    try await part.run.start()
    try await Task.sleep(for: .seconds(bench.isQuick ? 0.3 : 1.5))
    let work = Task {
      switch kind {
      case .quiet: break
      case .compacting: _ = try await server.ask(Methods.compact, Requests.compact(revision))
      case .snapshot: try await Self.saveSnapshots(server, until: ProcessClock.now + seconds)
      }
    }
    let window = try await bench.window(part.run, server, seconds: seconds)
    try await work.value
    try await part.run.stop()
    part.windows[kind, default: []].append(window)
    part.order.append(window.quantile(0.99))
    bench.say(
      "compaction: \(server.name), \(kind.rawValue): p99 \(window.quantile(0.99).rounded(to: 0)) µs"
    )
  }

  /// Replaces keys until there are so many versions more.
  private func makeHistory(
    _ bench: Bench, _ server: RunningServer, _ keys: KeySpace, _ count: Int
  ) async throws {
    let connections = try await server.connect(8)
    let run = LoadRun(
      connections: connections, loop: bench.loop, lanes: 256, traffic: FillTraffic(keys, from: 0))
    try await run.start(requests: count)
    try await run.drain(seconds: 300)
    for connection in connections { await connection.close() }
    try await server.waitUntilIdle(seconds: bench.isQuick ? 1 : 5)
  }

  /// Reads snapshots, one after the other, and throws them away.
  private static func saveSnapshots(_ server: RunningServer, until deadline: Double) async throws {
    let connection = try await server.connect()
    while ProcessClock.now < deadline {
      let stream = try await connection.openStream(Methods.snapshot)
      try await stream.send([])
      stream.halfClose()
      while try await stream.receive() != nil, ProcessClock.now < deadline {}
    }
    await connection.close()
  }

  private func note(_ bench: Bench, _ ours: Part, _ theirs: Part) {
    let ratio = ours.p99(.compacting) / ours.p99(.quiet)
    let their = theirs.p99(.compacting) / theirs.p99(.quiet)
    bench.report.note("compaction-ratio", ours: ratio, theirs: their, unit: "×")
    bench.report.note(
      "compaction-rise", ours: max(0, ratio - 1) * 100, theirs: max(0, their - 1) * 100, unit: "%")
  }

  private func section(
    _ bench: Bench, _ parts: [Part], history: Int, plan: [Kind]
  ) -> Report.Section {
    var section = Report.Section(
      title: "Puts while history is compacted, and while a snapshot is saved",
      text: "An open loop of \(Self.rate) puts of 1 KiB a second over \(bench.usualKeys) keys, 10 "
        + "connections. Windows alternate between the servers and between quiet ones and those in "
        + "whose "
        + "beginning \(history) revisions are compacted; they are made just before. At the end "
        + "snapshots are "
        + "read one after the other. Medians over the windows.",
      columns: [
        "", "windows", "p50 µs", "p99 µs", "p99.9 µs", "p99 / quiet", "server CPU µs per put",
      ])
    for part in parts {
      for kind in Kind.allCases {
        let windows = Windows(list: part.windows[kind] ?? [])
        section.rows.append(
          ["\(part.server.name), \(kind.rawValue)", "\(windows.list.count)"]
            + [0.5, 0.99, 0.999].map { share in
              windows.median { $0.quantile(share) }.rounded(to: 0)
            } + [
              (part.p99(kind) / part.p99(.quiet)).rounded(to: 2),
              windows.serverMicroseconds.brief,
            ])
      }
    }
    section.plots = [
      Plot(
        name: "compaction-p99", title: "p99 of puts in each window, µs", shape: .lines,
        labels: plan.map(\.rawValue),
        series: parts.map { .init(name: $0.server.name, values: $0.order) })
    ]
    return section
  }
}
