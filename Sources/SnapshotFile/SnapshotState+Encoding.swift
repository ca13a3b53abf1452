internal import Primitives

/// The sizes of a record, for the pass that lays a snapshot out.
public struct SnapshotRecordSize: Hashable, Sendable {
  /// Whether the record is a deletion.
  public var isTombstone: Bool
  /// Bytes of its encoded `mvccpb.KeyValue`.
  public var storedCount: Int

  /// Describes a record's size.
  public init(isTombstone: Bool, storedCount: Int) {
    self.isTombstone = isTombstone
    self.storedCount = storedCount
  }
}

extension SnapshotWriter {
  /// Writes a snapshot as etcd 3.5 and later read it. The records come in ascending order of their revisions,
  /// twice: once their sizes alone, then they themselves. Throws as `init(buckets:)` does.
  public convenience init(
    state: SnapshotState,
    nextSize: @escaping () throws -> SnapshotRecordSize?,
    nextRecord: @escaping () throws -> SnapshotRecord?
  ) throws {
    let records = BoltBucket(
      name: SnapshotBucket.key,
      nextSize: {
        try nextSize().map {
          (SnapshotRecord.keyCount(isTombstone: $0.isTombstone), $0.storedCount)
        }
      },
      nextPair: { try nextRecord().map { ($0.key, $0.stored) } })
    let buckets = state.buckets() + [records]
    try self.init(buckets: buckets.sorted { isOrdered($0.name, before: $1.name) })
  }
}

/// The names of etcd's buckets.
enum SnapshotBucket {
  static let alarm = Bytes("alarm".utf8)
  static let auth = Bytes("auth".utf8)
  static let authRoles = Bytes("authRoles".utf8)
  static let authUsers = Bytes("authUsers".utf8)
  static let cluster = Bytes("cluster".utf8)
  static let key = Bytes("key".utf8)
  static let lease = Bytes("lease".utf8)
  static let members = Bytes("members".utf8)
  static let membersRemoved = Bytes("members_removed".utf8)
  static let meta = Bytes("meta".utf8)
}

extension SnapshotState {
  /// Every bucket but that of the records.
  func buckets() -> [BoltBucket] {
    [
      BoltBucket(name: SnapshotBucket.alarm, pairs: alarms.map { ($0.encoded, []) }),
      BoltBucket(name: SnapshotBucket.auth, pairs: authPairs),
      BoltBucket(name: SnapshotBucket.authRoles, pairs: roles.map { ($0.name, $0.encoded) }),
      BoltBucket(name: SnapshotBucket.authUsers, pairs: users.map { ($0.name, $0.encoded) }),
      BoltBucket(
        name: SnapshotBucket.cluster,
        pairs: clusterVersion.isEmpty
          ? [] : [(Bytes("clusterVersion".utf8), Bytes(clusterVersion.utf8))]),
      BoltBucket(
        name: SnapshotBucket.lease, pairs: leases.map { (bigEndian($0.id.rawValue), $0.encoded) }),
      BoltBucket(
        name: SnapshotBucket.members,
        pairs: members.map { (Bytes($0.id.description.utf8), Bytes($0.json.utf8)) }),
      BoltBucket(
        name: SnapshotBucket.membersRemoved,
        pairs: removedMembers.map { (Bytes($0.description.utf8), Bytes("removed".utf8)) }),
      BoltBucket(name: SnapshotBucket.meta, pairs: metaPairs),
    ]
  }

  private var authPairs: [(key: Bytes, value: Bytes)] {
    if authRevision == 0 && !isAuthEnabled { return [] }
    return [
      (Bytes("authEnabled".utf8), [isAuthEnabled ? 1 : 0]),
      (Bytes("authRevision".utf8), bigEndian(authRevision)),
    ]
  }

  private var metaPairs: [(key: Bytes, value: Bytes)] {
    var pairs: [(key: Bytes, value: Bytes)] = [
      (Bytes("consistent_index".utf8), bigEndian(consistentIndex.rawValue)),
      (Bytes("term".utf8), bigEndian(term.rawValue)),
    ]
    if !voters.isEmpty { pairs.append((Bytes("confState".utf8), Bytes(confStateJSON.utf8))) }
    if compacted > .zero {
      var writer = ByteWriter()
      writer.appendRevision(SubRevision(main: compacted, sub: 0))
      pairs.append((Bytes("scheduledCompactRev".utf8), writer.bytes))
      pairs.append((Bytes("finishedCompactRev".utf8), writer.bytes))
    }
    if !storageVersion.isEmpty {
      pairs.append((Bytes("storageVersion".utf8), Bytes(storageVersion.utf8)))
    }
    return pairs
  }

  private var confStateJSON: String {
    var json = "{\"voters\":[\(list(voters))]"
    if !learners.isEmpty { json += ",\"learners\":[\(list(learners))]" }
    return json + ",\"auto_leave\":false}"
  }

  private func list(_ members: [MemberID]) -> String {
    members.map { String($0.rawValue) }.joined(separator: ",")
  }
}

private func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> Bytes {
  var writer = ByteWriter(capacity: 8)
  writer.appendBigEndian(number)
  return writer.bytes
}

extension SnapshotLease {
  var encoded: Bytes {
    var writer = ByteWriter()
    writer.appendVarintField(1, id.rawValue)
    writer.appendVarintField(2, timeToLive)
    writer.appendVarintField(3, remaining)
    return writer.bytes
  }
}

extension SnapshotAlarm {
  var encoded: Bytes {
    var writer = ByteWriter()
    writer.appendVarintField(1, member.rawValue)
    writer.appendVarintField(2, type)
    return writer.bytes
  }
}

extension SnapshotMember {
  var json: String {
    var json = "{\"id\":\(id.rawValue),\"peerURLs\":\(JSONText.array(peerURLs))"
    if isLearner { json += ",\"isLearner\":true" }
    if !name.isEmpty { json += ",\"name\":\(JSONText.string(name))" }
    if !clientURLs.isEmpty { json += ",\"clientURLs\":\(JSONText.array(clientURLs))" }
    return json + "}"
  }
}
