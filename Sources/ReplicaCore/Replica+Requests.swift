internal import Environment
internal import MVCC
internal import Primitives
internal import Raft

/// What comes in: which requests are admitted, and what the leader proposes by itself.
extension Replica {
  /// Entries that are about to be proposed together.
  private struct Admission {
    var entries: [ProposedEntry] = []
    var origins: [(origin: Origin, proposal: Proposal)] = []
    /// Bytes that the puts among them may add, so that a batch does not run past the quota.
    var growth: Int64 = 0

    /// Whether a membership change is among them: one at a time.
    var changesMembership = false

    /// Adds what the replica itself wants.
    mutating func append(_ origin: Origin, _ command: Command, by author: Author = .unknown) {
      let payload = command.encoded(by: author)
      let id = RequestID(rawValue: 0)
      append(origin, Proposal(id: id, command: command, by: author, payload: payload))
    }

    mutating func append(_ origin: Origin, _ proposal: Proposal) {
      var kind = LogEntry.Kind.command
      if proposal.changesMembership {
        kind = .membership
        changesMembership = true
      }
      entries.append(ProposedEntry(kind: kind, payload: proposal.payload))
      origins.append((origin, proposal))
    }
  }

  /// A record's bytes beside key and value, about: what a put adds to the quota's count.
  private static let recordOverheadBytes: Int64 = 32

  func take(_ requests: [ReplicaRequest], into effects: inout [ReplicaEffect]) {
    var admission = Admission()
    var forwards: [ForwardedProposal] = []
    admission.entries.reserveCapacity(requests.count)
    admission.origins.reserveCapacity(requests.count)
    // Asked once: each question to the node costs a copy of it.
    let takesCommands = node.acceptsProposals
    for request in requests {
      if case .read(let id) = request {
        confirm(.answer(id), into: &effects)
        continue
      }
      guard isServing else {
        if case .propose(let proposal) = request {
          forward(proposal, &forwards, into: &effects)
          continue
        }
        effects.append(.answer(request.id, .failure(.noLeader)))
        continue
      }
      switch request {
      case .read: break
      case .propose(let proposal)
      where !takesCommands || !mayPropose(proposal, after: admission):
        effects.append(.answer(proposal.id, .failure(.tooManyRequests)))
      case .propose(let proposal):
        if let refusal = refusal(of: proposal, &admission) {
          effects.append(.answer(proposal.id, .failure(refusal)))
        } else {
          admission.append(.client(proposal.id), proposal)
        }
      case .renewLease(let id, let lease):
        // Without others to ask, this member leads.
        if node.readIndex != nil {
          renew(lease, for: id, &admission, into: &effects)
        } else {
          confirm(.renewal(id, lease), into: &effects)
        }
      case .leaseTimeToLive(let id, let lease):
        guard let left = leases.withClock({ [now] in $0.timeToLive(lease, now: now) }) else {
          effects.append(.answer(id, .failure(.store(.leaseNotFound))))
          continue
        }
        let answer = ReplicaAnswer.leaseTimeToLive(
          grantedSeconds: left.grantedSeconds, remainingSeconds: left.remainingSeconds)
        effects.append(.answer(id, .success(answer)))
      case .leases(let id):
        effects.append(.answer(id, .success(.leases(leases.withClock { $0.byDeadline }))))
      }
    }
    send(forwards, into: &effects)
    propose(admission, into: &effects)
    // What a batch has freed may clear the alarm in the next one already.
    proposeQuotaClearing(into: &effects)
  }

  /// Whether Raft would take a command now.
  private func mayPropose(_ proposal: Proposal, after admission: Admission) -> Bool {
    guard proposal.changesMembership else { return true }
    return node.acceptsMembershipChange && !admission.changesMembership
  }

  /// Carries out renewals that a majority has confirmed.
  func renew(
    _ renewals: [(request: RequestID, lease: LeaseID)], into effects: inout [ReplicaEffect]
  ) {
    var admission = Admission()
    for (request, lease) in renewals {
      if isServing, node.acceptsProposals {
        renew(lease, for: request, &admission, into: &effects)
      } else {
        effects.append(.answer(request, .failure(.noLeader)))
      }
    }
    propose(admission, into: &effects)
  }

  /// Why a proposal is refused before it reaches the log, or nil.
  private func refusal(of proposal: Proposal, _ admission: inout Admission) -> ProposalError? {
    if alarms.corrupt, proposal.command.isClientWrite { return .corrupt }
    guard proposal.mayGrow else { return nil }
    if alarms.noSpace { return .noSpace }
    let size = Int64(proposal.payload.count) + Self.recordOverheadBytes
    let bytes = store.logicalBytes + admission.growth
    if bytes + size > configuration.quotaBytes {
      if isFull(for: size, with: bytes) {
        refusedBytes = max(refusedBytes, size)
        raiseQuotaAlarm(&admission)
      }
      return .noSpace
    }
    admission.growth += size
    return nil
  }

