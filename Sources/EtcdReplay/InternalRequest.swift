public import Primitives
public import ReplicaCore

internal import Access
internal import EtcdProtocol
internal import Foundation
internal import MVCC
internal import SwiftProtobuf

/// What one entry of etcd's log (`etcdserverpb.InternalRaftRequest`) does to keys, leases, alarms, users and roles.
public struct InternalRequest: Hashable, Sendable {
  /// The command; nil for what changes nothing of that: a login, a member's name, the cluster's version.
  public var command: Command?
  /// Who wanted it.
  public var author: Author

  /// Reads an entry's data.
  ///
  /// - Parameter hash: hashes a password, for etcd before 3.5, whose log has them in clear.
  /// - Throws: `malformed` for bytes that are no request, or one of a kind that etcd does not have.
  public init(
    decoding data: Bytes, hash: (Bytes) throws(DecodingError) -> Bytes
  ) throws(DecodingError) {
    self.init(command: nil, author: .unknown)
    var parts: [(field: UInt64, content: Range<Int>)] = []
    var reader = ByteReader(data)
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      if tag.wireType == 2 {
        parts.append((tag.field, try reader.readLengthDelimited()))
      } else {
        try reader.skipField(wireType: tag.wireType)
      }
    }
    // A request of the v2 API, which nothing of this is about: in a field of its own, or, before etcd 3.4,
    // as it is, where the same field holds the method.
    if parts.contains(where: { $0.field == 2 }) { return }
    for part in parts {
      let body = Data(data[part.content])
      if part.field == 100 {
        author = try Self.author(data, in: part.content)
      } else if let kind = Kind(rawValue: part.field) {
        do {
          command = try kind.command(body, hash: hash)
        } catch {
          throw .malformed
        }
      } else if !Self.withoutEffect.contains(part.field) {
        throw .malformed
      }
    }
  }

  init(command: Command?, author: Author) {
    self.command = command
    self.author = author
  }

  /// Reads and reports that went through the log, logins, members' attributes, versions and downgrades.
  private static let withoutEffect: Set<UInt64> = [
    3, 1012, 1013, 1102, 1106, 1107, 1202, 1300, 1301, 1302, 9900,
  ]

  private static func author(_ data: Bytes, in range: Range<Int>) throws(DecodingError) -> Author {
    var reader = ByteReader(data, in: range)
    var (name, revision): (Bytes, UInt64) = ([], 0)
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch (tag.field, tag.wireType) {
      case (2, 2): name = Bytes(data[try reader.readLengthDelimited()])
      case (3, 0): revision = try reader.readVarint()
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    if name.isEmpty { return .unknown }
    return .user(Caller(user: AccessName(name), revision: AuthRevision(revision)))
  }
}

/// The requests that change something, by their fields.
private enum Kind: UInt64 {
  case put = 4
  case deleteRange = 5
  case transaction = 6
  case compaction = 7
  case leaseGrant = 8
  case leaseRevoke = 9
  case alarm = 10
  case leaseCheckpoint = 11
  case authEnable = 1000
  case authDisable = 1011
  case userAdd = 1100
  case userDelete = 1101
  case userChangePassword = 1103
  case userGrantRole = 1104
  case userRevokeRole = 1105
  case roleAdd = 1200
  case roleDelete = 1201
  case roleGrantPermission = 1203
  case roleRevokePermission = 1204

  /// etcd gives no lease less, with the election timeout that it has by default.
  private static let leastLeaseSeconds: Int64 = 2

