internal import ArgumentParser
internal import EtcdProtocol
internal import Glibc
internal import HTTPTransport
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import SwiftProtobuf

/// Measures what a small unary call costs a server: one Range of one key, again and again.
struct TransportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transport",
    abstract: "Measures a server's CPU for a Range of one small key.",
    discussion: """
      Windows alternate between the servers. The table goes to the standard output, in Markdown; \
      its ratio compares each further server with the first.
      """)

  @Option(name: .customLong("server"), help: "NAME,HOST:PORT,PID; twice or more to compare.")
  var servers: [MeasuredServer]

  @Option(help: "Connections x calls in flight on each, for example 16x32.")
  var load: [LoadShape] = [
    LoadShape(connections: 1, depth: 1), LoadShape(connections: 1, depth: 32),
    LoadShape(connections: 16, depth: 32),
  ]

  @Option(help: "Seconds of each window.")
  var seconds = 3.0

  @Option(help: "Seconds of load before each window, which do not count.")
  var warmup = 0.5

  @Option(help: "Windows for each server and load.")
  var windows = 5

  @Option(help: "Threads of the load generator.")
  var threads = 1

  @Option(help: "Bytes of the value.")
  var valueBytes = 16

  func validate() throws {
    guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds: 0 to 3600") }
    guard warmup >= 0, warmup <= 3600 else { throw ValidationError("--warmup: 0 to 3600") }
    guard (1...1000).contains(windows) else { throw ValidationError("--windows: 1 to 1000") }
    guard (1...64).contains(threads) else { throw ValidationError("--threads: 1 to 64") }
    guard (1...1_000_000).contains(valueBytes) else {
      throw ValidationError("--value-bytes: 1 to 1000000")
    }
    guard !servers.isEmpty else { throw ValidationError("--server is missing") }
  }

  func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    var table = TransportTable(servers: servers.map(\.name))
    for kind in [RangeKind.serializable, .linearizable] {
      var loads: [RangeLoad] = []
      for server in servers {
        loads.append(
          try await RangeLoad.prepare(
            server, kind: kind, valueBytes: valueBytes, group: group))
      }
      for shape in load {
        var results = [[Window]](repeating: [], count: servers.count)
        for number in 1...windows {
          for (place, load) in loads.enumerated() {
            let window = try await load.measure(shape, warmup: warmup, seconds: seconds)
            results[place].append(window)
            Self.report(
              "\(kind.rawValue) \(shape), window \(number) of \(windows), \(servers[place].name): "
                + "\(window.serverMicroseconds.rounded(to: 2)) µs, \(Int(window.rate)) calls/s, "
                + "own \(window.ownMicroseconds.rounded(to: 2)) µs")
          }
        }
        table.add(kind, shape, results)
      }
    }
    print(table.markdown, terminator: "")
    try await group.shutdownGracefully()
  }

  private static func report(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
