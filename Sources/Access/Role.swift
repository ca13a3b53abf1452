public import Primitives

/// What a role lets its users do with some keys.
public struct KeyPermission: Hashable, Sendable {
  /// What is allowed; the raw values are etcd's.
  public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
    case read = 0
    case write = 1
    case readWrite = 2

    /// Whether reading is allowed.
    public var allowsRead: Bool { self != .write }
    /// Whether writing is allowed.
    public var allowsWrite: Bool { self != .read }
  }

  /// What is allowed.
  public var kind: Kind
  /// The keys.
  public var keys: KeyRange

  /// Describes a permission.
  public init(_ kind: Kind, _ keys: KeyRange) {
    self.kind = kind
    self.keys = keys
  }
}

/// A named set of permissions.
public struct Role: Hashable, Sendable {
  /// What it is called.
  public let name: AccessName
  /// The permissions, in order of their keys; each range of keys occurs once.
  public private(set) var permissions: [KeyPermission]

  /// Describes a role; of permissions for the same keys the last one counts.
  public init(name: AccessName, permissions: [KeyPermission] = []) {
    self.name = name
    self.permissions = []
    for permission in permissions { grant(permission) }
  }

  /// Allows something; what was allowed for exactly these keys is replaced.
  mutating func grant(_ permission: KeyPermission) {
    let place = permissions.firstIndex { !Self.isOrdered($0.keys, before: permission.keys) }
    guard let place else { return permissions.append(permission) }
    if permissions[place].keys == permission.keys {
      permissions[place] = permission
    } else {
      permissions.insert(permission, at: place)
    }
  }

  /// Takes back what is allowed for exactly these keys; false if there is nothing.
  mutating func revoke(_ keys: KeyRange) -> Bool {
    guard let place = permissions.firstIndex(where: { $0.keys == keys }) else { return false }
    permissions.remove(at: place)
    return true
  }

  private static func isOrdered(_ left: KeyRange, before right: KeyRange) -> Bool {
    let order = compare(left.key, right.key)
    return order != 0 ? order < 0 : compare(left.end, right.end) < 0
  }
}
