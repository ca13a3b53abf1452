import Foundation
import ProcessHarness
import Testing

@Suite(
  "Python clients",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct PythonTests {
  /// Whether the peers were installed since a client was added to them.
  static func has(_ module: String) -> Bool {
    guard let python = try? Programs.peer("python/lib") else { return false }
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: python)) ?? []
    return versions.contains {
      FileManager.default.fileExists(atPath: "\(python)/\($0)/site-packages/\(module)")
    }
  }

  @Test("etcd3 prints against Keelson what it prints against etcd")
  func overGRPC() async throws { try await compare("etcd3_client.py", lines: 50) }

  @Test(
    "etcd3gw, over the JSON gateway, prints against Keelson what it prints against etcd",
    .enabled(if: has("etcd3gw"), "etcd3gw is not installed: run `make test`"))
  func overJSON() async throws { try await compare("etcd3gw_client.py", lines: 30) }

  private func compare(_ name: String, lines: Int) async throws {
    let script = Programs.packageRoot + "/Tests/Scripts/" + name
    let python = try Programs.peer("python/bin/python3")
    var outputs: [[Substring]] = []
    for kind in [ServerProcess.Kind.etcd, .underTest] {
      try await withServer(kind) { server in
        let answer = try await run(
          python, [script, String(server.clientPort), server.folder.path + "/snapshot"],
          environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 90)
        #expect(answer.code == 0, "\(kind): \(answer.output)\(answer.errors)")
        outputs.append(answer.output.split(separator: "\n"))
      }
    }
    #expect(outputs[0].count > lines)
    for (expected, got) in zip(outputs[0], outputs[1]) where expected != got {
      Issue.record("etcd: \(expected)\nkeelson: \(got)")
    }
    #expect(outputs[0].count == outputs[1].count)
  }
}
