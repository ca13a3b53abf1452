public import Primitives

/// A participant of a double barrier that has come in: a given number begins together, and ends together.
///
/// The layout is etcd's: `NAME/waiters/LEASE` for each participant, with its lease, and `NAME/ready` while a round is
/// under way.
public struct BarrierPass: Sendable, Hashable {
  /// The barrier.
  public var name: Bytes
  /// The participant's key.
  public var key: Bytes
  /// The revision that created it.
  public var revision: Revision
  /// The revision at which the round began: the same for all of its participants, and higher in each later round.
  public var roundRevision: Revision
}

extension StoreClient {
  /// Comes to a barrier, and returns when as many participants have come as it takes. To be called once per round
  /// and lease; the lease must be kept alive meanwhile. While an earlier round is under way, waits for its end.
  ///
  /// When the task is cancelled the participant is gone again.
  /// - Parameter participants: how many it takes; the same for all of them, and at least 1.
  /// - Throws: `failedPrecondition` if that many are there already; `leaseNotFound` if the lease ended meanwhile.
  public func enterBarrier(
    _ name: some BytesConvertible, participants: Int, lease: LeaseID
  ) async throws(KeelsonError) -> BarrierPass {
    let barrier = DoubleBarrier(name.storedBytes)
    let key = barrier.waiters + Bytes(lease.hexadecimal.utf8)
    let revision = try await come(to: barrier, as: key, lease)
    var pass = BarrierPass(
      name: barrier.name, key: key, revision: revision, roundRevision: .zero)
    do throws(KeelsonError) {
      pass.roundRevision = try await waitForRound(of: barrier, pass, participants)
      return pass
    } catch {
      let given = pass
      await evenIfCancelled { _ = try? await self.remove(given) }
      throw error
    }
  }

  /// Leaves a barrier, and returns when all others of the round have left, or are gone with their leases.
  public func leaveBarrier(_ pass: BarrierPass) async throws(KeelsonError) {
    let barrier = DoubleBarrier(pass.name)
    try await remove(pass)
    while true {
      let state = try await look(at: barrier)
      guard state.roundRevision == pass.roundRevision else { return }
      if try await end(state, of: barrier) { return }
      try await waitForChange(
        WatchRequest(.prefix(barrier.prefix), startRevision: state.revision.next))
    }
  }

  private func remove(_ pass: BarrierPass) async throws(KeelsonError) {
    try await commit(
      Transaction()
        .when(.created(pass.key, .equal, pass.revision))
        .then(.delete(DeleteRequest(.key(pass.key)))))
  }

  /// Puts the participant's key while no round is under way; so whoever is there when one begins belongs to it.
  private func come(
    to barrier: DoubleBarrier, as key: Bytes, _ lease: LeaseID
  ) async throws(KeelsonError) -> Revision {
    while true {
      let come = try await commitToTheEnd(
        Transaction()
          .when(.created(barrier.ready, .equal, .zero), .created(key, .equal, .zero))
          .then(.put(PutRequest(key, Bytes(), lease: lease)))
          .otherwise(.range(RangeRequest(.key(key)))))
      if come.succeeded { return come.header.revision }
      if case .range(let own)? = come.results.first, !own.records.isEmpty {
        throw KeelsonError(
          .failedPrecondition, "the lease \(lease.hexadecimal) is at the barrier already")
      }
      let state = try await look(at: barrier)
      if state.roundRevision == .zero { continue }
      // A round whose participants are all gone is nobody else's to end.
      if try await end(state, of: barrier) { continue }
      try await waitForChange(
        WatchRequest(.prefix(barrier.prefix), startRevision: state.revision.next))
    }
  }

  private func waitForRound(
    of barrier: DoubleBarrier, _ pass: BarrierPass, _ participants: Int
  ) async throws(KeelsonError) -> Revision {
    while true {
      let state = try await look(at: barrier)
      guard let place = state.waiters.firstIndex(where: { $0.key == pass.key }) else {
        throw .leaseNotFound
      }
      if state.roundRevision > .zero { return state.roundRevision }
      if place >= participants {
        throw KeelsonError(
          .failedPrecondition, "the barrier has its \(participants) participants already")
      }
      if state.waiters.count == participants {
        // Nobody may have come since: the round is of those that were counted.
        let begun = try await commit(
          Transaction()
            .when(
              .created(barrier.ready, .equal, .zero),
              .modified(of: .prefix(barrier.waiters), .less, state.revision.next),
              .created(pass.key, .equal, pass.revision)
            )
            .then(.put(PutRequest(barrier.ready, Bytes()))))
        if begun.succeeded { return begun.header.revision }
        continue
      }
      try await waitForChange(
        WatchRequest(.prefix(barrier.prefix), startRevision: state.revision.next))
    }
  }

  /// Ends a round that nobody is in any more; false if somebody is.
  private func end(
    _ state: DoubleBarrier.State, of barrier: DoubleBarrier
  ) async throws(KeelsonError) -> Bool {
    if !state.waiters.isEmpty { return false }
    return try await commit(
      Transaction()
        .when(
          .created(barrier.ready, .equal, state.roundRevision),
          .created(of: .prefix(barrier.waiters), .equal, .zero)
        )
        .then(.delete(DeleteRequest(.key(barrier.ready))))
    ).succeeded
  }

  private func look(at barrier: DoubleBarrier) async throws(KeelsonError) -> DoubleBarrier.State {
    var waiters = RangeRequest(.prefix(barrier.waiters))
    waiters.keysOnly = true
    waiters.sortOrder = .ascending
    waiters.sortTarget = .created
    let answer = try await commit(
      Transaction().then(.range(RangeRequest(.key(barrier.ready))), .range(waiters)))
    var state = DoubleBarrier.State(revision: answer.header.revision)
    for (place, result) in answer.results.enumerated() {
      guard case .range(let range) = result else { continue }
      if place == 0 {
        state.roundRevision = range.records.first?.createRevision ?? .zero
      } else {
        state.waiters = range.records
      }
    }
    return state
  }
}

/// The keys of a double barrier.
private struct DoubleBarrier {
  /// What is there at one revision.
  struct State {
    var revision: Revision
    /// Zero while no round is under way.
    var roundRevision = Revision.zero
    /// In the order in which they came.
    var waiters: [KeyValue] = []
  }

  let name: Bytes

  init(_ name: Bytes) { self.name = name }

  var prefix: Bytes { name + [UInt8(ascii: "/")] }
  var waiters: Bytes { name + Bytes("/waiters/".utf8) }
  var ready: Bytes { name + Bytes("/ready".utf8) }
}
