import Foundation
import HTTPTransport
import ProcessHarness
import TestPeers
import Testing

@Suite(
  "a member with the flags of the chart", .serialized,
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ChartServesTests {
  /// The chart's flags, with the paths and ports of a pod replaced by this test's.
  private struct Pod {
    let folder: TemporaryDirectory
    let clientPort = LoopbackPorts.next()
    let metricsPort = LoopbackPorts.next()
    let certificates: Certificates

    init() throws {
      folder = try TemporaryDirectory()
      certificates = try Certificates()
    }

    func flags(_ chart: Chart.Rendering) -> [String] {
      let files = [
        ("/var/lib/keelson", folder.path),
        ("/etc/keelson/tls/\(chart.pod.item("server-tls", 0))", certificates.path("server.pem")),
        ("/etc/keelson/tls/\(chart.pod.item("server-tls", 1))", certificates.path("server.key")),
        ("/etc/keelson/client-ca/\(chart.pod.item("client-ca", 0))", certificates.path("ca.pem")),
      ]
      return chart.flags.map { flag in
        var flag = files.reduce(flag) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        if flag.hasPrefix("--listen-") {
          let port = flag.hasPrefix("--listen-client") ? clientPort : metricsPort
          flag = flag.replacing(/(0\.0\.0\.0|\[::\]):\d+/) { "\($0.1):\(port)" }
        }
        return flag
      }
    }

    /// The container's command, with its config map in the folder.
    func start(_ chart: Chart.Rendering) throws -> ChildProcess {
      for name in ["start", "settings"] {
        let text = chart.file(name).replacingOccurrences(of: "/var/lib/keelson", with: folder.path)
        try text.write(toFile: folder.path + "/\(name)", atomically: true, encoding: .utf8)
      }
      let command = chart.member["command"].texts.map {
        $0.replacingOccurrences(of: "/etc/keelson/start", with: folder.path)
      }
      var environment = Dictionary(
        uniqueKeysWithValues: chart.member["env"].items.map {
          ($0["name"].text ?? "", $0["value"].text ?? "")
        })
      environment["POD_NAME"] = chart.podName(0)
      let programs = URL(filePath: try Programs.ours("keelson")).deletingLastPathComponent().path
      environment["PATH"] = "\(programs):/usr/bin:/bin"
      return try ChildProcess(
        command[0], command.dropFirst() + flags(chart), environment: environment, in: folder.path)
    }
  }

  @Test(
    "starts, answers the probes and keeps its data in the volume",
    arguments: ["default", "tls", "server-tls", "metrics", "everything"])
  func serves(_ name: String) async throws {
    let chart = try #require(try await Chart.renderAll()[name])
    let pod = try Pod()
    let child = try pod.start(chart)
    defer { child.kill() }
    let isReady = try await child.wait(seconds: 30) {
      ($0.errors + $0.output).contains("ready to serve client requests")
    }
    #expect(isReady, "\(child.errors)")
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
      let page = chart.member[probe]["httpGet"]["path"].text ?? ""
      let answer = try await HTTPAnswer.fetch(
        page, from: .tcp(host: "127.0.0.1", port: pod.metricsPort))
      #expect(answer.status == 200, "\(probe)")
    }
    #expect(FileManager.default.fileExists(atPath: pod.folder.path + "/data/member"))
    #expect(!child.errors.contains("the flag has no effect"), "\(child.errors)")

    var words = ["--endpoints", "localhost:\(pod.clientPort)", "endpoint", "health"]
    if chart.flags.contains(where: { $0.contains("--cert-file") }) {
      words[1] = "https://" + words[1]
      words += ["--cacert", pod.certificates.path("ca.pem")]
      let mutual = chart.flags.contains("--client-cert-auth")
      let stranger = try await run(try Programs.ours("keelsonctl"), words)
      #expect((stranger.code == 0) != mutual, "\(stranger.errors)")
      words += ["--cert", pod.certificates.path("client.pem")]
      words += ["--key", pod.certificates.path("client.key")]
    }
    let health = try await run(try Programs.ours("keelsonctl"), words)
    #expect(health.code == 0, "\(health.errors)")
    #expect(health.output.contains("is healthy"))
    child.signal(SIGTERM)
    #expect(try await child.wait(seconds: 30) == 0)
  }

  @Test("a snapshot that the init container restored is what the member serves")
  func restores() async throws {
    let everything = try #require(try await Chart.renderAll()["everything"])
    let script = try #require(everything.pod["initContainers"].named("restore")["args"][0].text)
    let pod = try Pod()
    let control = try Programs.ours("keelsonctl")
    try await withServer(.keelson) { server in
      for words in [
        ["put", "greeting", "hello"], ["snapshot", "save", pod.folder.path + "/snapshot.db"],
      ] {
        let answer = try await server.control(words, program: control)
        #expect(answer.code == 0, "\(answer.errors)")
      }
    }
    let command =
      script
      .replacingOccurrences(of: "/var/lib/keelson", with: pod.folder.path)
      .replacingOccurrences(of: "/backup", with: pod.folder.path)
      .replacingOccurrences(of: "keelsonctl", with: control)
    for _ in 1...2 {
      // The second time there is data, which is left alone.
      let answer = try await run("/bin/sh", ["-c", command])
      #expect(answer.code == 0, "\(answer.errors)")
    }
    let chart = try #require(try await Chart.renderAll()["default"])
    let child = try pod.start(chart)
    defer { child.kill() }
    let isReady = try await child.wait(seconds: 30) {
      $0.errors.contains("ready to serve client requests")
    }
    #expect(isReady, "\(child.errors)")
    let answer = try await run(
      control, ["--endpoints", "127.0.0.1:\(pod.clientPort)", "get", "greeting"])
    #expect(answer.output == "greeting\nhello\n", "\(answer.errors)")
  }
}

extension JSONValue {
  /// The file of a secret's item in a volume of this pod; "-" if it mounts none such.
  fileprivate func item(_ volume: String, _ index: Int) -> String {
    self["volumes"].named(volume)["secret"]["items"][index]["path"].text ?? "-"
  }
}
