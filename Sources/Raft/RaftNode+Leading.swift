internal import Primitives

/// What a leader does with its log: section 5.3 of the Raft paper, pipelined and batched, with bounds
/// on what is under way.
extension RaftNode {
  // MARK: Appending

  mutating func propose(_ entries: [ProposedEntry]) {
    if entries.isEmpty { return }
    log.reserve(entries.count)
    var bytes = 0
    for entry in entries {
      invariant(
        entry.kind != .membership || log.unappliedMembership.isEmpty,
        "a membership change was proposed while one is under way")
      log.append(
        LogEntry(
          index: lastIndex.next, term: currentTerm, kind: entry.kind, payload: entry.payload))
      bytes += entry.payload.count
    }
    uncommitted.add(through: lastIndex, bytes: bytes)
    sendEntriesToAll()
  }

  /// Commits what a majority has, if it is of this term, and tells the others.
  mutating func advanceCommit(into effects: inout [Effect]) {
    let reached = configuration.quorumIndex { member in
      if member == id { return has(.earlyOwnCount) ? lastIndex : stableIndex }
      return progress.first { $0.member == member }?.matchIndex ?? .zero
    }
    // Only entries of its own term are committed by counting (section 5.4.2).
    guard reached > commitIndex, reached >= termStart || has(.oldTermCommit) else { return }
    log.commit(through: reached)
    uncommitted.remove(through: reached)
    // Followers learn the commit with the next entries, or from this, which may be empty.
    sendEntriesToAll(evenIfEmpty: true)
    beginRound(into: &effects)
  }

  /// Forgets entries in memory that nobody is about to need: a leader sends them to its followers, and a follower
  /// applies them once it hears that they are committed.
  mutating func trimWindow() {
    let durable = stableIndex.next
    if log.windowBytes > settings.windowBytes { return log.trimWindow(before: durable) }
    let needed = role == .leader ? firstNeededIndex : lastApplied.next
    log.trimWindow(before: min(needed, durable))
  }

  // MARK: Sending

  private mutating func sendEntriesToAll(evenIfEmpty: Bool = false) {
    for place in progress.indices { sendEntries(to: place, evenIfEmpty: evenIfEmpty) }
  }

  /// Sends a follower what its window has room for.
  mutating func sendEntries(to place: Int, evenIfEmpty: Bool = false) {
    var mayBeEmpty = evenIfEmpty
    while !progress[place].isPaused(settings) {
      guard sendOnce(to: place, evenIfEmpty: mayBeEmpty) else { return }
      mayBeEmpty = false
    }
  }

  /// Sends one message with entries; false if there is nothing to send, or entries must be loaded first.
  private mutating func sendOnce(to place: Int, evenIfEmpty: Bool) -> Bool {
    let next = progress[place].nextIndex
    let before = LogIndex(next.rawValue - 1)
    guard let term = log.terms.term(at: before) else {
      return beginSnapshot(for: place)
    }
    let previous = EntryMark(index: before, term: term)
    // A probe finds out where the logs agree even when there is nothing to send.
    guard next <= lastIndex || evenIfEmpty || progress[place].state == .probe else { return false }
    if next <= lastIndex, next < log.windowFirst {
      requestLoad(for: place, from: next)
      return false
    }
    let entries = next <= lastIndex ? batch(from: next) : []
    send(entries, after: previous, to: place)
    return !entries.isEmpty
  }

  /// Entries of the window, as many as one message takes.
  private func batch(from next: LogIndex) -> [LogEntry] {
    var bytes = 0
    var count = 0
    let rest = log.entries(next...lastIndex)
    for entry in rest {
      bytes += entry.payload.count
      if bytes > settings.appendBytes, count > 0 { break }
      count += 1
    }
    return Array(rest.prefix(count))
  }

  private mutating func send(_ entries: [LogEntry], after previous: EntryMark, to place: Int) {
    let request = AppendRequest(
      previous: previous, entries: entries, commit: commitIndex, attempt: progress[place].attempt)
    send(.append(request), to: progress[place].member)
    var bytes = 0
    for entry in entries { bytes += entry.payload.count }
    progress[place].sent(
      through: entries.last?.index ?? previous.index, bytes: bytes, isEmpty: entries.isEmpty)
  }

  /// Asks for entries that are in the log and not in memory, unless much is under way already: a follower that lags far
  /// behind must not make the leader read a whole window in one step.
  private mutating func requestLoad(for place: Int, from next: LogIndex) {
    if progress[place].isLoading || progress[place].inFlight.bytes >= settings.loadedBytes {
      return
    }
    progress[place].isLoading = true
    demands.append(
      .load(
        for: progress[place].member, from: next,
        through: min(stableIndex, LogIndex(log.windowFirst.rawValue - 1)),
        maxBytes: min(settings.appendBytes, settings.loadBytes)))
  }

