import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf

/// All that a server tells about users, roles and whether they count.
struct AccessContent: Equatable {
  var isEnabled: Bool
  var revision: UInt64
  var users: [String: [String]] = [:]
  var roles: [String: [Authpb_Permission]] = [:]

  /// Makes users with passwords, one without, roles with permissions of every shape, takes some of it back, and
  /// has permissions count from then on.
  static func fill(_ store: WireClient) async throws {
    try await addUser(store, "root", password: "r")
    try await addUser(store, "alice", password: "old")
    try await addUser(store, "certificate", password: nil)
    try await addUser(store, "leaves", password: "x")
    for role in ["root", "writer", "reader", "gone"] { try await addRole(store, role) }
    try await grant(store, "writer", .readwrite, "own/", "own0")
    try await grant(store, "writer", .write, "single", "")
    try await grant(store, "reader", .read, "from", "\0")
    try await grant(store, "reader", .read, "taken", "")
    try await call(
      store, "RoleRevokePermission",
      Etcdserverpb_AuthRoleRevokePermissionRequest.with {
        $0.role = "reader"
        $0.key = Data("taken".utf8)
      }, Etcdserverpb_AuthRoleRevokePermissionResponse.self)
    for (user, role) in [
      ("root", "root"), ("alice", "writer"), ("alice", "reader"), ("alice", "gone"),
      ("certificate", "reader"),
    ] {
      try await call(
        store, "UserGrantRole",
        Etcdserverpb_AuthUserGrantRoleRequest.with {
          $0.user = user
          $0.role = role
        }, Etcdserverpb_AuthUserGrantRoleResponse.self)
    }
    try await call(
      store, "UserRevokeRole",
      Etcdserverpb_AuthUserRevokeRoleRequest.with {
        $0.name = "certificate"
        $0.role = "reader"
      }, Etcdserverpb_AuthUserRevokeRoleResponse.self)
    try await call(
      store, "UserChangePassword",
      Etcdserverpb_AuthUserChangePasswordRequest.with {
        $0.name = "alice"
        $0.password = "a"
      }, Etcdserverpb_AuthUserChangePasswordResponse.self)
    try await call(
      store, "RoleDelete", Etcdserverpb_AuthRoleDeleteRequest.with { $0.role = "gone" },
      Etcdserverpb_AuthRoleDeleteResponse.self)
    try await call(
      store, "UserDelete", Etcdserverpb_AuthUserDeleteRequest.with { $0.name = "leaves" },
      Etcdserverpb_AuthUserDeleteResponse.self)
    try await call(
      store, "AuthEnable", Etcdserverpb_AuthEnableRequest(),
      Etcdserverpb_AuthEnableResponse.self)
  }

  /// The metadata of somebody who has logged in.
  static func login(_ store: WireClient, _ user: String, _ password: String) async throws
    -> Headers
  {
    let answer: Etcdserverpb_AuthenticateResponse = try await store.call(
      "Auth/Authenticate",
      Etcdserverpb_AuthenticateRequest.with {
        $0.name = user
        $0.password = password
      })
    return [("token", answer.token)]
  }

  /// Asks a server, as somebody who may see everything.
  init(_ store: WireClient, as root: Headers) async throws {
    let status: Etcdserverpb_AuthStatusResponse = try await store.call(
      "Auth/AuthStatus", Etcdserverpb_AuthStatusRequest(), headers: root)
    (isEnabled, revision) = (status.enabled, status.authRevision)
    let users: Etcdserverpb_AuthUserListResponse = try await store.call(
      "Auth/UserList", Etcdserverpb_AuthUserListRequest(), headers: root)
    for name in users.users {
      let user: Etcdserverpb_AuthUserGetResponse = try await store.call(
        "Auth/UserGet", Etcdserverpb_AuthUserGetRequest.with { $0.name = name }, headers: root)
      self.users[name] = user.roles
    }
    let roles: Etcdserverpb_AuthRoleListResponse = try await store.call(
      "Auth/RoleList", Etcdserverpb_AuthRoleListRequest(), headers: root)
    for name in roles.roles {
      let role: Etcdserverpb_AuthRoleGetResponse = try await store.call(
        "Auth/RoleGet", Etcdserverpb_AuthRoleGetRequest.with { $0.role = name }, headers: root)
      self.roles[name] = role.perm
    }
  }

  private static func addUser(
    _ store: WireClient, _ name: String, password: String?
  ) async throws {
    try await call(
      store, "UserAdd",
      Etcdserverpb_AuthUserAddRequest.with {
        $0.name = name
        $0.password = password ?? ""
        $0.options.noPassword = password == nil
      }, Etcdserverpb_AuthUserAddResponse.self)
  }

  private static func addRole(_ store: WireClient, _ name: String) async throws {
    try await call(
      store, "RoleAdd", Etcdserverpb_AuthRoleAddRequest.with { $0.name = name },
      Etcdserverpb_AuthRoleAddResponse.self)
  }

  private static func grant(
    _ store: WireClient, _ role: String, _ kind: Authpb_Permission.TypeEnum, _ key: String,
    _ end: String
  ) async throws {
    try await call(
      store, "RoleGrantPermission",
      Etcdserverpb_AuthRoleGrantPermissionRequest.with {
        $0.name = role
        $0.perm.permType = kind
        $0.perm.key = Data(key.utf8)
        $0.perm.rangeEnd = Data(end.utf8)
      }, Etcdserverpb_AuthRoleGrantPermissionResponse.self)
  }

  private static func call<Answer: Message>(
    _ store: WireClient, _ method: String, _ request: any Message, _ type: Answer.Type
  ) async throws {
    let _: Answer = try await store.call("Auth/" + method, request)
  }
}
