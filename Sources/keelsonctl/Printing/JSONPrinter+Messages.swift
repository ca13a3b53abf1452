internal import EtcdProtocol
internal import FoundationEssentials

/// The messages of the API as JSON objects.
extension JSONPrinter {
  static func object(_ header: Etcdserverpb_ResponseHeader) -> JSONObject {
    var json = JSONObject()
    json.number("cluster_id", header.clusterID)
    json.number("member_id", header.memberID)
    json.number("revision", header.revision)
    json.number("raft_term", header.raftTerm)
    return json
  }

  static func object(_ record: Mvccpb_KeyValue) -> JSONObject {
    var json = JSONObject()
    json.bytes("key", record.key)
    json.number("create_revision", record.createRevision)
    json.number("mod_revision", record.modRevision)
    json.number("version", record.version)
    json.bytes("value", record.value)
    json.number("lease", record.lease)
    return json
  }

  static func object(_ put: Etcdserverpb_PutResponse) -> JSONObject {
    var json = JSONObject()
    if put.hasHeader { json.raw("header", object(put.header).text) }
    if put.hasPrevKv { json.raw("prev_kv", object(put.prevKv).text) }
    return json
  }

  static func object(_ range: Etcdserverpb_RangeResponse) -> JSONObject {
    var json = JSONObject()
    if range.hasHeader { json.raw("header", object(range.header).text) }
    json.list("kvs", range.kvs.map { object($0).text })
    json.flag("more", range.more)
    json.number("count", range.count)
    return json
  }

  static func object(_ delete: Etcdserverpb_DeleteRangeResponse) -> JSONObject {
    var json = JSONObject()
    if delete.hasHeader { json.raw("header", object(delete.header).text) }
    json.number("deleted", delete.deleted)
    json.list("prev_kvs", delete.prevKvs.map { object($0).text })
    return json
  }

  static func object(_ transaction: Etcdserverpb_TxnResponse) -> JSONObject {
    var json = JSONObject()
    if transaction.hasHeader { json.raw("header", object(transaction.header).text) }
    json.flag("succeeded", transaction.succeeded)
    json.list(
      "responses",
      transaction.responses.map { response in
        var inner = JSONObject()
        switch response.response {
        case .responseRange(let range): inner.raw("response_range", object(range).text)
        case .responsePut(let put): inner.raw("response_put", object(put).text)
        case .responseDeleteRange(let delete):
          inner.raw("response_delete_range", object(delete).text)
        case .responseTxn(let txn): inner.raw("response_txn", object(txn).text)
        case nil: break
        }
        return "{\"Response\":\(inner.text)}"
      })
    return json
  }

  static func object(_ watch: Etcdserverpb_WatchResponse) -> JSONObject {
    var json = JSONObject()
    json.raw("Header", object(watch.header).text)
    let events = watch.events.map { event in
      var one = JSONObject()
      one.number("type", event.type.rawValue)
      if event.hasKv { one.raw("kv", object(event.kv).text) }
      if event.hasPrevKv { one.raw("prev_kv", object(event.prevKv).text) }
      return one.text
    }
    json.raw("Events", "[" + events.joined(separator: ",") + "]")
    json.number("CompactRevision", watch.compactRevision, always: true)
    json.flag("Canceled", watch.canceled, always: true)
    json.flag("Created", watch.created, always: true)
    return json
  }

  static func object(_ answer: Etcdserverpb_LeaseTimeToLiveResponse) -> JSONObject {
    var json = object(answer.header)
    json.number("id", answer.id, always: true)
    json.number("ttl", answer.ttl, always: true)
    json.number("granted-ttl", answer.grantedTtl, always: true)
    let keys = answer.keys.map { "\"" + $0.base64EncodedString() + "\"" }
    json.raw("keys", keys.isEmpty ? "null" : "[" + keys.joined(separator: ",") + "]")
    return json
  }

  static func object(_ members: Etcdserverpb_MemberListResponse) -> JSONObject {
    var json = JSONObject()
    json.raw("header", object(members.header).text)
    json.list("members", members.members.map { object($0).text })
    return json
  }

  /// A list of members with its numbers in hexadecimal and the names of fields that etcdctl has there.
  static func hexadecimal(_ members: Etcdserverpb_MemberListResponse) -> String {
    func number(_ value: UInt64) -> String { "\"" + String(value, radix: 16) + "\"" }
    func list(_ values: [String]) -> String {
      values.isEmpty
        ? "null" : "[" + values.map(JSONObject.quoted).joined(separator: ",") + "]"
    }
    var header = JSONObject()
    header.raw("cluster_id", number(members.header.clusterID))
    header.raw("member_id", number(members.header.memberID))
    header.number("raft_term", members.header.raftTerm, always: true)
    var json = JSONObject()
    json.raw("header", header.text)
    json.list(
      "members",
      members.members.map { member in
        var one = JSONObject()
        one.raw("ID", number(member.id))
        one.string("name", member.name, always: true)
        one.raw("peerURLs", list(member.peerUrls))
        one.raw("clientURLS", list(member.clientUrls))
        return one.text
      })
    return json.text
  }

  static func object(_ member: Etcdserverpb_Member) -> JSONObject {
    var json = JSONObject()
    json.number("ID", member.id)
    json.string("name", member.name)
    json.list("peerURLs", member.peerUrls.map(JSONObject.quoted))
    json.list("clientURLs", member.clientUrls.map(JSONObject.quoted))
    json.flag("isLearner", member.isLearner)
    return json
  }

  static func object(_ status: Etcdserverpb_StatusResponse) -> JSONObject {
    var json = JSONObject()
    if status.hasHeader { json.raw("header", object(status.header).text) }
    json.string("version", status.version)
    json.number("dbSize", status.dbSize)
    json.number("leader", status.leader)
    json.number("raftIndex", status.raftIndex)
    json.number("raftTerm", status.raftTerm)
    json.number("raftAppliedIndex", status.raftAppliedIndex)
    json.list("errors", status.errors.map(JSONObject.quoted))
    json.number("dbSizeInUse", status.dbSizeInUse)
    json.flag("isLearner", status.isLearner)
    json.string("storageVersion", status.storageVersion)
    json.number("dbSizeQuota", status.dbSizeQuota)
    if status.hasDowngradeInfo {
      var downgrade = JSONObject()
      downgrade.flag("enabled", status.downgradeInfo.enabled)
      downgrade.string("targetVersion", status.downgradeInfo.targetVersion)
      json.raw("downgradeInfo", downgrade.text)
    }
    return json
  }

  static func object(_ hash: Etcdserverpb_HashKVResponse) -> JSONObject {
    var json = JSONObject()
    if hash.hasHeader { json.raw("header", object(hash.header).text) }
    json.number("hash", hash.hash)
    json.number("compact_revision", hash.compactRevision)
    json.number("hash_revision", hash.hashRevision)
    return json
  }
}
