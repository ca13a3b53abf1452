internal import Access
internal import Environment
internal import Primitives
internal import Synchronization

/// How tokens are signed and checked (`--auth-token jwt,…`).
public struct SignedTokenConfiguration: Sendable {
  /// How tokens are signed; one that says otherwise is invalid.
  public var method: SigningMethod
  /// Files with the keys that tokens are checked with, PEM; several while one takes the place of another.
  public var publicKeyFiles: [String]
  /// Files with private keys, PEM, or secrets for HMAC. The first one signs; all of them check.
  public var privateKeyFiles: [String]
  /// The time from a token's signing to its end.
  public var lifetime: Duration

  /// Describes signed tokens.
  public init(
    method: SigningMethod, publicKeyFiles: [String] = [], privateKeyFiles: [String] = [],
    lifetime: Duration = .seconds(300)
  ) {
    self.method = method
    self.publicKeyFiles = publicKeyFiles
    self.privateKeyFiles = privateKeyFiles
    self.lifetime = lifetime
  }
}

/// Signs and checks JSON web tokens (RFC 7519) with etcd's claims: `username`, `revision` and `exp`.
final class SignedTokens: Sendable {
  private struct Verified: Sendable {
    var proof: Proof
    var end: UInt64
  }

  private let method: SigningMethod
  private let lifetimeSeconds: UInt64
  private let signer: SigningKey?
  private let keys: [SigningKey]
  private let clock: any Clock
  /// Tokens that were checked: signatures cost tens of microseconds, and clients send one token often.
  private let verified = Mutex<[String: Verified]>([:])

  init(_ configuration: SignedTokenConfiguration, clock: any Clock) throws(IdentityError) {
    method = configuration.method
    lifetimeSeconds = UInt64(max(1, configuration.lifetime.components.seconds))
    self.clock = clock
    var keys: [SigningKey] = []
    for file in configuration.privateKeyFiles {
      keys.append(try SigningKey(privateFile: file, method: method))
    }
    signer = keys.first
    for file in configuration.publicKeyFiles where !method.isSymmetric {
      keys.append(try SigningKey(publicFile: file, method: method))
    }
    if keys.isEmpty {
      throw .options(
        "tokens of \(method.name) need \(method.isSymmetric ? "priv-key" : "pub-key or priv-key")")
    }
    self.keys = keys
  }

  /// A token for a user.
  func sign(for user: AccessName, at revision: AuthRevision) throws(IdentityError) -> Bytes {
    guard let signer, signer.isPrivate else { throw .verifyOnly }
    let end = now + lifetimeSeconds
    let header = "{\"alg\":\"\(method.name)\",\"typ\":\"JWT\"}"
    let claims =
      "{\"exp\":\(end),\"revision\":\(revision),\"username\":\(Self.quoted(user.description))}"
    let signed =
      Base64URL.encode(Bytes(header.utf8)) + [UInt8(ascii: ".")]
      + Base64URL.encode(Bytes(claims.utf8))
    return signed + [UInt8(ascii: ".")] + Base64URL.encode(try signer.sign(signed))
  }

  /// Whom a token stands for; nil if it has ended, does not begin yet, or any part of it is not as it should be.
  func proof(of token: String) -> Proof? {
    let now = now
    if let known = verified.withLock({ $0[token] }) { return known.end > now ? known.proof : nil }
    guard let checked = check(Bytes(token.utf8)), checked.end > now else { return nil }
    verified.withLock { verified in
      if verified.count >= Limits.verifiedTokens { verified.removeAll(keepingCapacity: true) }
      verified[token] = checked
    }
    return checked.proof
  }

  private var now: UInt64 { UInt64(max(0, clock.wallTime().seconds)) }

  private func check(_ token: Bytes) -> Verified? {
    guard token.count <= Limits.signedTokenBytes else { return nil }
    let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decode(parts[0]).flatMap(FlatJSON.init),
      header.text("alg") == method.name, !header.contains("crit"),
      let signature = Base64URL.decode(parts[2])
    else { return nil }
    let signed = Bytes(token[..<parts[1].endIndex])
    guard keys.contains(where: { $0.verify(signature, of: signed) }) else { return nil }
    guard let claims = Base64URL.decode(parts[1]).flatMap(FlatJSON.init),
      let user = claims.text("username"), let revision = claims.whole("revision"),
      let end = claims.whole("exp")
    else { return nil }
    if claims.contains("nbf") {
      guard let begin = claims.whole("nbf"), begin <= now else { return nil }
    }
    return Verified(
      proof: Proof(user: AccessName(user), revision: AuthRevision(revision)), end: end)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
