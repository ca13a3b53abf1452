import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import TestPeers
import Testing

/// Members that do not belong together.
@Suite("members that do not belong together", .serialized)
struct RefusalTests {
  @Test("a member of another cluster is refused, and both say why", .timeLimit(.minutes(2)))
  func otherCluster() async throws {
    let cluster = try TestCluster()
    for node in cluster.nodes.dropLast() { try cluster.start(node) }
    let stranger = cluster.nodes[2]
    try cluster.start(stranger, extra: ["--initial-cluster-token", "another"])
    _ = try await cluster.leader()
    try await waits("both to say why", cluster) {
      stranger.log.contains("cluster ID mismatch")
        && cluster.nodes[0].log.contains("a member that connected was refused")
    }
    #expect(await stranger.status()?.leader ?? 0 == 0)
  }

  @Test(
    "under TLS, members of one authority form a cluster, and one of another does not",
    .timeLimit(.minutes(2)))
  func otherAuthority() async throws {
    let (ours, theirs) = (try Certificates(), try Certificates())
    let cluster = try TestCluster(scheme: "https")
    for node in cluster.nodes.dropLast() { try cluster.start(node, extra: Self.flags(ours)) }
    let stranger = cluster.nodes[2]
    try cluster.start(stranger, extra: Self.flags(theirs))
    _ = try await cluster.leader()
    try await waits("both to say why", cluster) {
      cluster.nodes[0].log.contains("its certificate is not trusted")
        && stranger.log.contains("its certificate is not trusted")
    }
    #expect(await stranger.status()?.leader ?? 0 == 0)
    stranger.process?.kill()
    try FileManager.default.removeItem(atPath: stranger.dataDirectory)
    try cluster.start(stranger, extra: Self.flags(ours))
    for _ in 0..<1_500 where (await stranger.status()?.leader ?? 0) == 0 {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(await stranger.status()?.leader ?? 0 != 0)
  }

  @Test(
    "with --peer-auto-tls members make their certificates and form a cluster",
    .timeLimit(.minutes(2)))
  func automaticTLS() async throws {
    let cluster = try TestCluster(scheme: "https", flags: ["--peer-auto-tls"])
    try cluster.start()
    _ = try await cluster.leader()
    for node in cluster.nodes {
      let file = node.dataDirectory + "/fixtures/peer/cert.pem"
      #expect(FileManager.default.fileExists(atPath: file), "\(node.name)")
    }
  }

  private static func flags(_ certificates: Certificates) -> [String] {
    [
      "--peer-cert-file", certificates.path("server.pem"),
      "--peer-key-file", certificates.path("server.key"),
      "--peer-client-cert-file", certificates.path("client.pem"),
      "--peer-client-key-file", certificates.path("client.key"),
      "--peer-trusted-ca-file", certificates.path("ca.pem"), "--peer-client-cert-auth",
    ]
  }
}
