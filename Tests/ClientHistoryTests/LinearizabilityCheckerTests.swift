import ClientHistory
import Primitives
import Testing

/// A history in a line: `begin-end what`, where what is `k=v@r` (written), `k=v?` (unknown), `k=v!` (refused),
/// `k:v.m@r` (read v of m), `k:-@r` (read nothing), `k=v/m@r` (guarded write), `k=v/m~r` (guard refused), and `-`
/// as a value deletes.
private func operation(_ line: String) -> ClientOperation {
  let words = line.split(separator: " ").map(String.init)
  let times = words[0].split(separator: "-").map { UInt64($0)! }
  let text = words[1]
  let key = Bytes(text.prefix(1).utf8)
  var rest = text.dropFirst(2)
  func value(_ text: some StringProtocol) -> Bytes? { text == "-" ? nil : Bytes(text.utf8) }
  func revision(_ text: some StringProtocol) -> Revision { Revision(Int64(text)!) }
  if text.dropFirst().first == ":" {
    let parts = rest.split(separator: "@")
    let seen = parts[0].split(separator: ".")
    let version = value(seen[0]).map {
      RevisionHistory.Version(value: $0, modified: revision(seen[1]))
    }
    return ClientOperation(
      .read(key), begin: times[0], end: times[1], outcome: .read(version, at: revision(parts[1])))
  }
  var outcome = ClientOperation.Outcome.unknown
  if rest.last == "?" {
    rest.removeLast()
  } else if rest.last == "!" {
    rest.removeLast()
    outcome = .refused
  } else if let place = rest.firstIndex(of: "~") {
    outcome = .unchanged(at: revision(rest[rest.index(after: place)...]))
    rest = rest[..<place]
  } else if let place = rest.firstIndex(of: "@") {
    outcome = .written(at: revision(rest[rest.index(after: place)...]))
    rest = rest[..<place]
  }
  let parts = rest.split(separator: "/")
  let guarded = parts.count > 1 ? revision(parts[1]) : nil
  return ClientOperation(
    .write(key, value: value(parts[0]), ifModifiedAt: guarded), begin: times[0],
    end: outcome == .unknown ? .max : times[1], outcome: outcome)
}

private func check(
  _ lines: [String], in surroundings: LinearizabilityChecker.Surroundings = .init()
) -> [Violation] { LinearizabilityChecker.check(lines.map(operation), in: surroundings) }

@Suite("Histories of clients")
struct LinearizabilityCheckerTests {
  @Test(
    "that one store explains pass",
    arguments: [
      ["1-2 a=x@2", "3-4 a:x.2@2"],
      ["1-9 a=x@3", "2-8 a=y@2", "3-7 a:y.2@2", "10-11 a:x.3@3"],
      // A read beside a write may see it or not.
      ["1-2 a=x@2", "3-9 a=y@3", "4-5 a:y.3@3", "4-8 a:x.2@2"],
      // An unknown write may take effect late, or never.
      ["1-2 a=x@2", "3-4 a=y?", "5-6 a:x.2@2", "7-8 a:y.3@3"],
      ["1-2 a=x@2", "3-4 a=y?", "5-6 a:x.2@4"],
      ["1-2 a=x@2", "3-4 a=-?", "5-6 a:-@3"],
      ["1-2 a=x/0@2", "3-4 a=y/2@3", "5-6 a=-/3@4", "7-8 a:-@4", "9-10 a=z/0@5"],
      ["1-2 a=x@2", "3-4 b=y@3", "5-6 a:x.2@3"],
      ["1-2 a=x!", "3-4 a:-@1"],
      ["1-2 a=x/0@2", "3-4 a=y/0~2", "5-6 a:x.2@2"],
    ])
  func good(lines: [String]) { #expect(check(lines) == []) }

  @Test(
    "that nothing explains do not",
    arguments: [
      // A stale read.
      ["1-2 a=x@2", "3-4 a=y@3", "5-6 a:x.2@2"],
      // The same, told at a new revision.
      ["1-2 a=x@2", "3-4 a=y@3", "5-6 a:x.2@3"],
      // Time and revisions go different ways.
      ["1-2 a=x@3", "3-4 a=y@2"],
      ["1-2 a:-@5", "3-4 b:-@4"],
      // One revision for two writes.
      ["1-2 a=x@2", "1-2 b=y@2"],
      // A value that nobody wrote, or that was refused.
      ["1-2 a:x.2@2"],
      ["1-2 a=x!", "3-4 a:x.2@2"],
      // Another value than was written.
      ["1-2 a=x@2", "3-4 a:y.2@2"],
      // A read from the future.
      ["1-2 a=x@5", "1-4 a:x.5@4"],
      // A lost write.
      ["1-2 a=x@2", "3-4 a:-@2"],
      // Two creations without a deletion between, and a lost update.
      ["1-2 a=x/0@2", "3-4 a=y/0@3"],
      ["1-2 a=x/0@2", "3-9 a=y/2@3", "4-9 a=z/2@4"],
      // An unknown write that took effect before it was sent.
      ["1-2 b=y@3", "5-6 a=x?", "7-8 a:x.2@3"],
      // An unknown write that took effect twice.
      ["1-2 a=x?", "3-4 a:x.2@2", "5-6 a=y@3", "7-8 a:x.4@4"],
    ])
  func bad(lines: [String]) { #expect(check(lines) != []) }

  private static func history() -> RevisionHistory {
    var history = RevisionHistory()
    let changes: [(String, String?)] = [("a", "x"), ("a", "y"), ("a", nil), ("b", "z")]
    for (place, (key, value)) in changes.enumerated() {
      let change = RevisionHistory.Change(
        key: Bytes(key.utf8), value: value.map { Bytes($0.utf8) })
      #expect(history.add([change], at: Revision(Int64(place) + 2), of: "test") == nil)
    }
    return history
  }

  @Test(
    "are held against the store's own, where that is known",
    arguments: [
      // Lost, or not what was written.
      ["1-2 a=w@6"], ["1-2 a=w@2"], ["1-2 a=x!"],
      // A deletion that must be seen, one that must not, and guards.
      ["1-2 a:y.3@4"], ["1-2 a:-@3"], ["1-2 a=y/0@3"], ["1-2 a=q/2~2"], ["1-2 b=q/0~4"],
    ])
  func againstHistory(lines: [String]) {
    #expect(check(lines, in: .init(history: Self.history())) != [])
    let good = ["1-2 a=x/0@2", "3-4 a=y/2@3", "5-6 a:-@4", "7-8 b=z@5", "9-10 b=q/0~5"]
    #expect(check(good, in: .init(history: Self.history())) == [])
  }

  @Test("where keys vanish by themselves, a read may find nothing")
  func vanishing() {
    let lines = ["1-2 a=x@2", "3-4 a:-@3", "5-6 a=y/0@4"]
    #expect(check(lines) != [])
    #expect(check(lines, in: .init(keysVanish: true)) == [])
  }

  @Test("the same revision must be the same everywhere, and a value be written once")
  func histories() {
    var history = Self.history()
    let change = RevisionHistory.Change(key: Bytes("a".utf8), value: Bytes("x".utf8))
    #expect(history.add([change], at: Revision(2), of: "other") == nil)
    #expect(history.add([change], at: Revision(3), of: "other") != nil)
    #expect(history.add([], at: history.last.next, of: "other") != nil)
    #expect(history.add([change], at: history.last.next, of: "other") != nil)
  }
}
