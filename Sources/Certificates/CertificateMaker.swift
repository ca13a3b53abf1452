internal import COpenSSL
internal import Glibc
public import Primitives

/// Makes certificates with new keys (ECDSA on P-256, RFC 5280).
///
/// Cost: below a millisecond each, but for the random numbers that the system gives.
public enum CertificateMaker {
  /// Makes an authority that signs others, and no further authorities.
  public static func makeAuthority(
    commonName: String, organization: String = "", validSeconds: Int64
  ) throws(CertificateError) -> CertifiedKey {
    let description = CertificateDescription(
      commonName: commonName, organization: organization, usage: [], validSeconds: validSeconds)
    let key = try PrivateKey()
    let certificate = try Certificate(describing: description, key: key, issuer: nil)
    try certificate.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: certificate)
    try certificate.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: certificate)
    try certificate.add(NID_subject_key_identifier, "hash", issuer: certificate)
    return try certificate.sign(by: key, key: key)
  }

  /// Makes a certificate that an authority signs.
  ///
  /// - Throws: also where the authority's certificate ends before that which is asked for.
  public static func issue(
    _ description: CertificateDescription, by authority: CertifiedKey
  ) throws(CertificateError) -> CertifiedKey {
    let issuer = try Certificate(pem: authority.certificate)
    let issuerKey = try PrivateKey(pem: authority.privateKey)
    guard unsafe X509_check_private_key(issuer.pointer, issuerKey.pointer) == 1 else {
      throw CertificateError("the authority's key is not that of its certificate")
    }
    guard unsafe X509_check_ca(issuer.pointer) == 1 else {
      throw CertificateError("the certificate that should sign is no authority's")
    }
    if let left = issuer.secondsLeft, left < description.validSeconds {
      throw CertificateError(
        "the authority's certificate ends in \(left / 3_600) hours, and this one should last"
          + " \(description.validSeconds / 3_600): make it shorter, or make another authority")
    }
    return try make(description, issuer: issuer, issuerKey: issuerKey)
  }

  /// Makes a certificate that vouches for itself: traffic is encrypted, and nobody knows with whom.
  public static func makeSelfSigned(
    _ description: CertificateDescription
  ) throws(CertificateError) -> CertifiedKey {
    try make(description, issuer: nil, issuerKey: nil)
  }

  /// The seconds until a certificate in PEM ends, below zero if it has ended.
  public static func secondsLeft(of certificate: Bytes) throws(CertificateError) -> Int64 {
    guard let seconds = try Certificate(pem: certificate).secondsLeft else {
      throw CertificateError("the certificate's end is no time")
    }
    return seconds
  }

  private static func make(
    _ description: CertificateDescription, issuer: Certificate?, issuerKey: PrivateKey?
  ) throws(CertificateError) -> CertifiedKey {
    let key = try PrivateKey()
    let certificate = try Certificate(describing: description, key: key, issuer: issuer)
    let signer = issuer ?? certificate
    try certificate.add(NID_basic_constraints, "critical,CA:FALSE", issuer: signer)
    try certificate.add(NID_key_usage, "critical,digitalSignature", issuer: signer)
    var purposes: [String] = []
    if description.usage.contains(.server) { purposes.append("serverAuth") }
    if description.usage.contains(.client) { purposes.append("clientAuth") }
    if !purposes.isEmpty {
      try certificate.add(NID_ext_key_usage, purposes.joined(separator: ","), issuer: signer)
    }
    try certificate.add(NID_subject_key_identifier, "hash", issuer: signer)
    if issuer != nil {
      try certificate.add(NID_authority_key_identifier, "keyid:always", issuer: signer)
    }
    let names = try description.alternativeNames.map { name throws(CertificateError) in
      try Self.alternative(name)
    }
    if !names.isEmpty {
      try certificate.add(NID_subject_alt_name, names.joined(separator: ","), issuer: signer)
    }
    return try certificate.sign(by: issuerKey ?? key, key: key)
  }

  /// As the library takes it; names are held to what host names are made of, because a comma would begin another.
  private static func alternative(_ name: String) throws(CertificateError) -> String {
    var address = in6_addr()
    if unsafe inet_pton(AF_INET, name, &address) == 1
      || inet_pton(AF_INET6, name, &address) == 1
    {
      return "IP:" + name
    }
    let rest = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
    let labels = rest.split(separator: ".", omittingEmptySubsequences: false)
    let isHost =
      name.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count)
          && label.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
              || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
              || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
          }
      }
    guard isHost else {
      throw CertificateError("\"\(name)\" is neither a host's name nor an address")
    }
    return "DNS:" + name
  }
}
