internal import HTTPTransport

/// What the flags say of TLS on the client port.
enum TLSFlags {
  /// - Parameter isNeeded: whether an address is to be served under TLS.
  /// - Returns: nil where no certificate is named: there is no TLS, or the certificate is made at the start.
  static func read(_ values: FlagValues, isNeeded: Bool) throws(FlagError) -> TLSConfiguration? {
    let certificate = values.text("cert-file")
    let key = values.text("key-file")
    let authority = values.text("trusted-ca-file")
    if certificate.isEmpty != key.isEmpty {
      throw FlagError(description: "--cert-file and --key-file must be given together")
    }
    let versions = try self.versions(values)
    let suites = try cipherSuites(values, minimum: versions.minimum)
    if certificate.isEmpty {
      if isNeeded, !values.flag("auto-tls") {
        throw FlagError(
          description: "an https URL needs --cert-file and --key-file, or --auto-tls")
      }
      if values.flag("auto-tls"), values.flag("client-cert-auth") {
        throw FlagError(
          description: "--client-cert-auth needs --cert-file; --auto-tls knows no clients")
      }
      return nil
    }
    if authority.isEmpty {
      for flag in ["client-cert-auth", "client-crl-file", "client-cert-allowed-hostname"]
      where values.isGiven(flag) && values.text(flag) != "false" && !values.text(flag).isEmpty {
        throw FlagError(description: "--\(flag) needs --trusted-ca-file")
      }
    }
    var tls = TLSConfiguration.server(
      certificateFile: certificate, privateKeyFile: key,
      clientAuthorityFile: authority.isEmpty ? nil : authority,
      // Like etcd: whoever names an authority wants clients to prove themselves.
      clientCertificates: authority.isEmpty ? .none : .require)
    tls.minimumVersion = versions.minimum
    tls.maximumVersion = versions.maximum
    tls.cipherSuites = suites
    let revoked = values.text("client-crl-file")
    tls.revocationFile = revoked.isEmpty ? nil : revoked
    tls.allowedHostNames = values.list("client-cert-allowed-hostname")
    return tls
  }

  /// The versions and suites that are asked for, on a certificate that was made at the start.
  static func apply(_ values: FlagValues, to tls: inout TLSConfiguration) throws(FlagError) {
    let versions = try self.versions(values)
    tls.minimumVersion = versions.minimum
    tls.maximumVersion = versions.maximum
    tls.cipherSuites = try cipherSuites(values, minimum: versions.minimum)
  }

  private static func versions(
    _ values: FlagValues
  ) throws(FlagError) -> (minimum: TLSConfiguration.Version, maximum: TLSConfiguration.Version?) {
    let minimum = try version(values.text("tls-min-version"), "tls-min-version") ?? .tls12
    let maximum = try version(values.text("tls-max-version"), "tls-max-version")
    if minimum == .tls13, maximum == .tls12 {
      throw FlagError(description: "--tls-min-version is above --tls-max-version")
    }
    return (minimum, maximum)
  }

  private static func version(
    _ text: String, _ flag: String
  ) throws(FlagError) -> TLSConfiguration.Version? {
    switch text {
    case "": nil
    case "TLS1.2": .tls12
    case "TLS1.3": .tls13
    default:
      throw FlagError(description: "--\(flag) is \"\(text)\"; TLS1.2 or TLS1.3 is expected")
    }
  }

  private static func cipherSuites(
    _ values: FlagValues, minimum: TLSConfiguration.Version
  ) throws(FlagError) -> [String] {
    let suites = values.list("cipher-suites")
    if !suites.isEmpty, minimum == .tls13 {
      throw FlagError(
        description:
          "--cipher-suites chooses among those of TLS 1.2, and --tls-min-version is TLS1.3")
    }
    for suite in suites where !CipherSuites.contains(suite) {
      throw FlagError(
        description: "--cipher-suites: \(suite) is none that can be served; those are "
          + CipherSuites.names.joined(separator: ", "))
    }
    return suites
  }
}
