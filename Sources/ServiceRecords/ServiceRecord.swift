/// Where a service is, as a name server says: a record of type SRV (RFC 2782).
public struct ServiceRecord: Hashable, Sendable {
  /// The host's name, without a dot at its end.
  public var host: String
  /// The port.
  public var port: UInt16
  /// The lower, the earlier it is to be tried.
  public var priority: UInt16
  /// How much of the load it is to get among those of equal priority.
  public var weight: UInt16

  /// Describes a record.
  public init(host: String, port: UInt16, priority: UInt16 = 0, weight: UInt16 = 0) {
    self.host = host
    self.port = port
    self.priority = priority
    self.weight = weight
  }

  /// Host and port, as they stand in a URL.
  public var address: String { "\(host):\(port)" }
}

/// Why a name server gave no records.
public struct ServiceLookupError: Error, Hashable, CustomStringConvertible {
  /// What went wrong.
  public enum Reason: Hashable, Sendable {
    /// There is no such name, or it has no records of this kind.
    case unknown
    /// No name server answered in time, or none could; asking again may help.
    case unavailable
    /// What was answered is no answer.
    case malformed
  }

  /// The name that was asked for.
  public var name: String
  /// What went wrong.
  public var reason: Reason

  /// Describes an error.
  public init(name: String, reason: Reason) {
    self.name = name
    self.reason = reason
  }

  public var description: String {
    switch reason {
    case .unknown: "DNS has no SRV records of \(name)"
    case .unavailable: "no name server answers for the SRV records of \(name)"
    case .malformed: "a name server's answer for the SRV records of \(name) cannot be read"
    }
  }
}
