import Foundation
import HTTPTransport
import ProcessHarness
import Testing

@Suite(
  "alerts and the dashboard",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct MonitoringTests {
  private static let folder = Programs.packageRoot + "/deploy/"

  /// What the dashboard's panels ask, with Grafana's variables filled in.
  private static func queries() throws -> [String] {
    let data = try Data(contentsOf: URL(filePath: folder + "grafana/keelson.dashboard.json"))
    let dashboard = try JSONDecoder().decode(JSONValue.self, from: data)
    let panels = dashboard["panels"].items.flatMap { $0["targets"].items }
    return (panels + dashboard["annotations"]["list"].items).compactMap { $0["expr"].text }.map {
      $0.replacingOccurrences(of: "$__rate_interval", with: "5m")
        .replacingOccurrences(of: "$job", with: ".*")
        .replacingOccurrences(of: "$instance", with: ".*")
    }
  }

  private static func rules() throws -> String {
    try String(contentsOfFile: folder + "prometheus/keelson.rules.yaml", encoding: .utf8)
  }

  @Test("promtool accepts the alerts, and each fires on its series and on no healthy member's")
  func alerts() async throws {
    for words in [
      ["check", "rules", Self.folder + "prometheus/keelson.rules.yaml"],
      ["test", "rules", Self.folder + "prometheus/keelson.rules.test.yaml"],
    ] {
      let answer = try await run(try Programs.peer("bin/promtool"), words)
      #expect(answer.code == 0, "\(answer.output)\(answer.errors)")
    }
    let tests = try String(
      contentsOfFile: Self.folder + "prometheus/keelson.rules.test.yaml", encoding: .utf8)
    for alert in try Self.rules().matches(of: /alert: (\w+)/) {
      #expect(tests.contains("alertname=\"\(alert.1)\""), "\(alert.1)")
    }
  }

  @Test("promtool accepts every query of the dashboard")
  func queries() async throws {
    let queries = try Self.queries()
    #expect(queries.count > 30)
    var rules = "groups:\n  - name: dashboard\n    rules:\n"
    for (number, query) in queries.enumerated() {
      rules += "      - record: dashboard:query_\(number)\n        expr: '\(query)'\n"
    }
    let folder = try TemporaryDirectory()
    let path = folder.path + "/rules.yaml"
    try rules.write(toFile: path, atomically: true, encoding: .utf8)
    let answer = try await run(
      try Programs.peer("bin/promtool"), ["check", "rules", "--lint=none", path])
    #expect(answer.code == 0, "\(answer.output)\(answer.errors)")
  }

  @Test("a live member exposes every metric that they name, in a form that promtool accepts")
  func metrics() async throws {
    let exposition = try await withServer(.keelson) { server in
      let control = try Programs.ours("keelsonctl")
      #expect(try await server.control(["put", "a", "b"], program: control).code == 0)
      let page = try await HTTPAnswer.fetch(
        "/metrics", from: .tcp(host: "127.0.0.1", port: server.metricsPort))
      return String(decoding: page.body, as: UTF8.self)
    }
    let exposed = Set(
      exposition.split(separator: "\n").filter { !$0.hasPrefix("#") }
        .map { $0.prefix { $0 != "{" && $0 != " " } })
    let texts = try Self.queries() + [Self.rules()]
    var named: Set<Substring> = []
    for text in texts {
      // Labels look like metrics, but stand in braces or behind `by`.
      let bare = text.replacing(/\{[^{}]*\}/, with: "{}").replacing(/\bby \([^)]*\)/, with: "")
      for match in bare.matches(of: /\b(etcd|grpc|keelson|process)_[a-z0-9_]+/) {
        named.insert(match.0)
      }
    }
    #expect(named.count > 25)
    #expect(named.subtracting(exposed) == [])
    let checked = try await run(
      try Programs.peer("bin/promtool"), ["check", "metrics"], input: exposition)
    // Its advice (3) is about names, which are etcd's; what it cannot read is 1.
    #expect(checked.code == 0 || checked.code == 3, "\(checked.errors)")
  }
}
