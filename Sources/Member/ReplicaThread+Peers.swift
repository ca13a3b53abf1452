internal import Access
internal import Environment
internal import MVCC
internal import Primitives
internal import Raft
internal import ReplicaCore
internal import Synchronization

/// What the replica thread does about other members.
extension ReplicaThread {
  // MARK: What comes

  /// Has ticks come from now on, if there are other members.
  func beginTicks(_ now: MonotonicTime) {
    guard nextTick == nil, replica.hasPeers, shared.peers != nil else { return }
    nextTick = now + shared.configuration.tickInterval
  }

  /// A heartbeat's time has passed. A thread that was held up for longer does not make up for it: a member that was
  /// paused must not take its own pause for the leader's.
  func tick(_ now: MonotonicTime) {
    // A group of one needs none.
    let goesOn = replica.hasPeers || !parked.isEmpty || removalDeadline != nil
    nextTick = goesOn ? now + shared.configuration.tickInterval : nil
    replica.step(.tick(now), into: &effects)
    watchLeader()
    if replica.role == .leader {
      let followers = replica.followers.map {
        FollowerProgress(
          member: $0.member, matchIndex: $0.matchIndex, isActive: $0.isActive)
      }
      shared.followers.withLock { $0 = followers }
    }
    admitParked(at: now)
    completeTransfers(now)
    if let removalDeadline, removalDeadline <= now {
      self.removalDeadline = nil
      shared.configuration.onRemoved()
    }
  }

  /// Tells whoever cares when there has been no leader for three election timeouts, as etcd does.
  private func watchLeader() {
    let patience = 3 * shared.configuration.raftSettings.electionTicks
    if replica.leader == .none {
      leaderlessTicks += 1
      if leaderlessTicks == patience { shared.leaderObserver.withLock { $0 }?(false) }
    } else {
      if leaderlessTicks >= patience { shared.leaderObserver.withLock { $0 }?(true) }
      leaderlessTicks = 0
    }
  }

  private func completeTransfers(_ now: MonotonicTime) {
    let leader = replica.leader
    let done = shared.transfers.withLock { transfers in
      let done = transfers.filter { $0.heir == leader || $0.deadline <= now }
      transfers.removeAll { $0.heir == leader || $0.deadline <= now }
      return done
    }
    for transfer in done {
      transfer.completion(
        transfer.heir == leader ? .success(()) : .failure(.timeout))
    }
  }

  func takeNews(_ now: MonotonicTime) {
    if !contents.messages.isEmpty {
      replica.step(.messages(contents.messages, now), into: &effects)
    }
    for news in contents.news {
      switch news {
      case .unreachable(let member): replica.step(.unreachable(member), into: &effects)
      case .again(let submission): park(submission)
      case .forwardRefused(let refusals):
        replica.step(.forwardRefused(refusals), into: &effects)
      case .snapshotSent(let member, let last):
        replica.step(.snapshotSent(to: member, last: last), into: &effects)
      case .stateArrived(let arrival): stateArrived(arrival, now)
      case .transferLeadership(let member):
        replica.step(.transferLeadership(to: member), into: &effects)
      case .removed: noteRemoval(now)
      }
    }
    if contents.messages.isEmpty, contents.news.isEmpty { return }
    // What a leader is about to propose tells the others, in one message each, what is committed by now too.
    if contents.news.isEmpty, replica.role == .leader, replica.canServe, parked.isEmpty,
      !contents.submissions.isEmpty
    {
      return
    }
    carryOut()
    // A leader may have become known.
    if replica.canServe, !parked.isEmpty, contents.news.isEmpty { admitParked(at: now) }
  }

  /// The state is worth something only if it comes from the leader of this member's term: then it is as if the
  /// leader's last word about it had arrived just now.
  private func stateArrived(_ arrival: StateArrival, _ now: MonotonicTime) {
    guard replica.leader == arrival.sender, replica.role == .follower else {
      return arrival.discard()
    }
    let message = Message(
      from: arrival.sender, to: shared.id, term: replica.term, content: .snapshot(arrival.mark))
    replica.step(.messages([message], now), into: &effects)
    // The log had all that is in it.
    let isTaken = effects.contains { if case .replaceState = $0 { true } else { false } }
    if isTaken { self.arrival = arrival } else { arrival.discard() }
  }

  // MARK: Members

