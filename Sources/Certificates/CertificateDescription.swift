public import Primitives

/// What a certificate is to say.
public struct CertificateDescription: Sendable, Hashable {
  /// What a certificate is good for.
  public struct Usage: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Proving who one is to those that connect.
    public static let server = Usage(rawValue: 1)
    /// Proving who one is to those that one connects to.
    public static let client = Usage(rawValue: 2)
  }

  /// The subject's common name: the user, where `--client-cert-auth` is on.
  public var commonName: String
  /// The subject's organization; empty for none.
  public var organization: String
  /// Host names, with at most one asterisk in front, and addresses.
  public var alternativeNames: [String]
  /// What it is good for.
  public var usage: Usage
  /// Seconds from now to its end.
  public var validSeconds: Int64

  /// Describes a certificate.
  public init(
    commonName: String, organization: String = "", alternativeNames: [String] = [],
    usage: Usage, validSeconds: Int64
  ) {
    self.commonName = commonName
    self.organization = organization
    self.alternativeNames = alternativeNames
    self.usage = usage
    self.validSeconds = validSeconds
  }
}

/// A certificate with its private key, both in PEM.
public struct CertifiedKey: Sendable, Hashable {
  /// The certificate.
  public var certificate: Bytes
  /// Its private key, PKCS #8, without a password.
  public var privateKey: Bytes

  /// Takes what was read from files.
  public init(certificate: Bytes, privateKey: Bytes) {
    self.certificate = certificate
    self.privateKey = privateKey
  }
}

/// Why a certificate cannot be made or read, for a person.
public struct CertificateError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
