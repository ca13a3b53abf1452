/// `keelsonctl apply` of many manifests, new at first and then unchanged: CPU of the client and of the server, and the
/// client's memory.
struct ImportWorkload: Workload {
  let id = "import"

  /// One run of the command.
  private struct Finding: Sendable {
    var seconds: Double
    var clientSeconds: Double
    var serverSeconds: Double
    var peakBytes: Int
  }

  /// A row of the table.
  private struct Row: Sendable {
    var count: Int
    var what: String
    var concurrency: Int
    var server: String
    var finding: Finding

    var microseconds: Double {
      (finding.clientSeconds + finding.serverSeconds) / Double(count) * 1e6
    }
  }

  func run(_ bench: Bench) async throws {
    guard let control = bench.control else {
      throw BenchError("--keelsonctl names no program")
    }
    let count = bench.isQuick ? 2_000 : 50_000
    let few = count / 10
    let (many, average) = try file(bench, count)
    let (some, _) = try file(bench, few)
    var rows: [Row] = []
    for program in bench.programs {
      // What stays when a run is long, and how it goes with more or fewer objects at a time: ours alone.
      let isOurs = program.name == bench.programs.first?.name
      let shapes = isOurs ? [(some, few, 16), (many, count, 16)] : [(many, count, 16)]
      for (path, count, concurrency) in shapes
        + (isOurs ? [(many, count, 1), (many, count, 64)] : [])
      {
        guard bench.hasTime else { throw BenchError("out of time") }
        rows += try await bench.withServers([program]) { servers in
          try await measure(
            bench, servers[0], control, path, count: count, concurrency: concurrency)
        }
      }
    }
    add(rows, to: bench, average: average)
  }

  /// Writes the manifests, and tells how long they are on average.
  private func file(_ bench: Bench, _ count: Int) throws -> (path: String, average: Int) {
    let path = "\(bench.folder)/manifests-\(count).yaml"
    return (path, try ManifestSet(count: count).write(to: path) / count)
  }

  private func measure(
    _ bench: Bench, _ server: RunningServer, _ control: String, _ path: String, count: Int,
    concurrency: Int
  ) async throws -> [Row] {
    var rows: [Row] = []
    for (what, summary) in [
      ("new", "\(count) created, 0 configured, 0 unchanged, 0 failed"),
      ("unchanged", "0 created, 0 configured, \(count) unchanged, 0 failed"),
    ] {
      let revision = try await server.revision()
      let before = try server.cpuSeconds()
      let begin = ProcessClock.now
      let log = "\(bench.folder)/import.log"
      SystemFile.write("", to: log)
      let pid = try ChildProcesses.start(
        control,
        [
          "--endpoints", server.address, "--command-timeout", "60s", "apply", "-f", path,
          "--concurrency", "\(concurrency)",
        ], log: log)
      let usage = try await ChildProcesses.wait(for: pid)
      let seconds = ProcessClock.now - begin
      let lines = SystemFile.read(log).split(separator: "\n")
      guard usage.code == 0, let last = lines.last, last == summary else {
        throw BenchError("keelsonctl apply: \(lines.suffix(3).joined(separator: "; "))")
      }
      // What the server does from behind counts too.
      try await server.waitUntilIdle(seconds: bench.isQuick ? 2 : 20)
      let finding = Finding(
        seconds: seconds, clientSeconds: usage.seconds,
        serverSeconds: try server.cpuSeconds() - before, peakBytes: usage.peakBytes)
      try await bench.expectGrowth(server, revision, by: what == "new" ? count : 0)
      rows.append(
        Row(
          count: count, what: what, concurrency: concurrency, server: server.name,
          finding: finding))
      bench.say(
        "import \(count) \(what), \(concurrency) at a time, \(server.name): "
          + "\(rows[rows.count - 1].microseconds.brief) µs an object, "
          + "\((Double(count) / seconds).rounded(to: 0))/s, peak \(usage.peakBytes >> 10) KiB")
    }
    return rows
  }

  private func add(_ rows: [Row], to bench: Bench, average: Int) {
    var section = Report.Section(
      title: "Import of manifests",
      text: """
        `keelsonctl apply` of one file of YAML, \(average) bytes an object on average (config maps, secrets, pods, \
        deployments, services, roles and their bindings, ingresses, claims and custom resources in 50 namespaces, \
        without order, from a seed), into an empty store, and once more with nothing changed. CPU is that of the whole \
        process of the client, start included, and that of the server until it is idle again; memory is the client's \
        peak resident memory, programs and libraries included.
        """,
      columns: [
        "objects", "", "server", "at a time", "CPU µs an object", "of the client", "of the server",
        "objects per second", "client's peak memory KiB",
      ])
    for row in rows {
      let count = Double(row.count)
      section.rows.append([
        "\(row.count)", row.what, row.server, "\(row.concurrency)", row.microseconds.brief,
        (row.finding.clientSeconds / count * 1e6).brief,
        (row.finding.serverSeconds / count * 1e6).brief,
        (count / row.finding.seconds).rounded(to: 0), "\(row.finding.peakBytes >> 10)",
      ])
    }
    bench.report.add(section)
    func found(_ server: String?, _ isMany: Bool) -> Row? {
      let sizes = rows.map(\.count)
      return rows.first {
        $0.server == server && $0.what == "new" && $0.concurrency == 16
          && $0.count == (isMany ? sizes.max() : sizes.min())
      }
    }
    let name = bench.programs.first?.name
    guard let large = found(name, true), let small = found(name, false) else { return }
    let theirs = bench.programs.count == 2 ? found(bench.programs[1].name, true) : nil
    bench.report.note(
      "import-cpu", ours: large.microseconds, theirs: theirs?.microseconds ?? .nan, unit: "µs")
    let grown = Double(large.finding.peakBytes - small.finding.peakBytes)
    bench.report.note(
      "import-memory", ours: max(0, grown) / Double(large.count - small.count), theirs: .nan,
      unit: "B")
  }
}
