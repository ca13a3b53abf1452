import Foundation
import ProcessHarness
import Testing

/// `--auth-token jwt` with every family of algorithms, in a running member and beside a running etcd.
@Suite(
  "signed tokens", .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)),
  .serialized)
struct SignedTokenTests {
  /// A method, and how openssl makes a key for it; nil: the key is a secret.
  private static let methods: [(name: String, key: [String]?)] = [
    ("RS256", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("PS384", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("ES256", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("EdDSA", ["ED25519"]), ("HS512", nil),
  ]

  private static func option(
    _ method: (name: String, key: [String]?), _ authority: TestAuthority
  ) async throws -> String {
    let key = authority.path(method.name + ".key")
    guard let kind = method.key else {
      try String(repeating: "a secret ", count: 20).write(
        toFile: key, atomically: true, encoding: .utf8)
      return "jwt,sign-method=\(method.name),priv-key=\(key),ttl=10m"
    }
    let shared = authority.path(method.name + ".pub")
    try await authority.openssl(["genpkey", "-algorithm"] + kind + ["-out", key])
    try await authority.openssl(["pkey", "-in", key, "-pubout", "-out", shared])
    return "jwt,sign-method=\(method.name),pub-key=\(shared),priv-key=\(key),ttl=10m"
  }

  private static func addUsers(_ server: ServerProcess) async throws {
    for line in [
      "user add root:r", "role add root", "user grant-role root root", "user add ann:a",
      "role add own", "role grant-permission own readwrite k", "user grant-role ann own",
      "put k 1", "put z 1", "auth enable",
    ] {
      let done = try await server.control(line.split(separator: " ").map(String.init))
      #expect(done.code == 0, "\(line): \(done)")
    }
  }

  /// Asks the gateway, which shows the token that it gives, and takes one.
  private static func post(
    _ server: ServerProcess, _ path: String, _ body: String, token: String? = nil
  ) async throws -> String {
    let header = token.map { ["-H", "Authorization: \($0)"] } ?? []
    return try await run(
      "/usr/bin/curl",
      ["-s", "http://\(server.endpoint)/v3/\(path)", "-d", body] + header
    ).output
  }

  private static func token(_ server: ServerProcess, _ user: String) async throws -> String {
    let answer = try await post(
      server, "auth/authenticate", "{\"name\":\"\(user)\",\"password\":\"\(user.prefix(1))\"}")
    let fields = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
    return try #require(fields?["token"] as? String, "\(answer)")
  }

  @Test("each family signs and checks, and etcd takes our tokens as we take etcd's")
  func families() async throws {
    let authority = try await TestAuthority()
    for method in Self.methods {
      let flags = [
        "--auth-token", try await Self.option(method, authority), "--bcrypt-cost", "4",
      ]
      let ours = try ServerProcess(.keelson, flags: flags)
      // etcd 3.5.1 knows no EdDSA.
      let theirs = method.name == "EdDSA" ? ours : try ServerProcess(.etcd, flags: flags)
      defer {
        ours.kill()
        theirs.kill()
      }
      for server in theirs === ours ? [ours] : [ours, theirs] {
        try await server.start()
        try await Self.addUsers(server)
      }
      for (signer, checker) in [(ours, ours), (ours, theirs), (theirs, ours)] {
        let token = try await Self.token(signer, "ann")
        #expect(token.split(separator: ".").count == 3)
        let own = try await Self.post(checker, "kv/range", "{\"key\":\"aw==\"}", token: token)
        #expect(own.contains("\"count\":\"1\""), "\(method.name) \(checker.kind): \(own)")
        let other = try await Self.post(checker, "kv/range", "{\"key\":\"eg==\"}", token: token)
        #expect(other.contains("permission denied"), "\(method.name): \(other)")
      }
      try await Self.refuseForgeries(ours, method.name)
    }
  }

  /// Tokens that name another method, no method, other claims, or a part of a signature.
  private static func refuseForgeries(_ server: ServerProcess, _ method: String) async throws {
    let parts = try await token(server, "ann").split(separator: ".").map(String.init)
    func encoded(_ text: String) -> String {
      Data(text.utf8).base64EncodedString().replacing("=", with: "")
        .replacing("+", with: "-").replacing("/", with: "_")
    }
    let claims = encoded("{\"username\":\"root\",\"revision\":9,\"exp\":99999999999}")
    let none = encoded("{\"alg\":\"none\",\"typ\":\"JWT\"}")
    let hmac = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
    for forged in [
      "\(none).\(parts[1]).", "\(none).\(claims).", "\(none).\(parts[1]).\(parts[2])",
      "\(hmac).\(parts[1]).\(parts[2])", "\(parts[0]).\(claims).\(parts[2])",
      "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1]).\(parts[2].dropLast(4))",
      "\(parts[0]).\(parts[1])", "..", "x",
    ] {
      let answer = try await post(server, "kv/range", "{\"key\":\"aw==\"}", token: forged)
      #expect(answer.contains("invalid auth token"), "\(method) took \(forged): \(answer)")
    }
  }
}
