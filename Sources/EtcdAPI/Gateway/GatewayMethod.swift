internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// One path of the JSON gateway: which method it calls, and how its messages are told in JSON.
struct GatewayMethod: Sendable {
  /// How many messages go each way.
  enum Shape: Sendable {
    case unary
    case serverStream
    case bidirectional
  }

  /// `/v3/kv/put`.
  let path: String
  /// `/etcdserverpb.KV/Put`.
  let method: String
  let shape: Shape
  /// A request's JSON as an encoded message.
  let request: @Sendable (Bytes) throws(CallStatus) -> Bytes
  /// An encoded answer as JSON.
  let answer: @Sendable (Bytes) throws(CallStatus) -> Bytes

  /// - Parameters:
  ///   - path: without `/v3/`.
  ///   - method: the service and the method, with the package if it is not that of most.
  init<Request: Message, Answer: Message>(
    _ path: String, _ method: String, _ requestType: Request.Type, _ answerType: Answer.Type,
    _ shape: Shape = .unary
  ) {
    self.path = "/v3/" + path
    self.method = (method.contains(".") ? "/" : "/etcdserverpb.") + method
    self.shape = shape
    request = { text throws(CallStatus) in try GatewayJSON.protobuf(from: text, as: Request.self) }
    answer = { bytes throws(CallStatus) in
      try GatewayJSON.text(ofProtobuf: bytes, as: Answer.self)
    }
  }
}
