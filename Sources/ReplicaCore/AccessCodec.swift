public import Access
public import Primitives

/// Users and roles as etcd stores them: `authpb.User` and `authpb.Role`.
public enum AccessCodec {
  /// An `authpb.User`. Its options are always there, if only empty, as etcd writes them.
  public static func encode(_ user: User) -> Bytes {
    var writer = ByteWriter(capacity: 96)
    writer.appendBytesField(1, user.name.bytes)
    writer.appendBytesField(2, user.passwordHash ?? [])
    for role in user.roles { writer.appendBytesField(3, role.bytes) }
    let hasNoPassword = user.passwordHash == nil
    writer.appendLengthDelimited(4, length: hasNoPassword ? 2 : 0)
    writer.appendBoolField(1, hasNoPassword)
    return writer.bytes
  }

  /// An `authpb.Role`.
  public static func encode(_ role: Role) -> Bytes {
    var writer = ByteWriter(capacity: 96)
    writer.appendBytesField(1, role.name.bytes)
    append(role.permissions, to: &writer)
    return writer.bytes
  }

  /// Appends each permission as field 2, which is its number in `authpb.Role` and in the answer to RoleGet alike.
  public static func append(_ permissions: [KeyPermission], to writer: inout ByteWriter) {
    for permission in permissions {
      var nested = ByteWriter(capacity: 64)
      nested.appendVarintField(1, UInt64(permission.kind.rawValue))
      nested.appendBytesField(2, permission.keys.key)
      nested.appendBytesField(3, permission.keys.end)
      writer.appendLengthDelimited(2, length: nested.count)
      writer.append(nested.bytes)
    }
  }

  /// Reads an `authpb.User`.
  public static func user(_ encoded: Bytes) throws(DecodingError) -> User {
    var reader = ByteReader(encoded)
    var (name, hash): (Bytes, Bytes) = ([], [])
    var roles: [AccessName] = []
    var hasNoPassword = false
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch (tag.field, tag.wireType) {
      case (1, 2): name = Bytes(encoded[try reader.readLengthDelimited()])
      case (2, 2): hash = Bytes(encoded[try reader.readLengthDelimited()])
      case (3, 2): roles.append(AccessName(Bytes(encoded[try reader.readLengthDelimited()])))
      case (4, 2):
        var options = ByteReader(encoded, in: try reader.readLengthDelimited())
        while !options.isAtEnd {
          let tag = try options.readTag()
          if tag == (1, 0) {
            hasNoPassword = try options.readVarint() != 0
          } else {
            try options.skipField(wireType: tag.wireType)
          }
        }
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    return User(name: AccessName(name), passwordHash: hasNoPassword ? nil : hash, roles: roles)
  }

  /// Reads an `authpb.Role`.
  public static func role(_ encoded: Bytes) throws(DecodingError) -> Role {
    var reader = ByteReader(encoded)
    var name: Bytes = []
    var permissions: [KeyPermission] = []
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch (tag.field, tag.wireType) {
      case (1, 2): name = Bytes(encoded[try reader.readLengthDelimited()])
      case (2, 2):
        permissions.append(try permission(encoded, in: try reader.readLengthDelimited()))
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    return Role(name: AccessName(name), permissions: permissions)
  }

  private static func permission(
    _ encoded: Bytes, in range: Range<Int>
  ) throws(DecodingError) -> KeyPermission {
    var reader = ByteReader(encoded, in: range)
    var kind: UInt64 = 0
    var keys = KeyRange([])
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch (tag.field, tag.wireType) {
      case (1, 0): kind = try reader.readVarint()
      case (2, 2): keys.key = Bytes(encoded[try reader.readLengthDelimited()])
      case (3, 2): keys.end = Bytes(encoded[try reader.readLengthDelimited()])
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    guard let kind = UInt8(exactly: kind).flatMap(KeyPermission.Kind.init) else { throw .malformed }
    return KeyPermission(kind, keys)
  }
}
