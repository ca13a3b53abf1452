internal import COpenSSL
public import Primitives

/// Who is let in by certificate: signed by a known authority, not revoked, with one of the names allowed.
public struct PeerCertificateRules: Sendable, Hashable {
  /// The role in which the other end shows its certificate.
  public enum Role: Sendable, Hashable {
    /// It connects.
    case client
    /// It is connected to.
    case server
  }

  /// The authorities, PEM.
  public var authorityFile: String
  /// Lists of revoked certificates, PEM; nil: none is revoked. With it, each authority of a chain needs a list that
  /// it signed and that has not ended: without news nobody is let in.
  public var revocationFile: String?
  /// Common names of which the certificate must have one; empty: any.
  public var commonNames: [String]
  /// Host names or addresses of which the certificate must have one among its alternative names; empty: any.
  public var hostNames: [String]
  /// What certificates must be good for.
  public var role: Role

  /// Describes who is let in.
  public init(
    authorityFile: String, revocationFile: String? = nil, commonNames: [String] = [],
    hostNames: [String] = [], role: Role = .client
  ) {
    self.authorityFile = authorityFile
    self.revocationFile = revocationFile
    self.commonNames = commonNames
    self.hostNames = hostNames
    self.role = role
  }
}

/// Checks the other end's certificates against rules whose files were read once.
///
/// `@unchecked`: libcrypto's store is only read after it was filled, and counts its references itself.
@safe
public final class PeerCertificateVerifier: @unchecked Sendable {
  private let rules: PeerCertificateRules
  private let store: OpaquePointer

  /// Reads the files.
  public init(_ rules: PeerCertificateRules) throws(CertificateError) {
    self.rules = rules
    guard let store = unsafe X509_STORE_new() else { throw CertificateError("no memory") }
    unsafe self.store = store
    guard unsafe X509_STORE_load_file(store, rules.authorityFile) == 1 else {
      throw CertificateError("\(rules.authorityFile) holds no authorities: \(LibraryError.last)")
    }
    if let file = rules.revocationFile { try loadLists(file) }
  }

  deinit { unsafe X509_STORE_free(store) }

  private func loadLists(_ file: String) throws(CertificateError) {
    let lookup = unsafe X509_STORE_add_lookup(store, X509_LOOKUP_file())
    let count = unsafe X509_load_crl_file(lookup, file, X509_FILETYPE_PEM)
    guard count > 0 else {
      throw CertificateError("\(file) holds no revocation list: \(LibraryError.last)")
    }
    let flags = UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
    unsafe X509_STORE_set_flags(store, flags)
  }

  /// Checks certificates as they were presented, leaf first, in DER.
  ///
  /// - Returns: the chain from the leaf to the authority.
  /// - Throws: why the other end is not let in.
  /// - Cost: two signatures to verify, a fifth of a millisecond.
  public func verify(_ presented: [Bytes]) throws(CertificateError) -> [Bytes] {
    let certificates = presented.compactMap { Certificate(der: $0) }
    guard let leaf = certificates.first, certificates.count == presented.count else {
      throw CertificateError("what was presented is no certificate")
    }
    let others = unsafe OPENSSL_sk_new_null()
    defer { unsafe OPENSSL_sk_free(others) }
    for other in certificates.dropFirst() {
      unsafe _ = OPENSSL_sk_push(others, UnsafeRawPointer(other.pointer))
    }
    let context = unsafe X509_STORE_CTX_new()
    defer { unsafe X509_STORE_CTX_free(context) }
    guard let context = unsafe context,
      unsafe X509_STORE_CTX_init(context, store, leaf.pointer, others) == 1
    else { throw CertificateError("the check can't begin: \(LibraryError.last)") }
    let purpose = rules.role == .client ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER
    unsafe _ = X509_STORE_CTX_set_purpose(context, purpose)
    let isGood = unsafe X509_verify_cert(context) == 1
    // Whatever the library noted on its way must not be taken for the next caller's failure.
    ERR_clear_error()
    guard isGood else {
      let code = unsafe X509_STORE_CTX_get_error(context)
      let reason = unsafe String(cString: X509_verify_cert_error_string(Int(code)))
      throw CertificateError(
        "the certificate of \(leaf.commonName ?? "nobody") is refused: \(reason)")
    }
    try checkNames(of: leaf)
    let chain = unsafe X509_STORE_CTX_get1_chain(context)
    defer { unsafe OPENSSL_sk_free(chain) }
    // The stack hands its references over one by one.
    return unsafe (0..<OPENSSL_sk_num(chain)).compactMap { place in
      unsafe OPENSSL_sk_value(chain, place).map {
        unsafe Certificate(owned: OpaquePointer($0)).der
      }
    }
  }

  private func checkNames(of leaf: Certificate) throws(CertificateError) {
    let name = leaf.commonName
    if !rules.commonNames.isEmpty, !rules.commonNames.contains(where: { $0 == name }) {
      throw CertificateError(
        "the certificate's common name \(name ?? "") is none of"
          + " \(rules.commonNames.joined(separator: ", "))")
    }
    if !rules.hostNames.isEmpty, !rules.hostNames.contains(where: { leaf.names($0) }) {
      throw CertificateError(
        "the certificate of \(name ?? "nobody") is for none of"
          + " \(rules.hostNames.joined(separator: ", "))")
    }
  }
}
