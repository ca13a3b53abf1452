internal import HTTPTransport
internal import Primitives

/// Grants of leases, and their renewals.
struct LeaseWorkload: Workload {
  let id = "lease"

  func run(_ bench: Bench) async throws {
    var section = Report.Section(
      title: "Leases",
      text:
        "Grants of ten minutes; and renewals, each stream with one lease and one renewal under way."
    )
    let grants = [(1, 1), (10, 10)].map { connections, depth in
      LoadRow(
        "lease-grant-\(connections)x\(depth)", "grant", connections, depth, keys: 0, valueBytes: 0)
    }
    // Nodes renew at a fixed rate, each on a connection of its own; the closed loop shows the most.
    let loads: [(Int, Int, Pace, bar: String?)] = [
      (1, 1, .closed, nil), (100, 1, .open(perSecond: 1_000), "lease-cpu-open"),
      (10, 10, .closed, "lease-cpu"),
    ]
    let renewals = loads.map { connections, depth, pace, bar in
      LoadRow(
        "lease-keepalive-\(connections)x\(depth)", "keep-alive", connections, depth, pace: pace,
        keys: 0, valueBytes: 0, streamMethod: Methods.leaseKeepAlive,
        cpuBar: bar)
    }
    try await bench.withServers { servers in
      await bench.measure(renewals, servers, into: &section) { row, server in
        try await RenewalTraffic.granted(
          on: server, lanes: row.shape.connections * row.shape.depth)
      }
      await bench.measure(grants, servers, into: &section) { _, _ in GrantTraffic() }
    }
    bench.report.add(section)
  }
}

/// Grants whose identifiers the server chooses.
private final class GrantTraffic: Traffic {
  private let grant = Requests.leaseGrant(seconds: 600)
  let writes = 0

  func request(_ lane: Int) -> (method: String, message: Bytes) { (Methods.leaseGrant, grant) }

  func isRight(_ answer: Bytes, _ lane: Int) -> Bool { (Answers.number(2, answer) ?? 0) > 0 }
}

/// Renewals of one lease for each lane.
final class RenewalTraffic: Traffic {
  private let renewals: [Bytes]
  let writes = 0

  private init(_ renewals: [Bytes]) { self.renewals = renewals }

  static func granted(on server: RunningServer, lanes: Int) async throws -> RenewalTraffic {
    let connection = try await server.connect()
    let traffic = try await granted(on: connection, lanes: lanes)
    await connection.close()
    return traffic
  }

  /// Grants a lease for each lane.
  static func granted(
    on connection: ClientConnection, lanes: Int
  ) async throws -> RenewalTraffic {
    var renewals: [Bytes] = []
    for _ in 0..<lanes {
      let answer = try await connection.unary(
        Methods.leaseGrant, message: Requests.leaseGrant(seconds: 600))
      guard let lease = Answers.number(2, answer) else {
        throw BenchError("no lease was granted")
      }
      renewals.append(Requests.leaseKeepAlive(lease))
    }
    return RenewalTraffic(renewals)
  }

  func request(_ lane: Int) -> (method: String, message: Bytes) {
    (Methods.leaseKeepAlive, renewals[lane])
  }

  /// A lease that is gone is answered without a lifetime.
  func isRight(_ answer: Bytes, _ lane: Int) -> Bool { Answers.number(3, answer) == 600 }
}
