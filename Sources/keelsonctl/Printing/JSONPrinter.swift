internal import EtcdProtocol
internal import KeelsonClient

/// Answers as JSON on one line, with etcdctl's field names; keys and values are base64.
enum JSONPrinter {
  static func text(_ answer: Answer) -> String {
    switch answer {
    case .put(let put): return object(put).text
    case .range(let range, _): return object(range).text
    case .delete(let delete): return object(delete).text
    case .transaction(let transaction): return object(transaction).text
    case .watch(let watch): return object(watch).text
    case .leaseGrant(let grant):
      var json = object(grant.header)
      json.number("ID", grant.id, always: true)
      json.number("TTL", grant.ttl, always: true)
      json.string("Error", grant.error, always: true)
      return json.text
    case .leaseRevoke(let revoke, lease: _):
      var json = JSONObject()
      json.raw("header", object(revoke.header).text)
      return json.text
    case .leaseRenewal(let renewal):
      var json = object(renewal.header)
      json.number("ID", renewal.id, always: true)
      json.number("TTL", renewal.ttl, always: true)
      return json.text
    case .leaseTimeToLive(let answer, withKeys: _): return object(answer).text
    case .leases(let leases):
      var json = object(leases.header)
      json.raw(
        "leases", "[" + leases.leases.map { "{\"id\":\($0.id)}" }.joined(separator: ",") + "]")
      return json.text
    case .members(let members), .memberChange(let members, member: _, done: _):
      return object(members).text
    case .memberAdd(let answer, name: _):
      var json = JSONObject()
      json.raw("header", object(answer.header).text)
      json.raw("member", object(answer.member).text)
      json.list("members", answer.members.map { object($0).text })
      return json.text
    case .movedLeader(let answer, from: _, to: _):
      var json = JSONObject()
      json.raw("header", object(answer.header).text)
      return json.text
    case .downgrade(let answer, _):
      var json = JSONObject()
      json.raw("header", object(answer.header).text)
      json.string("version", answer.version)
      return json.text
    case .alarms(let alarms):
      var json = JSONObject()
      json.raw("header", object(alarms.header).text)
      json.list(
        "alarms",
        alarms.alarms.map { alarm in
          var one = JSONObject()
          one.number("memberID", alarm.memberID)
          one.number("alarm", alarm.alarm.rawValue)
          return one.text
        })
      return json.text
    case .authChange, .authStatus, .user, .users, .role, .roles: return authText(answer)
    case .statuses, .healths, .hashes, .snapshot, .fileHash: return report(answer)
    }
  }

  /// What is told of servers and of files.
  private static func report(_ answer: Answer) -> String {
    switch answer {
    case .statuses(let statuses):
      return list(statuses.map { paired($0.endpoint, "Status", object($0.content)) })
    case .healths(let healths): return list(healths.map(health))
    case .hashes(let hashes):
      return list(hashes.map { paired($0.endpoint, "HashKV", object($0.content)) })
    case .snapshot(let snapshot):
      var json = JSONObject()
      json.number("hash", snapshot.hash, always: true)
      json.number("revision", snapshot.revision, always: true)
      json.number("totalKey", snapshot.totalKeys, always: true)
      json.number("totalSize", snapshot.totalBytes, always: true)
      json.string("version", snapshot.version, always: true)
      return json.text
    case .fileHash(let hash):
      var json = JSONObject()
      json.number("hash", hash.hash, always: true)
      json.number("hashRevision", hash.revision, always: true)
      json.number("compactRevision", hash.compactRevision, always: true)
      return json.text
    default: fatalError("an answer that is no report")
    }
  }

  private static func list(_ values: [String]) -> String {
    "[" + values.joined(separator: ",") + "]"
  }

  private static func paired(_ endpoint: String, _ name: String, _ content: JSONObject) -> String {
    var json = JSONObject()
    json.string("Endpoint", endpoint, always: true)
    json.raw(name, content.text)
    return json.text
  }

  private static func health(_ health: Answer.Of<Answer.Health>) -> String {
    var json = JSONObject()
    json.string("endpoint", health.endpoint, always: true)
    json.flag("health", health.content.error == nil, always: true)
    json.string("took", GoSyntax.text(health.content.took), always: true)
    json.string("error", health.content.error ?? "")
    return json.text
  }
}
