public import Primitives

/// A change of users, roles or of whether they count.
public enum AccessChange: Hashable, Sendable {
  /// Permissions count from now on.
  case enable
  /// Everybody may do everything again.
  case disable
  /// Adds a user; without a hash one that is known by certificate alone.
  case addUser(AccessName, passwordHash: Bytes?)
  case deleteUser(AccessName)
  /// Sets a new password; a user without one stays without.
  case changePassword(AccessName, passwordHash: Bytes)
  case grantRole(AccessName, to: AccessName)
  case revokeRole(AccessName, from: AccessName)
  case addRole(AccessName)
  /// Deletes a role, and takes it from all users.
  case deleteRole(AccessName)
  case grantPermission(KeyPermission, to: AccessName)
  /// Takes back the permission for exactly these keys.
  case revokePermission(KeyRange, from: AccessName)
}

/// What a change touched: what its owner must store, and whose tokens are void.
public struct AccessOutcome: Hashable, Sendable {
  /// Users that were made, changed or deleted, in order.
  public internal(set) var users: [AccessName] = []
  /// Roles that were made, changed or deleted.
  public internal(set) var roles: [AccessName] = []
  /// Whether the auth revision, or whether permissions count, has changed.
  public internal(set) var hasNewRevision = false
  /// Whose tokens no longer count.
  public internal(set) var voidTokens = VoidTokens.none

  /// Whose tokens no longer count.
  public enum VoidTokens: Hashable, Sendable {
    case none
    case of(AccessName)
    case all
  }

  /// Whether nothing was changed.
  public var isEmpty: Bool { !hasNewRevision && users.isEmpty && roles.isEmpty }
}
