internal import NIOSSL

/// The suites of TLS 1.2 by the names that IANA gave them, as `--cipher-suites` has them.
public enum CipherSuites {
  private static let all: [(name: String, value: NIOTLSCipher)] = [
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    (
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    ),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", .TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", .TLS_RSA_WITH_AES_128_GCM_SHA256),
    ("TLS_RSA_WITH_AES_256_GCM_SHA384", .TLS_RSA_WITH_AES_256_GCM_SHA384),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", .TLS_RSA_WITH_AES_128_CBC_SHA),
    ("TLS_RSA_WITH_AES_256_CBC_SHA", .TLS_RSA_WITH_AES_256_CBC_SHA),
  ]

  /// The names that may be given. Go's older names for the ChaCha20 suites, without a hash, are understood too.
  public static let names = all.map(\.name)

  /// Whether a suite of this name can be served.
  public static func contains(_ name: String) -> Bool { (try? value(name)) != nil }

  static func value(_ name: String) throws(TransportError) -> NIOTLSCipher {
    let whole = name.hasSuffix("_CHACHA20_POLY1305") ? name + "_SHA256" : name
    guard let found = all.first(where: { $0.name == whole }) else {
      throw TransportError(.tls, "\(name) is no cipher suite that can be served")
    }
    return found.value
  }
}
