internal import Primitives

/// How a server treats idle and chatty connections; the defaults are etcd's.
public struct KeepalivePolicy: Sendable, Hashable {
  /// The shortest time between a client's pings; the third that comes sooner ends the connection.
  public var minimumPingIntervalSeconds: Double = 5
  /// Whether clients may ping at that pace without an open call; otherwise every two hours.
  public var permitsPingsWithoutCalls = false
  /// After this long without a byte from the client the server pings; 0 means never.
  public var intervalSeconds: Double = 7_200
  /// A ping that is not answered for so long ends the connection.
  public var timeoutSeconds: Double = 20

  /// etcd's defaults.
  public init() {}
}

/// What a listener serves, and within which bounds.
public struct ServerConfiguration: Sendable {
  /// The gRPC methods.
  public var calls = CallRouter()
  /// What answers everything that is not gRPC; without it such requests get 404.
  public var http: (any HTTPHandler)?
  /// TLS; nil means plain text.
  public var tls: TLSConfiguration?
  /// Called before each TLS handshake; when its answer differs from the last one, the files are read again.
  ///
  /// For example the modification times of the files. nil means that they are read once.
  public var tlsGeneration: (@Sendable () -> Int)?
  /// Told why a client's certificate was refused, and why renewed files are not used; on an event loop's thread.
  public var onTLSProblem: (@Sendable (String) -> Void)?
  /// The largest request body. A gRPC message may be `Limits.messageOverheadBytes` longer.
  public var maxRequestBytes = Limits.requestBytes
  /// The largest body of a request that is not gRPC, which as JSON takes more room; nil means `maxRequestBytes`.
  public var maxBodyBytes: Int?
  /// Streams that a connection may have open.
  public var maxConcurrentStreams = Limits.concurrentStreams
  /// Pings.
  public var keepalive = KeepalivePolicy()
  /// Seconds for the TLS handshake, for the first bytes of a connection, and for the preface and settings of HTTP/2.
  public var handshakeSeconds = Double(Limits.handshakeSeconds)
  /// Seconds that an HTTP/2 frame, or a header block, may take to arrive whole.
  public var frameSeconds = Double(Limits.frameSeconds)
  /// Seconds that an HTTP/1.1 connection may be idle between requests, or take to send one.
  public var httpIdleSeconds = 120.0
  /// What is counted; may be shared by several listeners.
  public var metrics = TransportMetrics()

  /// The largest gRPC message.
  var maxMessageBytes: Int { maxRequestBytes + Limits.messageOverheadBytes }

  /// The largest body of a request that is not gRPC.
  var bodyLimit: Int { maxBodyBytes ?? maxRequestBytes }

  /// No methods, etcd's bounds.
  public init() {}
}
