internal import COpenSSL
internal import Primitives

/// An X.509 certificate of libcrypto's.
@safe
final class Certificate {
  let pointer: OpaquePointer

  init(pem: Bytes) throws(CertificateError) {
    let certificate = unsafe PEMText.read(pem) { bio in
      unsafe PEM_read_bio_X509(bio, nil, nil, nil)
    }
    guard let certificate = unsafe certificate else {
      throw CertificateError("there is no certificate in it")
    }
    unsafe pointer = certificate
  }

  init?(der: Bytes) {
    let certificate = unsafe der.withUnsafeBytes { bytes in
      var start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return unsafe d2i_X509(nil, &start, bytes.count)
    }
    guard let certificate = unsafe certificate else {
      ERR_clear_error()
      return nil
    }
    unsafe pointer = certificate
  }

  /// Takes a reference that somebody hands over.
  init(owned pointer: OpaquePointer) { unsafe self.pointer = pointer }

  deinit { unsafe X509_free(pointer) }

  /// A certificate without extensions and signature.
  init(
    describing description: CertificateDescription, key: PrivateKey, issuer: Certificate?
  ) throws(CertificateError) {
    guard let certificate = unsafe X509_new() else { throw CertificateError("no memory") }
    unsafe pointer = certificate
    guard description.validSeconds > 0 else {
      throw CertificateError("a certificate must be valid for a time")
    }
    // Clocks differ: it begins some minutes ago.
    let backdating = 300
    var isDone = unsafe X509_set_version(pointer, 2) == 1
    isDone = isDone && setSerialNumber()
    isDone =
      unsafe isDone
      && X509_gmtime_adj(X509_getm_notBefore(pointer), -backdating) != nil
      && X509_gmtime_adj(X509_getm_notAfter(pointer), Int(description.validSeconds)) != nil
      && X509_set_pubkey(pointer, key.pointer) == 1
    let subject = unsafe X509_get_subject_name(pointer)
    for (field, value) in [("O", description.organization), ("CN", description.commonName)]
    where !value.isEmpty {
      let bytes = Bytes(value.utf8)
      guard (1...64).contains(bytes.count), !bytes.contains(0) else {
        throw CertificateError("\"\(value)\" does not fit into a subject: 1 to 64 bytes do")
      }
      isDone =
        unsafe isDone
        && X509_NAME_add_entry_by_txt(
          subject, field, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0) == 1
    }
    let issuerName = unsafe X509_get_subject_name(issuer?.pointer ?? pointer)
    isDone = unsafe isDone && X509_set_issuer_name(pointer, issuerName) == 1
    guard isDone else { throw CertificateError("no certificate can be made: \(LibraryError.last)") }
  }

  /// `MBSTRING_UTF8`, which is a macro with a cast: `MBSTRING_FLAG` alone.
  private var MBSTRING_UTF8: Int32 { 0x1000 }

  /// Random, 159 bits: it tells nothing of those before, and is positive (RFC 5280, section 4.1.2.2).
  private func setSerialNumber() -> Bool {
    let number = unsafe BN_new()
    defer { unsafe BN_free(number) }
    return unsafe BN_rand(number, 159, 0, 0) == 1
      && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil
  }

  func add(_ identifier: Int32, _ value: String, issuer: Certificate) throws(CertificateError) {
    var context = unsafe X509V3_CTX()
    unsafe X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
    let entry = unsafe X509V3_EXT_conf_nid(nil, &context, identifier, value)
    defer { unsafe X509_EXTENSION_free(entry) }
    guard let entry = unsafe entry, unsafe X509_add_ext(pointer, entry, -1) == 1 else {
      throw CertificateError("\"\(value)\" is no part of a certificate: \(LibraryError.last)")
    }
  }

  func sign(by signer: PrivateKey, key: PrivateKey) throws(CertificateError) -> CertifiedKey {
    guard unsafe X509_sign(pointer, signer.pointer, EVP_sha256()) > 0 else {
      throw CertificateError("the certificate can't be signed: \(LibraryError.last)")
    }
    return CertifiedKey(certificate: pem, privateKey: key.pem)
  }

  var pem: Bytes { unsafe PEMText.write { bio in unsafe PEM_write_bio_X509(bio, pointer) } }

  var der: Bytes {
    let count = unsafe Int(i2d_X509(pointer, nil))
    guard count > 0 else { return [] }
    var bytes = Bytes(repeating: 0, count: count)
    unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      unsafe _ = i2d_X509(pointer, &start)
    }
    return bytes
  }

  var secondsLeft: Int64? {
    var (days, seconds): (Int32, Int32) = (0, 0)
    guard unsafe ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(pointer)) == 1 else {
      return nil
    }
    return Int64(days) * 86_400 + Int64(seconds)
  }

  /// The first common name of the subject, which etcd compares too; nil if there is none.
  var commonName: String? {
    let subject = unsafe X509_get_subject_name(pointer)
    let place = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    guard place >= 0,
      let entry = unsafe X509_NAME_get_entry(subject, place),
      let data = unsafe X509_NAME_ENTRY_get_data(entry)
    else { return nil }
    var text: UnsafeMutablePointer<UInt8>?
    let count = unsafe ASN1_STRING_to_UTF8(&text, data)
    guard count >= 0, let start = unsafe text else { return nil }
    defer { unsafe CRYPTO_free(start, "", 0) }
    return unsafe String(
      decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
  }

  /// Whether a host's name or an address is among the alternative names; the common name does not count.
  func names(_ host: String) -> Bool {
    let onlyAlternatives = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
    return unsafe X509_check_ip_asc(pointer, host, onlyAlternatives) == 1
      || X509_check_host(pointer, host, host.utf8.count, onlyAlternatives, nil) == 1
  }
}
