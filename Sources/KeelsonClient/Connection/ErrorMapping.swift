internal import Glibc
internal import HTTPTransport
internal import Primitives

/// The one place where statuses of the transport become errors of the client.
extension KeelsonError {
  /// Texts of the server whose meaning is finer than their status code.
  private static let codesByText: [String: Code] = [
    "etcdserver: mvcc: required revision has been compacted": .compacted,
    "etcdserver: mvcc: required revision is a future revision": .futureRevision,
    "etcdserver: requested lease not found": .leaseNotFound,
    "etcdserver: lease already exists": .leaseExists,
    "etcdserver: mvcc: database space exceeded": .outOfSpace,
    "rpc error: code = PermissionDenied desc = etcdserver: permission denied": .permissionDenied,
    "rpc error: code = Unauthenticated desc = etcdserver: invalid auth token": .unauthenticated,
  ]

  private static let codesByStatus: [StatusCode: Code] = [
    .cancelled: .cancelled, .invalidArgument: .invalidArgument,
    .deadlineExceeded: .deadlineExceeded, .notFound: .notFound,
    .permissionDenied: .permissionDenied, .resourceExhausted: .resourceExhausted,
    .failedPrecondition: .failedPrecondition, .outOfRange: .invalidArgument,
    .unimplemented: .unimplemented, .internalError: .protocolViolation,
    .unavailable: .unavailable, .dataLoss: .dataLoss, .unauthenticated: .unauthenticated,
  ]

  /// The error for a call that ended with `status` on the connection to `endpoint`.
  init(_ status: CallStatus, endpoint: String) {
    let code =
      Self.codesByText[status.message] ?? Self.codesByStatus[status.code] ?? .unknown
    let message =
      switch (code, status.message.isEmpty) {
      case (.deadlineExceeded, _) where !status.message.hasPrefix("etcdserver:"):
        "the deadline passed while waiting for \(endpoint)"
      case (_, true): "\(endpoint) answered \(status.code) without a message"
      case (.unavailable, false) where !status.message.hasPrefix("etcdserver:"):
        "\(endpoint): \(Self.reason(status.message))"
      default: status.message
      }
    self.init(code, message, serverStatus: status.code.rawValue)
  }

  /// The error for text that the server put into a watch's or lease's answer.
  init(serverText text: String, otherwise code: Code, compactRevision: Revision = .zero) {
    self.init(Self.codesByText[text] ?? code, text, compactRevision: compactRevision)
  }

  /// The error for a connection to `endpoint` that could not be made.
  init(_ error: TransportError, endpoint: String) {
    if error.code == .tls, error.message.contains("the TLS file") {
      self.init(.invalidConfiguration, error.message)
    } else {
      self.init(.connectionFailed, "\(endpoint): \(Self.reason(error.message))")
    }
  }

  /// What TLS libraries call failures, and what people can do about them.
  private static let handshakeReasons: [(mark: String, reason: String)] = [
    (
      "CERTIFICATE_VERIFY_FAILED",
      "the server's certificate is not trusted: name its authority, and check its name and dates"
    ),
    ("BAD_CERTIFICATE", "the server refused the client's certificate, or misses one"),
    ("CERTIFICATE_REQUIRED", "the server wants a client certificate"),
    ("UNKNOWN_CA", "the server does not trust the authority of the client's certificate"),
    ("WRONG_VERSION_NUMBER", "the server does not speak TLS there"),
    ("EOF during handshake", "the server ended the TLS handshake: does it speak TLS there?"),
  ]

  /// What the system said, where the transport's message carries its error number; else the message.
  private static func reason(_ message: String) -> String {
    if let marker = message.firstRange(of: "errno: "),
      let number = Int32(message[marker.upperBound...].prefix(while: \.isNumber))
    {
      return unsafe String(cString: strerror(number)).lowercased()
    }
    if let known = handshakeReasons.first(where: { message.contains($0.mark) }) {
      return known.reason
    }
    return message.isEmpty ? "nobody answers" : message
  }

  /// Whether another attempt, perhaps elsewhere, may end differently.
  var isTransient: Bool { code == .unavailable || code == .connectionFailed }
}
