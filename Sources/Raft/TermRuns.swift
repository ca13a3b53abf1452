public import Primitives

/// The term of every entry in a log, without the entries: terms never decrease along a log, so a few
/// runs describe millions of entries.
///
/// Cost: `term(at:)` looks at the last run first; elsewhere it is a binary search over the runs.
public struct TermRuns: Hashable, Sendable {
  private struct Run: Hashable, Sendable {
    var first: LogIndex
    var term: Term
  }

  /// The entry before the first one in the log.
  public private(set) var base: EntryMark
  /// The last entry in the log.
  public private(set) var lastIndex: LogIndex
  private var runs: [Run] = []

  /// An empty log that goes on after `base`.
  public init(after base: EntryMark = .zero) {
    self.base = base
    lastIndex = base.index
  }

  /// The last entry.
  public var last: EntryMark { EntryMark(index: lastIndex, term: runs.last?.term ?? base.term) }

  /// Adds the next entry.
  public mutating func append(_ term: Term) {
    invariant(term >= last.term, "an entry of term \(term) after one of term \(last.term)")
    lastIndex = lastIndex.next
    if runs.isEmpty || runs[runs.count - 1].term != term {
      runs.append(Run(first: lastIndex, term: term))
    }
  }

  /// The term of an entry, or of the one before the first; nil outside.
  public func term(at index: LogIndex) -> Term? {
    if index > lastIndex || index < base.index { return nil }
    guard let place = place(of: index) else { return base.term }
    return runs[place].term
  }

  /// Whether the log has this very entry, or began after it.
  public func contains(_ mark: EntryMark) -> Bool { term(at: mark.index) == mark.term }

  /// Drops the entries from `index` on.
  mutating func truncate(from index: LogIndex) {
    invariant(index > base.index, "a truncation from \(index) of a log after \(base)")
    if index > lastIndex { return }
    while let run = runs.last, run.first >= index { runs.removeLast() }
    lastIndex = LogIndex(index.rawValue - 1)
  }

  /// Forgets the entries up to `index`.
  mutating func drop(through index: LogIndex) {
    guard index > base.index, let term = term(at: index) else { return }
    let place = place(of: index)
    base = EntryMark(index: index, term: term)
    if index == lastIndex {
      runs.removeAll()
    } else if let place {
      runs.removeFirst(place)
      runs[0].first = max(runs[0].first, index.next)
      // The run of the dropped entry may have ended with it.
      if runs.count > 1, runs[1].first == runs[0].first { runs.removeFirst() }
    }
  }

  /// The last entry at or before `index` whose term is at most `term`: where two logs may agree, given
  /// what one knows of the other. The base if there is none.
  func lastEntry(through index: LogIndex, ofTermAtMost term: Term) -> EntryMark {
    var through = min(index, lastIndex)
    var place = place(of: through)
    while let run = place, run >= 0 {
      if runs[run].term <= term { return EntryMark(index: through, term: runs[run].term) }
      through = LogIndex(runs[run].first.rawValue - 1)
      place = run - 1
    }
    return base
  }

  /// The run in which an entry lies; nil at the base or before it.
  private func place(of index: LogIndex) -> Int? {
    var low = 0
    var high = runs.count
    if high > 0, runs[high - 1].first <= index { return high - 1 }
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].first <= index { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }
}
