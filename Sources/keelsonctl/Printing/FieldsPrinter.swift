internal import EtcdProtocol
internal import FoundationEssentials
internal import KeelsonClient
internal import Primitives

/// Answers as lines of `"Name" : value`, for programs without a JSON reader.
struct FieldsPrinter {
  private var out = ""

  static func text(_ answer: Answer) -> String {
    var printer = FieldsPrinter()
    printer.append(answer)
    return printer.out
  }

  private mutating func append(_ answer: Answer) {
    switch answer {
    case .put(let put):
      header(put.header)
      if put.hasPrevKv { record(put.prevKv, "Prev") }
    case .range(let range, _): append(range)
    case .delete(let delete): append(delete)
    case .transaction(let transaction): append(transaction)
    case .watch(let watch):
      header(watch.header)
      for event in watch.events {
        field("Type", event.type == .delete ? "DELETE" : "PUT")
        if event.hasPrevKv { record(event.prevKv, "Prev") }
        record(event.kv, "")
      }
    case .leaseGrant, .leaseRevoke, .leaseRenewal, .leaseTimeToLive, .leases: appendLeases(answer)
    case .members(let members), .memberChange(let members, member: _, done: _): append(members)
    case .memberAdd(let answer, name: _):
      header(answer.header)
      field("ID", answer.member.id)
      for url in answer.member.peerUrls { quoted("PeerURL", url) }
    case .movedLeader(let answer, from: _, to: _): header(answer.header)
    case .downgrade(let answer, _):
      header(answer.header)
      quoted("Version", answer.version)
    case .alarms(let alarms):
      header(alarms.header)
      for alarm in alarms.alarms {
        field("MemberID", alarm.memberID)
        field("AlarmType", alarm.alarm.label)
        out += "\n"
      }
    case .authChange, .authStatus, .user, .users, .role, .roles: appendAuth(answer)
    case .statuses, .healths, .hashes, .snapshot, .fileHash: appendReport(answer)
    }
  }

  private mutating func appendLeases(_ answer: Answer) {
    switch answer {
    case .leaseGrant(let grant):
      header(grant.header)
      field("ID", grant.id)
      field("TTL", grant.ttl)
    case .leaseRevoke(let revoke, lease: _): header(revoke.header)
    case .leaseRenewal(let renewal):
      header(renewal.header)
      field("ID", renewal.id)
      field("TTL", renewal.ttl)
    case .leaseTimeToLive(let answer, withKeys: _):
      header(answer.header)
      field("ID", answer.id)
      field("TTL", answer.ttl)
      field("GrantedTTL", answer.grantedTtl)
      for key in answer.keys { quoted("Key", key) }
    case .leases(let leases):
      header(leases.header)
      for lease in leases.leases { field("ID", lease.id) }
    default: break
    }
  }

  private mutating func appendAuth(_ answer: Answer) {
    switch answer {
    case .authChange(let change, _): header(change.header)
    case .role(let role, name: _):
      header(role.header)
      for permission in role.perm {
        // Two spaces, as etcdctl has it.
        field("PermType", " \(AuthText.name(permission.permType))")
        quoted("Key", permission.key)
        quoted("RangeEnd", permission.rangeEnd)
      }
    case .roles(let roles):
      header(roles.header)
      let names = roles.roles.map { GoSyntax.quoted(Bytes($0.utf8)) }
      field("Roles", names.joined(separator: " "))
    // Commands with other answers refuse the format.
    default: break
    }
  }

