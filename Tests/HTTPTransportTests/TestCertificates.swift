import Foundation
import HTTPTransport

/// A throw-away authority with a server's and a client's certificate, made by `openssl`.
final class TestCertificates {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "keelson-tls-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try authority("ca")
    try authority("other")
    try leaf("server", by: "ca")
    try leaf("client", by: "ca")
    try leaf("stranger", by: "other")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }

  func server(_ verification: TLSConfiguration.CertificateVerification) -> TLSConfiguration {
    .server(
      certificateFile: path("server.pem"), privateKeyFile: path("server.key"),
      clientAuthorityFile: path("ca.pem"), clientCertificates: verification)
  }

  func client(as name: String? = nil, authority: String = "ca") -> ClientConfiguration {
    ClientConfiguration(
      tls: .client(
        authorityFile: path(authority + ".pem"), certificateFile: name.map { path($0 + ".pem") },
        privateKeyFile: name.map { path($0 + ".key") }))
  }

  private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  private func authority(_ name: String) throws {
    try openssl(
      ["req", "-x509"] + Self.key + [
        "-keyout", path(name + ".key"), "-out", path(name + ".pem"), "-subj", "/CN=\(name)",
        "-days", "2",
      ])
  }

  private func leaf(_ name: String, by authority: String) throws {
    let request = path(name + ".csr")
    try openssl(
      ["req"] + Self.key + [
        "-keyout", path(name + ".key"), "-out", request, "-subj", "/CN=\(name)",
      ]
    )
    try "subjectAltName=DNS:localhost,IP:127.0.0.1".write(
      toFile: path(name + ".ext"), atomically: true, encoding: .utf8)
    try openssl([
      "x509", "-req", "-in", request, "-CA", path(authority + ".pem"), "-CAkey",
      path(authority + ".key"), "-CAcreateserial", "-out", path(name + ".pem"), "-days", "2",
      "-extfile", path(name + ".ext"),
    ])
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw OpenSSLFailure(arguments: arguments) }
  }

  struct OpenSSLFailure: Error { var arguments: [String] }
}
