import Foundation
import ProcessHarness
import Testing

@Suite("three members on one machine")
struct ThreeMembersTests {
  @Test(
    "deploy/three-members makes certificates, starts a cluster that serves, and stops it",
    .timeLimit(.minutes(2)))
  func script() async throws {
    let folder = try TemporaryDirectory()
    let control = try Programs.ours("keelsonctl")
    let programs = URL(filePath: control).deletingLastPathComponent().path
    let port = Self.freePorts()
    let script = try ChildProcess(
      Programs.packageRoot + "/deploy/three-members", [folder.path + "/members", "\(port)"],
      environment: ["PATH": "\(programs):/usr/bin:/bin"], in: folder.path)
    let serves = try await script.wait(seconds: 60) { $0.output.contains("three members serve") }
    #expect(serves, "\(script.output)\(script.errors)")
    let endpoints = [0, 2, 4].map { "http://127.0.0.1:\(port + $0)" }
    for (place, endpoint) in endpoints.enumerated() {
      let put = try await run(control, ["--endpoints", endpoint, "put", "k\(place)", "v"])
      #expect(put.code == 0, "\(put.errors)")
    }
    let got = try await run(
      control, ["--endpoints", endpoints[2], "get", "k", "--prefix", "--keys-only"])
    #expect(got.output.split(separator: "\n") == ["k0", "k1", "k2"])
    let logs = try (1...3).map {
      try String(contentsOfFile: folder.path + "/members/m\($0).log", encoding: .utf8)
    }
    #expect(logs.allSatisfy { $0.contains("connected to another member") })
    script.signal(SIGTERM)
    _ = try await script.wait(seconds: 30)
    for number in 1...3 {
      let log = try String(
        contentsOfFile: folder.path + "/members/m\(number).log", encoding: .utf8)
      #expect(log.contains("\"msg\":\"stopped\""), "m\(number)")
    }
  }

  /// The first of six ports in a row that nothing listens on.
  private static func freePorts() -> Int {
    while true {
      let ports = (0..<6).map { _ in LoopbackPorts.next() }
      if ports.last == ports[0] + 5 { return ports[0] }
    }
  }
}
