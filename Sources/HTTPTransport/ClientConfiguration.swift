/// How a client connects, and within which bounds.
public struct ClientConfiguration: Sendable {
  /// TLS; nil means plain text.
  public var tls: TLSConfiguration?
  /// Seconds for the connection to be made, TLS included.
  public var connectSeconds = 5.0
  /// The largest message that is accepted. Beyond: the call ends with RESOURCE_EXHAUSTED.
  public var maxMessageBytes = Int(Int32.max)
  /// Seconds without a byte from the server after which the client pings; nil means never.
  public var keepaliveIntervalSeconds: Double?
  /// A ping that is not answered for so long ends the connection.
  public var keepaliveTimeoutSeconds = 10.0
  /// What to send as `:authority`; nil means the host and port.
  public var authority: String?
  /// Whether messages are sent as gzip, and accepted so.
  public var compressesMessages = false
  /// What to send as `user-agent`.
  public var userAgent = "keelson"

  /// Plain text.
  public init() {}

  /// TLS, or plain text with nil.
  public init(tls: TLSConfiguration?) { self.tls = tls }
}
