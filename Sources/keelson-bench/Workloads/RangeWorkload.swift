internal import HTTPTransport
internal import Primitives

/// Reads of many keys: pages of 500, and lists of 100,000.
struct RangeWorkload: Workload {
  let id = "range"

  func run(_ bench: Bench) async throws {
    let size = bench.isQuick ? 5_000 : 100_000
    let keys = KeySpace("range", count: size, valueBytes: 1_024)
    try await bench.withServers { servers in
      for server in servers { try await bench.fill(server, keys) }
      if bench.wants("range-500") { await pages(bench, servers, keys) }
      if bench.wants("range-list") { try await lists(bench, servers, keys) }
    }
  }

  private func pages(_ bench: Bench, _ servers: [RunningServer], _ keys: KeySpace) async {
    var section = Report.Section(
      title: "Pages of 500 keys",
      text:
        "A linearizable Range of 500 keys of 1 KiB from a place in the key space, as a paged list "
        + "asks."
    )
    let rows = [
      LoadRow(
        "range-500-1x1", "Range, 500", 1, 1, keys: keys.count, valueBytes: 1_024),
      LoadRow(
        "range-500-10x1", "Range, 500", 10, 1, keys: keys.count, valueBytes: 1_024,
        cpuBar: "cpu-range-500"),
    ]
    await bench.measure(rows, servers, into: &section) { row, server in
      let connection = try await server.connect()
      var pairs: [ReadTraffic.Pair] = []
      for page in 0..<8 {
        let first = keys.key(page * (keys.count - 500) / 8)
        let request = Requests.range(first, end: keys.end, limit: 500)
        let answer = try await connection.unary(Methods.range, message: request)
        guard Answers.occurrences(of: 2, answer) == 500, answer.count > 500 * 1_024 else {
          throw BenchError("\(server.name) does not answer with 500 keys")
        }
        pairs.append((request, answer))
      }
      await connection.close()
      return ReadTraffic(pairs, lanes: row.shape.connections * row.shape.depth)
    }
    bench.report.add(section)
  }

  /// How one list went.
  private struct Listing: Sendable {
    var seconds: Double
    var serverSeconds: Double
    var addedBytes: Double
  }

  private func lists(
    _ bench: Bench, _ servers: [RunningServer], _ keys: KeySpace
  ) async throws {
    var results: [String: [Listing]] = [:]
    for _ in 0..<(bench.isQuick ? 1 : 5) {
      for server in servers {
        results[server.name, default: []].append(
          try await listing(server) { connection in
            let answer = try await connection.unary(
              Methods.range, message: Requests.range(keys.prefix, end: keys.end))
            return Answers.occurrences(of: 2, answer) == keys.count ? Int(answer.count) : nil
          })
      }
      // etcd has no RangeStream before 3.7.
      results["RangeStream", default: []].append(
        try await listing(servers[0]) { connection in
          try await Self.stream(connection, keys)
        })
    }
    var section = Report.Section(
      title: "A list of \(keys.count) keys",
      text:
        "One linearizable Range of all keys of 1 KiB, on a connection of its own; memory is the "
        + "peak "
        + "of the server's resident memory above what it had before. RangeStream is etcd 3.7's.",
      columns: ["", "time ms", "server CPU ms", "memory added MiB"])
    for name in servers.map(\.name) + ["RangeStream"] {
      let list = results[name] ?? []
      section.rows.append([
        name == "RangeStream" ? "\(servers[0].name), RangeStream" : "\(name), Range",
        (list.map(\.seconds).median * 1e3).rounded(to: 0),
        (list.map(\.serverSeconds).median * 1e3).rounded(to: 0),
        (list.map(\.addedBytes).median / 1_048_576).rounded(to: 1),
      ])
    }
    bench.report.add(section)
    guard servers.count == 2 else { return }
    let both = servers.map { results[$0.name] ?? [] }
    bench.report.note(
      "list-time", ours: both[0].map(\.seconds).median * 1e3,
      theirs: both[1].map(\.seconds).median * 1e3, unit: "ms")
    bench.report.note(
      "list-memory", ours: both[0].map(\.addedBytes).median / 1_048_576,
      theirs: both[1].map(\.addedBytes).median / 1_048_576, unit: "MiB")
    bench.say("list: \(section.rows)")
  }

  private func listing(
    _ server: RunningServer, _ read: (ClientConnection) async throws -> Int?
  ) async throws -> Listing {
    let connection = try await server.connect()
    server.resetPeakMemory()
    let memory = server.memory.resident
    let before = (ProcessClock.now, try server.cpuSeconds())
    guard try await read(connection) != nil else {
      throw BenchError("\(server.name) does not list what was put")
    }
    let listing = Listing(
      seconds: ProcessClock.now - before.0, serverSeconds: try server.cpuSeconds() - before.1,
      addedBytes: Double(max(0, server.memory.peak - memory)))
    await connection.close()
    return listing
  }

  private static func stream(_ connection: ClientConnection, _ keys: KeySpace) async throws -> Int?
  {
    let stream = try await connection.openStream(Methods.rangeStream)
    try await stream.send(Requests.range(keys.prefix, end: keys.end))
    stream.halfClose()
    var records = 0
    var bytes = 0
    while let message = try await stream.receive() {
      bytes += message.count
      records += Answers.streamedRecords(message)
    }
    return records == keys.count ? bytes : nil
  }
}
