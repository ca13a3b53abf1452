/// The outcome of a gRPC call as a number, as in gRPC's `doc/statuscodes.md`.
public struct StatusCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number on the wire; 0 to 16 have names.
  public var rawValue: Int

  /// Wraps a number from the wire.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Success.
  public static let ok = StatusCode(rawValue: 0)
  /// The caller gave up.
  public static let cancelled = StatusCode(rawValue: 1)
  /// An error that has no better code.
  public static let unknown = StatusCode(rawValue: 2)
  /// The request can never succeed, whatever the state.
  public static let invalidArgument = StatusCode(rawValue: 3)
  /// The caller's time ran out.
  public static let deadlineExceeded = StatusCode(rawValue: 4)
  /// What was asked for does not exist.
  public static let notFound = StatusCode(rawValue: 5)
  /// What was to be created exists.
  public static let alreadyExists = StatusCode(rawValue: 6)
  /// The caller is known and may not do this.
  public static let permissionDenied = StatusCode(rawValue: 7)
  /// A limit was reached.
  public static let resourceExhausted = StatusCode(rawValue: 8)
  /// The state does not allow the request.
  public static let failedPrecondition = StatusCode(rawValue: 9)
  /// A conflict; the caller may retry at a higher level.
  public static let aborted = StatusCode(rawValue: 10)
  /// A position beyond the valid range.
  public static let outOfRange = StatusCode(rawValue: 11)
  /// The method does not exist here.
  public static let unimplemented = StatusCode(rawValue: 12)
  /// The server, or the protocol, is broken.
  public static let internalError = StatusCode(rawValue: 13)
  /// The server cannot be reached or cannot serve now; retrying may help.
  public static let unavailable = StatusCode(rawValue: 14)
  /// Data was lost or damaged.
  public static let dataLoss = StatusCode(rawValue: 15)
  /// The caller did not say who it is, or its credentials are not valid.
  public static let unauthenticated = StatusCode(rawValue: 16)

  private static let names = [
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound",
    "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted",
    "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
  ]

  /// The name in the spelling of grpc-go, which metrics use as a label: `OK`, `NotFound`, ….
  public var description: String {
    Self.names.indices.contains(rawValue) ? Self.names[rawValue] : "Code(\(rawValue))"
  }
}

/// How a call ended: a code and a message for people.
public struct CallStatus: Error, Hashable, Sendable, CustomStringConvertible {
  /// The outcome.
  public var code: StatusCode
  /// What a person can act on; any Unicode text, the transport encodes it.
  public var message: String

  /// Describes an outcome.
  public init(code: StatusCode, message: String) {
    self.code = code
    self.message = message
  }

  /// Describes an outcome.
  public init(_ code: StatusCode, _ message: String = "") {
    self.code = code
    self.message = message
  }

  /// Success.
  public static let ok = CallStatus(.ok)

  /// `rpc error: code = NotFound desc = …`, as grpc-go prints it.
  public var description: String { "rpc error: code = \(code) desc = \(message)" }
}
