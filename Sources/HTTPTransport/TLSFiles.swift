internal import Certificates
internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import Primitives
internal import Synchronization

/// Turns our TLS options into those of swift-nio-ssl.
enum TLSFiles {
  static func serverContext(_ options: TLSConfiguration) throws(TransportError) -> NIOSSLContext {
    guard let certificateFile = options.certificateFile, let keyFile = options.privateKeyFile
    else { throw TransportError(.tls, "a TLS server needs a certificate file and a key file") }
    do {
      var configuration = NIOSSL.TLSConfiguration.makeServerConfiguration(
        certificateChain: try chain(certificateFile), privateKey: try key(keyFile))
      configuration.applicationProtocols = ["h2", "http/1.1"]
      try apply(options, to: &configuration)
      switch options.verification {
      case .none: configuration.certificateVerification = .none
      case .request: configuration.certificateVerification = .optionalVerification
      case .require: configuration.certificateVerification = .noHostnameVerification
      }
      if !options.cipherSuites.isEmpty {
        configuration.cipherSuiteValues = try options.cipherSuites.map {
          try CipherSuites.value($0)
        }
      }
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw explain(error, options)
    }
  }

  static func clientContext(
    _ options: TLSConfiguration, protocols: [String] = ["h2"]
  ) throws(TransportError) -> NIOSSLContext {
    if options.hasPeerRules {
      throw TransportError(.tls, "lists and names are for the certificates of clients alone")
    }
    do {
      var configuration = NIOSSL.TLSConfiguration.makeClientConfiguration()
      configuration.applicationProtocols = protocols
      if let certificateFile = options.certificateFile, let keyFile = options.privateKeyFile {
        configuration.certificateChain = try chain(certificateFile)
        configuration.privateKey = try key(keyFile)
      }
      try apply(options, to: &configuration)
      configuration.certificateVerification =
        options.verification == .none ? .none : .fullVerification
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw explain(error, options)
    }
  }

  /// What to expect in the server's certificate; addresses are compared without being sent.
  static func serverName(_ endpoint: Endpoint, _ options: TLSConfiguration?) -> String? {
    if let name = options?.serverName { return name }
    guard case .tcp(let host, _) = endpoint,
      (try? SocketAddress(ipAddress: host, port: 0)) == nil
    else { return nil }
    return host
  }

  /// The other end's certificates in DER, leaf first: the validated chain where there is one.
  static func chain(of handler: NIOSSLServerHandler) -> [Bytes] {
    if let chain = handler.peerValidatedCertificateChain {
      return chain.compactMap { try? $0.toDERBytes() }
    }
    return (handler.peerCertificate.flatMap { try? $0.toDERBytes() }).map { [$0] } ?? []
  }

  /// What checks clients' certificates beyond what the TLS library does; nil where nothing more is asked.
  static func verifier(
    _ options: TLSConfiguration
  ) throws(TransportError) -> PeerCertificateVerifier? {
    guard options.hasPeerRules else { return nil }
    guard let authorityFile = options.authorityFile, options.verification != .none else {
      throw TransportError(
        .tls, "lists and names of clients' certificates need an authority's file")
    }
    do throws(CertificateError) {
      return try PeerCertificateVerifier(
        PeerCertificateRules(
          authorityFile: authorityFile, revocationFile: options.revocationFile,
          commonNames: options.allowedCommonNames, hostNames: options.allowedHostNames))
    } catch { throw TransportError(.tls, "\(error)") }
  }

  private static func chain(_ file: String) throws -> [NIOSSLCertificateSource] {
    try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
  }

  private static func key(_ file: String) throws -> NIOSSLPrivateKeySource {
    .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
  }

  private static func apply(
    _ options: TLSConfiguration, to configuration: inout NIOSSL.TLSConfiguration
  ) throws {
    if let authorityFile = options.authorityFile {
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorityFile))
    }
    configuration.minimumTLSVersion = version(options.minimumVersion)
    configuration.maximumTLSVersion = options.maximumVersion.map(version)
  }

  private static func version(_ version: TLSConfiguration.Version) -> TLSVersion {
    switch version {
    case .tls12: .tlsv12
    case .tls13: .tlsv13
    }
  }

  private static func explain(
    _ error: any Error, _ options: TLSConfiguration
  ) -> TransportError {
    if let known = error as? TransportError { return known }
    for file in options.files where unsafe access(file, R_OK) != 0 {
      let reason = unsafe String(cString: strerror(errno)).lowercased()
      return TransportError(.tls, "cannot read the TLS file \(file): \(reason)")
    }
    let files = options.files.joined(separator: ", ")
    return TransportError(.tls, "cannot use the TLS files \(files): \(error)")
  }
}
