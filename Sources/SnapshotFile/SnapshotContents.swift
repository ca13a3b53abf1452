public import Primitives

/// One version of a key as etcd's files hold it.
public struct SnapshotRecord: Hashable, Sendable {
  /// The write that made it.
  public var revision: SubRevision
  /// Whether it is a deletion.
  public var isTombstone: Bool
  /// The encoded `mvccpb.KeyValue`; a deletion's holds the key alone.
  public var stored: Bytes

  /// Describes one version.
  public init(revision: SubRevision, isTombstone: Bool, stored: Bytes) {
    self.revision = revision
    self.isTombstone = isTombstone
    self.stored = stored
  }

  /// Bytes of the bucket's key for a write: 17, or 18 for a deletion.
  static func keyCount(isTombstone: Bool) -> Int { isTombstone ? 18 : 17 }

  var key: Bytes {
    var writer = ByteWriter(capacity: 18)
    writer.appendRevision(revision)
    if isTombstone { writer.append(UInt8(ascii: "t")) }
    return writer.bytes
  }

  init(key: Bytes, value: Bytes) throws(SnapshotError) {
    guard key.count == 17 || (key.count == 18 && key[17] == UInt8(ascii: "t")),
      let revision = decodeRevision(key[..<17])
    else { throw .corrupt(detail: "bucket key: a key of \(key.count) bytes is no revision") }
    self.init(revision: revision, isTombstone: key.count == 18, stored: value)
  }
}

/// A lease as etcd's files hold it, in seconds.
public struct SnapshotLease: Hashable, Sendable {
  /// The lease.
  public var id: LeaseID
  /// What it was granted for.
  public var timeToLive: Int64
  /// What was left at the last checkpoint; 0 if there was none.
  public var remaining: Int64

  /// Describes a lease.
  public init(id: LeaseID, timeToLive: Int64, remaining: Int64 = 0) {
    self.id = id
    self.timeToLive = timeToLive
    self.remaining = remaining
  }
}

/// A member as etcd's files hold it.
public struct SnapshotMember: Hashable, Sendable {
  /// The member.
  public var id: MemberID
  /// Its name; empty until it has started.
  public var name: String
  /// Where its peers reach it.
  public var peerURLs: [String]
  /// Where clients reach it.
  public var clientURLs: [String]
  /// Whether it does not vote.
  public var isLearner: Bool

  /// Describes a member.
  public init(
    id: MemberID, name: String, peerURLs: [String], clientURLs: [String] = [],
    isLearner: Bool = false
  ) {
    self.id = id
    self.name = name
    self.peerURLs = peerURLs
    self.clientURLs = clientURLs
    self.isLearner = isLearner
  }
}

/// An alarm that stands.
public struct SnapshotAlarm: Hashable, Sendable {
  /// Who raised it.
  public var member: MemberID
  /// The number in etcd's `AlarmType`: 1 no space, 2 corrupt.
  public var type: UInt64

  /// Describes an alarm.
  public init(member: MemberID, type: UInt64) {
    self.member = member
    self.type = type
  }
}

/// A named message of `authpb`: a user or a role, encoded.
public struct SnapshotAuthEntry: Hashable, Sendable {
  /// The user's or the role's name.
  public var name: Bytes
  /// The encoded `authpb.User` or `authpb.Role`.
  public var encoded: Bytes

  /// Describes an entry.
  public init(name: Bytes, encoded: Bytes) {
    self.name = name
    self.encoded = encoded
  }
}

/// What a snapshot holds beside the records.
public struct SnapshotState: Hashable, Sendable {
  /// The last applied entry.
  public var consistentIndex = LogIndex.zero
  /// Its term.
  public var term = Term.zero
  /// The members that vote, and those that do not, as Raft has them.
  public var voters: [MemberID] = []
  /// The members that do not vote.
  public var learners: [MemberID] = []
  /// The revision that was compacted last; zero if none was.
  public var compacted = Revision.zero
  /// The format's version, since etcd 3.6 (`3.6.0`); empty before.
  public var storageVersion = ""
  /// The cluster's version (`3.5.0`); empty if it is not known.
  public var clusterVersion = ""
  /// The members.
  public var members: [SnapshotMember] = []
  /// Members that were removed: their numbers are not given again.
  public var removedMembers: [MemberID] = []
  /// The leases.
  public var leases: [SnapshotLease] = []
  /// The alarms.
  public var alarms: [SnapshotAlarm] = []
  /// Whether authentication is on.
  public var isAuthEnabled = false
  /// The number of changes to users and roles; 0 if there never was one.
  public var authRevision: UInt64 = 0
  /// The users.
  public var users: [SnapshotAuthEntry] = []
  /// The roles.
  public var roles: [SnapshotAuthEntry] = []

  /// The state of an empty store.
  public init() {}
}

extension ByteWriter {
  /// A revision as it stands in the buckets `key` and `meta`.
  mutating func appendRevision(_ revision: SubRevision) {
    appendBigEndian(revision.main.rawValue)
    append(UInt8(ascii: "_"))
    appendBigEndian(revision.sub)
  }
}

/// Reads a revision of 17 bytes; nil if it is none.
func decodeRevision(_ bytes: ArraySlice<UInt8>) -> SubRevision? {
  var reader = ByteReader(Bytes(bytes))
  guard bytes.count == 17, let main = try? reader.readBigEndian(as: Int64.self),
    (try? reader.readByte()) == UInt8(ascii: "_"),
    let sub = try? reader.readBigEndian(as: Int64.self), main >= 0, sub >= 0
  else { return nil }
  return SubRevision(main: Revision(main), sub: sub)
}
