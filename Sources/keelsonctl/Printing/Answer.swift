internal import EtcdProtocol
internal import KeelsonClient
internal import Primitives
internal import SwiftProtobuf

/// What a command has to say, before it is known in which format.
enum Answer {
  /// What one endpoint answered.
  struct Of<Content: Sendable>: Sendable {
    var endpoint: String
    var content: Content
  }

  /// Whether an endpoint can serve.
  struct Health: Sendable {
    var took: Duration
    /// Why it cannot; nil if it can.
    var error: String?
  }

  /// How the records of a range are shown in the simple format.
  enum RangeStyle {
    case keysAndValues, valuesOnly
  }

  /// What is known of a snapshot file.
  struct Snapshot {
    var hash: UInt32
    var revision: Int64
    var totalKeys: Int64
    var totalBytes: Int64
    var version: String
  }

  /// The hash of a snapshot file's history.
  struct FileHash {
    var hash: UInt32
    var revision: Int64
    /// -1 if nothing was compacted, as servers tell it.
    var compactRevision: Int64
  }

  case put(Etcdserverpb_PutResponse)
  case range(Etcdserverpb_RangeResponse, RangeStyle)
  case delete(Etcdserverpb_DeleteRangeResponse)
  case transaction(Etcdserverpb_TxnResponse)
  case watch(Etcdserverpb_WatchResponse)
  case leaseGrant(Etcdserverpb_LeaseGrantResponse)
  case leaseRevoke(Etcdserverpb_LeaseRevokeResponse, lease: LeaseID)
  case leaseRenewal(Etcdserverpb_LeaseKeepAliveResponse)
  case leaseTimeToLive(Etcdserverpb_LeaseTimeToLiveResponse, withKeys: Bool)
  case leases(Etcdserverpb_LeaseLeasesResponse)
  case members(Etcdserverpb_MemberListResponse)
  /// A member's change, and what is said of it.
  case memberChange(Etcdserverpb_MemberListResponse, member: MemberID, done: String)
  /// The new member, and what it is to be called.
  case memberAdd(Etcdserverpb_MemberAddResponse, name: String)
  case movedLeader(Etcdserverpb_MoveLeaderResponse, from: MemberID, to: MemberID)
  /// The answer, and which of the three requests it answers.
  case downgrade(Etcdserverpb_DowngradeResponse, String)
  case alarms(Etcdserverpb_AlarmResponse)
  /// A change of users, roles or of whether they count, and what is said of it.
  case authChange(Etcdserverpb_AuthEnableResponse, String)
  case authStatus(Etcdserverpb_AuthStatusResponse)
  case user(Etcdserverpb_AuthUserGetResponse, name: String)
  case users(Etcdserverpb_AuthUserListResponse)
  case role(Etcdserverpb_AuthRoleGetResponse, name: String)
  case roles(Etcdserverpb_AuthRoleListResponse)
  case statuses([Of<Etcdserverpb_StatusResponse>])
  case healths([Of<Health>])
  case hashes([Of<Etcdserverpb_HashKVResponse>])
  case snapshot(Snapshot)
  case fileHash(FileHash)
}

extension OutputFormat {
  /// Refuses a format that a command does not have, before anything is sent.
  /// - Parameter tables: whether the command can print a table.
  /// - Parameter messages: whether there is one message that can be printed as protobuf.
  /// - Parameter fields: whether the command's answer can be printed as fields.
  func require(
    tables: Bool = false, messages: Bool = true, fields: Bool = true
  ) throws(Failure) {
    let isSupported =
      switch self {
      case .simple, .json: true
      case .fields: fields
      case .table: tables
      case .protobuf: messages
      }
    if !isSupported { throw unsupported }
  }

  /// What is said of a format that a command does not have.
  var unsupported: Failure { Failure(.badFeature, "\(rawValue) not supported as output format") }

  /// The bytes that are printed.
  func render(_ answer: Answer, isHexadecimal: Bool) throws(Failure) -> [UInt8] {
    switch self {
    case .simple: return SimplePrinter(isHexadecimal: isHexadecimal).render(answer)
    case .json:
      if isHexadecimal, case .members(let members) = answer {
        return Array((JSONPrinter.hexadecimal(members) + "\n").utf8)
      }
      return Array((JSONPrinter.text(answer) + "\n").utf8)
    case .fields: return Array(FieldsPrinter.text(answer).utf8)
    case .table:
      guard let table = Table(answer) else { throw unsupported }
      return Array(table.text.utf8)
    case .protobuf:
      guard let message = ProtobufPrinter.message(answer) else { throw unsupported }
      do {
        return try message.serializedBytes()
      } catch {
        throw Failure(.error, "the answer cannot be encoded: \(error)")
      }
    }
  }
}
