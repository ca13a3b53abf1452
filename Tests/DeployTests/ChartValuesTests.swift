import Foundation
import ProcessHarness
import Testing

@Suite(
  "values of the Helm chart",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ChartValuesTests {
  /// Values that can't work, and what the refusal says.
  private static let refused: [(values: String, message: String)] = [
    (#"{"replicaCount": 2}"#, "at '/replicaCount': value must be one of 1, 3, 5"),
    (#"{"replicaCount": 0}"#, "at '/replicaCount': value must be one of 1, 3, 5"),
    (#"{"cluster": {"state": "old"}}"#, "at '/cluster/state': value must be one of '', 'new'"),
    (#"{"peer": {"tls": {"enabled": true}}}"#, "at '/peer/tls/secretName': minLength: got 0"),
    (#"{"podAntiAffinity": "always"}"#, "at '/podAntiAffinity': value must be one of"),
    (#"{"replicas": 1}"#, "additional properties 'replicas' not allowed"),
    (#"{"tls": {"enabled": true}}"#, "at '/tls/serverSecretName': minLength: got 0, want 1"),
    (#"{"tls": {"minVersion": "TLS1.0"}}"#, "value must be one of 'TLS1.2', 'TLS1.3'"),
    (#"{"tls": {"certFile": "x"}}"#, "at '/tls': additional properties 'certFile' not allowed"),
    (#"{"persistence": {"size": "much"}}"#, "at '/persistence/size': 'much' does not match"),
    (#"{"persistence": {"accessModes": []}}"#, "at '/persistence/accessModes': minItems"),
    (#"{"service": {"port": "http"}}"#, "at '/service/port': got string, want integer"),
    (#"{"service": {"port": 70000}}"#, "at '/service/port': maximum: got 70,000, want 65,535"),
    (#"{"config": {"logLevel": "loud"}}"#, "at '/config/logLevel': value must be one of"),
    (#"{"config": {"quotaBackendBytes": "2GiB"}}"#, "at '/config/quotaBackendBytes': got string"),
    (#"{"config": {"autoCompactionRetention": "x"}}"#, "at '/config/autoCompactionRetention'"),
    (#"{"image": {"digest": "latest"}}"#, "at '/image/digest': 'latest' does not match"),
    (#"{"extraArgs": ["verbose"]}"#, "at '/extraArgs/0': 'verbose' does not match"),
    (#"{"livenessProbe": {"exec": {}}}"#, "additional properties 'exec' not allowed"),
    // What a schema cannot say, the templates do.
    (
      #"{"extraArgs": ["--data-dir=/tmp"]}"#,
      "extraArgs has --data-dir, which the chart sets itself"
    ),
    (
      #"{"extraArgs": ["--initial-cluster=a=b"]}"#,
      "extraArgs has --initial-cluster, which the chart sets itself"
    ),
    (#"{"replicaCount": 3, "persistence": {"enabled": false}}"#, "need persistence.enabled"),
    (#"{"replicaCount": 3, "persistence": {"existingClaim": "a"}}"#, "is one volume"),
    (
      #"{"replicaCount": 3, "podDisruptionBudget": {"maxUnavailable": 2}}"#,
      "with so many of 3 members away the others are no majority"
    ),
    (
      #"{"replicaCount": 3, "tls": {"enabled": true, "serverSecretName": "a"}}"#,
      "members would speak to each other in plain text"
    ),
    (
      #"{"peer": {"tls": {"enabled": true, "auto": true}}, "#
        + #""tls": {"enabled": true, "serverSecretName": "a"}}"#,
      "set cluster.clientSecretName"
    ),
    (
      #"{"peer": {"tls": {"enabled": true, "auto": true, "secretName": "a"}}}"#,
      "has no use for peer.tls.secretName"
    ),
    (#"{"metrics": {"port": 2379}}"#, "metrics.port is 2379, where the member serves its clients"),
    (
      #"{"persistence": {"existingClaim": "a", "selector": {"matchLabels": {"a": "b"}}}}"#,
      "with persistence.existingClaim it has no effect"
    ),
  ]

  @Test("what can't work is refused by its path")
  func refused() async throws {
    let renderings = try await Chart.render(values: Self.refused.map(\.values))
    for (rendering, expected) in zip(renderings, Self.refused) {
      let error = rendering.error ?? "accepted"
      #expect(error.contains(expected.message), "\(expected.values): \(error)")
      // The linter lets templates fail: their reasons may lie in a cluster that it does not see.
      #expect((rendering.lint != []) == error.contains("schema"), "\(expected.values)")
    }
    #expect(renderings.count == Self.refused.count)
  }

  @Test("the README's table lists every value with its default")
  func documented() async throws {
    let script = """
      import sys, yaml, json
      def walk(value, path):
          if isinstance(value, dict) and value:
              for key, inner in value.items(): yield from walk(inner, path + [key])
          else: yield ".".join(path), json.dumps(value)
      print(json.dumps(dict(walk(yaml.safe_load(open(sys.argv[1])), []))))
      """
    let answer = try await run(
      try Programs.peer("python/bin/python3"), ["-c", script, Chart.path + "/values.yaml"])
    let defaults = try JSONDecoder().decode([String: String].self, from: Data(answer.output.utf8))
    let readme = try String(contentsOfFile: Chart.path + "/README.md", encoding: .utf8)
    var table: [String: String] = [:]
    for line in readme.split(separator: "\n") {
      if let row = line.wholeMatch(of: /\| `([^`]+)` \| `([^`]+)` \| .+ \|/) {
        table[String(row.1)] = String(row.2)
      }
    }
    for (path, value) in defaults { #expect(table[path] == value, "\(path)") }
    for path in table.keys { #expect(defaults[path] != nil, "\(path) is no value") }
  }

  @Test("the chart's version of the application is the program's, and its name the folder's")
  func version() async throws {
    let file = try String(contentsOfFile: Chart.path + "/Chart.yaml", encoding: .utf8)
    let answer = try await run(try Programs.ours("keelson"), ["--version"])
    let version = try #require(answer.output.firstMatch(of: /Keelson Version: (\S+)/)?.1)
    #expect(file.contains("\nappVersion: \"\(version)\"\n"))
    #expect(file.contains("\nname: keelson\n"))
  }
}
