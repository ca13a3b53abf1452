/// How a token is signed (RFC 7518, section 3; RFC 8037).
public struct SigningMethod: Hashable, Sendable {
  enum Family: String, Hashable, Sendable {
    case rsa = "RS"
    case pss = "PS"
    case ecdsa = "ES"
    case hmac = "HS"
    case edwards = "EdDSA"
  }

  let family: Family
  /// Bits of the hash; 0 for EdDSA, which hashes by itself.
  let hashBits: Int

  /// The names that there are.
  public static let names =
    ["RS", "PS", "ES", "HS"].flatMap { family in [256, 384, 512].map { "\(family)\($0)" } }
    + ["EdDSA"]

  /// Nil for a name that there is not.
  public init?(_ name: String) {
    guard Self.names.contains(name) else { return nil }
    if name == "EdDSA" {
      (family, hashBits) = (.edwards, 0)
    } else {
      guard let family = Family(rawValue: String(name.prefix(2))), let bits = Int(name.dropFirst(2))
      else { return nil }
      (self.family, hashBits) = (family, bits)
    }
  }

  /// As it stands in tokens.
  public var name: String { hashBits == 0 ? "EdDSA" : "\(family.rawValue)\(hashBits)" }

  /// Whether one secret both signs and checks.
  public var isSymmetric: Bool { family == .hmac }

  /// Bytes of each of the two numbers of an ECDSA signature.
  var numberBytes: Int { hashBits == 512 ? 66 : hashBits / 8 }

  /// Bits of the curve of an ECDSA key.
  var curveBits: Int { hashBits == 512 ? 521 : hashBits }
}
