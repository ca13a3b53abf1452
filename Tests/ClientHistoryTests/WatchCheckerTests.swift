import ClientHistory
import Primitives
import Testing

@Suite("What a watch was told")
struct WatchCheckerTests {
  private static func change(_ key: String, _ value: String?) -> RevisionHistory.Change {
    RevisionHistory.Change(key: Bytes(key.utf8), value: value.map { Bytes($0.utf8) })
  }

  /// Revisions 2 to 5; 3 changes two keys.
  private static func history() -> RevisionHistory {
    var history = RevisionHistory()
    let revisions = [
      [change("a", "1")], [change("a", "2"), change("b", "3")], [change("c", "4")],
      [change("a", nil)],
    ]
    for (place, changes) in revisions.enumerated() {
      #expect(history.add(changes, at: Revision(Int64(place) + 2), of: "test") == nil)
    }
    return history
  }

  /// Events as `revision key value`, progress as a number alone, and `again` for a new stream.
  private func run(_ lines: [String], _ checker: inout WatchChecker) -> Violation? {
    let history = Self.history()
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      var violation: Violation?
      if words[0] == "again" {
        checker.reconnect()
      } else {
        let revision = Revision(Int64(words[0])!)
        violation =
          words.count == 1
          ? checker.take(progressAt: revision, in: history)
          : checker.take(
            Self.change(words[1], words[2] == "-" ? nil : words[2]), at: revision, in: history)
      }
      if let violation { return violation }
    }
    return nil
  }

  @Test("is right when everything comes once and in order")
  func good() {
    var all = WatchChecker(after: Revision(1))
    let lines = [
      "2 a 1", "3 a 2", "again", "3 a 2", "3 b 3", "3", "4 c 4", "5 a -", "5",
    ]
    #expect(run(lines, &all) == nil)
    #expect(all.last == Revision(5))
    var some = WatchChecker(after: Revision(1), from: Bytes("b".utf8), end: Bytes("c".utf8))
    #expect(run(["2", "3 b 3", "5"], &some) == nil)
    var late = WatchChecker(after: Revision(3))
    #expect(run(["4 c 4"], &late) == nil)
  }

  @Test(
    "is wrong with a gap, a duplicate, another order, early progress or another value",
    arguments: [
      ["3 a 2"], ["2 a 1", "3 b 3"], ["2 a 1", "3 a 2", "4 c 4"], ["2 a 1", "2 a 1"],
      ["2 a 1", "3 a 2", "3 b 3", "5 a -"], ["2"], ["2 a 1", "3 a 2", "3"], ["2 a 9"],
      ["2 a 1", "3 a 2", "3 b 3", "2 a 1"], ["2 a 1", "3 a 2", "3 b 3", "4 c 4", "5 a -", "6"],
    ])
  func bad(lines: [String]) {
    var checker = WatchChecker(after: Revision(1))
    #expect(run(lines, &checker) != nil)
  }
}
