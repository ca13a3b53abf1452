internal import Primitives

extension SnapshotState {
  /// Takes in one pair of a bucket; buckets and keys that it does not know it passes over, as etcd does.
  mutating func take(bucket: Bytes, key: Bytes, value: Bytes) throws(SnapshotError) {
    switch bucket {
    case SnapshotBucket.meta: try takeMeta(key, value)
    case SnapshotBucket.auth: try takeAuth(key, value)
    case SnapshotBucket.authUsers: users.append(SnapshotAuthEntry(name: key, encoded: value))
    case SnapshotBucket.authRoles: roles.append(SnapshotAuthEntry(name: key, encoded: value))
    case SnapshotBucket.members: members.append(try SnapshotMember(key: key, json: value))
    case SnapshotBucket.membersRemoved: removedMembers.append(try memberID(key))
    case SnapshotBucket.lease: leases.append(try SnapshotLease(key: key, encoded: value))
    case SnapshotBucket.alarm: alarms.append(try SnapshotAlarm(encoded: key))
    case SnapshotBucket.cluster:
      if key == Bytes("clusterVersion".utf8) {
        clusterVersion = String(decoding: value, as: UTF8.self)
      }
    default: break
    }
  }

  private mutating func takeMeta(_ key: Bytes, _ value: Bytes) throws(SnapshotError) {
    let name = String(decoding: key, as: UTF8.self)
    switch name {
    case "consistent_index": consistentIndex = LogIndex(try number(value, name))
    case "term": term = Term(try number(value, name))
    case "storageVersion": storageVersion = String(decoding: value, as: UTF8.self)
    case "scheduledCompactRev", "finishedCompactRev":
      guard let revision = decodeRevision(value[...]) else { throw damaged("meta", name) }
      compacted = max(compacted, revision.main)
    case "confState":
      guard let json = JSONText.parse(value) else { throw damaged("meta", name) }
      voters = try members(json["voters"], name)
      learners = try members(json["learners"], name)
    default: break
    }
  }

  private mutating func takeAuth(_ key: Bytes, _ value: Bytes) throws(SnapshotError) {
    switch String(decoding: key, as: UTF8.self) {
    case "authEnabled":
      guard value.count == 1 else { throw damaged("auth", "authEnabled") }
      isAuthEnabled = value[0] == 1
    case "authRevision": authRevision = try number(value, "authRevision")
    default: break
    }
  }

  private func members(
    _ list: JSONText.Value?, _ name: String
  ) throws(SnapshotError) -> [MemberID] {
    var members: [MemberID] = []
    for element in list?.elements ?? [] {
      guard let number = element.unsigned else { throw damaged("meta", name) }
      members.append(MemberID(number))
    }
    return members
  }
}

extension SnapshotMember {
  fileprivate init(key: Bytes, json: Bytes) throws(SnapshotError) {
    let id = try memberID(key)
    guard let value = JSONText.parse(json), case .object = value else {
      throw damaged("members", id.description)
    }
    self.init(
      id: id, name: value["name"]?.text ?? "",
      peerURLs: (value["peerURLs"]?.elements ?? []).compactMap(\.text),
      clientURLs: (value["clientURLs"]?.elements ?? []).compactMap(\.text),
      isLearner: value["isLearner"]?.isTrue ?? false)
  }
}

extension SnapshotLease {
  fileprivate init(key: Bytes, encoded: Bytes) throws(SnapshotError) {
    let fields = try varints(encoded, "lease")
    let id = Int64(bitPattern: fields[1] ?? 0)
    var reader = ByteReader(key)
    guard key.count == 8, (try? reader.readBigEndian(as: Int64.self)) == id else {
      throw damaged("lease", hexadecimal(UInt64(bitPattern: id)))
    }
    self.init(
      id: LeaseID(id), timeToLive: Int64(bitPattern: fields[2] ?? 0),
      remaining: Int64(bitPattern: fields[3] ?? 0))
  }
}

extension SnapshotAlarm {
  fileprivate init(encoded: Bytes) throws(SnapshotError) {
    let fields = try varints(encoded, "alarm")
    self.init(member: MemberID(fields[1] ?? 0), type: fields[2] ?? 0)
  }
}

/// The varint fields of a protobuf message; the last of equal numbers counts.
private func varints(_ encoded: Bytes, _ bucket: String) throws(SnapshotError) -> [UInt64: UInt64] {
  var fields: [UInt64: UInt64] = [:]
  do throws(DecodingError) {
    var reader = ByteReader(encoded)
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      if tag.wireType == 0 {
        fields[tag.field] = try reader.readVarint()
      } else {
        try reader.skipField(wireType: tag.wireType)
      }
    }
  } catch {
    throw damaged(bucket, "\(encoded.count) bytes")
  }
  return fields
}

private func number(_ value: Bytes, _ name: String) throws(SnapshotError) -> UInt64 {
  var reader = ByteReader(value)
  guard value.count == 8, let number = try? reader.readBigEndian(as: UInt64.self) else {
    throw damaged("meta", name)
  }
  return number
}

private func memberID(_ key: Bytes) throws(SnapshotError) -> MemberID {
  let text = String(decoding: key, as: UTF8.self)
  guard let id = UInt64(text, radix: 16) else { throw damaged("members", text) }
  return MemberID(id)
}

private func damaged(_ bucket: String, _ name: String) -> SnapshotError {
  .corrupt(detail: "bucket \(bucket): \(name) cannot be read")
}
