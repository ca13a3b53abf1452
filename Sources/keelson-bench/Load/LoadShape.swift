internal import ArgumentParser

/// How much is in flight: connections × calls on each, written `16x32`.
struct LoadShape: ExpressibleByArgument, Sendable, CustomStringConvertible {
  /// Connections.
  var connections: Int
  /// Calls in flight on each connection.
  var depth: Int

  init(connections: Int, depth: Int) {
    self.connections = connections
    self.depth = depth
  }

  init?(argument: String) {
    let parts = argument.split(separator: "x").map { Int($0) }
    guard parts.count == 2, let connections = parts[0], let depth = parts[1],
      (1...10_000).contains(connections), (1...10_000).contains(depth)
    else { return nil }
    self.init(connections: connections, depth: depth)
  }

  var description: String { "\(connections) × \(depth)" }
}
