internal import COpenSSL
internal import Primitives

/// A private key of libcrypto's.
@safe
final class PrivateKey {
  let pointer: OpaquePointer

  /// Makes a new one on P-256.
  init() throws(CertificateError) {
    let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard let context = unsafe context, unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
      unsafe EVP_PKEY_keygen(context, &key) == 1, let key = unsafe key
    else { throw CertificateError("no key can be made: \(LibraryError.last)") }
    unsafe pointer = key
  }

  init(pem: Bytes) throws(CertificateError) {
    let key = unsafe PEMText.read(pem) { bio in
      // Without a callback of its own the library would ask at the terminal.
      unsafe PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in 0 }, nil)
    }
    guard let key = unsafe key else {
      throw CertificateError("there is no private key without a password in it")
    }
    unsafe pointer = key
  }

  deinit { unsafe EVP_PKEY_free(pointer) }

  var pem: Bytes {
    unsafe PEMText.write { bio in
      unsafe PEM_write_bio_PKCS8PrivateKey(bio, pointer, nil, nil, 0, nil, nil)
    }
  }
}

/// Memory as the library's input and output.
enum PEMText {
  static func read<Result>(_ text: Bytes, _ body: (OpaquePointer?) -> Result?) -> Result? {
    unsafe text.withUnsafeBytes { bytes in
      let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
      defer {
        unsafe BIO_free(bio)
        ERR_clear_error()
      }
      return unsafe bio == nil ? nil : body(bio)
    }
  }

  static func write(_ body: (OpaquePointer?) -> Int32) -> Bytes {
    let bio = unsafe BIO_new(BIO_s_mem())
    defer { unsafe BIO_free(bio) }
    guard unsafe body(bio) == 1 else { return [] }
    var result = Bytes(repeating: 0, count: unsafe BIO_ctrl_pending(bio))
    let count = unsafe result.withUnsafeMutableBytes { bytes in
      unsafe BIO_read(bio, bytes.baseAddress, Int32(clamping: bytes.count))
    }
    return Bytes(result.prefix(max(0, Int(count))))
  }
}

/// What the library says of its last failure.
enum LibraryError {
  static var last: String {
    let code = ERR_get_error()
    ERR_clear_error()
    var text = [CChar](repeating: 0, count: 256)
    unsafe ERR_error_string_n(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
