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
      default: status.message
      }
    self.init(code, message, serverStatus: status.code.rawValue)
  }

  /// The error for text that the server put into a watch's or lease's answer.
  init(serverText text: String, otherwise code: Code, compactRevision: Revision = .zero) {
    self.init(Self.codesByText[text] ?? code, text, compactRevision: compactRevision)
  }

  /// Whether another attempt, perhaps elsewhere, may end differently.
  var isTransient: Bool { code == .unavailable || code == .connectionFailed }
}
