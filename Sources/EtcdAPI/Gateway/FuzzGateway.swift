internal import EtcdProtocol
public import Primitives
internal import SwiftProtobuf

/// Reads arbitrary bytes as the body of a gateway's request, of every path: what fuzzers call. It returns for every
/// input; a request that is accepted must come through JSON unchanged, or this ends the process.
public func fuzzGatewayBody(_ bytes: Bytes) {
  var values = JSONValues(bytes)
  // Each value is at least a byte long, so this ends.
  while let text = (try? values.next()) ?? nil {
    for form in GatewayMethod.all { _ = try? form.request(text) }
    checkStable(text, Etcdserverpb_TxnRequest.self)
    checkStable(text, Etcdserverpb_WatchRequest.self)
    checkStable(text, Etcdserverpb_AlarmRequest.self)
    checkStable(text, V3electionpb_ProclaimRequest.self)
  }
}

private func checkStable<M: Message>(_ text: Bytes, _ type: M.Type) {
  guard let message = try? GatewayJSON.protobuf(from: text, as: M.self) else { return }
  guard let told = try? GatewayJSON.text(ofProtobuf: message, as: M.self) else {
    return invariant(false, "a request that was read can't be told in JSON")
  }
  let again = try? GatewayJSON.protobuf(from: told, as: M.self)
  invariant(again == message, "a request does not come through JSON unchanged")
}
