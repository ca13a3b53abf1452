public import Primitives

/// Who asks for something: somebody that a password, a token or a certificate has proved to be a user.
public struct Caller: Hashable, Sendable {
  /// The user; one that does not exist has no permission.
  public var user: AccessName
  /// The auth revision for which the proof holds: the present one where the proof was checked just now, the one
  /// that a token names where it is written in it.
  public var revision: AuthRevision

  /// Names who asks.
  public init(user: AccessName, revision: AuthRevision) {
    self.user = user
    self.revision = revision
  }
}

/// What one part of a request needs its caller to be allowed.
public enum Demand: Hashable, Sendable {
  /// To be anybody who has logged in.
  case login
  /// To have the role root.
  case root
  /// To have the role root, or a right that was granted.
  case maintenance(MaintenanceRight)
  /// To read all of these keys.
  case read(KeyRange)
  /// To write all of these keys.
  case write(KeyRange)
  /// To see what roles a user has: the user's own affair, or root's.
  case seeUser(AccessName)
  /// To see what a role allows: for those who have the role, or root.
  case seeRole(AccessName)
}

/// Why something is refused. Each has its gRPC status and text at the edge.
public enum AccessError: Error, Hashable, Sendable {
  /// Nobody has logged in, and authentication is on; or a user's name is missing.
  case userEmpty
  /// The user may not do this.
  case permissionDenied
  /// Users or roles have changed since the caller was checked.
  case revisionOld
  /// Authentication is off.
  case notEnabled
  /// Name or password is wrong, or the user is gone.
  case authenticationFailed
  /// Authentication cannot be switched on without a user root.
  case noRootUser
  /// Authentication cannot be switched on while the user root has no role root.
  case noRootRole
  /// While authentication is on, the user root, the role root and their tie must stay; or a permission's keys
  /// end before they begin.
  case invalidManagement
  case userExists
  case userNotFound
  case roleEmpty
  case roleExists
  case roleNotFound
  /// The user does not have the role.
  case roleNotGranted
  /// The role has no permission for exactly these keys.
  case permissionNotGranted
}
