public import Primitives

/// Somebody who may be given roles.
public struct User: Hashable, Sendable {
  /// What the user is called.
  public let name: AccessName
  /// The password's hash, opaque here; nil for users that are known by certificate alone.
  public var passwordHash: Bytes?
  /// The roles, in order, each once.
  public private(set) var roles: [AccessName]

  /// Describes a user.
  public init(name: AccessName, passwordHash: Bytes?, roles: [AccessName] = []) {
    self.name = name
    self.passwordHash = passwordHash
    self.roles = []
    for role in roles { _ = grant(role) }
  }

  /// Whether the user may do everything.
  public var isRoot: Bool { has(.root) }

  /// Whether the user has a role.
  public func has(_ role: AccessName) -> Bool { roles.contains(role) }

  /// Gives a role; false if the user has it.
  mutating func grant(_ role: AccessName) -> Bool {
    let place = roles.firstIndex { !($0 < role) } ?? roles.count
    if place < roles.count, roles[place] == role { return false }
    roles.insert(role, at: place)
    return true
  }

  /// Takes a role back; false if the user does not have it.
  mutating func revoke(_ role: AccessName) -> Bool {
    guard let place = roles.firstIndex(of: role) else { return false }
    roles.remove(at: place)
    return true
  }
}
