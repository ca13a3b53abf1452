internal import HTTPTransport
internal import Primitives

/// Reads of single keys.
struct GetWorkload: Workload {
  let id = "get"

  func run(_ bench: Bench) async throws {
    var section = Report.Section(
      title: "Gets",
      text: "Each get reads one key of the key space, chosen in no order; nobody writes.")
    let keys = KeySpace("get", count: bench.usualKeys, valueBytes: 1_024)
    try await bench.withServers { servers in
      for server in servers { try await bench.fill(server, keys) }
      for isSerializable in [false, true] {
        let kind = isSerializable ? "serializable" : "linearizable"
        let rows = [(1, 1), (10, 10), (100, 1)].map { connections, depth in
          let shape = "\(connections)x\(depth)"
          let hasBar = !isSerializable && shape != "1x1"
          return LoadRow(
            "get-\(kind)-\(shape)", "get, \(kind)", connections, depth, keys: keys.count,
            valueBytes: 1_024, cpuBar: hasBar ? "cpu-get-\(shape)" : nil,
            rateBar: hasBar && shape == "10x10" ? "rate-get" : nil)
        }
        await bench.measure(rows, servers, into: &section) { row, server in
          try await Self.traffic(
            server, keys, isSerializable: isSerializable,
            lanes: row.shape.connections * row.shape.depth)
        }
      }
    }
    bench.report.add(section)
  }

  /// Reads of up to a thousand keys, each with the answer that it must get: read once, and held to
  /// what was put.
  static func traffic(
    _ server: RunningServer, _ keys: KeySpace, isSerializable: Bool, lanes: Int
  ) async throws -> ReadTraffic {
    let connection = try await server.connect()
    var order = KeyOrder(seed: 7)
    var pairs: [ReadTraffic.Pair] = []
    for _ in 0..<min(keys.count, 1_000) {
      let key = keys.key(order.next(below: keys.count))
      pairs.append(
        try await pair(server, connection, keys, key, isSerializable: isSerializable))
    }
    await connection.close()
    return ReadTraffic(pairs, lanes: lanes)
  }

  private static func pair(
    _ server: RunningServer, _ connection: ClientConnection, _ keys: KeySpace, _ key: Bytes,
    isSerializable: Bool
  ) async throws -> ReadTraffic.Pair {
    let request = Requests.range(key, isSerializable: isSerializable)
    let answer = try await connection.unary(
      Methods.range, headers: server.headers, message: request)
    // A RangeResponse with one record of this key and value, and nothing else behind it but the count.
    guard Answers.number(4, answer) == 1, Answers.contains(keys.value, answer),
      Answers.contains(key, answer)
    else { throw BenchError("\(server.name) does not give back what was put") }
    return (request, answer)
  }
}
