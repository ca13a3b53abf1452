package import EtcdProtocol
internal import Primitives

/// Whether users and permissions count.
public struct AuthStatusResponse: Sendable, Hashable {
  package var message: Etcdserverpb_AuthStatusResponse

  package init(_ message: Etcdserverpb_AuthStatusResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// Whether they count.
  public var isEnabled: Bool { message.enabled }
  /// Rises with each change of users and roles.
  public var authRevision: UInt64 { message.authRevision }
}

/// A user's roles.
public struct UserResponse: Sendable, Hashable {
  package var message: Etcdserverpb_AuthUserGetResponse

  package init(_ message: Etcdserverpb_AuthUserGetResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The names of the roles, in order.
  public var roles: [String] { message.roles }
}

/// The names of all users.
public struct UsersResponse: Sendable, Hashable {
  package var message: Etcdserverpb_AuthUserListResponse

  package init(_ message: Etcdserverpb_AuthUserListResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The names, in order.
  public var names: [String] { message.users }
}

/// What a role allows with some keys.
public struct Permission: Sendable, Hashable {
  /// What is allowed.
  public enum Kind: Sendable, Hashable { case read, write, readWrite }

  /// What is allowed.
  public var kind: Kind
  /// The keys.
  public var keys: KeySelection

  /// Describes a permission.
  public init(_ kind: Kind, _ keys: KeySelection) {
    self.kind = kind
    self.keys = keys
  }
}

/// What a role allows.
public struct RoleResponse: Sendable, Hashable {
  package var message: Etcdserverpb_AuthRoleGetResponse

  package init(_ message: Etcdserverpb_AuthRoleGetResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The permissions, in order of their keys.
  public var permissions: [Permission] {
    message.perm.map { permission in
      let kind: Permission.Kind =
        switch permission.permType {
        case .write: .write
        case .readwrite: .readWrite
        default: .read
        }
      return Permission(
        kind, KeySelection(key: Bytes(permission.key), rangeEnd: Bytes(permission.rangeEnd)))
    }
  }
}

/// The names of all roles.
public struct RolesResponse: Sendable, Hashable {
  package var message: Etcdserverpb_AuthRoleListResponse

  package init(_ message: Etcdserverpb_AuthRoleListResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The names, in order.
  public var names: [String] { message.roles }
}

/// That a change of users, roles or of whether they count was made.
public struct AuthChangeResponse: Sendable, Hashable {
  package var message: Etcdserverpb_AuthEnableResponse

  /// Every change is answered with a header alone, in field 1.
  package init(_ message: Etcdserverpb_AuthEnableResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
}
