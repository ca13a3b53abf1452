internal import Environment
internal import MVCC
internal import Primitives
public import Raft
internal import WriteAheadLog

/// Carrying out what Raft asks for.
extension Replica {
  /// Gives Raft an event and carries out what it asks for, until it asks for nothing more.
  func stepRaft(_ event: Raft.Event, into effects: inout [ReplicaEffect]) {
    let before = (node.role, node.leader)
    tell(event, into: &effects)
    var next = 0
    while next < raftEffects.count, !hasFailed {
      applyBeforePersisting(at: next)
      carryOut(raftEffects[next], into: &effects)
      next += 1
    }
    raftEffects.removeAll(keepingCapacity: true)
    if (node.role, node.leader) != before {
      forgetForwarded(into: &effects)
      effects.append(.statusChanged)
    }
    if !isServing, !hasFailed, let first = node.servedTermStart, first <= node.lastApplied {
      beginServing(into: &effects)
    }
    completeRenewals(into: &effects)
  }

  /// What is committed and durable is applied before something else is written: its clients need not wait for the
  /// disk to hear of it.
  private func applyBeforePersisting(at place: Int) {
    // A change of the membership is not told of before it is sure to be known after a crash.
    guard case .persist = raftEffects[place], !node.hasUnappliedMembership else { return }
    let apply = raftEffects[(place + 1)...].firstIndex {
      if case .apply = $0 { true } else { false }
    }
    if let apply { raftEffects.insert(raftEffects.remove(at: apply), at: place) }
  }

  /// Gives Raft an event; its effects wait in `raftEffects`.
  func tell(_ event: Raft.Event, into effects: inout [ReplicaEffect]) {
    let wasLeader = node.role == .leader
    node.step(event, into: &raftEffects)
    if wasLeader, node.role != .leader { endServing(into: &effects) }
  }

  private func carryOut(_ effect: Raft.Effect, into effects: inout [ReplicaEffect]) {
    switch effect {
    case .persist(let persist):
      if !effects.isEmpty { beforeSync?(&effects) }
      if carryOut(persist, into: &effects) { tell(.persisted(persist.number), into: &effects) }
    case .apply(let through):
      apply(through: through, into: &effects)
      if hasFailed { return }
      tell(.applied(through: through), into: &effects)
      // What a cluster began with is in no entry: whoever has nothing needs the state, so the first entry, which
      // would pass for everything, is given to nobody.
      if node.terms.base.index == .zero { tell(.truncated(through: LogIndex(1)), into: &effects) }
      completeReads(into: &effects)
    case .send(let messages): effects.append(.send(messages))
    case .load(let member, let from, let through, let maxBytes):
      do throws(LogError) {
        let entries = try log.entries(from: from, through: through, maxBytes: maxBytes)
        tell(.loaded(for: member, entries), into: &effects)
      } catch {
        fail("\(error)", into: &effects)
      }
    case .sendSnapshot(let member):
      statesUnderWay[member] = node.lastApplied
      effects.append(.sendSnapshot(to: member))
    case .install(let mark): replaceState(mark, into: &effects)
    case .serveReads(let reads, let index):
      self.reads.confirm(reads, at: index)
      completeReads(into: &effects)
    case .forgotten(let member, let life): note(member, havingForgotten: life)
    case .refuseReads(let reads):
      for purpose in self.reads.remove(reads) {
        effects.append(.answer(purpose.request, .failure(.noLeader)))
      }
    }
  }

  private func carryOut(_ persist: Persist, into effects: inout [ReplicaEffect]) -> Bool {
    do throws(LogError) {
      if let from = persist.truncateFrom { try log.truncateSuffix(from: from) }
      if let entries = persist.entries {
        for entry in node.entries(entries) { try log.append(entry) }
      }
      if var hardState = persist.hardState {
        if has(.forgottenVote) { hardState.votedFor = .none }
        try log.setHardState(hardState)
      }
      appendedBytes += log.bufferedBytes
      if has(.earlyOwnCount), node.role == .leader { return true }
      try log.sync()
      prepareLog(into: &effects)
      return true
    } catch {
      fail("\(error)", into: &effects)
      return false
    }
  }

  /// A member that writes next to nothing needs no further segment; where the disk is full, asking
  /// once in a while is enough.
  private func prepareLog(into effects: inout [ReplicaEffect]) {
    guard appendedBytes >= configuration.snapshotLogBytes / 64, now >= nextPreparation else {
      return
    }
    guard let work = log.beginPreparation() else { return }
    nextPreparation = now + .seconds(1)
    effects.append(.prepareLog(work))
  }

  /// The state that arrived is durable beside the engine: once the log begins behind it, there is no way
  /// back, and whoever starts the member next finishes the exchange.
  private func replaceState(_ mark: SnapshotMark, into effects: inout [ReplicaEffect]) {
    do throws(LogError) {
      try log.reset(to: mark.last.index, term: mark.last.term)
    } catch {
      return fail("\(error)", into: &effects)
    }
    for purpose in reads.removeAll() {
      effects.append(.answer(purpose.request, .failure(.noLeader)))
    }
    hasFailed = true
    effects.append(.replaceState(mark))
  }

  // MARK: Leading

  private func beginServing(into effects: inout [ReplicaEffect]) {
    isServing = true
    let held = store.leases()
    let keepsOldTimes = has(.oldLeaseClock)
    leases.withClock { [now] clock in
      for lease in held {
        if keepsOldTimes, clock.timeToLive(lease.id, now: now) != nil { continue }
        clock.start(
          lease.id, grantedSeconds: lease.seconds, remainder: lease.remainingSeconds, now: now)
      }
    }
    effects.append(.statusChanged)
  }

  /// What this leader proposed may still be carried out, by the next one; its clocks mean nothing more.
  private func endServing(into effects: inout [ReplicaEffect]) {
    isServing = false
    statesUnderWay = [:]
    renewsAtOnce = false
    if has(.oldLeaseClock) { leases.setRenewsAtOnce(false) } else { leases.reset() }
    hasQuotaProposal = false
    refusedBytes = 0
    for entry in pending[pendingHead...] {
      switch entry.origin {
      case .client(let id), .renewal(let id, _):
        effects.append(.answer(id, .failure(.leaderChanged)))
      case .own: break
      }
    }
    pending.removeAll()
    pendingHead = 0
  }

  /// Whether a fault was planted; never outside of tests.
  @inline(__always)
  func has(_ bug: PlantedBug) -> Bool {
    #if DEBUG || PLANTED_BUGS
      plantedBug == bug
    #else
      false
    #endif
  }
}

extension ClusterState {
  /// Who votes and who learns.
  public var raftConfiguration: Configuration {
    Configuration(voters: voters, learners: members.filter(\.isLearner).map(\.id))
  }
}
