internal import HTTPTransport
internal import Primitives
internal import Telemetry

// How a call's end is told over HTTP: the code's counterpart, and etcd's two error bodies.

extension CallStatus {
  /// The HTTP status that stands for the code, as grpc-gateway maps them.
  var httpStatus: (code: Int, text: String) {
    switch code {
    case .ok: (200, "OK")
    case .cancelled: (408, "Request Timeout")
    case .invalidArgument, .failedPrecondition, .outOfRange: (400, "Bad Request")
    case .deadlineExceeded: (504, "Gateway Timeout")
    case .notFound: (404, "Not Found")
    case .alreadyExists, .aborted: (409, "Conflict")
    case .permissionDenied: (403, "Forbidden")
    case .unauthenticated: (401, "Unauthorized")
    case .resourceExhausted: (429, "Too Many Requests")
    case .unimplemented: (501, "Not Implemented")
    case .unavailable: (503, "Service Unavailable")
    default: (500, "Internal Server Error")
    }
  }

  /// The whole answer to a call that failed before it answered.
  var gatewayBody: Bytes {
    let text = JSONText.quoted(message)
    return Bytes("{\"error\":\(text),\"code\":\(code.rawValue),\"message\":\(text)}".utf8)
  }

  /// The last line of a stream that failed.
  var gatewayLine: Bytes {
    let status = httpStatus
    return Bytes(
      ("{\"error\":{\"grpc_code\":\(code.rawValue),\"http_code\":\(status.code),"
        + "\"message\":\(JSONText.quoted(message)),\"http_status\":\"\(status.text)\"}}\n").utf8)
  }
}
