public import Primitives
public import Raft
public import ReplicaCore

/// How a member reaches the others of its cluster.
///
/// Every function returns at once and may be called from any thread.
public protocol PeerLink: AnyObject, Sendable {
  /// Queues messages for their receivers, in order for each of them.
  ///
  /// A receiver's queue is bounded in bytes: what does not fit is dropped, as is what a broken
  /// connection loses, and `PeerInbox.unreachable` says so. Messages to members that `update` did not
  /// name are dropped.
  func send(_ messages: [Message])

  /// Streams a state to a member, chunk by chunk as the receiver takes it, one state at a time for each
  /// member.
  ///
  /// A connection that breaks is made again and the transfer goes on where it stood.
  /// - Parameters:
  ///   - mark: what the state is.
  ///   - next: the next chunk, nil behind the last; called on a thread of the link that may block.
  ///   - completion: called once, with the last entry of the state when the receiver holds it durably,
  ///     or nil if it does not, on a thread that must not be held up.
  func sendState(
    to member: MemberID, mark: SnapshotMark, next: @escaping @Sendable () throws -> StateChunk?,
    completion: @escaping @Sendable (LogIndex?) -> Void)

  /// Asks a member something.
  /// - Parameters:
  ///   - timeout: after it the call ends with `.timeout`.
  ///   - completion: called once, on a thread that must not be held up; it may be called before this
  ///     function returns.
  func call(
    _ member: MemberID, _ method: PeerMethod, _ payload: Bytes, timeout: Duration,
    completion: @escaping @Sendable (Result<Bytes, PeerCallError>) -> Void)

  /// Who the members are and where; connections to those who are gone end. This member may be among
  /// them.
  func update(_ members: [ClusterMember])

  /// What is known of the connections to the other members, by ascending identifier.
  var peers: [PeerStatus] { get }
}

/// What a member takes from the others of its cluster. Called on threads of the link.
public protocol PeerInbox: AnyObject, Sendable {
  /// Takes messages of one member, in the order in which it sent them; must return at once.
  func receive(_ messages: [Message])

  /// What was sent to a member lately may be lost; must return at once.
  func unreachable(_ member: MemberID)

  /// Another member will not talk to this one, for example since this one was removed from the cluster;
  /// must return at once. Repeated with each attempt.
  func refused(by member: MemberID, _ refusal: PeerRefusal)

  /// Whether a member was removed from the cluster for good: it is told so, and nothing is taken from it.
  func isRemoved(_ member: MemberID) -> Bool

  /// Makes ready for a state that another member sends; may block. A state that was begun before and not
  /// finished is abandoned first.
  func receiveState(
    from member: MemberID, mark: SnapshotMark
  ) throws(PeerRefusal) -> any StateSink

  /// Answers a question of another member, at once or later; must return at once.
  func serve(
    _ method: PeerMethod, from member: MemberID, _ payload: Bytes,
    reply: @escaping @Sendable (Result<Bytes, PeerRefusal>) -> Void)
}

/// Where a state that arrives goes. Called by one thread at a time, which may block.
public protocol StateSink: AnyObject, Sendable {
  /// Takes the next chunk.
  func append(_ chunk: StateChunk) throws(PeerRefusal)

  /// Makes the state durable, with its last chunk in it, and hands it over to the member.
  func finish() throws(PeerRefusal)

  /// Drops what has arrived: the sender gave up, or another state takes its place.
  func abandon()
}

/// What one member asks another. Numbers are those of the wire; a member refuses those that it does
/// not know.
public struct PeerMethod: RawRepresentable, Hashable, Sendable {
  /// The number on the wire.
  public var rawValue: UInt8

  /// Wraps a number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A command that the leader shall propose.
  public static let propose = PeerMethod(rawValue: 1)
  /// The leader shall give a lease its whole lifetime again.
  public static let renewLease = PeerMethod(rawValue: 2)
  /// What a lease has left, by the leader's clock.
  public static let leaseTimeToLive = PeerMethod(rawValue: 3)
  /// All leases, in the order in which they end.
  public static let leases = PeerMethod(rawValue: 4)
  /// The hash of the history up to a revision.
  public static let hash = PeerMethod(rawValue: 5)
  /// The leader shall hand over its leadership.
  public static let moveLeader = PeerMethod(rawValue: 6)
  /// The leader shall make a learner a voter.
  public static let promote = PeerMethod(rawValue: 7)
  /// The cluster and its members, for a process that has no identity yet.
  public static let members = PeerMethod(rawValue: 8)
}

/// Why a member did not do what another asked for.
public struct PeerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason, for programs.
  public enum Code: UInt8, Hashable, Sendable {
    /// It belongs to another cluster.
    case clusterMismatch = 1
    /// It is not the member that was addressed: the address is another's.
    case memberMismatch = 2
    /// The asking member was removed from the cluster.
    case removed = 3
    /// The two speak no common protocol.
    case incompatible = 4
    /// The certificate is not one of this cluster's members.
    case forbidden = 5
    /// What was sent cannot be read.
    case malformed = 6
    /// It does not know the method.
    case unknownMethod = 7
    /// It does not lead.
    case notLeader = 8
    /// It is busy with the like, or stops; asking again later may help.
    case unavailable = 9
    /// It tried, and failed.
    case failed = 10
  }

  /// The reason, for programs.
  public var code: Code
  /// The reason, and what a person can do about it.
  public var message: String

  /// Describes a refusal.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}

/// Why a question to another member has no answer.
public enum PeerCallError: Error, Hashable, Sendable {
  /// There is no connection to it: it has not seen the question.
  case unreachable
  /// The connection broke, or too much waits already: whether it saw the question is not known.
  case lost
  /// The time ran out: whether it saw the question is not known.
  case timeout
  /// It refused.
  case refused(PeerRefusal)
}

/// How the connection to another member stands.
public struct PeerStatus: Hashable, Sendable {
  /// The other member.
  public var member: MemberID
  /// Whether messages reach it.
  public var isConnected: Bool
  /// Its release, as it said when it last connected; nil before.
  public var version: String?
  /// The newest protocol that both speak; 0 before they connected.
  public var protocolNumber: UInt32
  /// The time that a question and its answer took lately; nil before the first.
  public var roundTrip: Duration?

  /// Describes a connection.
  public init(
    member: MemberID, isConnected: Bool, version: String? = nil, protocolNumber: UInt32 = 0,
    roundTrip: Duration? = nil
  ) {
    self.member = member
    self.isConnected = isConnected
    self.version = version
    self.protocolNumber = protocolNumber
    self.roundTrip = roundTrip
  }
}
