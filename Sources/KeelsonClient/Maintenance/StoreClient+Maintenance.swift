internal import EtcdProtocol
public import Primitives

/// Calls about a member rather than about data. They go to the endpoint that the client uses at the
/// moment: for a certain member, make a client with its endpoint alone.
extension StoreClient {
  /// The members of the cluster.
  /// - Parameter isSerializable: whether the member may answer from what it knows.
  public func members(
    isSerializable: Bool = false, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> MembersResponse {
    var request = Etcdserverpb_MemberListRequest()
    request.linearizable = !isSerializable
    return MembersResponse(
      try await call(Method.memberList, request, repeating: .always, timeout: timeout))
  }

  /// Has a member join, which is then to be started. Answers with it and with all members.
  ///
  /// - Parameters:
  ///   - isLearner: whether it only receives the data, without a vote, until it is promoted.
  ///   - promotesWhenReady: whether a learner gets its vote as soon as it has caught up; servers other than
  ///     Keelson's leave that to `promoteMember`.
  public func addMember(
    peerURLs: [String], isLearner: Bool = false, promotesWhenReady: Bool = false,
    timeout: Timeout = .standard
  ) async throws(KeelsonError) -> MemberAddedResponse {
    var request = Etcdserverpb_MemberAddRequest()
    request.peerUrls = peerURLs
    request.isLearner = isLearner
    return MemberAddedResponse(
      try await call(
        Method.memberAdd, request, repeating: .unsent, timeout: timeout,
        metadata: promotesWhenReady ? [("keelson-promote-when-ready", "true")] : []))
  }

  /// Has a member leave for good. Answers with those who stay.
  public func removeMember(
    _ member: MemberID, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> MembersResponse {
    var request = Etcdserverpb_MemberRemoveRequest()
    request.id = member.rawValue
    let answer: Etcdserverpb_MemberRemoveResponse = try await call(
      Method.memberRemove, request, repeating: .unsent, timeout: timeout)
    return MembersResponse(header: answer.header, answer.members)
  }

  /// Gives a learner that has caught up its vote. Answers with all members.
  public func promoteMember(
    _ member: MemberID, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> MembersResponse {
    var request = Etcdserverpb_MemberPromoteRequest()
    request.id = member.rawValue
    let answer: Etcdserverpb_MemberPromoteResponse = try await call(
      Method.memberPromote, request, repeating: .unsent, timeout: timeout)
    return MembersResponse(header: answer.header, answer.members)
  }

  /// Replaces the URLs at which other members reach a member. Answers with all members.
  public func updateMember(
    _ member: MemberID, peerURLs: [String], timeout: Timeout = .standard
  ) async throws(KeelsonError) -> MembersResponse {
    var request = Etcdserverpb_MemberUpdateRequest()
    request.id = member.rawValue
    request.peerUrls = peerURLs
    // To say it twice changes nothing.
    let answer: Etcdserverpb_MemberUpdateResponse = try await call(
      Method.memberUpdate, request, repeating: .always, timeout: timeout)
    return MembersResponse(header: answer.header, answer.members)
  }

  /// The state of the member.
  public func status(timeout: Timeout = .standard) async throws(KeelsonError) -> StatusResponse {
    StatusResponse(
      try await call(
        Method.status, Etcdserverpb_StatusRequest(), repeating: .always, timeout: timeout))
  }

  /// Has another member lead; the leader itself must be asked.
  /// - Throws: `failedPrecondition` if that member can't.
  @discardableResult
  public func moveLeader(
    to member: MemberID, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> MoveLeaderResponse {
    var request = Etcdserverpb_MoveLeaderRequest()
    request.targetID = member.rawValue
    return MoveLeaderResponse(
      try await call(Method.moveLeader, request, repeating: .unsent, timeout: timeout))
  }

  /// Asks whether the cluster can go back to an older version, begins it, or ends it.
  /// - Parameter version: `3.6`; not for `cancel`.
  public func downgrade(
    _ step: DowngradeStep, to version: String = "", timeout: Timeout = .standard
  ) async throws(KeelsonError) -> DowngradeResponse {
    var request = Etcdserverpb_DowngradeRequest()
    request.action =
      switch step {
      case .validate: .validate
      case .enable: .enable
      case .cancel: .cancel
      }
    request.version = version
    return DowngradeResponse(
      try await call(Method.downgrade, request, repeating: .unsent, timeout: timeout))
  }

  /// The hash of the logical history up to `revision`; zero means the newest.
  public func hashKV(
    at revision: Revision = .zero, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> HashKVResponse {
    var request = Etcdserverpb_HashKVRequest()
    request.revision = revision.rawValue
    return HashKVResponse(
      try await call(Method.hashKV, request, repeating: .always, timeout: timeout))
  }

  /// The hash of the member's whole database.
  public func hash(timeout: Timeout = .standard) async throws(KeelsonError) -> HashResponse {
    HashResponse(
      try await call(Method.hash, Etcdserverpb_HashRequest(), repeating: .always, timeout: timeout))
  }

  /// The alarms that stand.
  public func alarms(timeout: Timeout = .standard) async throws(KeelsonError) -> AlarmResponse {
    AlarmResponse(
      try await call(
        Method.alarm, Etcdserverpb_AlarmRequest(), repeating: .always, timeout: timeout))
  }

  /// Puts an alarm out.
  @discardableResult
  public func disarm(
    _ alarm: Alarm, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AlarmResponse {
    var request = Etcdserverpb_AlarmRequest()
    request.action = .deactivate
    request.memberID = alarm.message.memberID
    request.alarm = alarm.message.alarm
    return AlarmResponse(
      try await call(Method.alarm, request, repeating: .always, timeout: timeout))
  }

  /// Puts all alarms out; returns those that stood.
  @discardableResult
  public func disarmAll(
    timeout: Timeout = .standard
  ) async throws(KeelsonError) -> AlarmResponse {
    let standing = try await alarms(timeout: timeout)
    var answer = AlarmResponse(Etcdserverpb_AlarmResponse())
    answer.message.header = standing.message.header
    for alarm in standing.alarms {
      let one = try await disarm(alarm, timeout: timeout)
      answer.message.header = one.message.header
      answer.message.alarms += one.message.alarms
    }
    return answer
  }

  /// Gives space in files back to the file system.
  @discardableResult
  public func defragment(
    timeout: Timeout = .standard
  ) async throws(KeelsonError) -> DefragmentResponse {
    DefragmentResponse(
      try await call(
        Method.defragment, Etcdserverpb_DefragmentRequest(), repeating: .unsent, timeout: timeout))
  }

  /// Whether the server says of a service that it serves; an empty name means the whole server.
  public func isServing(
    _ service: String = "", timeout: Timeout = .standard
  ) async throws(KeelsonError) -> Bool {
    var request = Grpc_Health_V1_HealthCheckRequest()
    request.service = service
    let answer: Grpc_Health_V1_HealthCheckResponse = try await call(
      Method.health, request, repeating: .always, timeout: timeout)
    return answer.status == .serving
  }

  /// Whether the cluster can serve: a linearizable read succeeds, which needs a leader and a quorum.
  /// - Returns: how long that took.
  /// - Throws: why it cannot; `outOfSpace` or `dataLoss` while an alarm stands.
  @discardableResult
  public func checkHealth(timeout: Timeout = .standard) async throws(KeelsonError) -> Duration {
    let begin = ContinuousClock.now
    do throws(KeelsonError) {
      _ = try await range(RangeRequest(.key("health")), timeout: timeout)
    } catch {
      // The read was agreed upon before the permission was looked at.
      guard error.code == .permissionDenied else { throw error }
    }
    let elapsed = ContinuousClock.now - begin
    var names: [String] = []
    for alarm in try await alarms(timeout: timeout).alarms {
      switch alarm.kind {
      case .outOfSpace: names.append("NOSPACE")
      case .corrupt: names.append("CORRUPT")
      case .unknown: names.append("UNKNOWN")
      }
    }
    guard names.isEmpty else {
      throw KeelsonError(
        names.contains("CORRUPT") ? .dataLoss : .outOfSpace,
        "Active Alarm(s): " + names.joined(separator: ", "))
    }
    return elapsed
  }
}
