public import Access
public import Environment
internal import Glibc
public import LinuxEnvironment
public import Primitives
internal import Synchronization

/// How callers prove who they are.
public struct AuthenticatorConfiguration: Sendable {
  /// What tokens are made of.
  public enum Tokens: Sendable {
    /// Random ones, remembered by every member, that end so long after their last use.
    case simple(lifetime: Duration)
    /// Signed ones (JWT), which say themselves whom they stand for.
    case signed(SignedTokenConfiguration)
  }

  /// What tokens are made of (`--auth-token`, `--auth-token-ttl`).
  public var tokens = Tokens.simple(lifetime: .seconds(300))
  /// What a password's hash costs (`--bcrypt-cost`).
  public var hashCost = PasswordHash.standardCost
  /// Whether a verified client certificate stands for the user of its common name (`--client-cert-auth`).
  public var usesCertificates = false

  /// etcd's defaults.
  public init() {}
}

/// Who somebody has proved to be.
public struct Proof: Hashable, Sendable {
  /// The user, whether or not there is one of that name.
  public var user: AccessName
  /// The auth revision that a signed token names; nil where what counts is what is known now.
  public var revision: AuthRevision?

  /// Describes a proof.
  public init(user: AccessName, revision: AuthRevision? = nil) {
    self.user = user
    self.revision = revision
  }
}

/// Tells who calls: by token, by certificate, by password. What they may do is decided elsewhere.
public final class Authenticator: Sendable {
  /// How callers prove who they are.
  public let configuration: AuthenticatorConfiguration
  /// The random tokens that this member knows; empty where tokens are signed.
  public let simpleTokens: SimpleTokens
  private let signedTokens: SignedTokens?
  private let pool: HashingPool
  private let entropy: any Entropy
  /// A hash of nothing that anybody knows, so that a login under a name that does not exist takes as long as any.
  private let decoy: Decoy

  /// Reads the keys, if there are any.
  public init(
    _ configuration: AuthenticatorConfiguration = AuthenticatorConfiguration(),
    clock: any Clock = LinuxClock(), entropy: any Entropy = LinuxEntropy()
  ) throws(IdentityError) {
    guard PasswordHash.costs.contains(configuration.hashCost) else {
      throw .options("\(configuration.hashCost) is no cost of bcrypt; give one from 4 to 31")
    }
    self.configuration = configuration
    self.entropy = entropy
    switch configuration.tokens {
    case .simple(let lifetime):
      simpleTokens = SimpleTokens(lifetime: lifetime, clock: clock)
      signedTokens = nil
    case .signed(let options):
      simpleTokens = SimpleTokens(lifetime: .zero, clock: clock)
      signedTokens = try SignedTokens(options, clock: clock)
    }
    pool = HashingPool(threads: max(1, min(4, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))))
    let decoy = Decoy(
      password: Self.random(36, entropy), cost: configuration.hashCost,
      salt: Self.random(16, entropy))
    self.decoy = decoy
    // It takes as long as a login, which a start need not wait for; if this is refused, the first login makes it.
    _ = pool.run { _ = decoy.hash }
  }

  // MARK: Tokens and certificates

  /// Whether tokens are signed; otherwise every member must be told of each.
  public var signsTokens: Bool { signedTokens != nil }

  /// Whom a token stands for; nil if it is forged, unknown or has ended.
  public func proof(ofToken token: String) -> Proof? {
    if let signedTokens { return signedTokens.proof(of: token) }
    return simpleTokens.user(of: Bytes(token.utf8)).map { Proof(user: $0) }
  }

  /// Whom a verified client certificate in DER stands for; nil if certificates do not count, or it names nobody.
  public func proof(ofCertificate certificate: Bytes) -> Proof? {
    guard configuration.usesCertificates else { return nil }
    return CertificateSubject.commonName(certificate).map { Proof(user: $0) }
  }

  /// The beginning of a new simple token: 16 letters, 91 bits of which nobody knows any.
  public func makeTokenPrefix() -> Bytes {
    (0..<16).map { _ in
      let place = UInt8(entropy.next(below: 52))
      return place < 26 ? UInt8(ascii: "A") + place : UInt8(ascii: "a") + place - 26
    }
  }

  /// Signs a token for a user; not for the event loops' threads.
  ///
  /// - Throws: `verifyOnly`.
  public func signToken(for user: AccessName, at revision: AuthRevision) throws(IdentityError)
    -> Bytes
  {
    guard let signedTokens else { throw .options("tokens are not signed") }
    return try signedTokens.sign(for: user, at: revision)
  }

  // MARK: Passwords

  /// Hashes a password on a thread of its own; false, without a completion, when too many wait already.
  public func hash(
    _ password: Bytes, completion: @escaping @Sendable (_ hash: Bytes) -> Void
  ) -> Bool {
    let salt = Self.random(16, entropy)
    let cost = configuration.hashCost
    return pool.run { completion(PasswordHash.make(password, cost: cost, random: salt)) }
  }

  /// Compares a password with a hash, or for the same time with none, on a thread of its own; false, without a
  /// completion, when too many wait already.
  public func verify(
    _ password: Bytes, against hash: Bytes?,
    completion: @escaping @Sendable (_ isRight: Bool) -> Void
  ) -> Bool {
    let decoy = decoy
    return pool.run {
      let isRight = PasswordHash.verify(password, against: hash ?? decoy.hash)
      completion(hash != nil && isRight)
    }
  }

  private static func random(_ count: Int, _ entropy: any Entropy) -> Bytes {
    // Without zero bytes, where bcrypt would end.
    (0..<count).map { _ in UInt8(1 + entropy.next(below: 255)) }
  }
}

/// A hash that is made when it is first asked for.
private final class Decoy: Sendable {
  private let password: Bytes
  private let cost: Int
  private let salt: Bytes
  private let made = Mutex<Bytes?>(nil)

  init(password: Bytes, cost: Int, salt: Bytes) {
    self.password = password
    self.cost = cost
    self.salt = salt
  }

  var hash: Bytes {
    made.withLock { made in
      if let made { return made }
      let hash = PasswordHash.make(password, cost: cost, random: salt)
      made = hash
      return hash
    }
  }
}
