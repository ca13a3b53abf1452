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
  /// The life in which it lost its vote because it had forgotten earlier ones, and an entry behind that.
  var demotion: (life: MemberLife, index: LogIndex)?

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

  /// The member has lost its log: nothing that it said counts.
  mutating func forget() {
    matchIndex = .zero
    round = ReadRound(rawValue: 0)
    isActive = false
    becomeProbe()
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
