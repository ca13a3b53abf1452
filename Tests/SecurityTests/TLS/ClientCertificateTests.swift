import Foundation
import ProcessHarness
import Testing

/// Who is let in by certificate, against real processes and openssl as the client.
@Suite("client certificates", .serialized)
struct ClientCertificateTests {
  @Test("whoever has no certificate of the authority is not served")
  func authority() async throws {
    let authority = try await TestAuthority.with(["server", "ann"])
    let server = try await SecureServer(
      authority, flags: SecureServer.clientCertificates(authority))
    #expect(SecureServer.isHealthy(try await server.health(as: "ann")))
    #expect(!SecureServer.isHealthy(try await server.health()))
    let stranger = try await TestAuthority.with(["ann"])
    for file in ["ann.pem", "ann.key"] {
      try FileManager.default.copyItem(
        atPath: stranger.path(file), toPath: authority.path("other-" + file))
    }
    try FileManager.default.moveItem(
      atPath: authority.path("other-ann.pem"), toPath: authority.path("other.pem"))
    try FileManager.default.moveItem(
      atPath: authority.path("other-ann.key"), toPath: authority.path("other.key"))
    #expect(!SecureServer.isHealthy(try await server.health(as: "other")))
  }

  @Test("keelsonctl says what a connection misses: TLS, a certificate, or a file")
  func reasons() async throws {
    let authority = try await TestAuthority.with(["server"])
    let server = try await SecureServer(
      authority, flags: SecureServer.clientCertificates(authority))
    let control = try Programs.ours("keelsonctl")
    let address = "127.0.0.1:\(server.port)"
    func errors(_ flags: [String]) async throws -> String {
      let answer = try await run(control, flags + ["get", "key"])
      #expect(answer.code != 0)
      return answer.errors
    }
    let plain = try await errors(["--endpoints", "http://" + address])
    #expect(plain.contains("the server speaks TLS there"), "\(plain)")
    let secure = ["--endpoints", "https://" + address]
    let nameless = try await errors(secure + ["--cacert", authority.path("ca.pem")])
    #expect(nameless.contains("the server wants a client certificate"), "\(nameless)")
    let missing = try await errors(secure + ["--cacert", authority.path("none.pem")])
    #expect(missing.contains("none.pem: no such file or directory"), "\(missing)")
  }

  @Test("GHSA-3wh4-j44w-pg92: a revoked certificate is refused, at once, and in a resumed session")
  func revocation() async throws {
    let authority = try await TestAuthority.with(["server", "good", "bad"])
    try await authority.revoke([])
    let server = try await SecureServer(
      authority,
      flags: SecureServer.clientCertificates(authority)
        + ["--client-crl-file", authority.path("revoked.pem")])
    let session = authority.path("session")
    for (version, client) in [("-tls1_2", "bad"), ("-tls1_3", "bad"), ("-tls1_2", "good")] {
      let answer = try await server.health(
        as: client, [version, "-sess_out", session + version + client])
      #expect(SecureServer.isHealthy(answer), "\(client): \(answer)")
    }
    try await authority.revoke(["bad"])
    #expect(SecureServer.isHealthy(try await server.health(as: "good")))
    for version in ["-tls1_2", "-tls1_3"] {
      #expect(!SecureServer.isHealthy(try await server.health(as: "bad", [version])))
      let file = session + version + "bad"
      guard FileManager.default.fileExists(atPath: file) else { continue }
      #expect(
        !SecureServer.isHealthy(
          try await server.health(as: "bad", [version, "-sess_in", file])), "\(version)")
    }
    #expect(server.server.log.contains("certificate revoked"))
    // A session that goes on is no way around, and no obstacle for those who may.
    let resumed = try await server.health(
      as: "good", ["-tls1_2", "-sess_in", session + "-tls1_2good"])
    #expect(SecureServer.isHealthy(resumed))
    try await authority.revoke([], hasEnded: true)
    #expect(!SecureServer.isHealthy(try await server.health(as: "good")), "the list has ended")
    try "no list".write(
      toFile: authority.path("revoked.pem"), atomically: true, encoding: .utf8)
    #expect(!SecureServer.isHealthy(try await server.health(as: "good")), "the last list counts")
    #expect(server.server.log.contains("the renewed files are left aside"))
    try await authority.revoke([])
    #expect(SecureServer.isHealthy(try await server.health(as: "good")))
  }

  @Test("only certificates that name an allowed host are let in")
  func hostNames() async throws {
    let authority = try await TestAuthority.with(["server"])
    try await authority.issue("right", names: "DNS:right.example")
    try await authority.issue("wrong", subject: "/CN=right.example", names: "DNS:wrong.example")
    let server = try await SecureServer(
      authority,
      flags: SecureServer.clientCertificates(authority)
        + ["--client-cert-allowed-hostname", "right.example,127.9.9.9"])
    #expect(SecureServer.isHealthy(try await server.health(as: "right")))
    #expect(!SecureServer.isHealthy(try await server.health(as: "wrong")))
  }

  @Test("a certificate that ends, or is for servers alone, lets nobody in")
  func purposes() async throws {
    let authority = try await TestAuthority.with(["server"])
    try await authority.issue("late", days: -1)
    let server = try await SecureServer(
      authority, flags: SecureServer.clientCertificates(authority))
    #expect(!SecureServer.isHealthy(try await server.health(as: "late")))
  }
}