  mutating func sendLoaded(
    _ entries: [LogEntry], to member: MemberID, into effects: inout [Effect]
  ) {
    guard role == .leader, let place = place(of: member), progress[place].isLoading else { return }
    progress[place].isLoading = false
    // What was loaded may be beside the point by now: the next message asks again.
    if let first = entries.first, first.index == progress[place].nextIndex,
      log.terms.term(at: first.index) == first.term,
      let term = log.terms.term(at: LogIndex(first.index.rawValue - 1)),
      !progress[place].isPaused(settings)
    {
      send(
        entries, after: EntryMark(index: LogIndex(first.index.rawValue - 1), term: term), to: place)
    }
    sendEntries(to: place)
  }

  // MARK: Snapshots

  /// The log lacks what a follower needs: it gets a state, if it is there to take it.
  private mutating func beginSnapshot(for place: Int) -> Bool {
    guard progress[place].isActive else { return false }
    progress[place].becomeSnapshot()
    demands.append(.sendSnapshot(to: progress[place].member))
    return false
  }

  mutating func snapshotSent(
    to member: MemberID, last: LogIndex?, into effects: inout [Effect]
  ) {
    guard role == .leader, let place = place(of: member), progress[place].state == .snapshot else {
      return
    }
    progress[place].becomeProbe()
    if let last {
      progress[place].nextIndex = max(progress[place].nextIndex, min(last, lastIndex).next)
      sendEntries(to: place)
    } else {
      // The next heartbeat's answer begins another attempt.
      progress[place].hasProbe = true
    }
  }

  mutating func unreachable(_ member: MemberID) {
    guard role == .leader, let place = place(of: member), progress[place].state == .replicate
    else { return }
    progress[place].becomeProbe()
  }

  // MARK: Answers

  mutating func take(
    _ answer: AppendAnswer, from member: MemberID, into effects: inout [Effect]
  ) {
    guard role == .leader, let place = place(of: member) else { return }
    if case .accepted(let index) = answer, !progress[place].mayCount(index) { return }
    progress[place].isActive = true
    switch answer {
    case .accepted(let index):
      invariant(
        index <= lastIndex, "\(member) has \(index), the leader's log ends at \(lastIndex)")
      accepted(index, at: place, into: &effects)
    case .rejected(let previous, let hint, let attempt):
      // Where the terms show that the logs cannot agree before, nothing needs to be tried.
      let agreeing = log.terms.lastEntry(through: hint.index, ofTermAtMost: hint.term)
      if progress[place].rejected(previous, agreeing: agreeing.index, attempt: attempt) {
        if progress[place].state == .replicate { progress[place].becomeProbe() }
        sendEntries(to: place)
      }
    }
  }

  private mutating func accepted(
    _ index: LogIndex, at place: Int, into effects: inout [Effect]
  ) {
    let wasPaused = progress[place].isPaused(settings)
    let isNews = progress[place].accepted(index)
    switch progress[place].state {
    case .probe where isNews || index.next == progress[place].nextIndex:
      progress[place].becomeReplicate()
    case .snapshot where index >= log.terms.base.index: progress[place].becomeReplicate()
    case .replicate: progress[place].inFlight.remove(through: index)
    default: break
    }
    if isNews { advanceCommit(into: &effects) }
    if wasPaused || progress[place].nextIndex <= lastIndex { sendEntries(to: place) }
    trimWindow()
    let member = progress[place].member
    if member == transferee, progress[place].matchIndex == lastIndex {
      send(.campaignNow, to: member)
    }
  }

  mutating func take(
    _ round: ReadRound, from member: MemberID, into effects: inout [Effect]
  ) {
    guard role == .leader, let place = place(of: member) else { return }
    progress[place].isActive = true
    progress[place].hasProbe = false
    progress[place].round = max(progress[place].round, round)
    // A window full of lost messages would otherwise never open again.
    if progress[place].state == .replicate, isHeld(place) {
      progress[place].inFlight.removeFirst()
    }
    if progress[place].matchIndex < lastIndex || progress[place].state == .probe {
      sendEntries(to: place, evenIfEmpty: true)
    }
    confirm(round, into: &effects)
  }

  /// Whether what is under way to a follower keeps it from getting more.
  private func isHeld(_ place: Int) -> Bool {
    let member = progress[place]
    return member.isPaused(settings)
      || member.nextIndex < log.windowFirst && member.inFlight.bytes >= settings.loadedBytes
  }

  // MARK: Heartbeats

  mutating func sendHeartbeats() {
    for member in progress {
      send(
        .heartbeat(commit: min(commitIndex, member.matchIndex), round: rounds.number),
        to: member.member)
    }
  }

  func place(of member: MemberID) -> Int? { progress.firstIndex { $0.member == member } }
}
