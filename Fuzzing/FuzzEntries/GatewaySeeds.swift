internal import Primitives

/// Bodies as the gateway's clients send them.
enum GatewaySeeds {
  static let all: [Bytes] = texts.map { Bytes($0.utf8) }

  private static let texts = [
    #"{"key":"Zm9v","range_end":"Zm9w","limit":"5","sort_order":"DESCEND","sortTarget":2}"#,
    #"{"key":"Zm9v","value":"YmFy","lease":"-1","prev_kv":true,"unknown":{"a":[1,null,"}"]}}"#,
    #"{"compare":[{"key":"YQ==","target":"VALUE","value":"YmF6","result":"EQUAL"}],"#
      + #""success":[{"request_put":{"key":"YQ=="}},{"requestTxn":{"success":[{"request_range":{}}]}}],"#
      + #""failure":[{"request_delete_range":{"key":"AA==","range_end":"AA=="}}]}"#,
    #"{"create_request":{"key":"AA==","filters":["NOPUT",1],"start_revision":1e3}} "#
      + #"{"cancel_request":{"watch_id":"7"}}{"progress_request":{}}"#,
    #"{"action":"ACTIVATE","memberID":"18446744073709551615","alarm":1}"#,
    #"{"leader":{"name":"\u0065\/","key":"_-8","rev":"7"},"value":"e30="}"#,
    "null", "[[[[[[[[[]]]]]]]]]", #""\ud83d\ude00""#,
  ]
}
