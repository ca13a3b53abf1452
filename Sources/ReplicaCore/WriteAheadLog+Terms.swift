internal import Primitives
internal import Raft
internal import WriteAheadLog

extension WriteAheadLog {
  /// The terms of all entries, as Raft keeps them. Cost: a look at each entry's place in memory.
  var terms: TermRuns {
    var runs = TermRuns(after: EntryMark(index: base.index, term: base.term))
    while runs.lastIndex < lastIndex {
      guard let term = term(at: runs.lastIndex.next) else {
        invariant(false, "no term for entry \(runs.lastIndex.next) of a log to \(lastIndex)")
        break
      }
      runs.append(term)
    }
    return runs
  }
}
