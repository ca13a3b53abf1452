public import Primitives
public import Raft

/// A member of the cluster, as all members know it.
public struct ClusterMember: Hashable, Sendable {
  /// Its identifier.
  public var id: MemberID
  /// What it is called; empty until it has started for the first time.
  public var name: String
  /// Where other members reach it.
  public var peerURLs: [String]
  /// Where clients reach it; empty until it has started for the first time.
  public var clientURLs: [String]
  /// Whether it receives the log without a vote.
  public var isLearner: Bool
  /// What its release understands; unknown until it has started for the first time.
  public internal(set) var level = FeatureLevel.unknown
  /// The life before which it has forgotten everything, until it has its vote again.
  public internal(set) var forgetfulLife: MemberLife?
  /// Whether it is a learner that gets its vote when it has caught up: it was added so, or had one and was damaged.
  public internal(set) var gainsVote: Bool

  /// Describes a member.
  public init(
    id: MemberID, name: String, peerURLs: [String], clientURLs: [String], isLearner: Bool,
    gainsVote: Bool = false
  ) {
    self.gainsVote = isLearner && gainsVote
    self.id = id
    self.name = name
    self.peerURLs = peerURLs
    self.clientURLs = clientURLs
    self.isLearner = isLearner
  }
}

/// What is replicated beside keys and leases: the cluster's members, alarms and level.
public struct ClusterState: Hashable, Sendable {
  /// The cluster.
  public var cluster: ClusterID
  /// The members by ascending identifier.
  public private(set) var members: [ClusterMember]
  /// The alarms that stand, in order.
  public private(set) var alarms: [Alarm]
  /// What may be written, since every member has understood it once. It never falls: what was written stays.
  public private(set) var level: FeatureLevel
  /// Members that were removed, in the order in which they were, the latest `Limits.removedMembers` of them: one
  /// that comes back with its old data is told so.
  public private(set) var removed: [MemberID]

  /// Describes a cluster.
  public init(
    cluster: ClusterID, members: [ClusterMember], alarms: [Alarm] = [],
    level: FeatureLevel = .first, removed: [MemberID] = []
  ) {
    self.removed = removed
    self.cluster = cluster
    self.level = level
    self.members = members.sorted { $0.id < $1.id }
    self.alarms = alarms.sorted()
  }

  /// The member of an identifier, or nil.
  public func member(_ id: MemberID) -> ClusterMember? { members.first { $0.id == id } }

  /// Whether any member has raised an alarm of a kind.
  public func hasAlarm(_ kind: AlarmKind) -> Bool { alarms.contains { $0.kind == kind } }

  /// Whether a member's own alarm of a kind stands.
  public func hasAlarm(_ kind: AlarmKind, of member: MemberID) -> Bool {
    alarms.contains(Alarm(member: member, kind: kind))
  }

  /// Raises an alarm, and answers with it; one that stands already is left as it is.
  mutating func activate(_ alarm: Alarm) -> [Alarm] {
    if !alarms.contains(alarm) { alarms = (alarms + [alarm]).sorted() }
    return [alarm]
  }

  /// Clears an alarm, and answers with it, or with nothing if it does not stand.
  mutating func deactivate(_ alarm: Alarm) -> [Alarm] {
    guard let place = alarms.firstIndex(of: alarm) else { return [] }
    alarms.remove(at: place)
    return [alarm]
  }

  /// Notes a member's name, client URLs and what it understands; false if there is no such member.
  mutating func setAttributes(
    _ id: MemberID, name: String, clientURLs: [String], level: FeatureLevel
  ) -> Bool {
    guard let place = members.firstIndex(where: { $0.id == id }) else { return false }
    members[place].name = name
    members[place].clientURLs = clientURLs
    members[place].level = level
    raiseLevel()
    return true
  }

  /// Raises the cluster's level to what all members understand.
  private mutating func raiseLevel() {
    guard let common = members.map(\.level).min() else { return }
    level = max(level, common)
  }

  /// Carries out a change of the membership, or says why not: the same on every member.
  mutating func change(_ change: MembershipChange) -> ProposalError? {
    switch change {
    case .add(let member):
      if self.member(member.id) != nil { return .memberExists }
      // It may have promised what the new one would not know.
      if removed.contains(member.id) { return .invalidMembership }
      members = (members + [member]).sorted { $0.id < $1.id }
    case .remove(let id):
      guard let place = members.firstIndex(where: { $0.id == id }) else { return .memberNotFound }
      if !members[place].isLearner, voters.count == 1 { return .invalidMembership }
      members.remove(at: place)
      noteRemoved([id])
      raiseLevel()
    case .promote(let id):
      guard let place = members.firstIndex(where: { $0.id == id }) else { return .memberNotFound }
      if !members[place].isLearner { return .invalidMembership }
      members[place].isLearner = false
      members[place].forgetfulLife = nil
      members[place].gainsVote = false
    case .demote(let id, let life):
      guard let place = members.firstIndex(where: { $0.id == id }) else { return .memberNotFound }
      if voters == [id] { return .invalidMembership }
      members[place].gainsVote = members[place].gainsVote || !members[place].isLearner
      members[place].isLearner = true
      members[place].forgetfulLife = life
    }
    return nil
  }

  /// Notes members that do not belong to the cluster any more.
  mutating func noteRemoved(_ gone: [MemberID]) {
    removed = (removed + gone).suffix(Limits.removedMembers)
  }

  /// The members that vote.
  var voters: [MemberID] { members.filter { !$0.isLearner }.map(\.id) }

  /// Notes where other members reach a member; false if there is no such member.
  mutating func setPeerURLs(_ id: MemberID, _ peerURLs: [String]) -> Bool {
    guard let place = members.firstIndex(where: { $0.id == id }) else { return false }
    members[place].peerURLs = peerURLs
    return true
  }
}
