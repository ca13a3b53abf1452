internal import HTTPTransport
internal import Primitives

/// What `--listen-peer-urls` and the `--peer-` flags say, checked.
struct PeerSettings: Sendable {
  /// Where other members are listened to.
  private(set) var listenURLs: [ListenURL] = []
  /// Whether somebody chose that.
  private(set) var isListenGiven: Bool
  /// TLS towards members that connect; nil without `--peer-cert-file`.
  private(set) var serverTLS: TLSConfiguration?
  /// The certificate to make at the start: `--peer-auto-tls`, where none is named.
  private(set) var automaticTLS: AutomaticTLS?
  /// TLS towards members that this one connects to; nil without any `--peer-` file.
  private(set) var clientTLS: TLSConfiguration?
  /// Whether a member's certificate must be for the address that it connects from.
  private(set) var checksAddress = false

  /// - Parameter dataDirectory: where a certificate would lie that is made at the start.
  init(_ values: FlagValues, dataDirectory: String) throws(FlagError) {
    isListenGiven = values.isGiven("listen-peer-urls")
    for url in values.list("listen-peer-urls") {
      let url = try ListenURL(url, flag: "listen-peer-urls")
      if case .unix = url.address {
        throw FlagError(
          description:
            "--listen-peer-urls: \"\(url.text)\" is a socket of this machine; members need"
            + " http or https")
      }
      listenURLs.append(url)
    }
    if listenURLs.isEmpty {
      throw FlagError(description: "--listen-peer-urls names no address")
    }
    try readTLS(values, dataDirectory)
  }

  private mutating func readTLS(
    _ values: FlagValues, _ dataDirectory: String
  ) throws(FlagError) {
    let server = try pair("peer-cert-file", "peer-key-file", values)
    let client = try pair("peer-client-cert-file", "peer-client-key-file", values) ?? server
    let authority = values.text("peer-trusted-ca-file")
    if values.flag("peer-client-cert-auth"), authority.isEmpty {
      throw FlagError(description: "--peer-client-cert-auth needs --peer-trusted-ca-file")
    }
    if client != nil || !authority.isEmpty {
      clientTLS = .client(
        authorityFile: authority.isEmpty ? nil : authority, certificateFile: client?.certificate,
        privateKeyFile: client?.key)
    }
    guard let server else {
      if values.flag("peer-auto-tls") { return try readAutomaticTLS(values, dataDirectory) }
      if listenURLs.contains(where: \.isSecure) {
        throw FlagError(
          description:
            "an https URL in --listen-peer-urls needs --peer-cert-file and --peer-key-file, or"
            + " --peer-auto-tls")
      }
      return
    }
    var tls = TLSConfiguration.server(
      certificateFile: server.certificate, privateKeyFile: server.key,
      clientAuthorityFile: authority.isEmpty ? nil : authority,
      // Like etcd: whoever names an authority wants members to prove themselves.
      clientCertificates: authority.isEmpty ? .none : .require)
    try TLSFlags.apply(values, to: &tls)
    try readRules(values, &tls)
    serverTLS = tls
  }

  /// Certificates that vouch for themselves: traffic is encrypted, and nobody knows with whom he speaks.
  private mutating func readAutomaticTLS(
    _ values: FlagValues, _ dataDirectory: String
  ) throws(FlagError) {
    for flag in ["peer-client-cert-auth", "peer-trusted-ca-file", "peer-client-cert-file"]
    where values.isGiven(flag) && values.text(flag) != "false" && !values.text(flag).isEmpty {
      throw FlagError(
        description: "--\(flag) needs --peer-cert-file; --peer-auto-tls knows no other members")
    }
    guard listenURLs.contains(where: \.isSecure) else { return }
    var options = TLSConfiguration.server(certificateFile: "", privateKeyFile: "")
    try TLSFlags.apply(values, to: &options)
    automaticTLS = AutomaticTLS(
      folder: dataDirectory + "/fixtures/peer", years: values.number("self-signed-cert-validity"),
      hosts: listenURLs.compactMap(\.host), options: options)
    clientTLS = .client(verification: .none)
  }

  private func pair(
    _ certificateFlag: String, _ keyFlag: String, _ values: FlagValues
  ) throws(FlagError) -> (certificate: String, key: String)? {
    let (certificate, key) = (values.text(certificateFlag), values.text(keyFlag))
    if certificate.isEmpty != key.isEmpty {
      throw FlagError(description: "--\(certificateFlag) and --\(keyFlag) must be given together")
    }
    return certificate.isEmpty ? nil : (certificate, key)
  }

  /// What certificates of other members must be, beyond signed.
  private mutating func readRules(
    _ values: FlagValues, _ tls: inout TLSConfiguration
  ) throws(FlagError) {
    let revoked = values.text("peer-crl-file")
    tls.revocationFile = revoked.isEmpty ? nil : revoked
    tls.allowedCommonNames = Self.names(values.text("peer-cert-allowed-cn"))
    tls.allowedHostNames = Self.names(values.text("peer-cert-allowed-hostname"))
    if !tls.allowedCommonNames.isEmpty, !tls.allowedHostNames.isEmpty {
      throw FlagError(
        description: "--peer-cert-allowed-cn and --peer-cert-allowed-hostname exclude each other")
    }
    let isAsked =
      tls.revocationFile != nil || !tls.allowedCommonNames.isEmpty || !tls.allowedHostNames.isEmpty
    if isAsked, tls.authorityFile == nil {
      throw FlagError(
        description: "--peer-crl-file, --peer-cert-allowed-cn and --peer-cert-allowed-hostname need"
          + " --peer-trusted-ca-file: without it nobody shows a certificate")
    }
    checksAddress =
      tls.authorityFile != nil && !values.flag("peer-skip-client-san-verification")
  }

  private static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.filter { $0 != " " }) }
  }
}
