internal import EtcdProtocol
internal import FoundationEssentials
internal import Primitives
internal import SwiftProtobuf

/// Users, roles, and whether they count. Changes are for root once they do.
///
/// ```swift
/// try await client.addRole("reader")
/// try await client.grant(Permission(.read, .prefix("/config/")), to: "reader")
/// try await client.addUser("ann", password: "secret")
/// try await client.grantRole("reader", to: "ann")
/// ```
extension StoreClient {
  /// Whether users and permissions count; needs no login.
  public func authStatus(
    timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthStatusResponse {
    AuthStatusResponse(
      try await call(
        Method.authStatus, Etcdserverpb_AuthStatusRequest(), repeating: .always, timeout: timeout))
  }

  /// Lets permissions count from now on. There must be a user root that has the role root.
  @discardableResult
  public func enableAuth(
    timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    try await change(Method.authEnable, Etcdserverpb_AuthEnableRequest(), timeout)
  }

  /// Lets everybody do everything again.
  @discardableResult
  public func disableAuth(
    timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    try await change(Method.authDisable, Etcdserverpb_AuthDisableRequest(), timeout)
  }

  // MARK: Users

  /// Adds a user; without a password one that is known by certificate alone.
  @discardableResult
  public func addUser(
    _ name: String, password: String?, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthUserAddRequest()
    request.name = name
    request.password = password ?? ""
    request.options.noPassword = password == nil
    return try await change(Method.userAdd, request, timeout)
  }

  /// Deletes a user.
  @discardableResult
  public func deleteUser(
    _ name: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthUserDeleteRequest()
    request.name = name
    return try await change(Method.userDelete, request, timeout)
  }

  /// Gives a user another password. Tokens given out before become void: signed ones as well, since they carry the
  /// revision of the rules.
  @discardableResult
  public func changePassword(
    of name: String, to password: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthUserChangePasswordRequest()
    request.name = name
    request.password = password
    return try await change(Method.userChangePassword, request, timeout)
  }

  /// A user's roles.
  public func user(
    _ name: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> UserResponse {
    var request = Etcdserverpb_AuthUserGetRequest()
    request.name = name
    return UserResponse(
      try await call(Method.userGet, request, repeating: .always, timeout: timeout))
  }

  /// The names of all users.
  public func users(timeout: Timeout = .standard) async throws(KeelsonError) -> UsersResponse {
    UsersResponse(
      try await call(
        Method.userList, Etcdserverpb_AuthUserListRequest(), repeating: .always, timeout: timeout))
  }

  /// Gives a user a role.
  @discardableResult
  public func grantRole(
    _ role: String, to user: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthUserGrantRoleRequest()
    request.user = user
    request.role = role
    return try await change(Method.userGrantRole, request, timeout)
  }

  /// Takes a role from a user.
  @discardableResult
  public func revokeRole(
    _ role: String, from user: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthUserRevokeRoleRequest()
    request.name = user
    request.role = role
    return try await change(Method.userRevokeRole, request, timeout)
  }

  // MARK: Roles

  /// Adds a role that allows nothing yet.
  @discardableResult
  public func addRole(
    _ name: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthRoleAddRequest()
    request.name = name
    return try await change(Method.roleAdd, request, timeout)
  }

  /// Deletes a role, and takes it from all users.
  @discardableResult
  public func deleteRole(
    _ name: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthRoleDeleteRequest()
    request.role = name
    return try await change(Method.roleDelete, request, timeout)
  }

  /// What a role allows.
  public func role(
    _ name: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> RoleResponse {
    var request = Etcdserverpb_AuthRoleGetRequest()
    request.role = name
    return RoleResponse(
      try await call(Method.roleGet, request, repeating: .always, timeout: timeout))
  }

  /// The names of all roles.
  public func roles(timeout: Timeout = .standard) async throws(KeelsonError) -> RolesResponse {
    RolesResponse(
      try await call(
        Method.roleList, Etcdserverpb_AuthRoleListRequest(), repeating: .always, timeout: timeout))
  }

  /// Allows a role something; what it was allowed with exactly these keys is replaced.
  @discardableResult
  public func grant(
    _ permission: Permission, to role: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthRoleGrantPermissionRequest()
    request.name = role
    request.perm.permType =
      switch permission.kind {
      case .read: .read
      case .write: .write
      case .readWrite: .readwrite
      }
    request.perm.key = Data(permission.keys.key)
    request.perm.rangeEnd = Data(permission.keys.rangeEnd)
    return try await change(Method.roleGrantPermission, request, timeout)
  }

  /// Takes back what a role is allowed with exactly these keys.
  @discardableResult
  public func revokePermission(
    on keys: KeySelection, from role: String, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AuthChangeResponse {
    var request = Etcdserverpb_AuthRoleRevokePermissionRequest()
    request.role = role
    request.key = Data(keys.key)
    request.rangeEnd = Data(keys.rangeEnd)
    return try await change(Method.roleRevokePermission, request, timeout)
  }

  private func change(
    _ path: String, _ request: some Message, _ timeout: Timeout
  ) async throws(KeelsonError) -> AuthChangeResponse {
    AuthChangeResponse(try await call(path, request, repeating: .unsent, timeout: timeout))
  }
}
