/// What servers use that have nothing to do.
struct IdleWorkload: Workload {
  let id = "idle"

  func run(_ bench: Bench) async throws {
    let seconds = bench.isQuick ? 2.0 : 15.0
    let keys = KeySpace("idle", count: bench.usualKeys, valueBytes: 1_024)
    let shares = try await bench.withServers { servers in
      var followers: [Followers] = []
      for server in servers {
        try await bench.fill(server, keys)
        followers.append(try await Followers.start(server, prefix: keys.prefix, count: 50, on: 10))
        try await server.waitUntilIdle(seconds: bench.isQuick ? 1 : 10)
      }
      let before = try servers.map { try $0.cpuSeconds() }
      try await Task.sleep(for: .seconds(seconds))
      let shares = try zip(servers, before).map { server, used in
        (try server.cpuSeconds() - used) / seconds * 1e3
      }
      for follower in followers { await follower.end() }
      return shares
    }
    var section = Report.Section(
      title: "Idle",
      text:
        "\(keys.count) keys, 10 connections with 50 watches, \(Int(seconds)) s without a request; "
        + "both servers "
        + "at once.",
      columns: ["", "CPU ms per second"])
    for (program, share) in zip(bench.programs, shares) {
      section.rows.append([program.name, share.rounded(to: 2)])
    }
    bench.say("idle: \(section.rows)")
    bench.report.add(section)
    if shares.count == 2 {
      bench.report.note("idle-cpu", ours: shares[0], theirs: shares[1], unit: "ms/s")
    }
  }
}
