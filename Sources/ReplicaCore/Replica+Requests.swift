internal import Environment
internal import MVCC
internal import Primitives
internal import Raft

/// What comes in: which requests are admitted, and what the leader proposes by itself.
extension Replica {
  /// Entries that are about to be proposed together.
  private struct Admission {
    var entries: [ProposedEntry] = []
    var origins: [(origin: Origin, command: Command, author: Author)] = []
    /// Bytes that the puts among them may add, so that a batch does not run past the quota.
    var growth: Int64 = 0

    /// Whether a membership change is among them: one at a time.
    var changesMembership = false

    mutating func append(
      _ origin: Origin, _ command: Command, by author: Author = .unknown, _ payload: Bytes
    ) {
      var kind = LogEntry.Kind.command
      if case .membership = command {
        kind = .membership
        changesMembership = true
      }
      entries.append(ProposedEntry(kind: kind, payload: payload))
      origins.append((origin, command, author))
    }
  }

  /// A record's bytes beside key and value, about: what a put adds to the quota's count.
  private static let recordOverheadBytes: Int64 = 32

  func take(_ requests: [ReplicaRequest], into effects: inout [ReplicaEffect]) {
    var admission = Admission()
    var forwards: [ForwardedProposal] = []
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
      case .propose(let proposal) where !mayPropose(proposal.command, after: admission):
        effects.append(.answer(proposal.id, .failure(.tooManyRequests)))
      case .propose(let proposal):
        if let refusal = refusal(of: proposal, growth: &admission.growth) {
          effects.append(.answer(proposal.id, .failure(refusal)))
          if refusal == .noSpace { raiseQuotaAlarm(&admission) }
        } else {
          admission.append(
            .client(proposal.id), proposal.command, by: proposal.author, proposal.payload)
        }
      case .renewLease(let id, let lease):
        // Without others to ask, this member leads.
        if node.readIndex != nil {
          renew(lease, for: id, &admission, into: &effects)
        } else {
          confirm(.renewal(id, lease), into: &effects)
        }
      case .leaseTimeToLive(let id, let lease):
        guard let left = leases.timeToLive(lease, now: now) else {
          effects.append(.answer(id, .failure(.store(.leaseNotFound))))
          continue
        }
        let answer = ReplicaAnswer.leaseTimeToLive(
          grantedSeconds: left.grantedSeconds, remainingSeconds: left.remainingSeconds)
        effects.append(.answer(id, .success(answer)))
      case .leases(let id): effects.append(.answer(id, .success(.leases(leases.byDeadline))))
      }
    }
    send(forwards, into: &effects)
    propose(admission, into: &effects)
    // What a batch has freed may clear the alarm in the next one already.
    proposeQuotaClearing(into: &effects)
  }

  /// Whether Raft would take a command now.
  private func mayPropose(_ command: Command, after admission: Admission) -> Bool {
    guard case .membership = command else { return node.acceptsProposals }
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
  private func refusal(of proposal: Proposal, growth: inout Int64) -> ProposalError? {
    if proposal.command.isClientWrite, cluster.hasAlarm(.corrupt) { return .corrupt }
    guard proposal.command.mayGrow else { return nil }
    if cluster.hasAlarm(.noSpace) { return .noSpace }
    let size = Int64(proposal.payload.count) + Self.recordOverheadBytes
    if store.logicalBytes + growth + size > configuration.quotaBytes {
      refusedBytes = max(refusedBytes, size)
      return .noSpace
    }
    growth += size
    return nil
  }

  private func renew(
    _ lease: LeaseID, for id: RequestID, _ admission: inout Admission,
    into effects: inout [ReplicaEffect]
  ) {
    switch leases.renew(lease, now: now) {
    case .notFound: effects.append(.answer(id, .failure(.store(.leaseNotFound))))
    case .renewed(let seconds):
      effects.append(.answer(id, .success(.leaseRenewed(seconds: seconds))))
    case .checkpointed:
      let checkpoint = LeaseCheckpoint(lease: lease, remainingSeconds: 0)
      let command = Command.store(.checkpointLeases([checkpoint]))
      admission.append(.renewal(id, lease), command, command.encoded())
    }
  }

  /// Proposes what the leases' clock and the quota ask for.
  func proposeDue(into effects: inout [ReplicaEffect]) {
    guard isServing, node.acceptsProposals else { return }
    var admission = Admission()
    let due = leases.takeDue(now: now)
    for lease in due.expired {
      let command = Command.leaseExpire(lease, term: node.currentTerm)
      admission.append(.own, command, command.encoded())
    }
    if !due.checkpoints.isEmpty {
      let command = Command.store(.checkpointLeases(due.checkpoints))
      admission.append(.own, command, command.encoded())
    }
    propose(admission, into: &effects)
    proposeQuotaClearing(into: &effects)
  }

  /// Proposes the remaining time of every lease, in entries of bounded size.
  func proposeRemainders(into effects: inout [ReplicaEffect]) {
    guard isServing, node.acceptsProposals else { return }
    var admission = Admission()
    var rest = leases.remainders(now: now)[...]
    while !rest.isEmpty {
      let command = Command.store(.checkpointLeases(Array(rest.prefix(1_000))))
      rest = rest.dropFirst(1_000)
      admission.append(.own, command, command.encoded())
    }
    propose(admission, into: &effects)
  }

  /// Proposes a membership change of this leader's own; nothing if another is under way.
  func proposeRepair(_ change: MembershipChange, into effects: inout [ReplicaEffect]) {
    guard node.acceptsMembershipChange else { return }
    var admission = Admission()
    let command = Command.membership(change)
    admission.append(.own, command, by: .member, command.encoded(by: .member))
    propose(admission, into: &effects)
  }

  // MARK: The quota

  private func raiseQuotaAlarm(_ admission: inout Admission) {
    guard !cluster.hasAlarm(.noSpace), !hasQuotaProposal else { return }
    hasQuotaProposal = true
    let command = Command.alarm(.activate, configuration.member, .noSpace)
    admission.append(.own, command, command.encoded())
  }

  /// The alarm is cleared once what was refused would fit, and at least a fiftieth below the quota,
  /// so that a store at its brim does not raise and clear it with every request.
  private func proposeQuotaClearing(into effects: inout [ReplicaEffect]) {
    guard isServing, !hasFailed, !hasQuotaProposal, node.acceptsProposals,
      // An earlier leader may have raised it.
      let alarm = cluster.alarms.first(where: {
        $0.kind == .noSpace && cluster.member($0.member) != nil
      })
    else { return }
    let quota = configuration.quotaBytes
    let room = max(quota / 50, min(refusedBytes, quota / 2))
    guard store.logicalBytes < quota - room else { return }
    hasQuotaProposal = true
    refusedBytes = 0
    var admission = Admission()
    let command = Command.alarm(.deactivate, alarm.member, .noSpace)
    admission.append(.own, command, command.encoded())
    propose(admission, into: &effects)
  }

  private func propose(_ admission: Admission, into effects: inout [ReplicaEffect]) {
    if admission.entries.isEmpty || hasFailed { return }
    guard node.acceptsProposals else { return refuse(admission, into: &effects) }
    var index = node.lastIndex
    pending.reserveCapacity(pending.count + admission.origins.count)
    for (origin, command, author) in admission.origins {
      index = index.next
      pending.append(Pending(index: index, origin: origin, command: command, author: author))
    }
    for entry in admission.entries { bytesSinceFlush += entry.payload.count + 32 }
    stepRaft(.propose(admission.entries), into: &effects)
  }

  /// Something between the admission and now took the leadership away; nothing was done.
  private func refuse(_ admission: Admission, into effects: inout [ReplicaEffect]) {
    for (origin, _, _) in admission.origins {
      switch origin {
      case .client(let id), .renewal(let id, _):
        effects.append(.answer(id, .failure(.noLeader)))
      case .own: break
      }
    }
    hasQuotaProposal = false
  }
}
