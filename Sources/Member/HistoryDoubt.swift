internal import Environment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// Holds a member back whose history is in doubt, until it agrees with that of most members: from its own CORRUPT
/// alarm on, which somebody has to disarm first, and from its start on if it is to compare before it serves.
///
/// At its start it waits for the others as long as a request does: a member must be able to start where they are
/// away.
final class HistoryDoubt: Sendable {
  private struct State {
    /// Until when others are waited for at the start; nil once there is more than the wish to compare.
    var deadline: MonotonicTime?
    var isUnderWay = false
  }

  private let shared: MemberState
  private let clock: any Clock
  private let state: Mutex<State>

  init(shared: MemberState, clock: any Clock) {
    self.shared = shared
    self.clock = clock
    let isAccused = shared.cluster.withLock { $0.hasAlarm(.corrupt, of: shared.id) }
    let onlyWishes = shared.isInDoubt.load(ordering: .relaxed) && !isAccused
    let deadline = clock.now() + shared.configuration.requestTimeout
    state = Mutex(State(deadline: onlyWishes ? deadline : nil))
  }

  /// Begins a comparison if the member is held back and nobody accuses it any more.
  func look(_ now: MonotonicTime) {
    guard shared.isInDoubt.load(ordering: .relaxed) else { return }
    let (isAccused, members) = shared.cluster.withLock {
      ($0.hasAlarm(.corrupt, of: shared.id), $0.members.map(\.id))
    }
    if isAccused { return state.withLock { $0.deadline = nil } }
    let others = members.filter { $0 != shared.id }
    if members == [shared.id] { return lift("there is no other member") }
    guard let link = shared.peers, !others.isEmpty else { return }
    enum Step { case wait, begin, giveUp }
    let step = state.withLock { state -> Step in
      if let deadline = state.deadline, now >= deadline { return .giveUp }
      if state.isUnderWay { return .wait }
      state.isUnderWay = true
      return .begin
    }
    switch step {
    case .wait: break
    case .giveUp: lift("too few of the others have answered in time")
    case .begin:
      HistoryComparison.begin(shared, link, others, at: shared.store.currentRevision) {
        [self] answers, revision in conclude(answers, at: revision, of: members.count)
      }
    }
  }

  private func conclude(
    _ answers: [MemberID: HistoryComparison.Answer], at revision: Revision, of members: Int
  ) {
    state.withLock { $0.isUnderWay = false }
    let hashes = HistoryComparison.comparable(answers, with: shared.id)
    guard let own = hashes[shared.id] else { return }
    if hashes.values.count(where: { $0 == own }) > members / 2 {
      return lift("this member's history is that of most members")
    }
    // Where no history is that of most, the leader's comparison accuses everybody.
    guard HistoryCheck.outsiders(hashes, of: members) == [shared.id] else { return }
    state.withLock { $0.deadline = nil }
    HistoryCheck.accuse(shared.id, at: revision, shared, clock)
  }

  private func lift(_ reason: String) {
    // A doubt that comes later comes from an alarm, which may be gone before this is called again.
    state.withLock { $0.deadline = nil }
    shared.isInDoubt.store(false, ordering: .releasing)
    shared.configuration.log(
      MemberNotice(
        .information, "the member serves, its history is not in doubt", [.init("reason", reason)]))
  }
}

/// Asks all members for the hash of their histories at one revision.
enum HistoryComparison {
  /// What a member says.
  struct Answer: Hashable, Sendable {
    var hash: Int64
    /// Up to where its history is compacted.
    var floor: Int64
  }

  private static let timeout = Duration.seconds(60)

  /// Asks; `completion` gets the answers of those that have one, whenever the last has come or is given up.
  static func begin(
    _ shared: MemberState, _ link: any PeerLink, _ others: [MemberID], at revision: Revision,
    completion: @escaping @Sendable ([MemberID: Answer], Revision) -> Void
  ) {
    let round = ComparisonRound(members: others.count + 1) { completion($0, revision) }
    let isTaken = shared.runRead { [shared] in
      let own = try? shared.store.hashKV(at: revision)
      round.note(
        shared.id, own.map { Answer(hash: Int64($0.hash), floor: $0.compactRevision.rawValue) })
    }
    if !isTaken { round.note(shared.id, nil) }
    let question = PeerQuestion.encode([revision.rawValue])
    for member in others {
      link.call(member, .hash, question, timeout: timeout) { result in
        let numbers = (try? result.get()).flatMap { try? PeerQuestion.decodeResult($0).get() }
        round.note(
          member, numbers.flatMap { $0.count == 3 ? Answer(hash: $0[0], floor: $0[2]) : nil })
      }
    }
  }

  /// The hashes that can be compared with a member's: whoever has compacted further, or not as far yet, has another
  /// history to hash.
  static func comparable(
    _ answers: [MemberID: Answer], with member: MemberID
  ) -> [MemberID: Int64] {
    guard let own = answers[member] else { return [:] }
    return answers.filter { $0.value.floor == own.floor }.mapValues(\.hash)
  }
}

/// Gathers the answers of one comparison.
private final class ComparisonRound: Sendable {
  private struct State {
    var left: Int
    var answers: [MemberID: HistoryComparison.Answer] = [:]
  }

  private let state: Mutex<State>
  private let completion: @Sendable ([MemberID: HistoryComparison.Answer]) -> Void

  init(
    members: Int,
    completion: @escaping @Sendable ([MemberID: HistoryComparison.Answer]) -> Void
  ) {
    state = Mutex(State(left: members))
    self.completion = completion
  }

  /// Notes a member's answer; nil if it has none.
  func note(_ member: MemberID, _ answer: HistoryComparison.Answer?) {
    let answers = state.withLock { state in
      state.answers[member] = answer
      state.left -= 1
      return state.left == 0 ? state.answers : nil
    }
    if let answers { completion(answers) }
  }
}
