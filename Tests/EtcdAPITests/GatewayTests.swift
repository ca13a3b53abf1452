import EtcdProtocol
import HTTPTransport
import Primitives
import SwiftProtobuf
import Testing

@testable import EtcdAPI

@Suite("the JSON gateway's parts")
struct GatewayTests {
  private func values(_ text: String) -> [String] {
    var values = JSONValues(Bytes(text.utf8))
    var found: [String] = []
    while true {
      do throws(CallStatus) {
        guard let value = try values.next() else { return found }
        found.append(String(decoding: value, as: UTF8.self))
      } catch { return found + ["! " + error.message] }
    }
  }

  @Test("a body is cut where its values end, whatever stands in their strings")
  func cutting() {
    #expect(values("") == [])
    #expect(values(" \n\t ") == [])
    #expect(values(#"{"a":"}\"{"}  {"b":[{}]}null"#) == [#"{"a":"}\"{"}"#, #"{"b":[{}]}"#, "{}"])
    #expect(values(#"{"a":"#) == ["! unexpected EOF"])
    #expect(values(#"{"a":"}"#) == ["! unexpected EOF"])
    #expect(values("{} x") == ["{}", "! the request is not a JSON object"])
    #expect(values("[1]") == ["! the request is not a JSON object"])
  }

  @Test("names, numbers and enums are taken in each spelling, and told in one")
  func spellings() throws {
    let texts = [
      #"{"key":"YQ==","range_end":"Yg==","limit":"5","sort_order":"DESCEND","keys_only":true}"#,
      #"{"key":"YQ==","rangeEnd":"Yg==","limit":5,"sortOrder":2,"keysOnly":true,"x":[{}]}"#,
    ]
    for text in texts {
      let message = try GatewayJSON.protobuf(
        from: Bytes(text.utf8), as: Etcdserverpb_RangeRequest.self)
      let told = try GatewayJSON.text(ofProtobuf: message, as: Etcdserverpb_RangeRequest.self)
      #expect(String(decoding: told, as: UTF8.self) == texts[0])
    }
  }

  @Test("transactions within transactions are read as deep as the API allows, and no deeper")
  func depth() throws {
    func nested(_ depth: Int) -> Bytes {
      let open = #"{"success":[{"request_txn":"#
      return Bytes(
        (String(repeating: open, count: depth) + "{}" + String(repeating: "}]}", count: depth)).utf8
      )
    }
    _ = try GatewayJSON.protobuf(
      from: nested(Limits.transactionDepth), as: Etcdserverpb_TxnRequest.self)
    let refused = Result { () throws(CallStatus) in
      try GatewayJSON.protobuf(from: nested(100_000), as: Etcdserverpb_TxnRequest.self)
    }
    guard case .failure(let status) = refused else {
      Issue.record("a transaction without a bottom was read")
      return
    }
    #expect(status.code == .invalidArgument)
  }

  @Test("every path is distinct and below /v3/")
  func paths() {
    let paths = GatewayMethod.all.map(\.path)
    #expect(Set(paths).count == paths.count)
    #expect(paths.count == 51)
    #expect(paths.allSatisfy { $0.hasPrefix("/v3/") })
  }

  @Test(
    "the host's name is what a request is addressed to, without its port",
    arguments: [
      ("a.example", "a.example"), ("a.example:2379", "a.example"), ("[::1]:2379", "::1"),
      ("::1", "::1"), ("", ""),
    ])
  func hosts(_ authority: String, _ name: String) {
    let request = HTTPRequest(method: "GET", path: "/", headers: [("host", authority)])
    #expect(ClientDoor.hostName(of: request) == name)
  }
}
