internal import Certificates
internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// How the clients of a measured server are told apart.
struct ServerSecurity: Sendable {
  /// What a client proves, and how.
  enum Kind: String, Sendable, CaseIterable {
    /// Nothing, under TLS.
    case tls
    /// A user, by certificate.
    case certificate
    /// A user, by a signed token in each call, without TLS.
    case jwt
  }

  let kind: Kind
  /// The flags of both programs.
  let flags: [String]
  /// What clients speak.
  let tls: TLSConfiguration?

  /// Makes what is needed in a folder.
  init(_ kind: Kind, folder: String) throws {
    self.kind = kind
    func path(_ name: String) -> String { "\(folder)/\(name)" }
    if kind == .jwt {
      // An HMAC, the cheapest to check for both.
      guard SystemFile.write("a secret of the benchmark that is long enough", to: path("secret"))
      else { throw BenchError("cannot write to \(folder)") }
      flags = [
        "--auth-token", "jwt,sign-method=HS256,priv-key=\(path("secret")),ttl=2h",
        "--bcrypt-cost", "4",
      ]
      tls = nil
      return
    }
    let files = CertificateFolder(folder)
    let authority = try CertificateMaker.makeAuthority(commonName: "ca", validSeconds: 172_800)
    try files.write(authority, "ca.crt", "ca.key")
    for (name, host) in [("server", "127.0.0.1"), ("root", "localhost")] {
      let description = CertificateDescription(
        commonName: name, alternativeNames: [host], usage: [.server, .client], validSeconds: 86_400)
      try files.write(
        try CertificateMaker.issue(description, by: authority), "\(name).crt", "\(name).key")
    }
    let own = ["--cert-file", path("server.crt"), "--key-file", path("server.key")]
    let isProven = kind == .certificate
    flags = own + (isProven ? ["--trusted-ca-file", path("ca.crt"), "--client-cert-auth"] : [])
    tls = .client(
      authorityFile: path("ca.crt"), certificateFile: isProven ? path("root.crt") : nil,
      privateKeyFile: isProven ? path("root.key") : nil)
  }

  /// Has the server tell its users apart, with root for all calls.
  func prepare(_ server: RunningServer) async throws {
    if kind == .tls { return }
    func ask(_ method: String, _ request: some Message) async throws -> Bytes {
      try await server.ask("/etcdserverpb.Auth/" + method, try request.serializedBytes())
    }
    _ = try await ask(
      "UserAdd",
      Etcdserverpb_AuthUserAddRequest.with {
        $0.name = "root"
        if kind == .jwt { $0.password = "root" } else { $0.options.noPassword = true }
      })
    _ = try await ask("RoleAdd", Etcdserverpb_AuthRoleAddRequest.with { $0.name = "root" })
    _ = try await ask(
      "UserGrantRole",
      Etcdserverpb_AuthUserGrantRoleRequest.with {
        $0.user = "root"
        $0.role = "root"
      })
    _ = try await ask("AuthEnable", Etcdserverpb_AuthEnableRequest())
    guard kind == .jwt else { return }
    let answer = try await ask(
      "Authenticate",
      Etcdserverpb_AuthenticateRequest.with {
        $0.name = "root"
        $0.password = "root"
      })
    let token = try Etcdserverpb_AuthenticateResponse(serializedBytes: answer).token
    server.headers = [("token", token)]
  }
}
