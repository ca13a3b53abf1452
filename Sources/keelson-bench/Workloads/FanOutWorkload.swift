internal import HTTPTransport
internal import NIOCore
internal import Primitives

/// One put, and 1,000 watchers that are all told of it.
struct FanOutWorkload: Workload {
  let id = "watch"

  private static let watchers = 1_000

  func run(_ bench: Bench) async throws {
    let puts = bench.isQuick ? 20 : 300
    let keys = KeySpace("watched", count: 100, valueBytes: 1_024)
    let results = try await bench.withServers { servers in
      var results: [(latencies: Histogram, serverSeconds: Double, ownSeconds: Double)] = []
      for server in servers {
        results.append(try await deliver(bench, server, keys, puts: puts))
      }
      return results
    }
    var section = Report.Section(
      title: "Watch fan-out",
      text:
        "\(Self.watchers) watchers (10 connections × 100 streams) of one prefix; every 20 ms, and "
        + "when all have "
        + "the last event, a put of 1 KiB below it. Delivery counts from the put's sending to the "
        + "event's "
        + "arrival at each watcher; \(puts) puts after 10 that do not count.",
      columns: [
        "", "p50 ms", "p99 ms", "p99.9 ms", "server CPU µs per event", "own CPU µs per event",
      ])
    let events = Double(puts * Self.watchers)
    for (program, result) in zip(bench.programs, results) {
      section.rows.append(
        [program.name]
          + [0.5, 0.99, 0.999].map { (result.latencies.quantile($0) / 1e3).rounded(to: 2) }
          + [result.serverSeconds, result.ownSeconds].map { ($0 / events * 1e6).rounded(to: 2) })
    }
    bench.say("watch: \(section.rows)")
    bench.report.add(section)
    guard results.count == 2 else { return }
    bench.report.note(
      "watch-latency", ours: results[0].latencies.quantile(0.99) / 1e3,
      theirs: results[1].latencies.quantile(0.99) / 1e3, unit: "ms")
    bench.report.note(
      "watch-cpu", ours: results[0].serverSeconds / events * 1e6,
      theirs: results[1].serverSeconds / events * 1e6, unit: "µs")
  }

  /// The latencies of one server's deliveries; on the event loop only.
  private final class Deliveries: @unchecked Sendable {
    var sentAt = NIODeadline.now()
    var latencies = Histogram()
    var isCounting = false

    func arrived(_ events: Int) {
      guard isCounting else { return }
      let latency = (NIODeadline.now() - sentAt).nanoseconds
      for _ in 0..<events { latencies.add(latency) }
    }
  }

  private func deliver(
    _ bench: Bench, _ server: RunningServer, _ keys: KeySpace, puts: Int
  ) async throws -> (latencies: Histogram, serverSeconds: Double, ownSeconds: Double) {
    let deliveries = Deliveries()
    let followers = try await Followers.start(
      server, prefix: keys.prefix, count: Self.watchers, on: 10
    ) { deliveries.arrived($0) }
    let writer = try await server.connect()
    var begin = (server: 0.0, own: 0.0)
    for number in -10..<puts {
      if number == 0 {
        begin = (try server.cpuSeconds(), ProcessClock.own.seconds ?? 0)
      }
      let request = Requests.put(keys.key(abs(number) % keys.count), keys.value)
      try await bench.loop.submit {
        deliveries.isCounting = number >= 0
        deliveries.sentAt = .now()
      }.get()
      _ = try await writer.unary(Methods.put, message: request)
      try await followers.wait(events: (number + 11) * Self.watchers)
      try await Task.sleep(for: .milliseconds(20))
    }
    let end = (try server.cpuSeconds(), ProcessClock.own.seconds ?? 0)
    await writer.close()
    await followers.end()
    let latencies = try await bench.loop.submit { deliveries.latencies }.get()
    return (latencies, end.0 - begin.server, end.1 - begin.own)
  }
}