  private func renew(
    _ lease: LeaseID, for id: RequestID, _ admission: inout Admission,
    into effects: inout [ReplicaEffect]
  ) {
    switch leases.withClock({ [now] in $0.renew(lease, now: now) }) {
    case .notFound: effects.append(.answer(id, .failure(.store(.leaseNotFound))))
    case .renewed(let seconds):
      effects.append(.answer(id, .success(.leaseRenewed(seconds: seconds))))
    case .checkpointed:
      let checkpoint = LeaseCheckpoint(lease: lease, remainingSeconds: 0)
      let command = Command.store(.checkpointLeases([checkpoint]))
      admission.append(.renewal(id, lease), command)
    }
  }

  /// Proposes what the leases' clock and the quota ask for.
  func proposeDue(into effects: inout [ReplicaEffect]) {
    guard isServing, node.acceptsProposals else { return }
    var admission = Admission()
    let due = leases.withClock { [now] in $0.takeDue(now: now) }
    for lease in due.expired {
      let command = Command.leaseExpire(lease, term: node.currentTerm)
      admission.append(.own, command)
    }
    if !due.checkpoints.isEmpty {
      let command = Command.store(.checkpointLeases(due.checkpoints))
      admission.append(.own, command)
    }
    propose(admission, into: &effects)
    proposeQuotaClearing(into: &effects)
  }

  /// Proposes the remaining time of every lease, in entries of bounded size.
  func proposeRemainders(into effects: inout [ReplicaEffect]) {
    guard isServing, node.acceptsProposals else { return }
    var admission = Admission()
    var rest = leases.withClock { [now] in $0.remainders(now: now) }[...]
    while !rest.isEmpty {
      let command = Command.store(.checkpointLeases(Array(rest.prefix(1_000))))
      rest = rest.dropFirst(1_000)
      admission.append(.own, command)
    }
    propose(admission, into: &effects)
  }

  /// Proposes a membership change of this leader's own; nothing if another is under way.
  func proposeRepair(_ change: MembershipChange, into effects: inout [ReplicaEffect]) {
    guard node.acceptsMembershipChange else { return }
    var admission = Admission()
    let command = Command.membership(change)
    admission.append(.own, command, by: .member)
    propose(admission, into: &effects)
  }

  // MARK: The quota

  private func raiseQuotaAlarm(_ admission: inout Admission) {
    guard !alarms.noSpace, !hasQuotaProposal else { return }
    hasQuotaProposal = true
    let command = Command.alarm(.activate, configuration.member, .noSpace)
    admission.append(.own, command)
  }

  /// Whether a store of so many bytes that refused a request of so many keeps the alarm: until the request would
  /// fit, and at least a fiftieth below the quota, so that a store at its brim does not raise and clear it with
  /// every request. A request of more than half the quota does not make a store full that is less than half full:
  /// it alone is refused.
  private func isFull(for request: Int64, with bytes: Int64) -> Bool {
    let quota = configuration.quotaBytes
    return bytes >= quota - max(quota / 50, min(request, quota / 2))
  }

  private func proposeQuotaClearing(into effects: inout [ReplicaEffect]) {
    guard alarms.noSpace, isServing, !hasFailed, !hasQuotaProposal, node.acceptsProposals,
      // An earlier leader may have raised it.
      let alarm = cluster.alarms.first(where: {
        $0.kind == .noSpace && cluster.member($0.member) != nil
      })
    else { return }
    if isFull(for: refusedBytes, with: store.logicalBytes) { return }
    hasQuotaProposal = true
    refusedBytes = 0
    var admission = Admission()
    let command = Command.alarm(.deactivate, alarm.member, .noSpace)
    admission.append(.own, command)
    propose(admission, into: &effects)
  }

  private func propose(_ admission: Admission, into effects: inout [ReplicaEffect]) {
    if admission.entries.isEmpty || hasFailed { return }
    guard node.acceptsProposals else { return refuse(admission, into: &effects) }
    var index = node.lastIndex
    pending.reserveCapacity(pending.count + admission.origins.count)
    var bytes = 0
    for (origin, proposal) in admission.origins {
      index = index.next
      bytes += proposal.payload.count + 32
      pending.append(Pending(index: index, origin: origin, proposal: proposal))
    }
    bytesSinceFlush += bytes
    stepRaft(.propose(admission.entries), into: &effects)
  }

  /// Something between the admission and now took the leadership away; nothing was done.
  private func refuse(_ admission: Admission, into effects: inout [ReplicaEffect]) {
    for (origin, _) in admission.origins {
      switch origin {
      case .client(let id), .renewal(let id, _):
        effects.append(.answer(id, .failure(.noLeader)))
      case .own: break
      }
    }
    hasQuotaProposal = false
  }
}
