/// Where a server listens, or a client connects to.
public enum Endpoint: Sendable, Hashable, CustomStringConvertible {
  /// A host name or address, and a port; port 0 lets the system choose when listening.
  case tcp(host: String, port: Int)
  /// A Unix domain socket.
  case unix(path: String)

  /// `host:port` or `unix:path`; IPv6 addresses in brackets.
  public var description: String {
    switch self {
    case .tcp(let host, let port):
      host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// The host, as a client sends it in `:authority`.
  var authority: String {
    if case .unix = self { return "localhost" }
    return description
  }
}

/// Where a server listens.
public typealias ListenAddress = Endpoint

/// Why a connection or a listener could not be made.
public struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What failed.
  public enum Code: Sendable, Hashable {
    /// The address is in use, not valid, or not ours.
    case bind
    /// Nobody answers there.
    case connect
    /// The TLS files cannot be used, or the handshake failed.
    case tls
    /// The server or connection is closed.
    case closed
  }

  /// What failed.
  public var code: Code
  /// What a person can act on.
  public var message: String

  /// Describes a failure.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