  /// What is told of servers and of files.
  private mutating func appendReport(_ answer: Answer) {
    switch answer {
    case .statuses(let statuses): for status in statuses { append(status) }
    case .healths(let healths):
      for health in healths {
        quoted("Endpoint", health.endpoint)
        field("Health", health.content.error == nil)
        field("Took", GoSyntax.text(health.content.took))
        field("Error", health.content.error ?? "")
        out += "\n"
      }
    case .hashes(let hashes):
      for hash in hashes {
        header(hash.content.header)
        quoted("Endpoint", hash.endpoint)
        field("Hash", hash.content.hash)
        field("HashRevision", hash.content.hashRevision)
        out += "\n"
      }
    case .snapshot(let snapshot):
      field("Hash", snapshot.hash)
      field("Revision", snapshot.revision)
      field("Keys", snapshot.totalKeys)
      field("Size", snapshot.totalBytes)
      field("Version", snapshot.version)
    case .fileHash(let hash):
      field("Hash", hash.hash)
      field("Hash revision", hash.revision)
      field("Compact revision", hash.compactRevision)
    default: break
    }
  }

  private mutating func append(_ range: Etcdserverpb_RangeResponse) {
    header(range.header)
    for kv in range.kvs { record(kv, "") }
    field("More", range.more)
    field("Count", range.count)
  }

  private mutating func append(_ delete: Etcdserverpb_DeleteRangeResponse) {
    header(delete.header)
    field("Deleted", delete.deleted)
    for kv in delete.prevKvs { record(kv, "Prev") }
  }

  private mutating func append(_ transaction: Etcdserverpb_TxnResponse) {
    header(transaction.header)
    field("Succeeded", transaction.succeeded)
    for response in transaction.responses {
      switch response.response {
      case .responseRange(let range): append(range)
      case .responsePut(let put): append(.put(put))
      case .responseDeleteRange(let delete): append(delete)
      case .responseTxn(let inner): append(inner)
      case nil: field("Unknown", "response")
      }
    }
  }

  private mutating func append(_ members: Etcdserverpb_MemberListResponse) {
    header(members.header)
    for member in members.members {
      field("ID", member.id)
      quoted("Name", member.name)
      for url in member.peerUrls { quoted("PeerURL", url) }
      for url in member.clientUrls { quoted("ClientURL", url) }
      field("IsLearner", member.isLearner)
      out += "\n"
    }
  }

  private mutating func append(_ status: Answer.Of<Etcdserverpb_StatusResponse>) {
    let content = status.content
    header(content.header)
    quoted("Version", content.version)
    quoted("StorageVersion", content.storageVersion)
    field("DBSize", content.dbSize)
    field("DBSizeInUse", content.dbSizeInUse)
    field("DBSizeQuota", content.dbSizeQuota)
    field("Leader", content.leader)
    field("IsLearner", content.isLearner)
    field("RaftIndex", content.raftIndex)
    field("RaftTerm", content.raftTerm)
    field("RaftAppliedIndex", content.raftAppliedIndex)
    field("Errors", "[" + content.errors.joined(separator: " ") + "]")
    quoted("Endpoint", status.endpoint)
    quoted("DowngradeTargetVersion", content.downgradeInfo.targetVersion)
    field("DowngradeEnabled", content.downgradeInfo.enabled)
    out += "\n"
  }

  /// The revision is left out where the server does not tell it.
  private mutating func header(_ header: Etcdserverpb_ResponseHeader) {
    field("ClusterID", header.clusterID)
    field("MemberID", header.memberID)
    if header.revision != 0 { field("Revision", header.revision) }
    field("RaftTerm", header.raftTerm)
  }

  private mutating func record(_ record: Mvccpb_KeyValue, _ prefix: String) {
    quoted(prefix + "Key", record.key)
    field(prefix + "CreateRevision", record.createRevision)
    field(prefix + "ModRevision", record.modRevision)
    field(prefix + "Version", record.version)
    quoted(prefix + "Value", record.value)
    field(prefix + "Lease", record.lease)
  }

  private mutating func field(_ name: String, _ value: some CustomStringConvertible) {
    out += "\"\(name)\" : \(value)\n"
  }

  private mutating func quoted(_ name: String, _ text: String) {
    field(name, GoSyntax.quoted(Bytes(text.utf8)))
  }

  private mutating func quoted(_ name: String, _ data: Data) {
    field(name, GoSyntax.quoted(Bytes(data)))
  }
}
