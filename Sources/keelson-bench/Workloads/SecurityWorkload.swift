/// Puts and gets under TLS, and of users that prove who they are.
struct SecurityWorkload: Workload {
  let id = "security"

  func run(_ bench: Bench) async throws {
    var section = Report.Section(
      title: "TLS and users",
      text: "The puts and gets of the parts above, under TLS (ECDSA certificates, connections that "
        + "last), under TLS with root known by its client certificate, and without TLS with root's "
        + "signed token (HS256) in each call.")
    for kind in ServerSecurity.Kind.allCases where bench.wants("security-\(kind.rawValue)") {
      let folder = "\(bench.folder)/security-\(kind.rawValue)"
      try SystemFile.makeFolder(folder)
      let security = try ServerSecurity(kind, folder: folder)
      let programs = bench.programs.map { program in
        ServerProgram(name: program.name, path: program.path, security: security)
      }
      let keys = KeySpace("security", count: bench.usualKeys, valueBytes: 1_024)
      try await bench.withServers(programs) { servers in
        for server in servers {
          try await security.prepare(server)
          try await bench.fill(server, keys)
        }
        await bench.measure([row("get", kind, keys)], servers, into: &section) { row, server in
          try await GetWorkload.traffic(
            server, keys, isSerializable: false, lanes: row.shape.connections * row.shape.depth)
        }
        await bench.measure([row("put", kind, keys)], servers, into: &section) { _, _ in
          PutTraffic(keys)
        }
      }
    }
    bench.report.add(section)
  }

  private func row(_ call: String, _ kind: ServerSecurity.Kind, _ keys: KeySpace) -> LoadRow {
    LoadRow(
      "security-\(kind.rawValue)-\(call)", "\(call), \(kind.rawValue)", 10, 10, keys: keys.count,
      valueBytes: 1_024, cpuBar: "cpu-\(kind.rawValue)-\(call)")
  }
}
