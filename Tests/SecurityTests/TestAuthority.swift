import Foundation
import ProcessHarness

/// A throw-away authority whose certificates and keys `openssl` makes, so that ours are held against another's.
final class TestAuthority: Sendable {
  let folder: TemporaryDirectory

  init() async throws {
    folder = try TemporaryDirectory()
    try await openssl(
      ["req", "-x509"] + newKey("ca") + ["-out", path("ca.pem"), "-subj", "/CN=ca", "-days", "30"])
  }

  /// Where a file lies: `ca.pem`, `NAME.pem`, `NAME.key`.
  func path(_ name: String) -> String { folder.path + "/" + name }

  /// Makes `NAME.pem` and `NAME.key`.
  /// - Parameters:
  ///   - subject: as openssl takes it; by default the name as common name.
  ///   - names: the alternative names.
  func issue(
    _ name: String, subject: String? = nil, names: String = "DNS:localhost,IP:127.0.0.1",
    days: Int = 30, serial: Int? = nil
  ) async throws {
    try await openssl(
      ["req"] + newKey(name) + ["-out", path(name + ".csr"), "-subj", subject ?? "/CN=\(name)"])
    let extensions =
      "extendedKeyUsage=serverAuth,clientAuth\n"
      + (names.isEmpty ? "" : "subjectAltName=\(names)\n")
    try extensions.write(toFile: path(name + ".ext"), atomically: true, encoding: .utf8)
    try await openssl(
      [
        "x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
        "-out", path(name + ".pem"), "-days", "\(days)", "-extfile", path(name + ".ext"),
      ] + (serial.map { ["-set_serial", "\($0)"] } ?? ["-CAcreateserial"]))
  }

  func newKey(_ name: String) -> [String] {
    [
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
      path(name + ".key"),
    ]
  }

  /// Runs openssl.
  @discardableResult
  func openssl(_ arguments: [String], input: String = "") async throws -> Finished {
    let done = try await run("/usr/bin/openssl", arguments, input: input)
    guard done.code == 0 else { throw HarnessError("openssl \(arguments): \(done.errors)") }
    return done
  }

  /// A key pair for RS256, as `jwt.pub` and `jwt.key` under the name given.
  func tokenKey(_ name: String) async throws {
    try await openssl([
      "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out",
      path(name + ".key"),
    ])
    try await openssl(["pkey", "-in", path(name + ".key"), "-pubout", "-out", path(name + ".pub")])
  }

  /// A token as RS256 has it, signed by `openssl` with a key of `tokenKey`.
  func token(user: String, revision: UInt64, expires: Int, key: String) async throws -> String {
    func encoded(_ data: Data) -> String {
      data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        .replacing("=", with: "")
    }
    let claims = "{\"username\":\"\(user)\",\"revision\":\(revision),\"exp\":\(expires)}"
    let signed =
      encoded(Data("{\"alg\":\"RS256\",\"typ\":\"JWT\"}".utf8)) + "." + encoded(Data(claims.utf8))
    let signature = path(UUID().uuidString)
    try await openssl(
      ["dgst", "-sha256", "-sign", path(key + ".key"), "-out", signature], input: signed)
    return signed + "." + encoded(try Data(contentsOf: URL(filePath: signature)))
  }
}
