internal import HTTPTransport
internal import Primitives
internal import ReplicaCore
internal import Telemetry

/// What the peer port answers to plain HTTP, as etcd's tools expect: `/version` and `/members`.
struct PeerPages: HTTPHandler {
  let cluster: ClusterID
  let members: @Sendable () -> [ClusterMember]

  init(cluster: ClusterID, members: @escaping @Sendable () -> [ClusterMember]) {
    self.cluster = cluster
    self.members = members
  }

  func handle(_ request: HTTPRequest, responder: HTTPResponder) {
    guard request.method == "GET" else { return responder.respond(status: 405) }
    let headers: Headers = [
      ("content-type", "application/json"), ("x-etcd-cluster-id", "\(cluster)"),
    ]
    switch request.path {
    case "/version":
      let text =
        "{\"etcdserver\":\"\(Version.etcdAPI)\",\"etcdcluster\":\"\(Version.etcdCluster)\"}"
      responder.respond(status: 200, headers: headers, body: Bytes(text.utf8))
    case "/members":
      responder.respond(status: 200, headers: headers, body: Bytes(memberList.utf8))
    default: responder.respond(status: 404)
    }
  }

  private var memberList: String {
    let items = members().map { member in
      var fields = [
        "\"id\":\(member.id.rawValue)", "\"peerURLs\":\(list(member.peerURLs))",
      ]
      if member.isLearner { fields.append("\"isLearner\":true") }
      if !member.name.isEmpty { fields.append("\"name\":\(JSONText.quoted(member.name))") }
      if !member.clientURLs.isEmpty { fields.append("\"clientURLs\":\(list(member.clientURLs))") }
      return "{\(fields.joined(separator: ","))}"
    }
    return "[\(items.joined(separator: ","))]\n"
  }

  private func list(_ texts: [String]) -> String {
    "[\(texts.map { JSONText.quoted($0) }.joined(separator: ","))]"
  }
}
