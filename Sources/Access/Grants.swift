internal import Primitives

/// All that a user may do, merged from the user's roles: made when they change, so that a decision is a search in
/// sorted intervals and allocates nothing.
public final class Grants: Sendable {
  /// Whether everything is allowed.
  public let isRoot: Bool
  /// The keys that may be read.
  public let readable: KeySet
  /// The keys that may be written.
  public let writable: KeySet
  /// What is allowed beside keys.
  public let maintenance: MaintenanceRight
  /// The roles, in order.
  public let roles: [AccessName]

  init(_ user: User, role: (AccessName) -> Role?) {
    var (read, write): ([KeyRange], [KeyRange]) = ([], [])
    var maintenance: MaintenanceRight = []
    for permission in user.roles.compactMap(role).flatMap(\.permissions) {
      if permission.kind.allowsRead { read.append(permission.keys) }
      if permission.kind.allowsWrite { write.append(permission.keys) }
      maintenance.formUnion(.given(by: permission))
    }
    isRoot = user.isRoot
    readable = KeySet(read)
    writable = KeySet(write)
    roles = user.roles
    self.maintenance = maintenance
  }
}