  func clusterChanged(_ cluster: ClusterState) {
    let before = shared.cluster.withLock { state in
      defer { state = cluster }
      return state
    }
    let present = Set(cluster.members.map(\.id))
    let gone = before.members.map(\.id).filter { !present.contains($0) }
    shared.removed.withLock { $0 = Set(cluster.removed) }
    shared.noteAttributes()
    if cluster.level > before.level {
      shared.configuration.log(
        MemberNotice(
          .information, "all members understand a later feature level, which is in force now",
          [.init("level", "\(cluster.level)")]))
    }
    note(cluster)
    if cluster.hasAlarm(.corrupt, of: shared.id) {
      shared.isInDoubt.store(true, ordering: .releasing)
      shared.publishPosition(of: replica)
      shared.doubtObserver.withLock { $0 }?()
    }
    beginTicks(clock.now())
    if !present.contains(shared.id), gone.contains(shared.id) { noteRemoval(clock.now()) }
    guard let link = shared.peers else {
      invariant(present.isSubset(of: [shared.id]), "members without a way to reach them")
      return
    }
    // Whoever leaves still has to tell the others.
    if present.contains(shared.id) { link.update(cluster.members) }
  }

  /// A copy for when the engine cannot be read any more; without it a damaged engine needs a person.
  private func note(_ cluster: ClusterState) {
    do throws(MemberError) { try directory.noteCluster(cluster) } catch {
      shared.configuration.log(
        MemberNotice(
          .warning, "who belongs to the cluster could not be noted beside the engine",
          [.init("error", "\(error)")]))
    }
  }

  /// This member does not belong to the cluster any more. It goes on for a moment, so that the others hear that
  /// the entry which says so is committed.
  private func noteRemoval(_ now: MonotonicTime) {
    if isRemoved { return }
    isRemoved = true
    removalDeadline = now + .milliseconds(shared.configuration.electionTimeoutMilliseconds)
    shared.serves.store(false, ordering: .releasing)
  }

  // MARK: States

  /// Sends a member what the store holds.
  func sendState(to member: MemberID) {
    let queue = shared.queue
    guard let link = shared.peers else { return }
    let isTaken = shared.runRead { [shared] in
      do {
        let reader = StateSource(try StateReader(try shared.store.snapshotView()))
        link.sendState(
          to: member, mark: reader.mark, next: { try reader.next() },
          completion: { queue.add(.snapshotSent(to: member, last: $0)) })
      } catch {
        shared.configuration.log(
          MemberNotice(
            .error, "the state for another member cannot be read",
            [.init("member", "\(member)"), .init("error", "\(error)")]))
        queue.add(.snapshotSent(to: member, last: nil))
      }
    }
    if !isTaken { queue.add(.snapshotSent(to: member, last: nil)) }
  }

  /// Goes on with the state that arrived: the log begins behind it already.
  func replaceState(_ mark: SnapshotMark) {
    guard let arrival = arrival.take(), arrival.mark == mark, let engine = arrival.engine else {
      return shared.fail("the state as of \(mark.last.index) is gone; start the member again")
    }
    shared.isTakingState.store(true, ordering: .relaxed)
    defer { shared.isTakingState.store(false, ordering: .relaxed) }
    let last = shared.store.engine
    let lastName: String
    do {
      lastName = try directory.engines.currentName()
      try directory.engines.makeCurrent(arrival.name)
      try shared.store.replace(with: engine)
      let users = replica.access.revision
      var settings = replica.configuration
      settings.seed = arrival.seed
      replica = try Replica(following: replica, configuration: settings)
      setHook()
      replica.step(.start(clock.now()), into: &effects)
      shared.tellOfAccess(.changed(replica.access.revision == users ? .none : .all))
    } catch ReplicaError.tooOld(let level, let cluster) {
      return shared.fail(ReplicaError.describe(tooOld: level, cluster: cluster))
    } catch {
      return shared.fail("the state that arrived cannot be used: \(error); start the member again")
    }
    shared.engineWork.retire(last, directory.engines, lastName)
    directory.removeDamaged()
    clusterChanged(replica.cluster)
    shared.watches.publish(through: shared.store.currentRevision)
    shared.configuration.log(
      MemberNotice(
        .information, "the state that the leader sent is in place",
        [
          .init("index", "\(mark.last.index)"),
          .init("revision", "\(shared.store.currentRevision)"),
        ]))
    carryOut()
  }
}

/// A state on its way out.
///
/// `@unchecked`: the link asks for one chunk after the other.
private final class StateSource: @unchecked Sendable {
  private let reader: StateReader

  init(_ reader: StateReader) { self.reader = reader }

  var mark: SnapshotMark { reader.mark }

  func next() throws -> StateChunk? { try reader.next() }
}
