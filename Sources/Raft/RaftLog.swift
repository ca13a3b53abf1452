internal import Primitives

/// What a node knows of its own log: the terms of all entries, the latest entries themselves, and how
/// far they are durable, committed and applied.
///
/// The order that holds everywhere: applied ≤ handed on ≤ min(committed, durable).
struct RaftLog: Sendable {
  /// The terms of all entries.
  private(set) var terms: TermRuns
  /// The last durable entry.
  private(set) var stableIndex: LogIndex
  /// The highest entry known to be committed.
  private(set) var commitIndex: LogIndex
  /// The last entry handed to the state machine.
  var handedToApply: LogIndex
  /// The last entry that the state machine has applied.
  private(set) var lastApplied: LogIndex
  /// Changes of the membership that are in the log and not applied, in order.
  private(set) var unappliedMembership: [LogIndex]
  /// The latest entries, from `window.first` on, up to the last; all that are not durable among them.
  private(set) var window: [LogEntry] = []
  /// Bytes of the entries in the window.
  private(set) var windowBytes = 0

  init(_ start: RaftNode.Start) {
    terms = start.terms
    stableIndex = start.terms.lastIndex
    commitIndex = max(start.hardState.commit, start.appliedIndex)
    handedToApply = start.appliedIndex
    lastApplied = start.appliedIndex
    unappliedMembership = start.membershipEntries.filter { $0 > start.appliedIndex }
  }

  var lastIndex: LogIndex { terms.lastIndex }
  var last: EntryMark { terms.last }
  /// The last entry that is known to be committed.
  var lastCommitted: EntryMark {
    guard let term = terms.term(at: commitIndex) else { return .zero }
    return EntryMark(index: commitIndex, term: term)
  }
  /// The first entry in the window; one past the last if it is empty.
  var windowFirst: LogIndex { LogIndex(lastIndex.rawValue + 1 - UInt64(window.count)) }

  /// Whether a change of the membership is known to be committed and has not taken effect here.
  var hasCommittedMembership: Bool {
    guard let first = unappliedMembership.first else { return false }
    return first <= commitIndex
  }

  /// The last change of the membership that is known to be committed and has not taken effect here.
  var committedMembership: LogIndex? { unappliedMembership.last { $0 <= commitIndex } }

  /// The entries of a range that lies in the window.
  func entries(_ range: ClosedRange<LogIndex>) -> ArraySlice<LogEntry> {
    let first = windowFirst
    invariant(
      range.lowerBound >= first && range.upperBound <= lastIndex,
      "entries \(range) of a window from \(first) to \(lastIndex)")
    let begin = Int(range.lowerBound.rawValue - first.rawValue)
    return window[begin...begin + Int(range.upperBound.rawValue - range.lowerBound.rawValue)]
  }

  // MARK: Growing

  mutating func reserve(_ count: Int) { window.reserveCapacity(window.count + count) }

  /// Adds the next entry.
  mutating func append(_ entry: LogEntry) {
    terms.append(entry.term)
    invariant(entry.index == lastIndex, "entry \(entry.index) is appended as \(lastIndex)")
    if entry.kind == .membership { unappliedMembership.append(entry.index) }
    windowBytes += entry.payload.count
    window.append(entry)
  }

  /// Drops the entries from `index` on, which no leader has committed.
  mutating func truncate(from index: LogIndex) {
    invariant(
      index > commitIndex, "entries from \(index) are to go, \(commitIndex) are committed")
    let first = windowFirst
    terms.truncate(from: index)
    if index <= first {
      window.removeAll(keepingCapacity: true)
      windowBytes = 0
    } else {
      while let last = window.last, last.index >= index {
        windowBytes -= last.payload.count
        window.removeLast()
      }
    }
    while let last = unappliedMembership.last, last >= index { unappliedMembership.removeLast() }
    stableIndex = min(stableIndex, LogIndex(index.rawValue - 1))
  }

  // MARK: Progress

  /// Notes that entries are durable.
  mutating func stabilize(through index: LogIndex) {
    invariant(index <= lastIndex, "durable index \(index) is past the last entry \(lastIndex)")
    stableIndex = max(stableIndex, index)
  }

  /// Notes that entries are committed.
  mutating func commit(through index: LogIndex) {
    invariant(index <= lastIndex, "commit \(index) is past the last entry \(lastIndex)")
    commitIndex = max(commitIndex, index)
  }

  /// Notes that entries have been applied.
  mutating func applied(through index: LogIndex) {
    invariant(index >= lastApplied, "applied went back from \(lastApplied) to \(index)")
    lastApplied = index
    while let first = unappliedMembership.first, first <= index {
      unappliedMembership.removeFirst()
    }
  }

  /// Forgets entries of the window that are durable and lie before `index`.
  ///
  /// Cost: amortised; nothing is moved until half of the window may go.
  mutating func trimWindow(before index: LogIndex) {
    let end = min(index, stableIndex.next)
    let first = windowFirst
    guard end > first else { return }
    let count = Int(end.rawValue - first.rawValue)
    if count == window.count {
      window.removeAll(keepingCapacity: true)
      windowBytes = 0
    } else if count >= window.count / 2 {
      for entry in window.prefix(count) { windowBytes -= entry.payload.count }
      window.removeFirst(count)
    }
  }

  /// Notes that the owner dropped the entries up to `index` from the log.
  mutating func drop(through index: LogIndex) {
    invariant(index <= lastApplied, "the log was cut at \(index), \(lastApplied) are applied")
    terms.drop(through: index)
  }

  /// Begins anew after a snapshot whose state is in place.
  mutating func reset(to mark: EntryMark) {
    terms = TermRuns(after: mark)
    window.removeAll()
    windowBytes = 0
    unappliedMembership = []
    stableIndex = mark.index
    commitIndex = mark.index
    handedToApply = mark.index
    lastApplied = mark.index
  }

  /// Ends the process if the log contradicts itself.
  func checkInvariants() {
    invariant(lastApplied <= handedToApply, "applied \(lastApplied) is past \(handedToApply)")
    invariant(
      handedToApply <= commitIndex, "handed on \(handedToApply) of \(commitIndex) committed entries"
    )
    invariant(
      commitIndex <= lastIndex, "commit \(commitIndex) is past the last entry \(lastIndex)")
    invariant(
      handedToApply <= stableIndex, "applied \(handedToApply) of \(stableIndex) durable ones")
    invariant(
      windowFirst <= stableIndex.next,
      "the window begins at \(windowFirst), \(stableIndex) entries are durable")
  }
}
