internal import Certificates
internal import HTTPTransport

/// The certificate that `--auto-tls` makes: it vouches for itself, so that traffic is encrypted, and no client can
/// know with whom it speaks.
struct AutomaticTLS: Sendable {
  /// Where it lies, and stays for later starts.
  var folder: String
  var years: Int64
  /// The hosts that it names.
  var hosts: [String]

  /// TLS as the flags have it, but for the files.
  var options: TLSConfiguration

  /// A certificate that ends within a day is replaced.
  private static let leastSecondsLeft: Int64 = 86_400
  private static let names = ["localhost", "127.0.0.1", "::1"]

  /// Makes the certificate unless it is there.
  func prepare() throws(CertificateError) -> TLSConfiguration {
    let directory = CertificateFolder(folder)
    if let stored = try? directory.read("cert.pem", "key.pem"),
      let left = try? CertificateMaker.secondsLeft(of: stored.certificate),
      left >= Self.leastSecondsLeft
    {
      return configuration
    }
    let others = Self.names.filter { !hosts.contains($0) }
    let made = try CertificateMaker.makeSelfSigned(
      CertificateDescription(
        commonName: hosts.first ?? "localhost", organization: "keelson",
        alternativeNames: hosts + others, usage: [.server, .client],
        validSeconds: max(1, years) * 365 * 86_400))
    try directory.replace(made, "cert.pem", "key.pem")
    return configuration
  }

  private var configuration: TLSConfiguration {
    var tls = options
    tls.certificateFile = folder + "/cert.pem"
    tls.privateKeyFile = folder + "/key.pem"
    return tls
  }
}
