internal import Access
internal import Engine
internal import Environment
internal import MVCC
internal import Primitives
internal import Raft
internal import WriteAheadLog

/// What committed entries do to the replicated state.
extension Replica {
  /// Bytes of entries that the start-up replay reads at once.
  private static let replayBytes = 4 * 1024 * 1024

  /// Applies the entries after the last applied one, up to `through`. Those that this leader
  /// proposed are at hand, and what a follower received lately is in Raft's memory; others, as after a start, are read
  /// from the log in batches.
  func apply(through: LogIndex, into effects: inout [ReplicaEffect]) {
    var index = node.lastApplied.next
    while index <= through, !hasFailed {
      let first = index
      if let head = nextPending, head.index == index {
        index = applyPending(from: index, through: through, into: &effects)
      } else {
        let last = nextPending.map { min(through, LogIndex($0.index.rawValue - 1)) } ?? through
        index = applyLogged(from: index, through: last, into: &effects)
      }
      if hasFailed { return }
      finishBatch(LogIndex(index.rawValue - 1), from: first, into: &effects)
    }
  }

  private var nextPending: Pending? {
    pendingHead < pending.count ? pending[pendingHead] : nil
  }

  private func applyPending(
    from first: LogIndex, through last: LogIndex, into effects: inout [ReplicaEffect]
  ) -> LogIndex {
    var index = first
    let term = node.currentTerm
    setAppliedTerm(term)
    while index <= last, let entry = nextPending {
      invariant(entry.index == index, "entry \(entry.index) waits where \(index) is applied")
      pendingHead += 1
      let result = carryOut(
        entry.proposal.command, by: entry.proposal.author, at: index, term: term, into: &effects)
      if hasFailed { return index }
      answer(entry, result, into: &effects)
      index = index.next
    }
    if pendingHead == pending.count {
      pending.removeAll(keepingCapacity: true)
      pendingHead = 0
    }
    return index
  }

  private func applyLogged(
    from first: LogIndex, through last: LogIndex, into effects: inout [ReplicaEffect]
  ) -> LogIndex {
    var index = first
    do throws(LogError) {
      for entry in try entriesToApply(from: first, through: last) {
        invariant(entry.index == index, "the log gave entry \(entry.index) for \(index)")
        setAppliedTerm(entry.term)
        bytesSinceFlush += entry.payload.count + 32
        switch entry.kind {
        case .empty: break
        case .command, .membership:
          guard let (command, author) = try? Command.decodeAuthored(entry.payload) else {
            fail(
              "entry \(index) of the log holds no command that this release knows; run the release "
                + "that wrote it", into: &effects)
            return index
          }
          let result = carryOut(
            command, by: author, at: index, term: entry.term, into: &effects)
          if !hasFailed { answer(entry.payload, result, into: &effects) }
        }
        if hasFailed { return index }
        index = index.next
      }
    } catch {
      fail("\(error)", into: &effects)
    }
    return index
  }

  /// The next entries to apply. To read them back would cost a follower a read of the disk for each batch, which a log
  /// that is written past the page cache has to wait for.
  private func entriesToApply(
    from first: LogIndex, through last: LogIndex
  ) throws(LogError) -> ArraySlice<LogEntry> {
    if let held = node.heldEntries(first...last) { return held }
    return try log.entries(from: first, through: last, maxBytes: Self.replayBytes)[...]
  }

