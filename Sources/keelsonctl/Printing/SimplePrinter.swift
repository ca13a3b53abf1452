internal import EtcdProtocol
internal import FoundationEssentials
internal import KeelsonClient
internal import Primitives

/// Answers for people and pipes: keys and values as they are.
struct SimplePrinter {
  /// Whether keys and values are shown as `\x` escapes.
  var isHexadecimal: Bool

  func render(_ answer: Answer) -> Bytes {
    var out: Bytes = []
    append(answer, to: &out)
    return out
  }

  private func append(_ answer: Answer, to out: inout Bytes) {
    switch answer {
    case .put(let put): append(put, to: &out)
    case .range(let range, let style): append(range, style, to: &out)
    case .delete(let delete): append(delete, to: &out)
    case .transaction(let transaction): append(transaction, to: &out)
    case .watch(let watch): append(watch, to: &out)
    case .leaseGrant(let grant):
      line("lease \(LeaseID(grant.id)) granted with TTL(\(grant.ttl)s)", to: &out)
    case .leaseRevoke(_, lease: let lease): line("lease \(lease) revoked", to: &out)
    case .leaseRenewal(let renewal):
      line("lease \(LeaseID(renewal.id)) keepalived with TTL(\(renewal.ttl))", to: &out)
    case .leaseTimeToLive(let answer, withKeys: let withKeys): append(answer, withKeys, to: &out)
    case .leases(let leases):
      line("found \(leases.leases.count) leases", to: &out)
      for lease in leases.leases { line(LeaseID(lease.id).description, to: &out) }
    case .alarms(let alarms):
      for alarm in alarms.alarms {
        line("memberID:\(alarm.memberID) alarm:\(alarm.alarm.label)", to: &out)
      }
    case .authChange, .authStatus, .user, .users, .role, .roles:
      for text in AuthText.lines(answer) { line(text, to: &out) }
    case .healths(let healths):
      // What cannot serve is told on standard error.
      for health in healths where health.content.error == nil {
        line(
          "\(health.endpoint) is healthy: successfully committed proposal: took = "
            + GoSyntax.text(health.content.took), to: &out)
      }
    case .memberChange(let members, member: let member, let done):
      let cluster = String(members.header.clusterID, radix: 16)
      line(
        "Member \(String(member.rawValue, radix: 16)) \(done) cluster \(cluster)", to: &out)
    case .memberAdd(let answer, let name):
      let cluster = String(answer.header.clusterID, radix: 16)
      line("Member \(String(answer.member.id, radix: 16)) added to cluster \(cluster)", to: &out)
      line("", to: &out)
      for text in Self.variables(of: answer, name) { line(text, to: &out) }
    case .movedLeader(_, let former, let leader):
      let ids = [former, leader].map { String($0.rawValue, radix: 16) }
      line("Leadership transferred from \(ids[0]) to \(ids[1])", to: &out)
    case .downgrade(let answer, let request):
      line("Downgrade \(request) success, cluster version \(answer.version)", to: &out)
    case .members, .statuses, .hashes, .snapshot, .fileHash:
      for row in Table(answer)?.rows ?? [] { line(row.joined(separator: ", "), to: &out) }
    }
  }

  /// What the new member is to be started with.
  private static func variables(
    of answer: Etcdserverpb_MemberAddResponse, _ name: String
  ) -> [String] {
    let cluster = answer.members.flatMap { member in
      member.peerUrls.map { "\(member.id == answer.member.id ? name : member.name)=\($0)" }
    }
    return [
      "ETCD_NAME=\(GoSyntax.quoted(Array(name.utf8)))",
      "ETCD_INITIAL_CLUSTER=\(GoSyntax.quoted(Array(cluster.joined(separator: ",").utf8)))",
      "ETCD_INITIAL_ADVERTISE_PEER_URLS="
        + GoSyntax.quoted(Array(answer.member.peerUrls.joined(separator: ",").utf8)),
      "ETCD_INITIAL_CLUSTER_STATE=\"existing\"",
    ]
  }

  private func append(_ put: Etcdserverpb_PutResponse, to out: inout Bytes) {
    line("OK", to: &out)
    if put.hasPrevKv { append(put.prevKv, to: &out) }
  }

  private func append(
    _ range: Etcdserverpb_RangeResponse, _ style: Answer.RangeStyle, to out: inout Bytes
  ) {
    for record in range.kvs {
      if style == .keysAndValues { line(record.key, to: &out) }
      line(record.value, to: &out)
    }
  }

  private func append(_ delete: Etcdserverpb_DeleteRangeResponse, to out: inout Bytes) {
    line(String(delete.deleted), to: &out)
    for record in delete.prevKvs { append(record, to: &out) }
  }

  private func append(_ transaction: Etcdserverpb_TxnResponse, to out: inout Bytes) {
    line(transaction.succeeded ? "SUCCESS" : "FAILURE", to: &out)
    for response in transaction.responses {
      line("", to: &out)
      switch response.response {
      case .responseRange(let range): append(range, .keysAndValues, to: &out)
      case .responsePut(let put): append(put, to: &out)
      case .responseDeleteRange(let delete): append(delete, to: &out)
      case .responseTxn(let inner): append(inner, to: &out)
      case nil: line("unexpected response", to: &out)
      }
    }
  }

  private func append(_ watch: Etcdserverpb_WatchResponse, to out: inout Bytes) {
    for event in watch.events {
      line(event.type == .delete ? "DELETE" : "PUT", to: &out)
      if event.hasPrevKv { append(event.prevKv, to: &out) }
      append(event.kv, to: &out)
    }
  }

  private func append(
    _ answer: Etcdserverpb_LeaseTimeToLiveResponse, _ withKeys: Bool, to out: inout Bytes
  ) {
    guard answer.grantedTtl != 0 || answer.ttl != -1 else {
      line("lease \(LeaseID(answer.id)) already expired", to: &out)
      return
    }
    var text = "lease \(LeaseID(answer.id)) granted with TTL(\(answer.grantedTtl)s), "
    text += "remaining(\(answer.ttl)s)"
    out += Bytes(text.utf8)
    if withKeys {
      out += Bytes(", attached keys([".utf8)
      for (index, key) in answer.keys.enumerated() {
        if index > 0 { out.append(UInt8(ascii: " ")) }
        out += Bytes(key)
      }
      out += Bytes("])".utf8)
    }
    line("", to: &out)
  }

  private func append(_ record: Mvccpb_KeyValue, to out: inout Bytes) {
    line(record.key, to: &out)
    line(record.value, to: &out)
  }

  private func line(_ data: Data, to out: inout Bytes) {
    if isHexadecimal {
      for byte in data {
        out += Bytes(("\\x" + GoSyntax.hexadecimal(UInt32(byte), width: 2)).utf8)
      }
    } else {
      out.append(contentsOf: data)
    }
    out.append(UInt8(ascii: "\n"))
  }

  private func line(_ text: String, to out: inout Bytes) {
    out += Bytes(text.utf8)
    out.append(UInt8(ascii: "\n"))
  }
}

extension Etcdserverpb_AlarmType {
  /// The name in etcd's messages.
  var label: String {
    switch self {
    case .none: "NONE"
    case .nospace: "NOSPACE"
    case .corrupt: "CORRUPT"
    case .UNRECOGNIZED(let number): String(number)
    }
  }
}
