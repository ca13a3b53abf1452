internal import Environment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// Compares the members' histories: the leader, after each compaction, at the revision that it left as the oldest.
///
/// The hash is over what the history says, not over what an engine happens to hold, so members that agree have the
/// same. Whoever differs from most is told off with the CORRUPT alarm; where no hash is held by most, all are. A
/// difference counts when it is seen twice.
final class HistoryCheck: Sendable {
  private struct State {
    var next: MonotonicTime
    /// The compaction point that was found equal everywhere.
    var checked = Revision.zero
    var suspects: Set<MemberID> = []
    var isUnderWay = false
  }

  private static let answerTimeout = Duration.seconds(60)

  private let shared: MemberState
  private let clock: any Clock
  private let interval: Duration
  private let state: Mutex<State>

  init(shared: MemberState, clock: any Clock) {
    self.shared = shared
    self.clock = clock
    interval = .seconds(shared.configuration.historyCheckSeconds)
    state = Mutex(State(next: clock.now() + interval))
  }

  /// Begins a comparison if one is due.
  func look(_ now: MonotonicTime) {
    let others = shared.cluster.withLock { $0.members.map(\.id) }.filter { $0 != shared.id }
    guard shared.configuration.historyCheckSeconds > 0, shared.isLeading, !others.isEmpty,
      let link = shared.peers
    else { return }
    let revision = shared.store.compactedRevision
    let begins = state.withLock { state in
      guard now >= state.next, !state.isUnderWay, revision > state.checked else { return false }
      state.isUnderWay = true
      return true
    }
    guard begins else { return }
    let round = Round(members: others.count + 1) { [self] in conclude($0, at: revision) }
    let isTaken = shared.runRead { [shared] in
      let own = try? shared.store.hashKV(at: revision)
      round.note(shared.id, own.map { [Int64($0.hash), $0.compactRevision.rawValue] })
    }
    if !isTaken { round.note(shared.id, nil) }
    let question = PeerQuestion.encode([revision.rawValue])
    for member in others {
      link.call(member, .hash, question, timeout: Self.answerTimeout) { result in
        let numbers = (try? result.get()).flatMap { try? PeerQuestion.decodeResult($0).get() }
        round.note(member, numbers.flatMap { $0.count == 3 ? [$0[0], $0[2]] : nil })
      }
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

  private func conclude(_ answers: [MemberID: [Int64]], at revision: Revision) {
    let members = shared.cluster.withLock { $0.members.count }
    let own = answers[shared.id]
    // Members that have compacted further, or not as far yet, have another history to hash.
    let comparable = own.map { own in answers.filter { $0.value[1] == own[1] } } ?? [:]
    let outsiders = Self.outsiders(comparable.mapValues { $0[0] }, of: members)
    let convicted = state.withLock { state in
      state.isUnderWay = false
      let convicted = outsiders.intersection(state.suspects)
      state.suspects = outsiders
      state.next = clock.now() + (outsiders.isEmpty ? interval : .seconds(1))
      if outsiders.isEmpty, comparable.count == members { state.checked = revision }
      return convicted
    }
    for member in convicted.sorted() {
      shared.configuration.log(
        MemberNotice(
          .error, "a member's history differs from that of the others",
          [.init("member", "\(member)"), .init("revision", "\(revision)")]))
      Member.submit(
        .alarm(.activate, member, .corrupt), by: .member,
        deadline: clock.now() + shared.configuration.requestTimeout, to: shared
      ) { _ in }
    }
  }
}

/// Gathers the answers of one comparison.
private final class Round: Sendable {
  private struct State {
    var left: Int
    var answers: [MemberID: [Int64]] = [:]
  }

  private let state: Mutex<State>
  private let completion: @Sendable ([MemberID: [Int64]]) -> Void

  init(members: Int, completion: @escaping @Sendable ([MemberID: [Int64]]) -> Void) {
    state = Mutex(State(left: members))
    self.completion = completion
  }

  /// Notes a member's hash and compaction floor; nil if it has no answer.
  func note(_ member: MemberID, _ numbers: [Int64]?) {
    let answers = state.withLock { state in
      state.answers[member] = numbers
      state.left -= 1
      return state.left == 0 ? state.answers : nil
    }
    if let answers { completion(answers) }
  }
}
