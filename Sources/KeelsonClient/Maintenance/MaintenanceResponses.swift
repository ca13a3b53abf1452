package import EtcdProtocol
public import Primitives

/// The state of one member.
public struct StatusResponse: Sendable, Hashable {
  package var message: Etcdserverpb_StatusResponse

  package init(_ message: Etcdserverpb_StatusResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The version of the server.
  public var version: String { message.version }
  /// The version of what it stores.
  public var storageVersion: String { message.storageVersion }
  /// Bytes of the files.
  public var databaseBytes: Int64 { message.dbSize }
  /// Bytes that count towards the quota.
  public var databaseBytesInUse: Int64 { message.dbSizeInUse }
  /// The quota.
  public var quotaBytes: Int64 { message.dbSizeQuota }
  /// The member that leads; none if that is not known.
  public var leader: MemberID { MemberID(message.leader) }
  /// Whether the member has no vote.
  public var isLearner: Bool { message.isLearner }
  /// The last entry of the member's log that is known to be committed.
  public var raftIndex: LogIndex { LogIndex(message.raftIndex) }
  /// The last entry that the member has applied.
  public var raftAppliedIndex: LogIndex { LogIndex(message.raftAppliedIndex) }
  /// The Raft term.
  public var raftTerm: Term { Term(message.raftTerm) }
  /// What is wrong, alarms included.
  public var errors: [String] { message.errors }
}

/// The hash of the logical history up to a revision.
public struct HashKVResponse: Sendable, Hashable {
  package var message: Etcdserverpb_HashKVResponse

  package init(_ message: Etcdserverpb_HashKVResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The hash.
  public var hash: UInt32 { message.hash }
  /// The revision up to which history had been compacted; negative if never.
  public var compactRevision: Revision { Revision(message.compactRevision) }
  /// The revision up to which the hash goes.
  public var hashRevision: Revision { Revision(message.hashRevision) }
}

/// The hash of a member's whole database.
public struct HashResponse: Sendable, Hashable {
  package var message: Etcdserverpb_HashResponse

  package init(_ message: Etcdserverpb_HashResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The hash.
  public var hash: UInt32 { message.hash }
}

/// An alarm that a member raised.
public struct Alarm: Sendable, Hashable {
  /// What is wrong.
  public enum Kind: Sendable, Hashable {
    /// The quota is reached.
    case outOfSpace
    /// The data of members differ.
    case corrupt
    /// An alarm that this version does not know.
    case unknown(Int)
  }

  package var message: Etcdserverpb_AlarmMember

  package init(_ message: Etcdserverpb_AlarmMember) { self.message = message }

  /// Whose alarm it is.
  public var member: MemberID { MemberID(message.memberID) }
  /// What is wrong.
  public var kind: Kind {
    switch message.alarm {
    case .nospace: .outOfSpace
    case .corrupt: .corrupt
    default: .unknown(message.alarm.rawValue)
    }
  }
}

/// The alarms that stand, or that were put out.
public struct AlarmResponse: Sendable, Hashable {
  package var message: Etcdserverpb_AlarmResponse

  package init(_ message: Etcdserverpb_AlarmResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The alarms.
  public var alarms: [Alarm] { message.alarms.map(Alarm.init) }
}

/// The outcome of a defragmentation.
public struct DefragmentResponse: Sendable, Hashable {
  package var message: Etcdserverpb_DefragmentResponse

  package init(_ message: Etcdserverpb_DefragmentResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
}

/// A member of the cluster.
public struct Member: Sendable, Hashable {
  package var message: Etcdserverpb_Member

  package init(_ message: Etcdserverpb_Member) { self.message = message }

  /// Its identifier.
  public var member: MemberID { MemberID(message.id) }
  /// Its name; empty if it has not started yet.
  public var name: String { message.name }
  /// Where other members reach it.
  public var peerURLs: [String] { message.peerUrls }
  /// Where clients reach it; none if it has not started yet.
  public var clientURLs: [String] { message.clientUrls }
  /// Whether it has no vote.
  public var isLearner: Bool { message.isLearner }
}

/// The members of the cluster.
public struct MembersResponse: Sendable, Hashable {
  package var message: Etcdserverpb_MemberListResponse

  package init(_ message: Etcdserverpb_MemberListResponse) { self.message = message }

  init(header: Etcdserverpb_ResponseHeader, _ members: [Etcdserverpb_Member]) {
    message = Etcdserverpb_MemberListResponse()
    message.header = header
    message.members = members
  }

  /// Who answered.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The members.
  public var members: [Member] { message.members.map(Member.init) }
}

/// A member that was added, and the cluster that it belongs to now.
public struct MemberAddedResponse: Sendable, Hashable {
  package var message: Etcdserverpb_MemberAddResponse

  package init(_ message: Etcdserverpb_MemberAddResponse) { self.message = message }

  /// Who answered.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The new member.
  public var member: Member { Member(message.member) }
  /// All members.
  public var members: [Member] { message.members.map(Member.init) }
}

/// What to do about a downgrade.
public enum DowngradeStep: Sendable, Hashable {
  /// Only ask whether it is possible.
  case validate
  /// Begin.
  case enable
  /// Stay with the present version.
  case cancel
}

/// The outcome of a request about a downgrade.
public struct DowngradeResponse: Sendable, Hashable {
  package var message: Etcdserverpb_DowngradeResponse

  package init(_ message: Etcdserverpb_DowngradeResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The cluster's version.
  public var version: String { message.version }
}

/// The outcome of a change of the leader.
public struct MoveLeaderResponse: Sendable, Hashable {
  package var message: Etcdserverpb_MoveLeaderResponse

  package init(_ message: Etcdserverpb_MoveLeaderResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
}
