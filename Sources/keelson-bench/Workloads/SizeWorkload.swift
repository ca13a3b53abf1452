internal import Glibc
internal import Primitives

/// How the figures grow with the number of keys: CPU, latency, memory, what reaches the device, and
/// restarts.
///
/// One server runs at a time, so that the device's counter is its own.
struct SizeWorkload: Workload {
  let id = "size"

  /// What was found of one server with one number of keys.
  private struct Finding: Sendable {
    var keys = 0
    var deviceBytes = Double.nan
    var loaded = Memory()
    var restarted = Memory()
    var get = Windows(list: [])
    var put = Windows(list: [])
    var restartAfterTerm = Double.nan
    var restartAfterKill = Double.nan
  }

  func run(_ bench: Bench) async throws {
    let names = ["size-10k", "size-100k", "size-1m"]
    let sizes = zip(
      names, bench.isQuick ? [1_000, 10_000, 30_000] : [10_000, 100_000, 1_000_000]
    ).filter { bench.wants($0.0) }.map(\.1)
    var findings: [[Finding]] = []
    for keys in sizes {
      var row: [Finding] = []
      for program in bench.programs {
        guard bench.hasTime else { throw BenchError("out of time before \(keys) keys") }
        row.append(
          try await bench.withServers([program]) { servers in
            try await measure(bench, servers[0], keys: keys)
          })
      }
      findings.append(row)
    }
    bench.report.add(section(bench, findings))
    if bench.wants("size-1m"), let largest = findings.last, largest.count == 2 {
      note(bench, largest[0], largest[1])
    }
  }

  private func measure(
    _ bench: Bench, _ server: RunningServer, keys count: Int
  ) async throws -> Finding {
    var finding = Finding()
    finding.keys = count
    let keys = KeySpace("size", count: count, valueBytes: 1_024)
    let before = bench.device?.writtenBytes()
    try await bench.fill(server, keys)
    try await server.waitUntilIdle(seconds: bench.isQuick ? 2 : 20)
    if let before, let after = bench.device?.writtenBytes() {
      finding.deviceBytes = Double(after - before) / Double(count)
    }
    finding.loaded = server.memory
    let shape = LoadShape(connections: 10, depth: 10)
    let seconds = bench.isQuick ? 0.3 : 1.5
    finding.get =
      try await bench.alternate([server], shape, windows: 2, seconds: seconds) {
        try await GetWorkload.traffic($0, keys, isSerializable: false, lanes: 100)
      }[0]
    finding.put =
      try await bench.alternate([server], shape, windows: 2, seconds: seconds) { _ in
        PutTraffic(keys)
      }[0]
    let rounds = bench.isQuick ? 1 : 2
    var times: [Int32: [Double]] = [:]
    for _ in 0..<rounds {
      for signal in [SIGTERM, SIGKILL] {
        try await server.stop(signal)
        times[signal, default: []].append(try await server.start())
        try await expect(keys, on: server)
        guard signal == SIGTERM else { continue }
        // A server may serve before all that it keeps in memory is there.
        try await server.waitUntilIdle(seconds: bench.isQuick ? 2 : 20)
        finding.restarted = server.memory
      }
    }
    finding.restartAfterTerm = (times[SIGTERM] ?? []).median
    finding.restartAfterKill = (times[SIGKILL] ?? []).median
    bench.say(
      "size \(count), \(server.name): \(finding.deviceBytes.brief) device bytes per put, "
        + "\(finding.loaded.resident >> 20) MiB, restarts \(finding.restartAfterTerm.brief) s and "
        + "\(finding.restartAfterKill.brief) s")
    return finding
  }

  /// Nothing may be lost by a restart.
  private func expect(_ keys: KeySpace, on server: RunningServer) async throws {
    let answer = try await server.ask(
      Methods.range, Requests.range(keys.prefix, end: keys.end, countOnly: true))
    guard Answers.number(4, answer) == Int64(keys.count) else {
      throw BenchError("\(server.name) has lost keys in a restart")
    }
  }

