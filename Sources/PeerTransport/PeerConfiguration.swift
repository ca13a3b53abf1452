public import HTTPTransport
public import Member
public import Primitives

/// Who a member is towards the others, and how it meets them.
public struct PeerConfiguration: Sendable {
  /// The cluster that it belongs to.
  public var cluster: ClusterID
  /// The member.
  public var member: MemberID
  /// What it says of its release.
  public var version = Version.keelson
  /// TLS towards members whose URL begins with `https`.
  public var clientTLS: TLSConfiguration?
  /// Whether the certificate of a member that connects may speak for one; nil means it may. It may block,
  /// and is asked once for each pair of certificate and host.
  public var refusal: (@Sendable (PeerIdentity) -> PeerRefusal?)?
  /// The largest request that clients may make: what one log entry is at most.
  public var maxRequestBytes = Limits.requestBytes
  /// Bytes of a state that are sent in one second, over all receivers.
  public var stateBytesPerSecond = Limits.stateBytesPerSecond
  /// Where to tell what an operator may want to know.
  public var log: @Sendable (MemberNotice) -> Void = { _ in }

  /// Describes a member.
  public init(cluster: ClusterID, member: MemberID) {
    self.cluster = cluster
    self.member = member
  }
}

/// The times of connections between members. None of them matters for correctness.
enum PeerTimes {
  /// Seconds for a connection to be made, and for the greeting to be answered.
  static let connectSeconds = 3.0
  /// The first pause after a failure; each further one is twice as long.
  static let firstPause = Duration.milliseconds(20)
  /// The longest pause.
  static let longestPause = Duration.seconds(1)
  /// Between two pings.
  static let pingInterval = Duration.seconds(1)
  /// A ping that is not answered for so long ends the connection.
  static let pingTimeout = Duration.seconds(3)
  /// How exactly a question's time is kept.
  static let callStep = Duration.milliseconds(50)
  /// Between two reports that messages to a member are lost, while they are.
  static let reportInterval = Duration.milliseconds(100)
  /// For how long a transfer of a state is taken up again after its connection broke.
  static let statePatience = Duration.seconds(30)
}
