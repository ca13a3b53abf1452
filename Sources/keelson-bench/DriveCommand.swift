internal import ArgumentParser
internal import HTTPTransport
internal import NIOCore
internal import NIOPosix

/// Sends a number of requests to a server that runs already: for those who count what it did meanwhile.
struct DriveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drive",
    abstract: "Sends a number of requests to a server that runs already.",
    discussion: "Keys lie below /registry/drive/. It fails if one answer is wrong.")

  /// What is asked.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case get
    case put
    case update
    case renew
  }

  @Option(help: "HOST:PORT of the server.")
  var server: String

  @Option(help: "What to send: \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var kind = Kind.get

  @Option(help: "Connections x calls in flight on each, for example 10x10.")
  var load = LoadShape(connections: 10, depth: 10)

  @Option(help: "How many requests.")
  var requests = 10_000

  @Option(help: "Bytes of the values.")
  var valueBytes = 1_024

  func validate() throws {
    guard (1...1_000_000_000).contains(requests) else {
      throw ValidationError("--requests: 1 or more")
    }
    guard (1...1_000_000).contains(valueBytes) else {
      throw ValidationError("--value-bytes: 1 to 1000000")
    }
    _ = try endpoint()
  }

  private func endpoint() throws -> Endpoint {
    guard let colon = server.lastIndex(of: ":"),
      let port = UInt16(server[server.index(after: colon)...])
    else { throw ValidationError("--server: HOST:PORT") }
    return .tcp(host: String(server[..<colon]), port: Int(port))
  }

  func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var connections: [ClientConnection] = []
    for _ in 0..<load.connections {
      connections.append(try await ClientConnection.connect(to: endpoint(), group: group))
    }
    let lanes = load.connections * load.depth
    let run = LoadRun(
      connections: connections, loop: group.next(), lanes: lanes,
      streamMethod: kind == .renew ? Methods.leaseKeepAlive : nil,
      traffic: try await traffic(connections[0], lanes: lanes))
    try await run.start(requests: requests)
    try await run.drain(seconds: 600)
    for connection in connections { await connection.close() }
  }

  private func traffic(_ connection: ClientConnection, lanes: Int) async throws -> any Traffic {
    let keys = KeySpace("drive", count: 100, valueBytes: valueBytes)
    switch kind {
    case .put: return PutTraffic(keys)
    case .update: return ObjectTraffic("drive", .update, lanes: lanes, keys: 1_000)
    case .renew: return try await RenewalTraffic.granted(on: connection, lanes: lanes)
    case .get:
      var pairs: [ReadTraffic.Pair] = []
      for number in 0..<10 {
        let put = keys.put(number, template: keys.putTemplate)
        _ = try await connection.unary(Methods.put, message: put)
      }
      for number in 0..<10 {
        let request = Requests.range(keys.key(number))
        pairs.append((request, try await connection.unary(Methods.range, message: request)))
      }
      return ReadTraffic(pairs, lanes: lanes)
    }
  }
}
