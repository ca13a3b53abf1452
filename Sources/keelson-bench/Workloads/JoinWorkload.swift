internal import HTTPTransport
internal import Primitives

/// What clients feel of a member that joins a cluster with much data.
struct JoinWorkload: Sendable {
  private static let rate = 2_000

  func run(_ bench: Bench) async throws {
    let keys = KeySpace("join", count: bench.isQuick ? 10_000 : 1_000_000, valueBytes: 1_024)
    let rounds = bench.isQuick ? 1 : 3
    try await bench.withClusters([bench.programs[0]]) { clusters in
      let cluster = clusters[0]
      try await bench.fill(cluster, keys)
      let connections = try await cluster.connect(9)
      let run = LoadRun(
        connections: connections, loop: bench.loop, lanes: 4_000,
        pace: .open(perSecond: Self.rate), traffic: PutTraffic(keys))
      try await run.start()
      try await Task.sleep(for: .seconds(bench.isQuick ? 0.5 : 5))
      var (quiet, joining) = (Windows(list: []), Windows(list: []))
      for round in 0...rounds {
        quiet.list.append(
          try await bench.window(run, cluster, seconds: bench.isQuick ? 1 : 12))
        guard round < rounds else { break }
        guard bench.hasTime else { throw BenchError("out of time while members join") }
        joining.list.append(try await join(bench, run, cluster))
        try await Task.sleep(for: .seconds(bench.isQuick ? 0.5 : 4))
      }
      try await run.stop()
      for connection in connections { await connection.close() }
      report(bench, keys, quiet, joining)
    }
  }

  /// A window from a member's addition until it votes.
  private func join(_ bench: Bench, _ run: LoadRun, _ cluster: RunningCluster) async throws
    -> Window
  {
    _ = try await run.take()
    let begin = (ProcessClock.now, try cluster.cpuSeconds(), ProcessClock.own.seconds ?? 0)
    let newcomer = try await cluster.join()
    do {
      let counts = try await run.take()
      let window = Window(
        seconds: ProcessClock.now - begin.0, answers: counts.answers,
        serverSeconds: try cluster.cpuSeconds() - begin.1,
        ownSeconds: (ProcessClock.own.seconds ?? 0) - begin.2, latencies: counts.latencies,
        memory: cluster.memory)
      try await run.check()
      bench.say("join: \(window.seconds.brief) s, p99 \(window.quantile(0.99).rounded(to: 0)) µs")
      try await cluster.remove(newcomer)
      return window
    } catch {
      try? await cluster.remove(newcomer)
      throw error
    }
  }

  private func report(
    _ bench: Bench, _ keys: KeySpace, _ quiet: Windows, _ joining: Windows
  ) {
    var section = Report.Section(
      title: "A member joins",
      text:
        "A fourth, empty member joins three that hold \(keys.count) keys of 1 KiB, while an open loop "
        + "sends \(Self.rate) puts a second to all three; a window lasts from its addition as a "
        + "learner until it has its vote, and quiet windows lie between. CPU is that of the three.",
      columns: [
        "", "windows", "seconds", "p50 µs", "p99 µs", "p99.9 µs", "server CPU s per second",
      ])
    for (name, windows) in [("quiet", quiet), ("joining", joining)] {
      section.rows.append(
        [name, "\(windows.list.count)", windows.median(\.seconds).rounded(to: 1)]
          + [0.5, 0.99, 0.999].map { share in windows.median { $0.quantile(share) }.rounded(to: 0) }
          + [windows.median { $0.serverSeconds / $0.seconds }.rounded(to: 2)])
    }
    bench.say("join: \(section.rows)")
    bench.report.add(section)
    bench.report.note(
      "cluster-join",
      ours: joining.median { $0.quantile(0.99) } / quiet.median { $0.quantile(0.99) },
      theirs: .nan, unit: "×")
  }
}
