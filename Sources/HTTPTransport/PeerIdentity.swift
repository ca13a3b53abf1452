public import Primitives

/// Who is at the other end of a connection.
public struct PeerIdentity: Sendable, Hashable {
  /// The remote address as text, `127.0.0.1:50312`; empty for a Unix socket without a name.
  public var remoteAddress: String
  /// Whether the connection is under TLS.
  public var isSecure: Bool
  /// The client's verified certificate and those above it, each in DER, leaf first; empty if it sent none.
  public var certificates: [Bytes]

  /// Describes a peer.
  public init(remoteAddress: String, isSecure: Bool = false, certificates: [Bytes] = []) {
    self.remoteAddress = remoteAddress
    self.isSecure = isSecure
    self.certificates = certificates
  }
}
