internal import Glibc
internal import NIOCore
internal import Primitives

/// One call as the client's session sees it; on the event loop only.
final class ClientCall {
  let path: String
  let headers: Headers
  let deadline: NIODeadline?
  let onMessage: (Bytes) -> Void
  let onEnd: (CallStatus) -> Void
  /// Told how many bytes of `output` went into the connection's buffer.
  let onSent: ((Int) -> Void)?

  var streamID: Int32 = 0
  var output = SendQueue()
  var assembler: MessageAssembler
  var isHalfClosed = false
  var isDeferred = false
  var isEnded = false
  var isPaused = false
  var hasResponse = false
  var acceptsCompressed = false
  /// Bytes that were received while paused, which the server may not replace yet.
  var unconsumed = 0
  /// What the server's trailers, or a broken response, say.
  var status: CallStatus?

  init(
    path: String, headers: Headers, deadline: NIODeadline?, maxMessageBytes: Int,
    onSent: ((Int) -> Void)? = nil, onMessage: @escaping (Bytes) -> Void,
    onEnd: @escaping (CallStatus) -> Void
  ) {
    self.path = path
    self.headers = headers
    self.deadline = deadline
    self.onSent = onSent
    self.onMessage = onMessage
    self.onEnd = onEnd
    assembler = MessageAssembler(limit: maxMessageBytes)
  }

  func end(_ status: CallStatus) {
    if isEnded { return }
    isEnded = true
    onEnd(status)
  }
}

/// The header block of a response while its fields arrive.
struct ResponseHead {
  private var httpStatus: Int?
  private var isGRPC = false
  private var grpcStatus: Int?
  private var grpcMessage = ""
  private(set) var isCompressed = false
  private var listBytes = 0

  mutating func begin() { self = ResponseHead() }

  mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    listBytes += name.count + value.count
    if listBytes > Limits.headerListBytes { return false }
    if unsafe equals(name, ":status") {
      httpStatus = Int(unsafe text(value))
    } else if unsafe equals(name, "grpc-status") {
      grpcStatus = Int(unsafe text(value)) ?? StatusCode.unknown.rawValue
    } else if unsafe equals(name, "grpc-message") {
      grpcMessage = PercentEncoding.decode(unsafe text(value))
    } else if unsafe equals(name, "content-type") {
      isGRPC = unsafe text(value).hasPrefix("application/grpc")
    } else if unsafe equals(name, "grpc-encoding") {
      isCompressed = unsafe text(value) == "gzip"
    }
    return true
  }

  /// The call's outcome, if this block tells it.
  func status(isFirst: Bool) -> CallStatus? {
    if let grpcStatus { return CallStatus(StatusCode(rawValue: grpcStatus), grpcMessage) }
    guard isFirst else { return CallStatus(.unknown, "the server sent no grpc-status") }
    guard let httpStatus, !(100..<200).contains(httpStatus) else { return nil }
    if httpStatus != 200 {
      return CallStatus(
        Self.code(forHTTPStatus: httpStatus),
        "unexpected HTTP status code received from server: \(httpStatus)")
    }
    if !isGRPC { return CallStatus(.unknown, "the server's answer is not gRPC") }
    return nil
  }

  /// Whether this is the response proper and not an interim one.
  var isFinal: Bool { httpStatus.map { $0 >= 200 } ?? false }

  /// The mapping of gRPC's `http-grpc-status-mapping.md`.
  private static func code(forHTTPStatus status: Int) -> StatusCode {
    switch status {
    case 400: .internalError
    case 401: .unauthenticated
    case 403: .permissionDenied
    case 404: .unimplemented
    case 429, 502, 503, 504: .unavailable
    default: .unknown
    }
  }

  private func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return unsafe memcmp(base, text.utf8Start, bytes.count) == 0
  }

  private func text(_ bytes: UnsafeRawBufferPointer) -> String {
    unsafe String(decoding: bytes, as: UTF8.self)
  }
}
