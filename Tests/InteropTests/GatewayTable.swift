import Foundation

/// A request to the JSON gateway, as curl sends it.
struct GatewayRequest: Sendable {
  var path: String
  /// nil: a GET.
  var body: String?
  var options: [String]
  /// For streams: how many lines come before nothing more does; nil: the answer ends by itself.
  var lines: Int?

  init(_ path: String, _ body: String?, _ options: [String] = [], lines: Int? = nil) {
    self.path = path
    self.body = body
    self.options = options
    self.lines = lines
  }

  /// What both servers are asked, in this order, from an empty store on.
  static let table: [GatewayRequest] =
    keys + strangeBodies + doors + leases + watches + maintenance + locks + elections

  private static let keys = [
    GatewayRequest("/v3/kv/put", #"{"key":"Zm9v","value":"YmFy"}"#),
    GatewayRequest("/v3/kv/put", #"{"key":"Zm9v","value":"YmF6","prev_kv":true}"#),
    GatewayRequest("/v3/kv/put", #"{"key":"Zm9w","value":"","prevKv":true}"#),
    GatewayRequest("/v3/kv/put", #"{"key":"Zm9v","lease":"9"}"#),
    GatewayRequest("/v3/kv/put", #"{"key":"Zm9v","ignore_value":true,"value":"YQ=="}"#),
    GatewayRequest("/v3/kv/put", #"{"value":"YQ=="}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v"}"#),
    GatewayRequest("/v3beta/kv/range", #"{"key":"Zm9v"}"#),
    GatewayRequest("/v3alpha/kv/range", #"{"key":"Zm9v"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"AA==","range_end":"AA=="}"#),
    GatewayRequest(
      "/v3/kv/range",
      #"{"key":"AA==","rangeEnd":"AA==","sort_order":"DESCEND","sortTarget":"MOD","limit":"1"}"#),
    GatewayRequest(
      "/v3/kv/range",
      #"{"key":"AA==","range_end":"AA==","sort_order":2,"sort_target":2,"limit":1,"keys_only":true}"#
    ),
    GatewayRequest("/v3/kv/range", #"{"key":"AA==","range_end":"AA==","count_only":true}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","revision":"2"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","revision":"99999"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","limit":null,"serializable":true}"#),
    GatewayRequest(
      "/v3/kv/txn",
      #"{"compare":[{"key":"Zm9v","target":"VALUE","value":"YmF6","result":"EQUAL"}],"#
        + #""success":[{"request_put":{"key":"Zm9v","value":"eA==","prev_kv":true}},"#
        + #"{"requestRange":{"key":"Zm9v"}},{"request_txn":{"success":[{"request_range":"#
        + #"{"key":"Zm9v"}}]}}],"failure":[{"request_delete_range":{"key":"Zm9v"}}]}"#),
    GatewayRequest(
      "/v3/kv/txn",
      #"{"compare":[{"key":"Zm9v","target":2,"mod_revision":"1","result":1}],"#
        + #""success":[],"failure":[{"request_delete_range":{"key":"Zm9v","prev_kv":true}}]}"#),
    GatewayRequest(
      "/v3/kv/txn",
      #"{"success":[{"request_put":{"key":"YQ=="}},{"request_put":{"key":"YQ=="}}]}"#),
    GatewayRequest("/v3/kv/deleterange", #"{"key":"AA==","range_end":"AA==","prev_kv":true}"#),
    GatewayRequest("/v3/kv/deleterange", "{}"),
    GatewayRequest("/v3/kv/put", #"{"key":"Zm9v","value":"YmFy"}"#),
    GatewayRequest("/v3/kv/compaction", #"{"revision":"3","physical":true}"#),
    GatewayRequest("/v3/kv/compaction", #"{"revision":"3"}"#),
    GatewayRequest("/v3/kv/compaction", #"{"revision":"300"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","revision":"2"}"#),
  ]

  private static let strangeBodies = [
    GatewayRequest("/v3/kv/range", ""), GatewayRequest("/v3/kv/range", "{}"),
    GatewayRequest("/v3/kv/range", "null"), GatewayRequest("/v3/kv/range", "[]"),
    GatewayRequest("/v3/kv/range", "x"), GatewayRequest("/v3/kv/range", #""text""#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v""#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v"}garbage"#),
    GatewayRequest("/v3/kv/range", "  \n" + #"{ "key" : "Zm9v" } "#),
    GatewayRequest("/v3/kv/range", #"{"key":"@@"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","nosuch":{"a":[1,"}"]}}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","limit":"x"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","limit":"99999999999999999999"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":1}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v","keys_only":"true"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v"}"#, ["-H", "Content-Type: text/plain"]),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v"}"#, ["-H", "Grpc-Timeout: x"]),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v"}"#, ["-H", "Grpc-Timeout: 20S"]),
    GatewayRequest("/v3/lease/grant", #"{"TTL":"x"}"#),
    GatewayRequest("/v3/watch", #"{"create_request":"#),
  ]

  private static let doors = [
    GatewayRequest("/v3/kv/range", nil), GatewayRequest("/v3/kv/range/", "{}"),
    GatewayRequest("/v3/", "{}"), GatewayRequest("/v3/no/such", "{}"),
    GatewayRequest("/v3/kv/put", "{}", ["-X", "PUT"]),
    GatewayRequest("/v3/kv/put", nil, ["-X", "OPTIONS", "-H", "Origin: http://a.example"]),
    GatewayRequest("/health", nil, ["-X", "OPTIONS"]),
    GatewayRequest("/v3/kv/range", #"{"key":"Zm9v"}"#, ["-H", "Host: other.example"]),
  ]

  private static let leases = [
    GatewayRequest("/v3/lease/grant", #"{"TTL":"7200","ID":"1234"}"#),
    GatewayRequest("/v3/lease/grant", #"{"TTL":7200,"ID":1234}"#),
    GatewayRequest("/v3/lease/grant", #"{"TTL":"99999999999"}"#),
    GatewayRequest("/v3/kv/put", #"{"key":"bGVhc2Vk","lease":"1234"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"bGVhc2Vk"}"#),
    GatewayRequest("/v3/lease/timetolive", #"{"ID":"1234","keys":true}"#),
    GatewayRequest("/v3/kv/lease/timetolive", #"{"ID":"99"}"#),
    GatewayRequest("/v3/lease/leases", ""), GatewayRequest("/v3/kv/lease/leases", "{}"),
    GatewayRequest("/v3/lease/keepalive", #"{"ID":"1234"}"#),
    GatewayRequest("/v3/lease/keepalive", #"{"ID":"1234"}{"ID":"77"}"#),
    GatewayRequest("/v3/lease/keepalive", ""),
    GatewayRequest("/v3/lease/revoke", #"{"ID":"1234"}"#),
    GatewayRequest("/v3/kv/lease/revoke", #"{"ID":"1234"}"#),
  ]

  private static let watches = [
    GatewayRequest("/v3/watch", #"{"create_request":{"key":"bmV3"}}"#, lines: 1),
    GatewayRequest(
      "/v3/watch", #"{"create_request":{"key":"Zm9v","start_revision":"6","prev_kv":true}}"#,
      lines: 2),
    GatewayRequest(
      "/v3/watch",
      #"{"createRequest":{"key":"AA==","rangeEnd":"AA==","startRevision":6,"filters":["NOPUT"]}}"#,
      lines: 2),
    GatewayRequest(
      "/v3/watch",
      #"{"create_request":{"key":"bmV3"}} {"create_request":{"key":"bmV4","watch_id":"7"}}"#
        + #"{"cancel_request":{"watch_id":"7"}}{"progress_request":{}}"#, lines: 4),
  ]

  private static let maintenance = [
    GatewayRequest("/v3/maintenance/status", ""),
    GatewayRequest("/v3/cluster/member/list", ""),
    GatewayRequest("/v3/cluster/member/list", #"{"linearizable":true}"#),
    GatewayRequest("/v3/cluster/member/remove", #"{"ID":"77"}"#),
    GatewayRequest("/v3/cluster/member/promote", #"{"ID":"77"}"#),
    GatewayRequest("/v3/maintenance/alarm", "{}"),
    GatewayRequest(
      "/v3/maintenance/alarm", #"{"action":"ACTIVATE","memberID":"77","alarm":"NOSPACE"}"#),
    GatewayRequest("/v3/maintenance/alarm", #"{"alarm":1}"#),
    GatewayRequest("/v3/maintenance/alarm", #"{"action":2,"memberID":77,"alarm":"NOSPACE"}"#),
    GatewayRequest("/v3/maintenance/hash", "{}"),
    GatewayRequest("/v3/maintenance/transfer-leadership", #"{"targetID":"77"}"#),
    GatewayRequest("/v3/auth/authenticate", #"{"name":"a","password":"b"}"#),
    GatewayRequest("/v3/auth/status", "{}"),
  ]

  private static let locks = [
    GatewayRequest("/v3/lease/grant", #"{"TTL":"7200","ID":"51966"}"#),
    GatewayRequest("/v3/lease/grant", #"{"TTL":"7200","ID":"47806"}"#),
    GatewayRequest("/v3/lock/lock", #"{"name":"bG9jaw==","lease":"51966"}"#),
    GatewayRequest("/v3/lock/lock", #"{"name":"bG9jaw==","lease":"51966"}"#),
    GatewayRequest("/v3/kv/range", #"{"key":"bG9jay8=","range_end":"bG9jazA="}"#),
    GatewayRequest(
      "/v3/lock/lock", #"{"name":"bG9jaw==","lease":"47806"}"#, ["-H", "Grpc-Timeout: 400m"]),
    GatewayRequest("/v3/lock/lock", #"{"name":"bG9jaw==","lease":"55"}"#),
    GatewayRequest("/v3/lock/unlock", #"{"key":"bG9jay9jYWZl"}"#),
    GatewayRequest("/v3/lock/unlock", #"{"key":"bG9jay9jYWZl"}"#),
    GatewayRequest("/v3/lock/unlock", "{}"),
    GatewayRequest("/v3/lock/lock", #"{"name":"bG9jaw==","lease":"47806"}"#),
  ]

  private static let elections = [
    GatewayRequest("/v3/election/leader", #"{"name":"ZQ=="}"#),
    GatewayRequest("/v3/election/campaign", #"{"name":"ZQ==","value":"djE=","lease":"51966"}"#),
    GatewayRequest("/v3/election/campaign", #"{"name":"ZQ==","value":"djE=","lease":"51966"}"#),
    GatewayRequest("/v3/election/campaign", #"{"name":"ZQ==","value":"djI=","lease":"51966"}"#),
    GatewayRequest(
      "/v3/election/campaign", #"{"name":"ZQ==","value":"djM=","lease":"47806"}"#,
      ["-H", "Grpc-Timeout: 400m"]),
    GatewayRequest("/v3/election/campaign", #"{"name":"ZQ==","value":"djI=","lease":"55"}"#),
    GatewayRequest("/v3/election/leader", #"{"name":"ZQ=="}"#),
    GatewayRequest("/v3/election/observe", #"{"name":"ZQ=="}"#, lines: 1),
    GatewayRequest("/v3/election/observe", #"{"name":"eno="}"#, ["-H", "Grpc-Timeout: 400m"]),
    GatewayRequest("/v3/election/proclaim", #"{"value":"ZQ=="}"#),
    GatewayRequest(
      "/v3/election/proclaim",
      #"{"value":"ZQ==","leader":{"name":"ZQ==","key":"ZQ==","rev":"7","lease":"51966"}}"#),
    GatewayRequest("/v3/election/resign", "{}"),
    GatewayRequest(
      "/v3/election/resign", #"{"leader":{"name":"ZQ==","key":"ZQ==","rev":"7"}}"#),
  ]
}
