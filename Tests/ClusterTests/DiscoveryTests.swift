import Foundation
import ProcessHarness
import Testing

/// A name server that answers for one domain, in a network and with a resolv.conf of its own.
private final class NameServer: Sendable {
  static let program = "/usr/sbin/dnsmasq"
  static let isAvailable =
    FileManager.default.isExecutableFile(atPath: program) && Network.isAvailable

  private let process: ChildProcess
  private let folder: TemporaryDirectory

  init(_ records: [String]) async throws {
    folder = try TemporaryDirectory()
    let configuration = folder.path + "/resolv.conf"
    try "nameserver 127.0.0.1\n".write(
      toFile: configuration, atomically: true, encoding: .utf8)
    let flags =
      [
        "--keep-in-foreground", "--user=root", "--conf-file=/dev/null", "--pid-file=",
        "--no-resolv", "--no-hosts", "--listen-address=127.0.0.1", "--bind-interfaces",
        "--local=/example.test/", "--address=/example.test/127.0.0.1", "--log-facility=-",
      ] + records.map { "--srv-host=" + $0 }
    let script = """
      PATH=$PATH:/usr/sbin:/sbin
      mount --bind '\(configuration)' /etc/resolv.conf && ip link set lo up || exit 1
      exec \(Self.program) \(flags.joined(separator: " "))
      """
    process = try ChildProcess(
      "/usr/bin/unshare",
      ["--mount", "--net", "--propagation", "private", "/bin/sh", "-c", script], in: folder.path)
    let serves = try await process.wait(seconds: 30) {
      ($0.output + $0.errors).contains("started")
    }
    guard serves else { throw HarnessError("no name server: \(process.output)\(process.errors)") }
  }

  /// The words before a program and its arguments that start it where the server answers.
  private var entering: [String] {
    ["/usr/bin/nsenter", "--target", String(process.pid), "--mount", "--net"]
  }

  func start(_ program: String, _ words: [String]) throws -> ChildProcess {
    let all = entering + [program] + words
    return try ChildProcess(all[0], Array(all.dropFirst()), in: folder.path)
  }

  func run(_ program: String, _ words: [String]) async throws -> Finished {
    let all = entering + [program] + words
    return try await ProcessHarness.run(all[0], Array(all.dropFirst()))
  }
}

@Suite("discovery by DNS")
struct DiscoveryTests {
  @Test(
    "three members find each other by SRV records, and clients find them",
    .enabled(if: NameServer.isAvailable, "needs dnsmasq, and root to make namespaces"),
    .timeLimit(.minutes(2)))
  func discovery() async throws {
    let ports = [2379, 2479, 2579]
    let names = try await NameServer(
      ports.enumerated().flatMap { place, port in
        [
          "_etcd-server-blue._tcp.example.test,m\(place + 1).example.test,\(port + 1)",
          "_etcd-client-blue._tcp.example.test,m\(place + 1).example.test,\(port)",
        ]
      })
    let data = try TemporaryDirectory()
    let discovery = ["--discovery-srv", "example.test", "--discovery-srv-name", "blue"]
    let members = try ports.enumerated().map { place, port in
      let name = "m\(place + 1)"
      // One advertises what its record says, the others their address.
      let host = place == 0 ? "m1.example.test" : "127.0.0.1"
      return try names.start(
        try Programs.ours("keelson"),
        discovery + [
          "--name", name, "--data-dir", data.path + "/" + name,
          "--listen-client-urls", "http://127.0.0.1:\(port)",
          "--advertise-client-urls", "http://127.0.0.1:\(port)",
          "--listen-peer-urls", "http://127.0.0.1:\(port + 1)",
          "--initial-advertise-peer-urls", "http://\(host):\(port + 1)",
        ])
    }
    defer { for member in members { member.kill() } }
    for member in members {
      let serves = try await member.wait(seconds: 60) {
        ($0.output + $0.errors).contains("ready to serve client requests")
      }
      #expect(serves, "\(member.output)\(member.errors)")
    }

    let control = try Programs.ours("keelsonctl")
    let put = try await names.run(control, discovery + ["put", "found", "by DNS"])
    #expect(put.code == 0, "\(put.errors)")
    var listed = ""
    for _ in 0..<300 {
      listed = try await names.run(control, discovery + ["member", "list"]).output
      if ["m1,", "m2,", "m3,"].allSatisfy({ listed.contains(" " + $0) }) { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    for name in ["m1", "m2", "m3"] {
      #expect(listed.contains(" \(name), http://\(name).example.test:"), "\(listed)")
    }
    let health = try await names.run(control, discovery + ["endpoint", "health"])
    #expect(health.code == 0, "\(health.errors)")
    #expect((health.output + health.errors).matches(of: /is healthy/).count == 3)

    let wary = try await names.run(
      control,
      discovery + ["--insecure-discovery=false", "--endpoints", "127.0.0.1:2479"] + [
        "get", "found",
      ])
    #expect(wary.output == "found\nby DNS\n")
    #expect(
      wary.errors.contains("ignoring discovered insecure endpoint \"http://m1.example.test:2379\""))
    let lost = try await names.run(control, ["--discovery-srv", "example.test", "get", "found"])
    #expect(lost.code == 128)
    #expect(lost.errors.contains("DNS has no SRV records of _etcd-client._tcp.example.test"))

    if Programs.hasPeers {
      let etcdctl = try await names.run(
        try Programs.peer("bin/etcdctl"), discovery + ["get", "found"])
      #expect(etcdctl.output == "found\nby DNS\n", "\(etcdctl.errors)")
    }
  }
}
