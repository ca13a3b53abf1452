import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf

/// A real server with users of every kind, and those who call it.
final class AuthorizationServer {
  /// Who calls: the heading of a column of the table.
  enum Caller: Hashable {
    /// By a token of a user that exists.
    case user(String)
    /// By a client certificate with this common name.
    case certificate(String)
    /// Without any proof, or with a token that is no good.
    case anonymous, outdated, expired, forged

    var heading: String {
      switch self {
      case .user(let name): name
      case .certificate(let name): "cn=" + name
      case .anonymous: "anonymous"
      case .outdated: "outdated"
      case .expired: "expired"
      case .forged: "forged"
      }
    }

    var name: String {
      switch self {
      case .user(let name), .certificate(let name): name
      case .anonymous, .outdated, .expired, .forged: "all"
      }
    }
  }

  /// The users beside root; each has one role, of its name.
  static let users: [(name: String, kind: Authpb_Permission.TypeEnum, key: String, end: String)] = [
    ("read", .read, "k", "m"), ("write", .write, "k", "m"), ("both", .readwrite, "k", "m"),
    ("point", .readwrite, "k", ""), ("prefix", .readwrite, "/p/", "/p0"),
    ("open", .readwrite, "k", "\0"), ("all", .readwrite, "\0", "\0"),
    ("alarm", .write, "keelson.dev/maintenance/alarm", ""),
    ("compact", .write, "keelson.dev/maintenance/compact", ""),
    ("defrag", .write, "keelson.dev/maintenance/defragment", ""),
    ("hash", .read, "keelson.dev/maintenance/hash", ""),
    ("snap", .read, "keelson.dev/maintenance/snapshot", ""),
  ]

  static let callers: [Caller] =
    [.user("root")] + users.map { .user($0.name) }
    + [
      .user("none"), .anonymous, .outdated, .expired, .forged, .certificate("root"),
      .certificate("read"), .certificate("stranger"),
    ]

  /// The peer address that the member has: the same for each, so that the rows can name it.
  static let peerURL = "http://127.0.0.1:23980"

  /// Where elections are held, and the leases of their leaders.
  private static let seats: [(place: String, lease: Int64)] = [("k", 7), ("z", 9), ("/p/", 8)]

  /// The certificates and keys that a server and its callers need.
  static func authority() async throws -> TestAuthority {
    let authority = try await TestAuthority()
    for name in ["server", "root", "read", "stranger"] { try await authority.issue(name) }
    for name in ["jwt", "other"] { try await authority.tokenKey(name) }
    return authority
  }

  private let server: ServerProcess
  private let authority: TestAuthority
  private let plain: WireClient
  private var secure: [String: WireClient] = [:]
  private var tokens: [Caller: String] = [:]
  private var revision: UInt64 = 0
  private var number = 0

  init(_ kind: ServerProcess.Kind, _ authority: TestAuthority) async throws {
    self.authority = authority
    let (port, securePort) = (LoopbackPorts.next(), LoopbackPorts.next())
    server = try ServerProcess(
      kind,
      flags: [
        "--listen-client-urls", "http://127.0.0.1:\(port),https://127.0.0.1:\(securePort)",
        "--cert-file", authority.path("server.pem"), "--key-file", authority.path("server.key"),
        "--trusted-ca-file", authority.path("ca.pem"), "--client-cert-auth", "--bcrypt-cost", "4",
        "--auth-token",
        "jwt,sign-method=RS256,pub-key=\(authority.path("jwt.pub")),"
          + "priv-key=\(authority.path("jwt.key")),ttl=10m",
        "--initial-advertise-peer-urls", Self.peerURL, "--initial-cluster", "m1=\(Self.peerURL)",
        "--unsafe-no-fsync", "--log-level", kind == .etcd ? "fatal" : "info",
      ])
    if kind == .etcd {
      // It is not told of readiness at that level: the port answers for it.
      try server.launch()
    } else {
      try await server.start()
    }
    plain = try await Self.connect(port)
    for case .certificate(let name) in Self.callers {
      secure[name] = try await WireClient(
        port: securePort,
        tls: .client(
          authorityFile: authority.path("ca.pem"), certificateFile: authority.path(name + ".pem"),
          privateKeyFile: authority.path(name + ".key")))
    }
    try await prepare()
  }

