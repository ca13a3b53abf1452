public import Primitives

/// Why a call did not succeed.
///
/// The code is open: newer servers may report errors that this version has no name for, so switch over
/// it with a `default`.
///
/// ```swift
/// do {
///   _ = try await client.range(RangeRequest(.key("a"), revision: 3))
/// } catch where error.code == .compacted {
///   // Read at a newer revision.
/// }
/// ```
public struct KeelsonError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is, as a word.
  public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The word.
    public var rawValue: String

    /// Wraps a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The word.
    public var description: String { rawValue }
  }

  /// What kind of failure it is.
  public var code: Code
  /// What a person can act on; for errors of the server, its exact text.
  public var message: String
  /// The number of the gRPC status that the server sent; nil if the failure is on this side.
  public var serverStatus: Int?
  /// For `.compacted` on a watch: the oldest revision that can still be watched, 0 if it is not known.
  public var compactRevision: Revision

  /// Describes a failure.
  public init(
    _ code: Code, _ message: String, serverStatus: Int? = nil, compactRevision: Revision = .zero
  ) {
    self.code = code
    self.message = message
    self.serverStatus = serverStatus
    self.compactRevision = compactRevision
  }

  /// The message.
  public var description: String { message }
}

extension KeelsonError.Code {
  /// The client's settings cannot be used.
  public static let invalidConfiguration = Self(rawValue: "invalidConfiguration")
  /// No endpoint could be reached; nothing was sent.
  public static let connectionFailed = Self(rawValue: "connectionFailed")
  /// The call's time ran out; whether a write took effect is not known.
  public static let deadlineExceeded = Self(rawValue: "deadlineExceeded")
  /// The server, or the way to it, went away during the call; whether a write took effect is not known.
  public static let unavailable = Self(rawValue: "unavailable")
  /// The task was cancelled, or the client was shut down.
  public static let cancelled = Self(rawValue: "cancelled")
  /// The request can never succeed.
  public static let invalidArgument = Self(rawValue: "invalidArgument")
  /// The revision has been compacted.
  public static let compacted = Self(rawValue: "compacted")
  /// The revision does not exist yet.
  public static let futureRevision = Self(rawValue: "futureRevision")
  /// There is no such lease, or no more.
  public static let leaseNotFound = Self(rawValue: "leaseNotFound")
  /// There is a lease of this identifier.
  public static let leaseExists = Self(rawValue: "leaseExists")
  /// There is no such member.
  public static let notFound = Self(rawValue: "notFound")
  /// The store is full: delete, compact, then disarm the alarm.
  public static let outOfSpace = Self(rawValue: "outOfSpace")
  /// A limit of the server was reached; try again later.
  public static let resourceExhausted = Self(rawValue: "resourceExhausted")
  /// The state of the cluster does not allow this.
  public static let failedPrecondition = Self(rawValue: "failedPrecondition")
  /// The user may not do this.
  public static let permissionDenied = Self(rawValue: "permissionDenied")
  /// The user's name or password is wrong.
  public static let authenticationFailed = Self(rawValue: "authenticationFailed")
  /// The server wants to know who calls.
  public static let unauthenticated = Self(rawValue: "unauthenticated")
  /// The server ended the watch.
  public static let watchCancelled = Self(rawValue: "watchCancelled")
  /// The server does not have this method.
  public static let unimplemented = Self(rawValue: "unimplemented")
  /// Data was lost or damaged.
  public static let dataLoss = Self(rawValue: "dataLoss")
  /// The server sent what the protocol does not allow.
  public static let protocolViolation = Self(rawValue: "protocolViolation")
  /// A file could not be written.
  public static let file = Self(rawValue: "file")
  /// An error without a name here.
  public static let unknown = Self(rawValue: "unknown")
}