  private func note(_ bench: Bench, _ ours: Finding, _ theirs: Finding) {
    let mebibyte = 1_048_576.0
    let limit = Double(theirs.restarted.resident) / mebibyte
    let report = [
      ("memory-load", ours.loaded.resident), ("memory-load-anonymous", ours.loaded.anonymous),
      ("memory-restart", ours.restarted.resident),
      ("memory-restart-anonymous", ours.restarted.anonymous),
    ]
    for (bar, bytes) in report {
      bench.report.note(bar, ours: Double(bytes) / mebibyte, theirs: limit, unit: "MiB")
    }
    bench.report.note(
      "restart-term", ours: ours.restartAfterTerm, theirs: theirs.restartAfterTerm, unit: "s")
    bench.report.note(
      "restart-kill", ours: ours.restartAfterKill, theirs: theirs.restartAfterKill, unit: "s")
    bench.report.note(
      "device-bytes", ours: ours.deviceBytes, theirs: theirs.deviceBytes, unit: "B")
  }

  private func section(_ bench: Bench, _ findings: [[Finding]]) -> Report.Section {
    var section = Report.Section(
      title: "How the figures grow with the keys",
      text: "Each key is put once, 1 KiB, in order, 8 connections × 32; device bytes are those of "
        + "/sys/dev/block/*/stat over these puts and until the server is idle and everything is "
        + "written, divided "
        + "by the puts. Gets (linearizable) and puts are measured on 10 × 10. A restart's time is "
        + "that from the "
        + "program's start to its first answer to a read, with all keys there: the median of the "
        + "rounds. Memory after it is that of a server which has become idle.",
      columns: [
        "keys", "", "device bytes per put", "resident (anonymous) MiB, loaded", "restarted",
        "get: CPU µs", "get: p99 µs", "put: CPU µs", "put: p99 µs",
        "restart after SIGTERM, s", "after SIGKILL, s",
      ])
    for row in findings {
      for (program, finding) in zip(bench.programs, row) {
        section.rows.append([
          "\(finding.keys)", program.name, finding.deviceBytes.rounded(to: 0),
          Self.text(finding.loaded), Self.text(finding.restarted),
          finding.get.serverMicroseconds.brief,
          finding.get.median { $0.quantile(0.99) }.rounded(to: 0),
          finding.put.serverMicroseconds.brief,
          finding.put.median { $0.quantile(0.99) }.rounded(to: 0),
          finding.restartAfterTerm.rounded(to: 2), finding.restartAfterKill.rounded(to: 2),
        ])
      }
    }
    section.plots = [
      plot(bench, findings, "growth-put", "Server CPU per put, µs, by number of keys") {
        $0.put.serverMicroseconds
      },
      plot(bench, findings, "growth-get", "Server CPU per get, µs, by number of keys") {
        $0.get.serverMicroseconds
      },
      plot(
        bench, findings, "growth-memory", "Resident memory after the load, MiB, by number of keys"
      ) {
        Double($0.loaded.resident) / 1_048_576
      },
      plot(bench, findings, "growth-restart", "Restart after SIGKILL, s, by number of keys") {
        $0.restartAfterKill
      },
    ]
    return section
  }

  private func plot(
    _ bench: Bench, _ findings: [[Finding]], _ name: String, _ title: String,
    _ value: (Finding) -> Double
  ) -> Plot {
    Plot(
      name: name, title: title, shape: .lines,
      labels: findings.compactMap { $0.first.map { "\($0.keys)" } },
      series: bench.programs.enumerated().map { place, program in
        .init(name: program.name, values: findings.map { value($0[place]) })
      })
  }

  private static func text(_ memory: Memory) -> String {
    "\(memory.resident >> 20) (\(memory.anonymous >> 20))"
  }
}
