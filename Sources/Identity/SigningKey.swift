internal import COpenSSL
internal import Glibc
internal import Primitives

/// A key that checks tokens, and signs them if it is private.
///
/// `@unchecked`: libcrypto's keys do not change once they are loaded, and may be used by many threads.
@safe
final class SigningKey: @unchecked Sendable {
  /// Whether it can sign.
  let isPrivate: Bool
  private let method: SigningMethod
  /// The secret of an HMAC; else empty.
  private let secret: Bytes
  private let key: OpaquePointer?

  private static let fileBytesMax = 65_536
  private static let rsaBitsMin = 2_048

  convenience init(privateFile file: String, method: SigningMethod) throws(IdentityError) {
    let bytes = try Self.read(file)
    if method.isSymmetric {
      try self.init(secret: bytes, method: method, file: file)
      return
    }
    let key = unsafe Self.parse(bytes) { bio in
      unsafe PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in 0 }, nil)
    }
    guard let key = unsafe key else {
      throw .key(file: file, reason: "there is no private key without a password in it")
    }
    try unsafe self.init(key: key, isPrivate: true, method: method, file: file)
  }

  convenience init(publicFile file: String, method: SigningMethod) throws(IdentityError) {
    let bytes = try Self.read(file)
    let key = unsafe Self.parse(bytes) { bio in unsafe PEM_read_bio_PUBKEY(bio, nil, nil, nil) }
    if let key = unsafe key {
      try unsafe self.init(key: key, isPrivate: false, method: method, file: file)
      return
    }
    let certificate = unsafe Self.parse(bytes) { bio in
      unsafe PEM_read_bio_X509(bio, nil, nil, nil)
    }
    guard let certificate = unsafe certificate, let key = unsafe X509_get_pubkey(certificate) else {
      throw .key(file: file, reason: "there is no public key and no certificate in it")
    }
    unsafe X509_free(certificate)
    try unsafe self.init(key: key, isPrivate: false, method: method, file: file)
  }

  private init(secret: Bytes, method: SigningMethod, file: String) throws(IdentityError) {
    if secret.isEmpty { throw .key(file: file, reason: "it is empty") }
    self.secret = secret
    self.method = method
    isPrivate = true
    unsafe key = nil
  }

  private init(
    key: OpaquePointer, isPrivate: Bool, method: SigningMethod, file: String
  ) throws(IdentityError) {
    self.isPrivate = isPrivate
    self.method = method
    secret = []
    unsafe self.key = key
    if let reason = unfitness {
      throw .key(file: file, reason: "the key does not fit \(method.name): \(reason)")
    }
  }

  deinit { if let key = unsafe key { unsafe EVP_PKEY_free(key) } }

  private var unfitness: String? {
    guard let key = unsafe key else { return nil }
    let bits = unsafe Int(EVP_PKEY_get_bits(key))
    switch unsafe (method.family, EVP_PKEY_get_base_id(key)) {
    case (.rsa, EVP_PKEY_RSA), (.pss, EVP_PKEY_RSA):
      return bits < Self.rsaBitsMin ? "it has \(bits) bits, and 2048 are the least" : nil
    case (.ecdsa, EVP_PKEY_EC):
      return bits == method.curveBits ? nil : "its curve has \(bits) bits"
    case (.edwards, EVP_PKEY_ED25519): return nil
    default: return "it is of another kind"
    }
  }

  // MARK: Signatures

  func sign(_ message: Bytes) throws(IdentityError) -> Bytes {
    if method.isSymmetric { return authenticationCode(message) }
    guard isPrivate, let key = unsafe key else { throw .verifyOnly }
    guard let context = unsafe EVP_MD_CTX_new() else { fatalError("libcrypto has no memory") }
    defer { unsafe EVP_MD_CTX_free(context) }
    var parameters: OpaquePointer?
    var result = unsafe EVP_DigestSignInit(context, &parameters, digest, nil, key)
    if result == 1, let parameters = unsafe parameters {
      result = unsafe pad(parameters, saltLength: RSA_PSS_SALTLEN_DIGEST)
    }
    var length = 0
    if result == 1 {
      result = unsafe EVP_DigestSign(context, nil, &length, message, message.count)
    }
    var signature = Bytes(repeating: 0, count: length)
    if result == 1 {
      result = unsafe EVP_DigestSign(context, &signature, &length, message, message.count)
    }
    guard result == 1 else {
      ERR_clear_error()
      throw .options("the token cannot be signed with \(method.name)")
    }
    signature.removeLast(signature.count - length)
    if method.family != .ecdsa { return signature }
    guard let plain = ECDSASignature.plain(signature, numberBytes: method.numberBytes) else {
      throw .options("the token cannot be signed with \(method.name)")
    }
    return plain
  }

  func verify(_ signature: Bytes, of message: Bytes) -> Bool {
    if method.isSymmetric {
      let expected = authenticationCode(message)
      guard signature.count == expected.count else { return false }
      return unsafe CRYPTO_memcmp(signature, expected, expected.count) == 0
    }
    var signature = signature
    if method.family == .ecdsa {
      guard let der = ECDSASignature.der(signature, numberBytes: method.numberBytes) else {
        return false
      }
      signature = der
    }
    guard let key = unsafe key, let context = unsafe EVP_MD_CTX_new() else { return false }
    defer { unsafe EVP_MD_CTX_free(context) }
    var parameters: OpaquePointer?
    guard unsafe EVP_DigestVerifyInit(context, &parameters, digest, nil, key) == 1 else {
      ERR_clear_error()
      return false
    }
    if let parameters = unsafe parameters {
      guard unsafe pad(parameters, saltLength: RSA_PSS_SALTLEN_AUTO) == 1 else { return false }
    }
    let result = unsafe EVP_DigestVerify(
      context, signature, signature.count, message, message.count)
    if result != 1 { ERR_clear_error() }
    return result == 1
  }

  private func pad(_ parameters: OpaquePointer, saltLength: Int32) -> Int32 {
    guard method.family == .pss else { return 1 }
    guard unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 else {
      return 0
    }
    return unsafe EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, saltLength)
  }

  private var digest: OpaquePointer? {
    switch method.hashBits {
    case 256: unsafe EVP_sha256()
    case 384: unsafe EVP_sha384()
    case 512: unsafe EVP_sha512()
    default: nil
    }
  }

  private func authenticationCode(_ message: Bytes) -> Bytes {
    var code = Bytes(repeating: 0, count: 64)
    var length: UInt32 = 0
    let made = unsafe HMAC(
      digest, secret, Int32(secret.count), message, message.count, &code, &length)
    invariant(unsafe made != nil, "libcrypto has no HMAC")
    return Bytes(code.prefix(Int(length)))
  }

  // MARK: Files

  private static func parse<Parsed>(
    _ bytes: Bytes, _ body: (OpaquePointer) -> Parsed?
  ) -> Parsed? {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let bio = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else {
        return nil
      }
      defer { unsafe BIO_free(bio) }
      let parsed = unsafe body(bio)
      ERR_clear_error()
      return parsed
    }
  }

  private static func read(_ file: String) throws(IdentityError) -> Bytes {
    let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .key(file: file, reason: unsafe String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var bytes = Bytes(repeating: 0, count: fileBytesMax + 1)
    var count = 0
    while count < bytes.count {
      let part = unsafe bytes.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
      }
      if part < 0, errno == EINTR { continue }
      guard part >= 0 else {
        throw .key(file: file, reason: unsafe String(cString: strerror(errno)))
      }
      if part == 0 { return Bytes(bytes[..<count]) }
      count += part
    }
    throw .key(file: file, reason: "it is longer than \(fileBytesMax) bytes")
  }
}

