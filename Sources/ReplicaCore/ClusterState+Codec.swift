public import Primitives
internal import Raft

/// What the engine's meta table holds of the cluster, under one key and written only when it
/// changes.
extension ClusterState {
  /// Version 1 had no level.
  private static let codecVersion: UInt8 = 3

  /// The state as bytes, for the engine and for members that ask.
  public func encoded() -> Bytes {
    var writer = ByteWriter(capacity: 256)
    writer.append(Self.codecVersion)
    writer.appendVarint(cluster.rawValue)
    writer.appendVarint(UInt64(members.count))
    for member in members { writer.append(member) }
    writer.appendVarint(UInt64(alarms.count))
    for alarm in alarms {
      writer.appendVarint(alarm.member.rawValue)
      writer.append(alarm.kind.rawValue)
    }
    writer.appendVarint(level.rawValue)
    writer.appendVarint(UInt64(removed.count))
    for member in removed { writer.appendVarint(member.rawValue) }
    return writer.bytes
  }

  /// Reads a state back.
  ///
  /// - Throws: `DecodingError` for bytes that are no state of a known version, whatever they are.
  public static func decode(_ bytes: Bytes) throws(DecodingError) -> ClusterState {
    var reader = ByteReader(bytes)
    let version = try reader.readByte()
    guard (1...codecVersion).contains(version) else { throw .malformed }
    let cluster = ClusterID(rawValue: try reader.readVarint())
    let members = try reader.readList(minimumBytes: 5) { (reader) throws(DecodingError) in
      try reader.readMember()
    }
    let alarms = try reader.readList(minimumBytes: 2) { (reader) throws(DecodingError) in
      Alarm(member: MemberID(try reader.readVarint()), kind: try reader.readEnum())
    }
    let level = version == 1 ? FeatureLevel.first : FeatureLevel(rawValue: try reader.readVarint())
    var removed: [MemberID] = []
    if version > 2 {
      removed = try reader.readList(minimumBytes: 1) { (reader) throws(DecodingError) in
        MemberID(try reader.readVarint())
      }
    }
    guard reader.isAtEnd else { throw .malformed }
    return ClusterState(
      cluster: cluster, members: members, alarms: alarms, level: level, removed: removed)
  }
}

extension ByteWriter {
  mutating func append(_ member: ClusterMember) {
    appendVarint(member.id.rawValue)
    var flags = member.isLearner ? 1 as UInt8 : 0
    if member.gainsVote { flags |= 2 }
    if member.forgetfulLife != nil { flags |= 4 }
    if member.level != .unknown { flags |= 8 }
    append(flags)
    if let life = member.forgetfulLife { appendVarint(life.rawValue) }
    if member.level != .unknown { appendVarint(member.level.rawValue) }
    append(text: member.name)
    append(texts: member.peerURLs)
    append(texts: member.clientURLs)
  }
}

extension ByteReader {
  mutating func readMember() throws(DecodingError) -> ClusterMember {
    let id = MemberID(try readVarint())
    let flags = try readFlags(allowed: 15)
    let life = flags & 4 != 0 ? MemberLife(rawValue: try readVarint()) : nil
    let level = flags & 8 != 0 ? FeatureLevel(rawValue: try readVarint()) : .unknown
    var member = ClusterMember(
      id: id, name: try readText(), peerURLs: try readTexts(), clientURLs: try readTexts(),
      isLearner: flags & 1 != 0)
    member.gainsVote = flags & 2 != 0
    member.forgetfulLife = life
    member.level = level
    return member
  }
}
