internal import HTTPTransport
internal import Primitives

/// Three members of each program on one machine: throughput, failover, and a member that joins.
struct ClusterWorkload: Workload {
  let id = "cluster"

  func run(_ bench: Bench) async throws {
    try await loads(bench)
    if bench.wants("cluster-failover") { try await FailoverWorkload().run(bench) }
    if bench.wants("cluster-join") { try await JoinWorkload().run(bench) }
  }

  // MARK: Loads

  private func loads(_ bench: Bench) async throws {
    let keys = KeySpace("cluster", count: bench.usualKeys, valueBytes: 1_024)
    func row(_ id: String, _ title: String, _ connections: Int, _ depth: Int) -> LoadRow {
      LoadRow(id, title, connections, depth, keys: keys.count, valueBytes: 1_024)
    }
    var puts = [
      row("cluster-put-1x1", "put", 1, 1), row("cluster-put-10x10", "put", 10, 10),
      row("cluster-put-100x1", "put", 100, 1),
    ]
    puts[1].windows = 9
    puts[1].cpuBar = "cluster-cpu-put"
    puts[1].rateBar = "cluster-rate-put"
    puts[1].tailBar = "cluster-tail-put"
    var gets = [
      row("cluster-get-1x1", "get, linearizable", 1, 1),
      row("cluster-get-10x10", "get, linearizable", 10, 10),
    ]
    gets[1].windows = 5
    gets[1].rateBar = "cluster-rate-get"
    guard (puts + gets).contains(where: { bench.wants($0.id) }) else { return }
    var section = Report.Section(
      title: "Three members: puts and gets",
      text:
        "Three members of each program on this machine, without TLS. Connections go to one member "
        + "after the other, so that two thirds of the requests reach one that does not lead. CPU and "
        + "memory are those of all three.")
    try await bench.withClusters { clusters in
      await bench.measure(puts, clusters, into: &section) { _, _ in PutTraffic(keys) }
      for cluster in clusters { try await bench.fill(cluster, keys) }
      await bench.measure(gets, clusters, into: &section) { row, cluster in
        try await ClusterReadTraffic(cluster, keys, row.shape)
      }
    }
    bench.report.add(section)
  }
}

/// Reads whose answers name the member that gave them: each lane has those of its connection's.
private final class ClusterReadTraffic: Traffic {
  private let parts: [ReadTraffic]
  private let connections: Int
  let writes = 0

  init(_ cluster: RunningCluster, _ keys: KeySpace, _ shape: LoadShape) async throws {
    var parts: [ReadTraffic] = []
    for member in cluster.members {
      parts.append(
        try await GetWorkload.traffic(
          member, keys, isSerializable: false, lanes: shape.connections * shape.depth))
    }
    self.parts = parts
    connections = shape.connections
  }

  private func part(_ lane: Int) -> ReadTraffic { parts[lane % connections % parts.count] }

  func request(_ lane: Int) -> (method: String, message: Bytes) { part(lane).request(lane) }

  func isRight(_ answer: Bytes, _ lane: Int) -> Bool { part(lane).isRight(answer, lane) }
}

extension Bench {
  /// Starts three members of each program with empty folders, and ends and removes them afterwards.
  func withClusters<Result>(
    _ programs: [ServerProgram]? = nil, _ body: ([RunningCluster]) async throws -> Result
  ) async throws -> Result {
    let folder = try nextFolder()
    let clusters = try (programs ?? self.programs).enumerated().map { place, program in
      let own = "\(folder)/\(program.name)"
      try SystemFile.makeFolder(own)
      return RunningCluster(
        program, count: 3, folder: own, port: clusterPort + 10 * place, group: group)
    }
    func end() async {
      for cluster in clusters { await cluster.stop() }
      SystemFile.removeFolder(folder)
    }
    do {
      for cluster in clusters { try await cluster.start() }
      let result = try await body(clusters)
      await end()
      return result
    } catch {
      await end()
      throw error
    }
  }
}
