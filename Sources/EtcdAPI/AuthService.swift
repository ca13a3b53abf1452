internal import Access
internal import EtcdProtocol
internal import HTTPTransport
internal import Identity
internal import MVCC
internal import Member
internal import Primitives
internal import ReplicaCore
internal import SwiftProtobuf

/// `etcdserverpb.Auth`, but for logging in, which has a file of its own. Changes are entries of the log; password
/// hashes are made before, so that every member stores the same.
struct AuthService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.unary("/etcdserverpb.Auth/Authenticate") {
      (request: Etcdserverpb_AuthenticateRequest, call: ServerCall) in
      Login(request, call, context).start()
    }
    router.unary("/etcdserverpb.Auth/AuthStatus", status)
    router.unary("/etcdserverpb.Auth/AuthEnable") {
      (_: Etcdserverpb_AuthEnableRequest, call: ServerCall) in
      change(.enable, call) {
        Etcdserverpb_AuthEnableResponse.with { $0.header = context.header().message }
      }
    }
    router.unary("/etcdserverpb.Auth/AuthDisable") {
      (_: Etcdserverpb_AuthDisableRequest, call: ServerCall) in
      change(.disable, call) {
        Etcdserverpb_AuthDisableResponse.with { $0.header = context.header().message }
      }
    }
    registerUsers(in: &router)
    registerRoles(in: &router)
  }

  private func status(_ request: Etcdserverpb_AuthStatusRequest, _ call: ServerCall) {
    context.afterReadBarrier(for: call) {
      call.answer(
        Etcdserverpb_AuthStatusResponse.with {
          $0.header = context.header().message
          $0.enabled = context.member.access.isEnabled
          $0.authRevision = context.member.access.revision.rawValue
        })
    }
  }

  /// Has a change made, and answers with a message made after it.
  private func change(
    _ change: AccessChange, _ call: ServerCall,
    _ response: @escaping @Sendable () -> some Message
  ) {
    context.propose(.access(change), for: call) { result in
      guard case .accessChanged = result else { return call.finish(.mismatched(result)) }
      call.answer(response())
    }
  }

  // MARK: Users

  private func registerUsers(in router: inout CallRouter) {
    let context = context
    router.unary("/etcdserverpb.Auth/UserAdd", addUser)
    router.unary("/etcdserverpb.Auth/UserChangePassword", changePassword)
    router.unary("/etcdserverpb.Auth/UserGet", getUser)
    router.unary("/etcdserverpb.Auth/UserList") {
      (_: Etcdserverpb_AuthUserListRequest, call: ServerCall) in
      context.afterReadBarrier(for: call) {
        call.answer(
          Etcdserverpb_AuthUserListResponse.with {
            $0.header = context.header().message
            $0.users = context.member.access.snapshot.userNames.map(\.description)
          })
      }
    }
    router.unary("/etcdserverpb.Auth/UserDelete") {
      (request: Etcdserverpb_AuthUserDeleteRequest, call: ServerCall) in
      change(.deleteUser(AccessName(request.name)), call) {
        Etcdserverpb_AuthUserDeleteResponse.with { $0.header = context.header().message }
      }
    }
    router.unary("/etcdserverpb.Auth/UserGrantRole") {
      (request: Etcdserverpb_AuthUserGrantRoleRequest, call: ServerCall) in
      change(.grantRole(AccessName(request.role), to: AccessName(request.user)), call) {
        Etcdserverpb_AuthUserGrantRoleResponse.with { $0.header = context.header().message }
      }
    }
    router.unary("/etcdserverpb.Auth/UserRevokeRole") {
      (request: Etcdserverpb_AuthUserRevokeRoleRequest, call: ServerCall) in
      change(.revokeRole(AccessName(request.role), from: AccessName(request.name)), call) {
        Etcdserverpb_AuthUserRevokeRoleResponse.with { $0.header = context.header().message }
      }
    }
  }

  private func addUser(_ request: Etcdserverpb_AuthUserAddRequest, _ call: ServerCall) {
    let name = AccessName(request.name)
    let response: @Sendable () -> Etcdserverpb_AuthUserAddResponse = {
      .with { $0.header = context.header().message }
    }
    if request.options.noPassword {
      change(.addUser(name, passwordHash: nil), call, response)
    } else {
      hashed(request.password, call) { hash in
        change(.addUser(name, passwordHash: hash), call, response)
      }
    }
  }

  private func changePassword(
    _ request: Etcdserverpb_AuthUserChangePasswordRequest, _ call: ServerCall
  ) {
    hashed(request.password, call) { hash in
      change(.changePassword(AccessName(request.name), passwordHash: hash), call) {
        Etcdserverpb_AuthUserChangePasswordResponse.with { $0.header = context.header().message }
      }
    }
  }

  /// Hashes a password off the event loop, and goes on there.
  private func hashed(
    _ password: String, _ call: ServerCall, _ body: @escaping @Sendable (Bytes) -> Void
  ) {
    let password = Bytes(password.utf8)
    guard PasswordHash.accepts(password) else { return call.finish(.unusablePassword) }
    let isTaken = context.authenticator.hash(password) { hash in call.execute { body(hash) } }
    if !isTaken { call.finish(.tooManyRequests) }
  }

  private func getUser(_ request: Etcdserverpb_AuthUserGetRequest, _ call: ServerCall) {
    let name = AccessName(request.name)
    context.afterReadBarrier(for: call) {
      do throws(CallStatus) { try context.access.check(.seeUser(name), for: call) } catch {
        return call.finish(error)
      }
      guard let user = context.member.access.user(name) else { return call.finish(.userNotFound) }
      call.answer(
        Etcdserverpb_AuthUserGetResponse.with {
          $0.header = context.header().message
          $0.roles = user.roles.map(\.description)
        })
    }
  }

  // MARK: Roles

  private func registerRoles(in router: inout CallRouter) {
    let context = context
    router.unary("/etcdserverpb.Auth/RoleGet", getRole)
    router.unary("/etcdserverpb.Auth/RoleList") {
      (_: Etcdserverpb_AuthRoleListRequest, call: ServerCall) in
      context.afterReadBarrier(for: call) {
        call.answer(
          Etcdserverpb_AuthRoleListResponse.with {
            $0.header = context.header().message
            $0.roles = context.member.access.snapshot.roleNames.map(\.description)
          })
      }
    }
    router.unary("/etcdserverpb.Auth/RoleAdd") {
      (request: Etcdserverpb_AuthRoleAddRequest, call: ServerCall) in
      change(.addRole(AccessName(request.name)), call) {
        Etcdserverpb_AuthRoleAddResponse.with { $0.header = context.header().message }
      }
    }
    router.unary("/etcdserverpb.Auth/RoleDelete") {
      (request: Etcdserverpb_AuthRoleDeleteRequest, call: ServerCall) in
      change(.deleteRole(AccessName(request.role)), call) {
        Etcdserverpb_AuthRoleDeleteResponse.with { $0.header = context.header().message }
      }
    }
    router.unary("/etcdserverpb.Auth/RoleGrantPermission", grantPermission)
    router.unary("/etcdserverpb.Auth/RoleRevokePermission") {
      (request: Etcdserverpb_AuthRoleRevokePermissionRequest, call: ServerCall) in
      let keys = KeyRange(Bytes(request.key), end: Bytes(request.rangeEnd))
      change(.revokePermission(keys, from: AccessName(request.role)), call) {
        Etcdserverpb_AuthRoleRevokePermissionResponse.with { $0.header = context.header().message }
      }
    }
  }

  private func grantPermission(
    _ request: Etcdserverpb_AuthRoleGrantPermissionRequest, _ call: ServerCall
  ) {
    guard request.hasPerm else { return call.finish(.permissionNotGiven) }
    guard let kind = UInt8(exactly: request.perm.permType.rawValue).flatMap(KeyPermission.Kind.init)
    else { return call.finish(.invalidAuthManagement) }
    let keys = KeyRange(Bytes(request.perm.key), end: Bytes(request.perm.rangeEnd))
    let role = AccessName(request.name)
    change(.grantPermission(KeyPermission(kind, keys), to: role), call) {
      Etcdserverpb_AuthRoleGrantPermissionResponse.with { $0.header = context.header().message }
    }
  }

  private func getRole(_ request: Etcdserverpb_AuthRoleGetRequest, _ call: ServerCall) {
    let name = AccessName(request.role)
    context.afterReadBarrier(for: call) {
      do throws(CallStatus) { try context.access.check(.seeRole(name), for: call) } catch {
        return call.finish(error)
      }
      guard let role = context.member.access.role(name) else { return call.finish(.roleNotFound) }
      var writer = ByteWriter()
      context.header().append(to: &writer)
      AccessCodec.append(role.permissions, to: &writer)
      call.finish(writer.bytes)
    }
  }
}

extension CallStatus {
  /// bcrypt would end at a zero byte, or ignore what follows 72 bytes: two passwords would then pass for one.
  fileprivate static let unusablePassword = CallStatus(
    .invalidArgument, "etcdserver: a password has at most 72 bytes, and no zero among them")
}
