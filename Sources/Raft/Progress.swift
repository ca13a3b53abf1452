internal import Primitives

/// What a leader knows of another member's log, and how it feeds it: "volatile state on leaders",
/// figure 2 of the Raft paper.
struct Progress: Sendable {
  /// How entries are sent.
  enum State: Hashable, Sendable {
    /// Where the logs agree is not known: one message, then its answer.
    case probe
    /// The logs agree: messages follow each other without waiting.
    case replicate
    /// The log lacks what the member needs: it gets a state instead, and no entries meanwhile.
    case snapshot
  }

  /// What became of a member that has forgotten what it promised.
  struct Forgetting: Sendable {
    /// The life that began without memory.
    let life: MemberLife
    /// An entry behind the change that took its vote away, once that is applied here.
    var demotedAt: LogIndex?
    /// Whether it has taken a state since, and remembers again.
    var isOver = false
  }

  let member: MemberID
  /// The highest entry known to be durable on that member and equal to the leader's.
  var matchIndex: LogIndex
  /// The next entry to send.
  var nextIndex: LogIndex
  var state = State.probe
  /// How often feeding has begun anew: messages that were under way by then say nothing any more.
  var attempt: UInt32 = 0
  /// Messages with entries that have not been answered.
  var inFlight = InFlight()
  /// Whether a probe is under way.
  var hasProbe = false
  /// Whether entries are being read from the log for it.
  var isLoading = false
  /// Whether it was heard since the last look of check-quorum.
  var isActive: Bool
  /// The last round of reads that it has confirmed.
  var round = ReadRound(rawValue: 0)
  /// The last life of which it said that it has forgotten the ones before.
  var forgetting: Forgetting?

  init(member: MemberID, nextIndex: LogIndex, isActive: Bool) {
    self.member = member
    self.nextIndex = nextIndex
    self.isActive = isActive
    matchIndex = .zero
  }

  /// Whether entries must wait for an answer.
  func isPaused(_ settings: RaftSettings) -> Bool {
    switch state {
    case .probe: hasProbe
    case .replicate:
      inFlight.count >= settings.inFlightMessages || inFlight.bytes >= settings.inFlightBytes
    case .snapshot: true
    }
  }

  /// Notes that entries were sent.
  mutating func sent(through last: LogIndex, bytes: Int, isEmpty: Bool) {
    switch state {
    case .probe: hasProbe = true
    case .replicate:
      if isEmpty { return }
      nextIndex = last.next
      inFlight.add(through: last, bytes: bytes)
    case .snapshot: invariant(false, "entries for \(member), which gets a snapshot")
    }
  }

  /// Notes how far the member's log is durable; false if that was known.
  mutating func accepted(_ index: LogIndex) -> Bool {
    let isNews = index > matchIndex
    matchIndex = max(matchIndex, index)
    nextIndex = max(nextIndex, index.next)
    if isNews { hasProbe = false }
    return isNews
  }

  /// Takes a rejection, with what the leader makes of its hint; false if it answers an old message.
  mutating func rejected(_ previous: LogIndex, agreeing: LogIndex, attempt: UInt32) -> Bool {
    if attempt != self.attempt { return false }
    switch state {
    case .replicate:
      if previous <= matchIndex { return false }
      nextIndex = matchIndex.next
    case .probe, .snapshot:
      if previous.next != nextIndex { return false }
      nextIndex = max(min(previous, agreeing.next), matchIndex.next)
      hasProbe = false
    }
    return true
  }

  mutating func becomeProbe() {
    state = .probe
    attempt &+= 1
    nextIndex = matchIndex.next
    hasProbe = false
    inFlight.removeAll()
  }

  /// Whether the member is known to have forgotten its promises, and not known to have taken a state since.
  var isForgetful: Bool { forgetting.map { !$0.isOver } ?? false }

  /// The member says that it has lost its log: nothing that it said before counts. False if it says so of a life
  /// that is over: the word was late, and taking a vote away for it could cost the cluster its quorum.
  mutating func forget(_ life: MemberLife) -> Bool {
    if let forgetting, forgetting.life == life {
      if forgetting.isOver { return false }
    } else {
      forgetting = Forgetting(life: life)
    }
    matchIndex = .zero
    round = ReadRound(rawValue: 0)
    isActive = false
    if state != .snapshot { becomeProbe() }
    return true
  }

  /// Whether an acknowledgement counts. One from before the member forgot does not: what it had then lies before
  /// the change that took its vote away, and what it has after that behind.
  mutating func mayCount(_ index: LogIndex) -> Bool {
    guard let forgetting, !forgetting.isOver else { return true }
    guard let demotedAt = forgetting.demotedAt, index >= demotedAt else { return false }
    self.forgetting?.isOver = true
    return true
  }

  mutating func becomeReplicate() {
    state = .replicate
    nextIndex = matchIndex.next
    hasProbe = false
    inFlight.removeAll()
  }

  mutating func becomeSnapshot() {
    state = .snapshot
    inFlight.removeAll()
  }
}