  deinit { server.kill() }

  private static func connect(_ port: Int) async throws -> WireClient {
    for attempt in 1... {
      do {
        let client = try await WireClient(port: port)
        _ = try await client.range(.with { $0.key = Data("k".utf8) })
        return client
      } catch {
        if attempt > 600 { throw error }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    fatalError("the loop above ends by itself")
  }

  // MARK: State

  private func must(_ method: String, _ request: any Message, _ headers: Headers = []) async throws
  {
    do throws(CallStatus) {
      _ = try await plain.connection.unary(
        method.hasPrefix("/") ? method : "/etcdserverpb." + method, headers: headers,
        message: AuthorizationServer.encoded(request))
    } catch { throw HarnessError("\(server.kind): \(method): \(error)") }
  }

  private func prepare() async throws {
    for name in ["root", "none"] + Self.users.map(\.name) {
      try await must("Auth/RoleAdd", Etcdserverpb_AuthRoleAddRequest.with { $0.name = name })
      try await must(
        "Auth/UserAdd",
        Etcdserverpb_AuthUserAddRequest.with {
          $0.name = name
          $0.password = name
        })
      try await must(
        "Auth/UserGrantRole",
        Etcdserverpb_AuthUserGrantRoleRequest.with {
          $0.user = name
          $0.role = name
        })
    }
    for (name, kind, key, end) in Self.users {
      try await must(
        "Auth/RoleGrantPermission",
        Etcdserverpb_AuthRoleGrantPermissionRequest.with {
          $0.name = name
          $0.perm.permType = kind
          $0.perm.key = Data(key.utf8)
          $0.perm.rangeEnd = Data(end.utf8)
        })
    }
    for (_, lease) in Self.seats {
      try await must(
        "Lease/LeaseGrant",
        Etcdserverpb_LeaseGrantRequest.with {
          $0.id = lease
          $0.ttl = 36_000
        })
    }
    try await must("Auth/AuthEnable", Etcdserverpb_AuthEnableRequest())
    tokens[.outdated] = try await logIn("all")
    let root: Headers = [("token", try await logIn("root"))]
    try await must(
      "Auth/RoleAdd", Etcdserverpb_AuthRoleAddRequest.with { $0.name = "one more" }, root)
    try await renewTokens()
  }

  private func logIn(_ user: String) async throws -> String {
    let answer: Etcdserverpb_AuthenticateResponse = try await plain.call(
      "Auth/Authenticate",
      Etcdserverpb_AuthenticateRequest.with {
        $0.name = user
        $0.password = user
      })
    return answer.token
  }

  /// Logs everybody in again if users or roles have changed, because signed tokens have ended then.
  private func renewTokens() async throws {
    let root = try await logIn("root")
    let status: Etcdserverpb_AuthStatusResponse = try await plain.call(
      "Auth/AuthStatus", Etcdserverpb_AuthStatusRequest(), headers: [("token", root)])
    guard status.authRevision != revision else { return }
    revision = status.authRevision
    for case .user(let name) in Self.callers { tokens[.user(name)] = try await logIn(name) }
    let now = Int(Date().timeIntervalSince1970)
    tokens[.expired] = try await authority.token(
      user: "root", revision: revision, expires: now - 10, key: "jwt")
    tokens[.forged] = try await authority.token(
      user: "root", revision: revision, expires: now + 1_000, key: "other")
  }

  private var root: Headers { [("token", tokens[.user("root")] ?? "")] }

  private func repair(_ repair: AuthorizationRow.Repair) async throws {
    switch repair {
    case .nothing: break
    case .keys:
      for (lease, key) in [(4, ""), (5, "k"), (6, "z")] as [(Int64, String)] {
        let grant = Etcdserverpb_LeaseGrantRequest.with {
          $0.id = lease
          $0.ttl = 36_000
        }
        // It is there unless it was revoked.
        try? await must("Lease/LeaseGrant", grant, root)
        if !key.isEmpty {
          try await must("KV/Put", AuthorizationRows.put(key, lease: lease), root)
        }
      }
    case .seats:
      for (place, lease) in Self.seats {
        let key = "\(place)seat/\(String(lease, radix: 16))"
        try await must("KV/Put", AuthorizationRows.put(key, lease: lease), root)
      }
    case .alarms:
      let clear = Etcdserverpb_AlarmRequest.with {
        $0.action = .deactivate
        $0.alarm = .nospace
        $0.memberID = 1
      }
      try await must("Maintenance/Alarm", clear, root)
    case .authentication:
      try await must("Auth/AuthEnable", Etcdserverpb_AuthEnableRequest(), root)
      try await renewTokens()
    }
  }

  // MARK: Calls

  /// What each caller is told, in the order of `callers`.
  func outcomes(of row: AuthorizationRow) async throws -> [Outcome] {
    var outcomes: [Outcome] = []
    try await repair(row.repair == .authentication ? .nothing : row.repair)
    for caller in Self.callers {
      let outcome = try await self.outcome(of: row, for: caller)
      outcomes.append(outcome)
      if outcome == .permitted { try await repair(row.repair) }
    }
    return outcomes
  }

  private func outcome(of row: AuthorizationRow, for caller: Caller) async throws -> Outcome {
    number += 1
    var headers: Headers = [("grpc-timeout", "20S")]
    if let token = tokens[caller] { headers.append("token", token) }
    var client = plain
    if case .certificate(let name) = caller, let own = secure[name] { client = own }
    let request: Bytes = try row.request(caller.name, number).serializedBytes()
    do throws(CallStatus) {
      switch row.shape {
      case .unary:
        _ = try await client.connection.unary(row.method, headers: headers, message: request)
      case .stream, .conversation, .watch:
        let stream = try await client.connection.openStream(row.method, headers: headers)
        defer { stream.cancel() }
        try await stream.send(request)
        if row.shape == .stream { stream.halfClose() }
        let answer = try await stream.receive()
        if row.shape == .watch, let answer { return Self.outcome(ofWatch: answer) }
      }
      return .permitted
    } catch {
      // That the caller is no user is told by etcd in words that are also about other users.
      let isStranger = caller == .certificate("stranger") && error.message.hasSuffix("not found")
      return isStranger ? .denied : Outcome(error)
    }
  }

  // MARK: Single calls

  /// Calls a method as somebody.
  func call<Answer: Message>(
    _ method: String, _ request: any Message, as caller: Caller, giving: Answer.Type = Answer.self
  ) async throws -> Answer {
    try await plain.call(method, request, headers: headers(of: caller))
  }

  /// Opens watches as somebody.
  func watches(as caller: Caller) async throws -> WatchCall {
    WatchCall(stream: try await plain.stream("Watch/Watch", headers: headers(of: caller)))
  }

  private func headers(of caller: Caller) -> Headers {
    tokens[caller].map { [("token", $0)] } ?? []
  }

  private static func outcome(ofWatch answer: Bytes) -> Outcome {
    guard let first = try? Etcdserverpb_WatchResponse(serializedBytes: answer) else {
      return .other("no answer to a watch")
    }
    return first.canceled ? Outcome(reason: first.cancelReason) : .permitted
  }

  private static func encoded(_ message: any Message) -> Bytes {
    // Only a message without its required fields fails, and these have none.
    (try? message.serializedBytes()) ?? []
  }

  typealias Bytes = [UInt8]
}

/// What became of a call, as far as permission is concerned.
enum Outcome: Hashable, CustomStringConvertible {
  /// It was carried out, or refused for what it says.
  case permitted
  /// The caller may not.
  case denied
  /// The caller must log in.
  case anonymous
  /// The token is no good.
  case badToken
  /// The token is from before a change of users and roles.
  case oldToken
  /// Anything that no table should show.
  case other(String)

  init(_ status: CallStatus) {
    switch status.code {
    case .unimplemented, .unavailable, .deadlineExceeded, .internalError, .cancelled:
      self = .other("\(status)")
    default: self = Outcome(reason: status.message)
    }
  }

  init(reason: String) {
    self =
      reason.hasSuffix("permission denied")
      ? .denied
      : reason.hasSuffix("user name is empty")
        ? .anonymous
        : reason.hasSuffix("invalid auth token")
          ? .badToken : reason.hasSuffix(" is old") ? .oldToken : .permitted
  }

  var description: String {
    switch self {
    case .permitted: "yes"
    case .denied: "-"
    case .anonymous: "login"
    case .badToken: "token"
    case .oldToken: "old"
    case .other(let text): "[\(text)]"
    }
  }
}
