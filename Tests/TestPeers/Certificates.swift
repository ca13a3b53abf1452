import Foundation

/// A throw-away authority (`ca`) with a server's and a client's certificate, made by `openssl`.
public final class Certificates: Sendable {
  private let folder = NSTemporaryDirectory() + "keelson-certificates-\(UUID().uuidString)"

  /// Makes the certificates.
  public init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try openssl(["req", "-x509"] + newKey("ca") + ["-out", path("ca.pem"), "-subj", "/CN=ca"])
    let extensions =
      "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
      + "extendedKeyUsage=serverAuth,clientAuth\n"
    try extensions.write(toFile: path("extensions"), atomically: true, encoding: .utf8)
    for name in ["server", "client"] {
      try openssl(
        ["req"] + newKey(name) + ["-out", path(name + ".csr"), "-subj", "/CN=\(name)"])
      try openssl([
        "x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey",
        path("ca.key"), "-CAcreateserial", "-out", path(name + ".pem"), "-days", "30", "-extfile",
        path("extensions"),
      ])
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Where `ca`, `server` or `client` has its `.pem` or `.key`.
  public func path(_ name: String) -> String { folder + "/" + name }

  private func newKey(_ name: String) -> [String] {
    [
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
      path(name + ".key"),
    ]
  }

  private func openssl(_ arguments: [String]) throws {
    let outcome = Tool.run(["/usr/bin/openssl"] + arguments)
    guard outcome.status == 0 else { throw TestPeerError("openssl: \(outcome.errors)") }
  }
}
