/// What one client that waits for each put sees: many short windows in turn, compared pair by pair.
struct LatencyWorkload: Workload {
  let id = "latency"

  func run(_ bench: Bench) async throws {
    let keys = KeySpace("latency", count: bench.usualKeys, valueBytes: 1_024)
    let count = bench.isQuick ? 2 : 9
    let results = try await bench.withServers { servers in
      try await bench.alternate(
        servers, LoadShape(connections: 1, depth: 1), windows: count
      ) { _ in PutTraffic(keys) }
    }
    var section = Report.Section(
      title: "Put latency of one client",
      text:
        "1 KiB, 1 × 1, closed: \(count) windows of each server in turn, and the ratio of each pair "
        + "of neighbours.",
      columns: ["latency", "keelson µs", "etcd µs", "keelson / etcd, median", "least", "greatest"])
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
      let values = results.map { $0.list.map { $0.quantile(share) } }
      let ratios = zip(values[0], values[1]).map { $0 / $1 }
      section.rows.append([
        name, values[0].median.rounded(to: 0), values[1].median.rounded(to: 0),
        ratios.median.rounded(to: 2), (ratios.min() ?? .nan).rounded(to: 2),
        (ratios.max() ?? .nan).rounded(to: 2),
      ])
      bench.report.note("latency-\(name)", ours: ratios.median, theirs: .nan, unit: "× etcd's")
      bench.say("latency \(name): \(ratios.median.rounded(to: 2)) of etcd's")
    }
    bench.report.add(section)
  }
}