  func command(_ body: Data, hash: (Bytes) throws(DecodingError) -> Bytes) throws -> Command? {
    switch self {
    case .put: return .store(.put(PutOperation(try Etcdserverpb_PutRequest(serializedBytes: body))))
    case .deleteRange:
      return .store(
        .deleteRange(
          DeleteRangeOperation(try Etcdserverpb_DeleteRangeRequest(serializedBytes: body))))
    case .transaction:
      return .store(
        .transaction(try TransactionOperation(Etcdserverpb_TxnRequest(serializedBytes: body))))
    case .compaction:
      let request = try Etcdserverpb_CompactionRequest(serializedBytes: body)
      return .store(.compact(Revision(request.revision)))
    case .leaseGrant:
      let request = try Etcdserverpb_LeaseGrantRequest(serializedBytes: body)
      return .store(
        .grantLease(LeaseID(request.id), seconds: max(request.ttl, Self.leastLeaseSeconds)))
    case .leaseRevoke:
      let request = try Etcdserverpb_LeaseRevokeRequest(serializedBytes: body)
      return .store(.revokeLease(LeaseID(request.id)))
    case .leaseCheckpoint:
      let request = try Etcdserverpb_LeaseCheckpointRequest(serializedBytes: body)
      return .store(
        .checkpointLeases(
          request.checkpoints.map {
            LeaseCheckpoint(lease: LeaseID($0.id), remainingSeconds: $0.remainingTtl)
          }))
    case .alarm:
      let request = try Etcdserverpb_AlarmRequest(serializedBytes: body)
      guard let action = AlarmAction(request.action), let kind = AlarmKind(request.alarm) else {
        return nil
      }
      return .alarm(action, MemberID(request.memberID), kind)
    default: return try accessChange(body, hash: hash).map { .access($0) }
    }
  }

  private func accessChange(
    _ body: Data, hash: (Bytes) throws(DecodingError) -> Bytes
  ) throws -> AccessChange? {
    switch self {
    case .authEnable: return .enable
    case .authDisable: return .disable
    case .userAdd:
      let request = try Etcdserverpb_AuthUserAddRequest(serializedBytes: body)
      let stored =
        request.options.noPassword
        ? nil : try passwordHash(request.hashedPassword, request.password, hash)
      return .addUser(AccessName(request.name), passwordHash: stored)
    case .userDelete:
      let request = try Etcdserverpb_AuthUserDeleteRequest(serializedBytes: body)
      return .deleteUser(AccessName(request.name))
    case .userChangePassword:
      let request = try Etcdserverpb_AuthUserChangePasswordRequest(serializedBytes: body)
      return .changePassword(
        AccessName(request.name),
        passwordHash: try passwordHash(request.hashedPassword, request.password, hash))
    case .userGrantRole:
      let request = try Etcdserverpb_AuthUserGrantRoleRequest(serializedBytes: body)
      return .grantRole(AccessName(request.role), to: AccessName(request.user))
    case .userRevokeRole:
      let request = try Etcdserverpb_AuthUserRevokeRoleRequest(serializedBytes: body)
      return .revokeRole(AccessName(request.role), from: AccessName(request.name))
    default: return try roleChange(body)
    }
  }

  private func roleChange(_ body: Data) throws -> AccessChange? {
    switch self {
    case .roleAdd:
      let request = try Etcdserverpb_AuthRoleAddRequest(serializedBytes: body)
      return .addRole(AccessName(request.name))
    case .roleDelete:
      let request = try Etcdserverpb_AuthRoleDeleteRequest(serializedBytes: body)
      return .deleteRole(AccessName(request.role))
    case .roleGrantPermission:
      let request = try Etcdserverpb_AuthRoleGrantPermissionRequest(serializedBytes: body)
      guard let kind = KeyPermission.Kind(rawValue: UInt8(clamping: request.perm.permType.rawValue))
      else { throw DecodingError.malformed }
      let keys = KeyRange(Bytes(request.perm.key), end: Bytes(request.perm.rangeEnd))
      return .grantPermission(KeyPermission(kind, keys), to: AccessName(request.name))
    case .roleRevokePermission:
      let request = try Etcdserverpb_AuthRoleRevokePermissionRequest(serializedBytes: body)
      return .revokePermission(
        KeyRange(Bytes(request.key), end: Bytes(request.rangeEnd)), from: AccessName(request.role))
    default: return nil
    }
  }

  /// What etcd stores: the hash that the member had made when the request came, in Base64.
  private func passwordHash(
    _ encoded: String, _ password: String, _ hash: (Bytes) throws(DecodingError) -> Bytes
  ) throws -> Bytes {
    if encoded.isEmpty { return try hash(Bytes(password.utf8)) }
    guard let decoded = Data(base64Encoded: encoded) else { throw DecodingError.malformed }
    return Bytes(decoded)
  }
}

extension AlarmAction {
  fileprivate init?(_ action: Etcdserverpb_AlarmRequest.AlarmAction) {
    switch action {
    case .activate: self = .activate
    case .deactivate: self = .deactivate
    default: return nil
    }
  }
}

extension AlarmKind {
  fileprivate init?(_ type: Etcdserverpb_AlarmType) {
    self.init(rawValue: UInt8(clamping: type.rawValue))
  }
}
