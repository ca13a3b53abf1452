internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

// Calls off the hot path, with generated messages.

extension CallRouter {
  /// Adds a method that takes one message and answers later, with `answer` or `finish`.
  mutating func unary<Request: Message>(
    _ path: String, _ body: @escaping @Sendable (Request, ServerCall) -> Void
  ) {
    registerUnary(path) { call, message in
      if let request = call.decoded(message, as: Request.self) { body(request, call) }
    }
  }
}

extension ServerCall {
  /// Decodes a message; ends the call as grpc-go does if it is none.
  func decoded<Request: Message>(_ message: Bytes, as type: Request.Type) -> Request? {
    do { return try Request(serializedBytes: message) } catch {
      finish(CallStatus(.internalError, "grpc: error unmarshalling request: \(error)"))
      return nil
    }
  }

  /// Sends a message; its encoding can't fail, since no message here has required fields.
  func send(_ response: some Message) {
    do { send(try response.serializedBytes() as Bytes) } catch {
      finish(CallStatus(.internalError, "grpc: error while marshaling: \(error)"))
    }
  }

  /// Sends the only message and ends the call.
  func answer(_ response: some Message) {
    send(response)
    finish()
  }
}

extension ResponseHeader {
  /// The header as a generated message.
  var message: Etcdserverpb_ResponseHeader {
    .with {
      $0.clusterID = cluster
      $0.memberID = member
      $0.revision = revision
      $0.raftTerm = term
    }
  }
}
