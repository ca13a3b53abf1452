internal import Access
internal import Primitives

private enum ChangeTag: UInt8 {
  case enable = 1
  case disable, addUser, addUserWithoutPassword, deleteUser, changePassword, grantRole, revokeRole
  case addRole, deleteRole, grantPermission, revokePermission
}

extension ByteWriter {
  mutating func append(_ change: AccessChange) {
    switch change {
    case .enable: append(ChangeTag.enable.rawValue)
    case .disable: append(ChangeTag.disable.rawValue)
    case .addUser(let user, let hash?): append(.addUser, user.bytes, hash)
    case .addUser(let user, nil): append(.addUserWithoutPassword, user.bytes)
    case .deleteUser(let user): append(.deleteUser, user.bytes)
    case .changePassword(let user, let hash): append(.changePassword, user.bytes, hash)
    case .grantRole(let role, let user): append(.grantRole, role.bytes, user.bytes)
    case .revokeRole(let role, let user): append(.revokeRole, role.bytes, user.bytes)
    case .addRole(let role): append(.addRole, role.bytes)
    case .deleteRole(let role): append(.deleteRole, role.bytes)
    case .grantPermission(let permission, let role):
      append(.grantPermission, role.bytes)
      append(permission.kind.rawValue)
      append(permission.keys)
    case .revokePermission(let keys, let role):
      append(.revokePermission, role.bytes)
      append(keys)
    }
  }

  private mutating func append(_ tag: ChangeTag, _ parts: Bytes...) {
    append(tag.rawValue)
    for part in parts { append(counted: part) }
  }
}

extension ByteReader {
  mutating func readAccessChange() throws(DecodingError) -> AccessChange {
    let tag: ChangeTag = try readEnum()
    switch tag {
    case .enable: return .enable
    case .disable: return .disable
    case .addUser: return .addUser(try readName(), passwordHash: try readCounted())
    case .addUserWithoutPassword: return .addUser(try readName(), passwordHash: nil)
    case .deleteUser: return .deleteUser(try readName())
    case .changePassword: return .changePassword(try readName(), passwordHash: try readCounted())
    case .grantRole: return .grantRole(try readName(), to: try readName())
    case .revokeRole: return .revokeRole(try readName(), from: try readName())
    case .addRole: return .addRole(try readName())
    case .deleteRole: return .deleteRole(try readName())
    case .grantPermission:
      let role = try readName()
      let kind: KeyPermission.Kind = try readEnum()
      return .grantPermission(KeyPermission(kind, try readKeys()), to: role)
    case .revokePermission:
      let role = try readName()
      return .revokePermission(try readKeys(), from: role)
    }
  }

  private mutating func readName() throws(DecodingError) -> AccessName {
    AccessName(try readCounted())
  }
}
