internal import Primitives

/// What a follower does with what its leader sends.
extension RaftNode {
  // MARK: Entries

  mutating func append(_ request: AppendRequest, from leader: MemberID) {
    if installing != nil { return }
    let previous = request.previous
    // Committed entries are the same everywhere, so nothing before them needs a look.
    if previous.index < commitIndex {
      return promise(.appendAnswer(.accepted(commitIndex)), to: leader)
    }
    guard log.terms.contains(previous) || has(.uncheckedAppend) && previous.index <= lastIndex
    else {
      let hint = log.terms.lastEntry(through: previous.index, ofTermAtMost: previous.term)
      let answer = AppendAnswer.rejected(
        previous: previous.index, hint: hint, attempt: request.attempt)
      return promise(.appendAnswer(answer), to: leader)
    }
    var known = 0
    while known < request.entries.count {
      let entry = request.entries[known]
      guard log.terms.term(at: entry.index) == entry.term else { break }
      known += 1
    }
    if known < request.entries.count {
      let first = request.entries[known].index
      if first <= lastIndex {
        log.truncate(from: first)
        truncation = min(truncation ?? first, first)
      }
      log.reserve(request.entries.count - known)
      for entry in request.entries[known...] { log.append(entry) }
    }
    let last = request.entries.last?.index ?? previous.index
    log.commit(through: min(request.commit, last))
    promise(.appendAnswer(.accepted(last)), to: leader)
  }

  // MARK: Snapshots

  /// A whole state arrived from the leader.
  mutating func take(_ mark: SnapshotMark, from leader: MemberID, into effects: inout [Effect]) {
    if installing != nil { return }
    if mark.last.index <= commitIndex {
      return promise(.appendAnswer(.accepted(commitIndex)), to: leader)
    }
    if log.terms.contains(mark.last) {
      // The log has all that the state contains: it is quicker to apply that.
      log.commit(through: mark.last.index)
      return promise(.appendAnswer(.accepted(mark.last.index)), to: leader)
    }
    installing = mark
    demands.append(.install(mark))
  }

  mutating func installed(_ mark: SnapshotMark) {
    invariant(
      installing == mark, "\(mark) is in place, \(String(describing: installing)) was asked")
    installing = nil
    forgetfulLife = nil
    resetLog(to: mark.last)
    configuration = mark.configuration
    currentTerm = max(currentTerm, mark.last.term)
    if leader != .none, leader != id {
      promise(.appendAnswer(.accepted(mark.last.index)), to: leader)
    }
  }
}
