internal import HTTPTransport
internal import Member

/// Which calls a member refuses that knows no leader, or has no vote.
extension APIContext {
  /// The metadata by which a client asks to be refused rather than to wait for a leader.
  private static let leaderRequired = "hasleader"

  /// What a learner answers, as etcd's learners do: a range only if it may be stale, which the range itself looks at.
  private static let learnerMethods: Set<String> = [
    "/etcdserverpb.KV/Range", "/etcdserverpb.KV/RangeStream", "/etcdserverpb.Maintenance/Status",
    "/etcdserverpb.Maintenance/Snapshot", "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
  ]

  /// What the client is told if the member can't serve the call as things stand, or nil. Cost as long as there is a
  /// leader and a vote: one atomic load.
  func refusal(of call: ServerCall) -> CallStatus? {
    if !member.isRestricted { return nil }
    if member.isInDoubt, Self.showsHistory(call) { return .corrupt }
    if member.isLearner, !Self.learnerMethods.contains(call.path) { return .notForLearner }
    if !member.hasLeader, Self.requiresLeader(call) { return .noLeader }
    return nil
  }

  /// Whether a call shows keys or leases, or changes them: what a member must not do whose history may be wrong. Who
  /// looks after the cluster still can.
  static func showsHistory(_ call: ServerCall) -> Bool {
    historyServices.contains { call.path.hasPrefix($0) }
  }

  private static let historyServices = [
    "/etcdserverpb.KV/", "/etcdserverpb.Watch/", "/etcdserverpb.Lease/", "/v3lockpb.Lock/",
    "/v3electionpb.Election/", "/etcdserverpb.Maintenance/Snapshot",
  ]

  /// Whether a call is to end when there is no leader.
  static func requiresLeader(_ call: ServerCall) -> Bool {
    call.headers.first(named: leaderRequired) == "true"
  }
}
