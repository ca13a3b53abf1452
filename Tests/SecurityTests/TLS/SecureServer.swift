import Foundation
import HTTPTransport
import ProcessHarness
import Testing

/// A member of ours that serves TLS, and those who speak to it.
final class SecureServer: Sendable {
  let authority: TestAuthority
  let server: ServerProcess
  let port: Int

  /// Starts a member.
  /// - Parameter flags: beside the addresses; by default the authority's certificate `server`.
  init(
    _ authority: TestAuthority, _ kind: ServerProcess.Kind = .keelson, flags: [String] = [],
    certificate: [String]? = nil, dataDirectory: String? = nil
  ) async throws {
    self.authority = authority
    port = LoopbackPorts.next()
    let url = "https://127.0.0.1:\(port)"
    let files =
      certificate
      ?? ["--cert-file", authority.path("server.pem"), "--key-file", authority.path("server.key")]
    server = try ServerProcess(
      kind,
      flags: ["--listen-client-urls", url, "--advertise-client-urls", url] + files + flags,
      dataDirectory: dataDirectory)
    try await server.start()
  }

  deinit { server.kill() }

  /// The flags with which clients must show a certificate of the authority.
  static func clientCertificates(_ authority: TestAuthority) -> [String] {
    ["--trusted-ca-file", authority.path("ca.pem"), "--client-cert-auth"]
  }

  /// What `/health` says over a connection that `openssl` makes, with what openssl says of the connection.
  func health(as client: String? = nil, _ arguments: [String] = []) async throws -> String {
    var words = ["s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof"]
    if let client {
      words += ["-cert", authority.path(client + ".pem"), "-key", authority.path(client + ".key")]
    }
    let done = try await run(
      "/usr/bin/openssl", words + ["-CAfile", authority.path("ca.pem")] + arguments,
      input: "GET /health HTTP/1.0\r\n\r\n")
    return done.output + done.errors
  }

  static func isHealthy(_ answer: String) -> Bool { answer.contains("{\"health\":\"true\"") }

  /// Runs etcdctl with a certificate.
  func control(_ line: String, as client: String) async throws -> Finished {
    try await run(
      try Programs.peer("bin/etcdctl"),
      [
        "--endpoints", "https://127.0.0.1:\(port)", "--cacert", authority.path("ca.pem"), "--cert",
        authority.path(client + ".pem"), "--key", authority.path(client + ".key"),
      ] + line.split(separator: " ").map(String.init))
  }
}

extension TestAuthority {
  /// An authority with certificates of these names.
  static func with(_ names: [String]) async throws -> TestAuthority {
    let authority = try await TestAuthority()
    for name in names { try await authority.issue(name) }
    return authority
  }

  /// Writes `revoked.pem`, the list of the certificates that are revoked.
  func revoke(_ names: [String], hasEnded: Bool = false) async throws {
    let settings = """
      [ca]
      default_ca = it
      [it]
      database = \(path("index.txt"))
      default_md = sha256
      certificate = \(path("ca.pem"))
      private_key = \(path("ca.key"))
      """
    try settings.write(toFile: path("ca.cnf"), atomically: true, encoding: .utf8)
    if !FileManager.default.fileExists(atPath: path("index.txt")) {
      try "".write(toFile: path("index.txt"), atomically: true, encoding: .utf8)
    }
    for name in names {
      try await openssl(["ca", "-config", path("ca.cnf"), "-revoke", path(name + ".pem")])
    }
    let times =
      hasEnded
      ? ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"]
      : ["-crldays", "2"]
    try await openssl(
      ["ca", "-config", path("ca.cnf"), "-gencrl", "-out", path("revoked.new")] + times)
    // By renaming, as tools that renew files do, so that no half is ever read.
    guard rename(path("revoked.new"), path("revoked.pem")) == 0 else {
      throw HarnessError("cannot rename the revocation list")
    }
  }
}
