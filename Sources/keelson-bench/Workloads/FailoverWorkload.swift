internal import Glibc
internal import HTTPTransport
internal import NIOCore
internal import Primitives
internal import Synchronization

/// A leader that is killed under load, again and again: how long nobody can write.
struct FailoverWorkload: Sendable {
  private static let clients = 30

  func run(_ bench: Bench) async throws {
    let kills = bench.isQuick ? 2 : 50
    // What etcd does is told for comparison; no bar asks for it.
    let counts = [kills, bench.isQuick ? 1 : 15]
    var section = Report.Section(
      title: "Failover",
      text:
        "The leader of three members is killed (SIGKILL) under the load of \(Self.clients) clients, "
        + "and started again when it is over. Time counts from the kill to the first put that "
        + "succeeded and began after it; a client that fails goes to the next member after 5 ms. The "
        + "election timeout is \(Int(RunningCluster.electionMilliseconds)) ms.",
      columns: ["", "kills", "least ms", "median ms", "49 of 50 ms", "greatest ms"])
    for (program, count) in zip(bench.programs, counts) {
      let times = try await bench.withClusters([program]) { clusters in
        try await measure(bench, clusters[0], kills: count)
      }
      let sorted = times.sorted()
      guard let first = sorted.first, let last = sorted.last else { continue }
      let most = sorted[max(0, (sorted.count * 49 + 49) / 50 - 1)]
      section.rows.append(
        [program.name, "\(times.count)"]
          + [first, sorted.median, most, last].map { $0.rounded(to: 0) })
      if program.name == bench.programs[0].name {
        let unit = RunningCluster.electionMilliseconds
        bench.report.note(
          "cluster-failover", ours: sorted.median / unit, theirs: .nan, unit: "timeouts")
        bench.report.note("cluster-failover-most", ours: most / 1_000, theirs: .nan, unit: "s")
      }
    }
    bench.say("failover: \(section.rows)")
    bench.report.add(section)
  }

  private func measure(
    _ bench: Bench, _ cluster: RunningCluster, kills: Int
  ) async throws -> [Double] {
    let keys = KeySpace("failover", count: 1_000, valueBytes: 1_024)
    let writes = FirstWrite()
    let clients = (0..<Self.clients).map { number in
      Task { await Self.write(cluster, keys, number, writes) }
    }
    defer { for client in clients { client.cancel() } }
    var times: [Double] = []
    for _ in 0..<kills {
      guard bench.hasTime else { throw BenchError("out of time after \(times.count) failovers") }
      let leader = cluster.members[try await cluster.leader()]
      try await Task.sleep(for: .milliseconds(300))
      try leader.signal(SIGKILL)
      writes.begin()
      times.append(try await writes.first(seconds: 60) * 1_000)
      try await leader.stop(SIGKILL)
      try leader.launch()
      try await leader.waitUntilServing()
    }
    return times
  }

  /// A client: puts, one after the other, at the next member when one fails it.
  private static func write(
    _ cluster: RunningCluster, _ keys: KeySpace, _ number: Int, _ writes: FirstWrite
  ) async {
    var order = KeyOrder(seed: UInt64(number))
    var place = number
    while !Task.isCancelled {
      place += 1
      guard
        let connection = try? await cluster.members[place % cluster.members.count].connect()
      else {
        try? await Task.sleep(for: .milliseconds(5))
        continue
      }
      while !Task.isCancelled {
        let begin = ProcessClock.now
        let request = Requests.put(keys.key(order.next(below: keys.count)), keys.value)
        let answer = try? await connection.unary(
          Methods.put, message: request, deadline: .now() + .milliseconds(500))
        guard answer != nil else { break }
        writes.succeeded(begunAt: begin)
      }
      await connection.close()
      try? await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// When the first write that began after a moment succeeded.
private final class FirstWrite: Sendable {
  private struct State {
    var since = 0.0
    var end: Double?
  }
  private let state = Mutex(State())

  func begin() { state.withLock { $0 = State(since: ProcessClock.now) } }

  func succeeded(begunAt begin: Double) {
    state.withLock { state in
      if state.end == nil, begin >= state.since { state.end = ProcessClock.now }
    }
  }

  /// Waits for it; seconds since `begin()`.
  func first(seconds: Double) async throws -> Double {
    let deadline = ProcessClock.now + seconds
    while ProcessClock.now < deadline {
      let state = state.withLock { $0 }
      if let end = state.end { return end - state.since }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw BenchError("nobody can write \(Int(seconds)) s after the leader was killed")
  }
}
