internal import Environment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// Compares the members' histories: the leader, after each compaction at the revision that it left as the oldest, and
/// if it is told to, now and then at the present one.
///
/// The hash is over what the history says, not over what an engine happens to hold, so members that agree have the
/// same. Whoever differs from most is told off with the CORRUPT alarm; where no hash is held by most, all are. A
/// difference counts when it is seen twice.
final class HistoryCheck: Sendable {
  private struct State {
    var next: MonotonicTime
    var nextSweep: MonotonicTime
    /// The compaction point that was found equal everywhere.
    var checked = Revision.zero
    var suspects: Set<MemberID> = []
    var isUnderWay = false
  }

  private let shared: MemberState
  private let clock: any Clock
  private let interval: Duration
  private let sweepInterval: Duration
  private let state: Mutex<State>

  init(shared: MemberState, clock: any Clock) {
    self.shared = shared
    self.clock = clock
    interval = .seconds(shared.configuration.historyCheckSeconds)
    sweepInterval = .seconds(shared.configuration.historySweepSeconds)
    state = Mutex(State(next: clock.now() + interval, nextSweep: clock.now() + sweepInterval))
  }

  /// Begins a comparison if one is due.
  func look(_ now: MonotonicTime) {
    guard shared.isLeading else { return }
    let others = shared.cluster.withLock { $0.members.map(\.id) }.filter { $0 != shared.id }
    guard !others.isEmpty, let link = shared.peers else { return }
    let floor = shared.store.compactedRevision
    enum Due { case compaction, sweep }
    let due = state.withLock { state -> Due? in
      if state.isUnderWay { return nil }
      var due: Due?
      if interval > .zero, now >= state.next, floor > state.checked {
        due = .compaction
      } else if sweepInterval > .zero, now >= state.nextSweep {
        due = .sweep
      }
      state.isUnderWay = due != nil
      return due
    }
    guard let due else { return }
    let revision = due == .compaction ? floor : shared.store.currentRevision
    HistoryComparison.begin(shared, link, others, at: revision) { [self] answers, revision in
      conclude(answers, at: revision, isSweep: due == .sweep)
    }
  }

  /// Who disagrees, from the hashes of all members that could be compared with the leader.
  static func outsiders(_ hashes: [MemberID: Int64], of members: Int) -> Set<MemberID> {
    let counts = Dictionary(grouping: hashes, by: \.value).mapValues(\.count)
    if counts.count < 2 { return [] }
    guard let truth = counts.first(where: { $0.value > members / 2 })?.key else {
      return Set(hashes.keys)
    }
    return Set(hashes.filter { $0.value != truth }.keys)
  }

  private func conclude(
    _ answers: [MemberID: HistoryComparison.Answer], at revision: Revision, isSweep: Bool
  ) {
    let members = shared.cluster.withLock { $0.members.count }
    let hashes = HistoryComparison.comparable(answers, with: shared.id)
    let outsiders = Self.outsiders(hashes, of: members)
    let convicted = state.withLock { state in
      state.isUnderWay = false
      let convicted = outsiders.intersection(state.suspects)
      state.suspects = outsiders
      let again = clock.now() + .seconds(1)
      if isSweep {
        state.nextSweep = outsiders.isEmpty ? clock.now() + sweepInterval : again
      } else {
        state.next = outsiders.isEmpty ? clock.now() + interval : again
        if outsiders.isEmpty, hashes.count == members { state.checked = revision }
      }
      return convicted
    }
    for member in convicted.sorted() { Self.accuse(member, at: revision, shared, clock) }
  }

  /// Raises the CORRUPT alarm for a member, if it does not stand.
  static func accuse(
    _ member: MemberID, at revision: Revision, _ shared: MemberState, _ clock: any Clock
  ) {
    if shared.cluster.withLock({ $0.hasAlarm(.corrupt, of: member) }) { return }
    shared.configuration.log(
      MemberNotice(
        .error, "a member's history differs from that of the others",
        [.init("member", "\(member)"), .init("revision", "\(revision)")]))
    Member.submit(
      .alarm(.activate, member, .corrupt), by: .member, at: clock.now(),
      within: shared.configuration.requestTimeout, to: shared
    ) { _, _ in }
  }
}
