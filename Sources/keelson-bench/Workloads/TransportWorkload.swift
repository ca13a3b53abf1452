internal import Primitives

/// What a small unary call costs: one Range of one small key, again and again.
struct TransportWorkload: Workload {
  let id = "transport"

  func run(_ bench: Bench) async throws {
    var section = Report.Section(
      title: "The transport: a small unary call",
      text: "One Range of one key of 24 bytes with a value of 16 bytes.")
    let keys = KeySpace("transport", count: 1, valueBytes: 16)
    try await bench.withServers { servers in
      for server in servers { try await bench.fill(server, keys) }
      for isSerializable in [true, false] {
        let kind = isSerializable ? "serializable" : "linearizable"
        let rows = [(1, 1), (1, 32), (16, 32)].map { connections, depth in
          let bar = isSerializable && depth > 1 ? "transport-\(connections)x\(depth)" : nil
          return LoadRow(
            "transport-\(kind)-\(connections)x\(depth)", "Range, \(kind)", connections, depth,
            keys: 1, valueBytes: 16, cpuBar: bar)
        }
        await bench.measure(rows, servers, into: &section) { row, server in
          try await GetWorkload.traffic(
            server, keys, isSerializable: isSerializable,
            lanes: row.shape.connections * row.shape.depth)
        }
      }
    }
    bench.report.add(section)
  }
}
