/// How a client reaches its servers.
///
/// ```swift
/// var configuration = Configuration(endpoints: ["https://10.0.0.1:2379", "https://10.0.0.2:2379"])
/// configuration.tls = TLS(authorityFile: "ca.pem", certificateFile: "me.pem", keyFile: "me.key")
/// let client = try StoreClient(configuration)
/// ```
public struct Configuration: Sendable {
  /// Files in PEM for encrypted connections, read when a connection is made.
  public struct TLS: Sendable, Hashable {
    /// The authorities that the server's certificate must come from; nil means the system's.
    public var authorityFile: String?
    /// The client's own certificate.
    public var certificateFile: String?
    /// The private key of `certificateFile`.
    public var keyFile: String?
    /// The name expected in the server's certificate, where it is not the host of the endpoint.
    public var serverName: String?
    /// Accepts every server. For tests.
    public var skipsVerification: Bool

    /// Describes encrypted connections.
    public init(
      authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
      serverName: String? = nil, skipsVerification: Bool = false
    ) {
      self.authorityFile = authorityFile
      self.certificateFile = certificateFile
      self.keyFile = keyFile
      self.serverName = serverName
      self.skipsVerification = skipsVerification
    }
  }

  /// Who a client is, to servers that want to know.
  public struct Credentials: Sendable, Hashable {
    /// The user's name.
    public var user: String
    /// The user's password.
    public var password: String

    /// Names a user.
    public init(user: String, password: String) {
      self.user = user
      self.password = password
    }
  }

  /// The servers: `host:port`, `http://host:port`, `https://host:port`, `unix:path` or `unixs:path`.
  ///
  /// An endpoint without a scheme is encrypted if `tls` is set and `encryptsWithoutScheme` is not switched off.
  public var endpoints: [String]
  /// TLS for the endpoints with `https` or without a scheme; nil means the system's authorities for
  /// `https`, and plain text otherwise.
  public var tls: TLS?
  /// Whether `tls` applies to endpoints without a scheme, too.
  public var encryptsWithoutScheme = true
  /// The user to log in as with the first call; nil means none. The client logs in again when its token ends.
  public var credentials: Credentials?
  /// The time for one connection to be made.
  public var dialTimeout: Duration = .seconds(2)
  /// The time for a call for which none is given, connecting and repetitions included; nil means no limit.
  public var requestTimeout: Duration? = .seconds(5)
  /// Whether calls keep trying to connect until their time is up; otherwise each endpoint is tried once.
  public var waitsForConnection = true
  /// The silence after which a connection is probed; nil means never.
  public var keepaliveInterval: Duration? = .seconds(10)
  /// A connection whose probe is not answered for so long is given up.
  public var keepaliveTimeout: Duration = .seconds(6)
  /// The largest request. Beyond: `invalidArgument`, and nothing is sent.
  public var maxRequestBytes = 2 * 1024 * 1024
  /// The largest answer. Beyond: `resourceExhausted`.
  public var maxResponseBytes = Int(Int32.max)

  /// Describes a client of these endpoints, with etcd's defaults for the rest.
  public init(endpoints: [String] = ["127.0.0.1:2379"], tls: TLS? = nil) {
    self.endpoints = endpoints
    self.tls = tls
  }
}