/// The two forms of an ECDSA signature: two numbers of fixed length side by side in tokens (RFC 7518, section 3.4),
/// a sequence of two integers in libcrypto.
enum ECDSASignature {
  static func der(_ plain: Bytes, numberBytes: Int) -> Bytes? {
    guard plain.count == 2 * numberBytes else { return nil }
    let content = integer(plain[..<numberBytes]) + integer(plain[numberBytes...])
    // Two numbers of up to 67 bytes need a long length.
    let length: Bytes =
      content.count < 0x80 ? [UInt8(content.count)] : [0x81, UInt8(content.count)]
    return [0x30] + length + content
  }

  private static func integer(_ number: ArraySlice<UInt8>) -> Bytes {
    var digits = Bytes(number.drop { $0 == 0 })
    if digits.isEmpty || digits[0] >= 0x80 { digits.insert(0, at: 0) }
    return [0x02, UInt8(digits.count)] + digits
  }

  static func plain(_ der: Bytes, numberBytes: Int) -> Bytes? {
    guard der.count > 8, der[0] == 0x30 else { return nil }
    var position = der[1] == 0x81 ? 3 : 2
    var plain: Bytes = []
    for _ in 0..<2 {
      guard position + 2 <= der.count, der[position] == 0x02 else { return nil }
      let end = position + 2 + Int(der[position + 1])
      guard end <= der.count else { return nil }
      let digits = der[position + 2..<end].drop { $0 == 0 }
      guard digits.count <= numberBytes else { return nil }
      plain += Bytes(repeating: 0, count: numberBytes - digits.count) + digits
      position = end
    }
    return position == der.count ? plain : nil
  }
}
