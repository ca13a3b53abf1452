import Access
import EtcdProtocol
import Foundation
import HTTPTransport
import Identity
import Member
import Primitives
import Simulation
import SwiftProtobuf
import Telemetry
import Testing

@testable import EtcdAPI

/// Who may call what: every method against a running member, as every kind of caller.
@Suite("Authorisation")
struct AuthorizationTests {
  /// The users, as `name: permissions`; each has a role of its own. All but `nobody` know `k`.
  static let users: [(name: String, permissions: [(KeyPermission.Kind, String, String)])] = [
    ("reader", [(.read, "k", "m")]), ("writer", [(.write, "k", "m")]),
    ("both", [(.readWrite, "k", "m")]), ("point", [(.readWrite, "k", "")]),
    ("all", [(.readWrite, "\0", "\0")]),
    (
      "operator",
      ["alarm", "compact", "defragment", "hash", "snapshot"].map {
        (.readWrite, MaintenanceRight.keyPrefix + $0, "")
      }
    ), ("nobody", []),
  ]

  static func put(_ key: String, previous: Bool = false, lease: Int64 = 0)
    -> Etcdserverpb_PutRequest
  {
    .with {
      $0.key = Data(key.utf8)
      $0.value = Data("v".utf8)
      $0.prevKv = previous
      $0.lease = lease
    }
  }
  static func encoded(_ message: some Message) -> Bytes { try! message.serializedBytes() }

  @Test("no method is without a line in the table of policies")
  func everyMethodHasAPolicy() async throws {
    let server = try await AuthServer()
    for path in server.paths { #expect(CallPolicy.table[path] != nil, "\(path)") }
    await server.stop()
  }

  @Test("no policy is without lines in the table of who may call what")
  func everyPolicyIsTested() throws {
    let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "SecurityTests/Golden/authorization.txt")
    let calls = Set(
      try String(contentsOf: golden, encoding: .utf8).split(separator: "\n").compactMap {
        $0.split(separator: " ").first
      })
    for path in CallPolicy.table.keys {
      let call = path.split(separator: ".").last.map(Substring.init) ?? ""
      #expect(calls.contains(call), "\(path)")
    }
  }

  @Test("a watch of one key's grant sees that key alone, and ends when the grant is taken back")
  func watches() async throws {
    let server = try await AuthServer()
    try await server.addUsers(Self.users)
    let token = try await server.logIn("point")
    func watch(_ key: String, _ end: String) async throws -> ClientStream {
      let stream = try await server.open("Watch/Watch", ["token": token])
      try await stream.send(
        Self.encoded(
          Etcdserverpb_WatchRequest.with {
            $0.createRequest = .with {
              $0.key = Data(key.utf8)
              $0.rangeEnd = Data(end.utf8)
            }
          }))
      return stream
    }
    func next(_ stream: ClientStream) async throws -> Etcdserverpb_WatchResponse {
      try Etcdserverpb_WatchResponse(serializedBytes: try #require(try await stream.receive()))
    }
    for end in ["\0", "l", "k\0\0"] {
      let refused = try await next(try await watch("k", end))
      #expect(refused.canceled && refused.cancelReason.hasSuffix("permission denied"), "\(end)")
    }
    let stream = try await watch("k", "")
    #expect(try await next(stream).created)
    let root = try await server.logIn("root")
    let revoke = Etcdserverpb_AuthRoleRevokePermissionRequest.with {
      $0.role = "point"
      $0.key = Data("k".utf8)
    }
    #expect(
      await server.call("Auth/RoleRevokePermission", Self.encoded(revoke), ["token": root]).code
        == .ok)
    _ = await server.call("KV/Put", Self.encoded(Self.put("k")), ["token": root])
    let last = try await next(stream)
    #expect(last.canceled && last.events.isEmpty)
    await server.stop()
  }
}

/// A member with its services on a loopback port, whose tokens' time the test tells.
private final class AuthServer {
  let clock = SimulatedClock()
  let paths: [String]
  private let folder: String
  private let member: Member
  private let server: HTTPServer
  private let connection: ClientConnection

  init() async throws {
    folder = NSTemporaryDirectory() + "keelson-auth-\(UUID().uuidString)"
    member = try Member.start(configuration: MemberConfiguration(dataDirectory: folder))
    var configuration = AuthenticatorConfiguration()
    configuration.hashCost = 4
    let services = EtcdServices(
      member: member, configuration: APIConfiguration(),
      authenticator: try Authenticator(configuration, clock: clock), metrics: MetricRegistry(),
      transport: TransportMetrics())
    paths = services.calls.paths
    server = HTTPServer(eventLoops: 1)
    var settings = ServerConfiguration()
    settings.calls = services.calls
    let address = try await server.bind(
      to: .tcp(host: "127.0.0.1", port: 0), configuration: settings)
    connection = try await ClientConnection.connect(to: address)
  }

  func stop() async {
    await connection.close()
    member.stop()
    await server.shutdown(graceSeconds: 1)
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func headers(_ fields: [String: String]) -> Headers {
    var headers = Headers()
    for (name, value) in fields { headers.append(name, value) }
    return headers
  }

  func call(
    _ method: String, _ message: Bytes, _ fields: [String: String] = [:]
  ) async -> CallStatus {
    do throws(CallStatus) {
      _ = try await connection.unary(
        "/etcdserverpb." + method, headers: headers(fields), message: message)
      return .ok
    } catch { return error }
  }

  func open(_ method: String, _ fields: [String: String]) async throws -> ClientStream {
    try await connection.openStream("/etcdserverpb." + method, headers: headers(fields))
  }

  func logIn(_ user: String) async throws -> String {
    let request = Etcdserverpb_AuthenticateRequest.with {
      $0.name = user
      $0.password = user
    }
    let answer = try await connection.unary(
      "/etcdserverpb.Auth/Authenticate", message: try request.serializedBytes())
    return try Etcdserverpb_AuthenticateResponse(serializedBytes: answer).token
  }

  func addUsers(
    _ users: [(name: String, permissions: [(KeyPermission.Kind, String, String)])]
  ) async throws {
    func must(_ method: String, _ request: some Message) async throws {
      let status = await call(method, try request.serializedBytes())
      #expect(status.code == .ok, "\(method): \(status)")
    }
    for (name, permissions) in users + [("root", [])] {
      try await must("Auth/RoleAdd", Etcdserverpb_AuthRoleAddRequest.with { $0.name = name })
      for (kind, key, end) in permissions {
        try await must(
          "Auth/RoleGrantPermission",
          Etcdserverpb_AuthRoleGrantPermissionRequest.with {
            $0.name = name
            $0.perm.permType = .init(rawValue: Int(kind.rawValue))!
            $0.perm.key = Data(key.utf8)
            $0.perm.rangeEnd = Data(end.utf8)
          })
      }
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
    for (lease, key) in [(5, "k"), (6, "z")] as [(Int64, String)] {
      try await must(
        "Lease/LeaseGrant",
        Etcdserverpb_LeaseGrantRequest.with {
          $0.id = lease
          $0.ttl = 3_600
        })
      try await must("KV/Put", AuthorizationTests.put(key, lease: lease))
    }
    try await must("Auth/AuthEnable", Etcdserverpb_AuthEnableRequest())
  }
}
