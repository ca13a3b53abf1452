/// TLS for a server or a client: files in PEM, read when the server binds or the client connects.
public struct TLSConfiguration: Sendable, Hashable {
  /// A version of TLS.
  public enum Version: Sendable, Hashable {
    /// TLS 1.2.
    case tls12
    /// TLS 1.3.
    case tls13
  }

  /// What is asked of the other end's certificate.
  public enum CertificateVerification: Sendable, Hashable {
    /// Nothing. A server then asks for no client certificate; a client accepts every server.
    case none
    /// A server takes a client certificate if there is one, and refuses one that its authority did not sign.
    case request
    /// There must be a valid certificate. A client also compares the server's name.
    case require
  }

  /// The certificate and those above it; a client needs it only if the server asks for it.
  public var certificateFile: String?
  /// The private key of `certificateFile`.
  public var privateKeyFile: String?
  /// The authorities that the other end's certificate must come from; nil means the system's.
  public var authorityFile: String?
  /// What is asked of the other end's certificate.
  public var verification: CertificateVerification
  /// The oldest version that is spoken.
  public var minimumVersion: Version
  /// The newest version that is spoken; nil means the newest there is.
  public var maximumVersion: Version?
  /// The suites of TLS 1.2 that a server chooses from, by their IANA names; empty means all that are thought safe.
  /// Those of TLS 1.3 are all safe, and are not for choice.
  public var cipherSuites: [String] = []
  /// Lists of revoked certificates; each authority of a client's chain needs one. Servers only.
  public var revocationFile: String?
  /// Common names of which a client's certificate must have one; empty means any. Servers only.
  public var allowedCommonNames: [String] = []
  /// Hosts of which a client's certificate must name one; empty means any. Servers only.
  public var allowedHostNames: [String] = []
  /// The name that a client expects in the server's certificate, where it is not the host it connects to.
  public var serverName: String?

  /// The files that all this is read from.
  public var files: [String] {
    [certificateFile, privateKeyFile, authorityFile, revocationFile].compactMap { $0 }
  }

  /// Whether more is asked of a client's certificate than an authority's signature.
  var hasPeerRules: Bool {
    revocationFile != nil || !allowedCommonNames.isEmpty || !allowedHostNames.isEmpty
  }

  /// Describes TLS for a server; with `clientAuthorityFile` clients must present a certificate of that authority.
  public static func server(
    certificateFile: String, privateKeyFile: String, clientAuthorityFile: String? = nil,
    clientCertificates: CertificateVerification = .none
  ) -> TLSConfiguration {
    TLSConfiguration(
      certificateFile: certificateFile, privateKeyFile: privateKeyFile,
      authorityFile: clientAuthorityFile, verification: clientCertificates)
  }

  /// Describes TLS for a client.
  public static func client(
    authorityFile: String? = nil, certificateFile: String? = nil, privateKeyFile: String? = nil,
    serverName: String? = nil, verification: CertificateVerification = .require
  ) -> TLSConfiguration {
    TLSConfiguration(
      certificateFile: certificateFile, privateKeyFile: privateKeyFile,
      authorityFile: authorityFile, verification: verification, serverName: serverName)
  }

  private init(
    certificateFile: String?, privateKeyFile: String?, authorityFile: String?,
    verification: CertificateVerification, serverName: String? = nil
  ) {
    self.certificateFile = certificateFile
    self.privateKeyFile = privateKeyFile
    self.authorityFile = authorityFile
    self.verification = verification
    self.serverName = serverName
    minimumVersion = .tls12
  }
}
