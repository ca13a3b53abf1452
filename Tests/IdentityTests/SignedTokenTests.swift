import Access
import Environment
import Foundation
import Identity
import Primitives
import Simulation
import Testing

@Suite("Signed tokens")
struct SignedTokenTests {
  private let clock = SimulatedClock()

  /// An authenticator whose keys lie in files of a folder that is removed.
  private func authenticator(
    _ method: String, private privateKeys: [String] = [], public publicKeys: [String] = []
  ) throws -> Authenticator {
    let folder = NSTemporaryDirectory() + "keelson-keys-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func files(_ keys: [String], _ name: String) throws -> [String] {
      try keys.enumerated().map { number, key in
        let path = folder + "/\(name)\(number)"
        try key.write(toFile: path, atomically: true, encoding: .utf8)
        return path
      }
    }
    var configuration = AuthenticatorConfiguration()
    configuration.hashCost = 4
    configuration.tokens = .signed(
      SignedTokenConfiguration(
        method: try #require(SigningMethod(method)),
        publicKeyFiles: try files(publicKeys, "public"),
        privateKeyFiles: try files(privateKeys, "private")))
    return try Authenticator(configuration, clock: clock)
  }

  private static let keys: [(method: String, key: String)] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map { ($0, TestKeys.rsa) }
    + ["HS256", "HS384", "HS512"].map { ($0, "a secret of some length") }
    + [("ES256", TestKeys.elliptic), ("EdDSA", TestKeys.edwards)]

  private func token(
    _ authenticator: Authenticator, _ user: AccessName = "ann", at revision: UInt64 = 7
  ) throws -> String {
    String(
      decoding: try authenticator.signToken(for: user, at: AuthRevision(revision)), as: UTF8.self)
  }

  @Test(
    "a token of every method stands for its user and revision until it ends",
    arguments: keys.indices)
  func roundTrip(index: Int) throws {
    let (method, key) = Self.keys[index]
    let authenticator = try authenticator(method, private: [key])
    let token = try token(authenticator, "an \"odd\"\n name")
    let proof = Proof(user: "an \"odd\"\n name", revision: AuthRevision(7))
    #expect(authenticator.proof(ofToken: token) == proof)
    clock.advance(by: .seconds(299))
    #expect(authenticator.proof(ofToken: token) == proof)
    clock.advance(by: .seconds(2))
    #expect(authenticator.proof(ofToken: token) == nil)
  }

  @Test("a forged token stands for nobody: another key, any byte, another method, no signature")
  func forged() throws {
    let own = try authenticator("ES256", private: [TestKeys.elliptic])
    let other = try authenticator("ES256", private: [TestKeys.otherElliptic])
    let token = try token(own)
    #expect(own.proof(ofToken: try self.token(other)) == nil)
    for place in stride(from: 0, to: token.utf8.count, by: 3) {
      var bytes = Array(token.utf8)
      bytes[place] = bytes[place] == 0x41 ? 0x42 : 0x41
      let changed = String(decoding: bytes, as: UTF8.self)
      if changed != token { #expect(own.proof(ofToken: changed) == nil, "byte \(place)") }
    }
    // {"alg":"none"}, and an HMAC whose secret is the public key.
    let claims = token.split(separator: ".")[1]
    #expect(own.proof(ofToken: "eyJhbGciOiJub25lIn0.\(claims).") == nil)
    let secret = try authenticator("HS256", private: [TestKeys.ellipticPublic])
    #expect(own.proof(ofToken: try self.token(secret)) == nil)
    for text in ["", ".", "..", "a.b.c", token + ".", String(repeating: "a", count: 100_000)] {
      #expect(own.proof(ofToken: text) == nil)
    }
  }

  @Test("while keys are exchanged tokens of both are taken, and the first one signs")
  func rotation() throws {
    let old = try authenticator("ES256", private: [TestKeys.elliptic])
    let new = try authenticator("ES256", private: [TestKeys.otherElliptic])
    let both = try authenticator(
      "ES256", private: [TestKeys.otherElliptic], public: [TestKeys.ellipticPublic])
    #expect(both.proof(ofToken: try token(old)) != nil)
    #expect(both.proof(ofToken: try token(new)) != nil)
    let made = try token(both)
    #expect(new.proof(ofToken: made) != nil && old.proof(ofToken: made) == nil)
  }

  @Test("a public key alone checks and does not sign, and a key of another kind is refused")
  func keyKinds() throws {
    let checker = try authenticator("ES256", public: [TestKeys.ellipticPublic])
    let signer = try authenticator("ES256", private: [TestKeys.elliptic])
    #expect(checker.proof(ofToken: try token(signer)) != nil)
    #expect(throws: IdentityError.verifyOnly) { try token(checker) }
    for (method, key) in [
      ("RS256", TestKeys.elliptic), ("ES384", TestKeys.elliptic), ("EdDSA", TestKeys.rsa),
      ("ES256", "no key"),
    ] {
      #expect(throws: IdentityError.self) { try authenticator(method, private: [key]) }
    }
    #expect(throws: IdentityError.self) { try authenticator("RS256") }
  }

  @Test("a certificate stands for its one common name")
  func certificates() throws {
    #expect(CertificateSubject.commonName(TestKeys.certificateOfAnn) == "ann")
    #expect(CertificateSubject.commonName(TestKeys.certificateOfTwo) == nil)
    #expect(CertificateSubject.commonName(TestKeys.certificateOfNobody) == nil)
    for count in 0..<TestKeys.certificateOfAnn.count {
      _ = CertificateSubject.commonName(Bytes(TestKeys.certificateOfAnn.prefix(count)))
    }
    var configuration = AuthenticatorConfiguration()
    configuration.hashCost = 4
    #expect(
      try Authenticator(configuration).proof(ofCertificate: TestKeys.certificateOfAnn) == nil)
    configuration.usesCertificates = true
    #expect(
      try Authenticator(configuration).proof(ofCertificate: TestKeys.certificateOfAnn)
        == Proof(user: "ann"))
  }
}