  /// Does what a committed command says. The result depends on the replicated state alone.
  private func carryOut(
    _ command: Command, by author: Author, at index: LogIndex, term: Term,
    into effects: inout [ReplicaEffect]
  ) -> Result<CommandResult, ProposalError> {
    if access.isEnabled, let refusal = refusal(of: command, by: author) {
      return .failure(.access(refusal))
    }
    if alarms.corrupt, command.isClientWrite { return .failure(.corrupt) }
    if alarms.noSpace, command.mayGrow { return .failure(.noSpace) }
    switch command {
    case .store(let change):
      switch applyToStore(change, at: index, into: &effects) {
      case .success(let result): return .success(.store(result))
      case .failure(let error): return .failure(.store(error))
      }
    case .alarm(let action, let member, let kind):
      hasQuotaProposal = kind == .noSpace ? false : hasQuotaProposal
      let alarm = Alarm(member: member, kind: kind)
      let before = cluster
      let changed =
        action == .activate ? cluster.activate(alarm) : cluster.deactivate(alarm)
      if cluster != before { clusterChanged(into: &effects) }
      return .success(.alarms(changed))
    case .memberAttributes(let member, let name, let clientURLs, let level):
      guard
        cluster.setAttributes(member, name: name, clientURLs: clientURLs, level: level)
      else { return .failure(.memberNotFound) }
      clusterChanged(into: &effects)
      return .success(.memberUpdated)
    case .memberPeerURLs(let member, let peerURLs):
      guard cluster.setPeerURLs(member, peerURLs) else { return .failure(.memberNotFound) }
      clusterChanged(into: &effects)
      return .success(.memberUpdated)
    case .access(let change): return apply(change, into: &effects)
    case .issueToken(let token, let user, let revision):
      return issue(token, to: user, checkedAt: revision, at: index, into: &effects)
    case .membership where configuration.ignoresMembership: return .success(.memberUpdated)
    case .membership(let change):
      if let refusal = cluster.change(change) { return .failure(refusal) }
      clusterChanged(into: &effects)
      tell(.reconfigured(cluster.raftConfiguration), into: &effects)
      return .success(.memberUpdated)
    case .leaseExpire(let lease, let expiryTerm):
      guard expiryTerm == term else {
        leases.withClock { $0.reinstate(lease) }
        return .success(.leaseExpired)
      }
      if case .success = applyToStore(.revokeLease(lease), at: index, into: &effects) {
        expiredLeases += 1
      }
      return .success(.leaseExpired)
    }
  }

  private func applyToStore(
    _ change: StoreCommand, at index: LogIndex, into effects: inout [ReplicaEffect]
  ) -> Result<StoreResult, StoreError> {
    let result = store.apply(change, at: index)
    switch result {
    case .failure(.corrupt(let detail)), .failure(.engineFailed(let detail)):
      // Other members, or a replay, may not meet the same failure: going on would let them differ.
      fail("entry \(index) could not be applied: \(detail)", into: &effects)
    case .success(let outcome) where isServing: follow(change, outcome)
    default: break
    }
    return result
  }

  /// Keeps the leases' clock in step with the store.
  private func follow(_ change: StoreCommand, _ result: StoreResult) {
    switch (change, result) {
    case (.grantLease, .leaseGranted(let lease, let seconds, _)):
      leases.withClock { [now] in
        $0.start(lease, grantedSeconds: seconds, remainder: 0, now: now)
      }
    case (.revokeLease(let lease), _): leases.withClock { $0.remove(lease) }
    case (.checkpointLeases(let checkpoints), _):
      leases.withClock { clock in
        for checkpoint in checkpoints {
          clock.checkpointed(checkpoint.lease, remainder: checkpoint.remainingSeconds)
        }
      }
    default: break
    }
  }

  private func answer(
    _ entry: Pending, _ result: Result<CommandResult, ProposalError>,
    into effects: inout [ReplicaEffect]
  ) {
    switch entry.origin {
    case .own: break
    case .client(let id): effects.append(.answer(id, result.map(ReplicaAnswer.command)))
    case .renewal(let id, let lease):
      if case .renewed(let seconds) = leases.withClock({ [now] in $0.renew(lease, now: now) }) {
        effects.append(.answer(id, .success(.leaseRenewed(seconds: seconds))))
      } else {
        effects.append(.answer(id, .failure(.store(.leaseNotFound))))
      }
    }
  }

  private func setAppliedTerm(_ term: Term) {
    guard term != appliedTerm else { return }
    appliedTerm = term
    ClusterTable.put(term, into: &batch)
  }

  private func clusterChanged(into effects: inout [ReplicaEffect]) {
    let own = configuration.level
    if cluster.level > own {
      return fail(ReplicaError.describe(tooOld: own, cluster: cluster.level), into: &effects)
    }
    ClusterTable.put(cluster, into: &batch)
    effects.append(.clusterChanged(cluster))
  }

  private func finishBatch(
    _ applied: LogIndex, from first: LogIndex, into effects: inout [ReplicaEffect]
  ) {
    let revisions = store.finishBatch(appliedIndex: applied, with: batch)
    batch.removeAll()
    if !revisions.isEmpty { effects.append(.publish(store.currentRevision)) }
    effects.append(.feedEngine)
    let entries = applied.rawValue - flushedIndex.rawValue
    if !isFlushing,
      entries >= configuration.snapshotCount || bytesSinceFlush >= configuration.snapshotLogBytes
    {
      isFlushing = true
      bytesSinceFlush = 0
      effects.append(.flushEngine)
    }
  }
}
