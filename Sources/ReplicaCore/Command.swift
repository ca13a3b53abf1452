public import Access
public import MVCC
public import Primitives
public import Raft

/// What a log entry asks of the replicated state: everything that changes it.
public enum Command: Hashable, Sendable {
  /// A change of keys or leases.
  case store(StoreCommand)
  /// Raises or clears an alarm.
  case alarm(AlarmAction, MemberID, AlarmKind)
  /// Notes what a member is called, where clients reach it, and what its release understands.
  case memberAttributes(MemberID, name: String, clientURLs: [String], level: FeatureLevel)
  /// Notes where other members reach a member.
  case memberPeerURLs(MemberID, [String])
  /// A change of users, roles or of whether they count.
  case access(AccessChange)
  /// Makes a token known to all members: the user's password was checked at an auth revision, and
  /// if users or roles have changed since, it must be checked again.
  case issueToken(Bytes, user: AccessName, checkedAt: AuthRevision)
  /// Has a member join, leave or vote.
  case membership(MembershipChange)
  /// Ends a lease whose time is over, as the leader of `term` saw it; in another term it does
  /// nothing.
  case leaseExpire(LeaseID, term: Term)
}

/// One member joins, leaves, or gains or loses its vote.
public enum MembershipChange: Hashable, Sendable {
  /// Has a member join, with a vote or, as a learner, without. A removed member's identifier must not be
  /// used again.
  case add(ClusterMember)
  /// Has a member leave.
  case remove(MemberID)
  /// Gives a learner its vote.
  case promote(MemberID)
  /// Takes away, for the time being, the vote of a member that has lost what it had promised before its
  /// present life.
  case demote(MemberID, MemberLife)
}

/// What became of a command.
public enum CommandResult: Sendable {
  /// What the store answered.
  case store(StoreResult)
  /// The alarms that the command raised, or found raised, or cleared; none if there was nothing to
  /// clear.
  case alarms([Alarm])
  /// The member's attributes, peer URLs or membership were noted.
  case memberUpdated
  /// Users or roles are as asked for.
  case accessChanged
  /// The token by which members now know the user: the one that was proposed, with the entry's
  /// place in the log.
  case tokenIssued(Bytes)
  /// The lease ended, or was not there any more.
  case leaseExpired
}

/// What is done to an alarm.
public enum AlarmAction: UInt8, Hashable, Sendable {
  /// Raises it.
  case activate = 1
  /// Clears it.
  case deactivate = 2
}

/// What an alarm is about.
public enum AlarmKind: UInt8, CaseIterable, Hashable, Sendable {
  /// The quota is used up: puts, transactions with a put and lease grants are refused.
  case noSpace = 1
  /// Members disagree about the data: every write is refused.
  case corrupt = 2
}

/// An alarm that stands.
public struct Alarm: Hashable, Comparable, Sendable {
  /// The member that it is about.
  public var member: MemberID
  /// What it is about.
  public var kind: AlarmKind

  /// Describes an alarm.
  public init(member: MemberID, kind: AlarmKind) {
    self.member = member
    self.kind = kind
  }

  public static func < (left: Alarm, right: Alarm) -> Bool {
    left.member != right.member
      ? left.member < right.member : left.kind.rawValue < right.kind.rawValue
  }
}

extension Command {
  /// Whether the command may need more room: what the NOSPACE alarm refuses.
  public var mayGrow: Bool {
    switch self {
    case .store(.put), .store(.grantLease): true
    case .store(.transaction(let transaction)): transaction.containsPut
    default: false
    }
  }

  /// Whether the command writes keys or leases at a client's wish: what the CORRUPT alarm refuses.
  public var isClientWrite: Bool {
    switch self {
    case .store(.checkpointLeases): false
    case .store: true
    default: false
    }
  }
}

extension TransactionOperation {
  /// Whether a put stands in either branch, nested ones included.
  var containsPut: Bool {
    for step in success where step.containsPut { return true }
    for step in failure where step.containsPut { return true }
    return false
  }
}

extension TransactionOperation.Step {
  fileprivate var containsPut: Bool {
    switch self {
    case .put: true
    case .transaction(let nested): nested.containsPut
    default: false
    }
  }
}
