/// Puts of keys in no order, for several numbers of clients and sizes of values.
struct PutWorkload: Workload {
  let id = "put"

  func run(_ bench: Bench) async throws {
    var section = Report.Section(
      title: "Puts",
      text:
        "Each put replaces a key of the key space, chosen in no order. 100 clients are 10 × 10, "
        + "1,000 clients 100 × 10.")
    for (valueBytes, name) in [(1_024, "1k"), (256, "256"), (10_240, "10k")] {
      let rows = rows(valueBytes, name, keys: bench.usualKeys)
      guard rows.contains(where: { bench.wants($0.id) }) else { continue }
      let keys = KeySpace("put", count: bench.usualKeys, valueBytes: valueBytes)
      try await bench.withServers { servers in
        await bench.measure(rows, servers, into: &section) { _, _ in PutTraffic(keys) }
      }
    }
    section.plots = [
      Plot(
        name: "put-cpu", title: "Server CPU per put, µs",
        labels: section.rows.map { "\($0[4]), \($0[1])" },
        series: [5, 6].map { column in
          .init(
            name: bench.programs[column - 5].name,
            values: section.rows.map { Double($0[column]) ?? .nan })
        })
    ]
    bench.report.add(section)
  }

  private func rows(_ valueBytes: Int, _ name: String, keys: Int) -> [LoadRow] {
    let isMain = valueBytes == 1_024
    let shapes =
      isMain ? [(1, 1), (10, 1), (10, 10), (100, 1), (100, 10)] : [(1, 1), (10, 10), (100, 10)]
    return shapes.map { connections, depth in
      let shape = "\(connections)x\(depth)"
      let hasBar = isMain && ["1x1", "10x10", "100x1"].contains(shape)
      return LoadRow(
        "put-\(name)-\(shape)", "put", connections, depth, keys: keys, valueBytes: valueBytes,
        cpuBar: hasBar ? "cpu-put-\(shape)" : nil,
        rateBar: isMain && shape == "10x10" ? "rate-put" : nil)
    }
  }
}
