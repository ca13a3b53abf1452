import Foundation
import ProcessHarness
import Testing

@Suite(
  "the Python client etcd3",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct PythonTests {
  @Test("prints against Keelson what it prints against etcd")
  func sameScript() async throws {
    let script = Programs.packageRoot + "/Tests/Scripts/etcd3_client.py"
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
    #expect(outputs[0].count > 50)
    for (expected, got) in zip(outputs[0], outputs[1]) where expected != got {
      Issue.record("etcd: \(expected)\nkeelson: \(got)")
    }
    #expect(outputs[0].count == outputs[1].count)
  }
}
