import MVCC
import Primitives
import Raft
import ReplicaCore

/// Election safety and committed entries: figure 3 of the Raft paper, looked at in every member's log after
/// each of its steps.
struct LogChecks {
  private var leaders: [Term: MemberID] = [:]
  private var committed: [LogIndex: Term] = [:]
  private var seen: [MemberID: LogIndex] = [:]
  private(set) var elections = 0

  mutating func forget(_ member: MemberID) { seen[member] = nil }

  /// What is wrong with a member, if anything is.
  mutating func look(at replica: Replica, _ id: MemberID) -> String? {
    if replica.role == .leader, leaders[replica.term] != id {
      if let other = leaders[replica.term] {
        return "election safety: \(other) and \(id) lead term \(replica.term)"
      }
      leaders[replica.term] = id
      elections += 1
    }
    guard replica.commitIndex > seen[id] ?? .zero else { return nil }
    let terms = replica.logTerms
    let from = max(seen[id] ?? .zero, terms.base.index)
    for number in stride(from: from.next.rawValue, through: replica.commitIndex.rawValue, by: 1) {
      let index = LogIndex(number)
      guard let term = terms.term(at: index) else { continue }
      if let known = committed[index], known != term {
        return "committed entries: \(id) has \(index)@\(term), committed was \(index)@\(known)"
      }
      committed[index] = term
    }
    seen[id] = replica.commitIndex
    return nil
  }
}

/// What each revision wrote, which must be the same on every member, whatever its life was.
struct HistoryCheck {
  /// One change of one key.
  struct Change: Equatable {
    var key: Bytes
    /// Nil for a deletion.
    var value: Bytes?
  }

  /// The changes of revision 2 and those after it.
  private(set) var revisions: [[Change]] = []
  private var values: Set<Bytes> = []

  /// The newest revision that any member has shown.
  var last: Revision { Revision(Int64(revisions.count) + 1) }

  func changes(_ revision: Revision) -> [Change]? {
    let place = Int(revision.rawValue) - 2
    return revisions.indices.contains(place) ? revisions[place] : nil
  }

  /// Compares a member's store from `revision` on.
  mutating func compare(_ store: Store, from revision: Revision, of member: MemberID) -> String? {
    let first = max(revision.rawValue, 2, store.compactedRevision.rawValue + 1)
    for number in stride(from: first, through: store.currentRevision.rawValue, by: 1) {
      var found: [Change] = []
      var sub: Int64 = 0
      while let record = try? store.record(
        at: SubRevision(main: Revision(number), sub: sub))
      {
        found.append(Change(key: record.key, value: record.isTombstone ? nil : record.value))
        sub += 1
      }
      if let known = changes(Revision(number)) {
        if known != found { return "state machines: \(member) differs at revision \(number)" }
        continue
      }
      guard number == last.rawValue + 1 else { continue }
      if found.isEmpty { return "state machines: \(member) has nothing at revision \(number)" }
      for change in found {
        if let value = change.value, !values.insert(value).inserted {
          return "state machines: \(member) carried out one write twice, again at \(number)"
        }
      }
      revisions.append(found)
    }
    return nil
  }

  /// A key's value at a revision, as the history has it.
  func value(_ key: Bytes, at revision: Revision) -> Bytes? {
    for changes in revisions.prefix(max(0, Int(revision.rawValue) - 1)).reversed() {
      if let change = changes.last(where: { $0.key == key }) { return change.value }
    }
    return nil
  }
}

/// Linearizability of what clients saw. The store numbers its states, so the order is known: it must
/// respect the clients' time, and every answer must be the one of its place in it.
struct LinearizabilityCheck {
  /// What a client learned.
  struct Observation {
    /// The newest revision that anybody had learned of when the request was sent.
    var floor: Revision
    var revision: Revision
    var key: Bytes
    var value: Bytes?
    /// Whether it made that revision, rather than read it.
    var isWrite: Bool
  }

  private(set) var observations: [Observation] = []
  /// The newest revision that any client has learned of.
  private(set) var newest = Revision(1)

  mutating func learn(_ observation: Observation) -> String? {
    observations.append(observation)
    newest = max(newest, observation.revision)
    let isInOrder =
      observation.isWrite
      ? observation.revision > observation.floor : observation.revision >= observation.floor
    return isInOrder
      ? nil
      : "linearizability: an answer at \(observation.revision), \(observation.floor) was known before"
  }

  /// Compares the answers that have come since the last call with the history.
  mutating func compare(with history: HistoryCheck) -> String? {
    defer { observations.removeAll(keepingCapacity: true) }
    for seen in observations {
      if seen.isWrite {
        let change = HistoryCheck.Change(key: seen.key, value: seen.value)
        if history.changes(seen.revision)?.contains(change) != true {
          return "durability: the write acknowledged at \(seen.revision) is not in the history"
        }
      } else if history.value(seen.key, at: seen.revision) != seen.value {
        return "linearizability: a read at \(seen.revision) is not what the history has there"
      }
    }
    return nil
  }
}

/// A client that watches everything, from member to member.
struct WatchCheck {
  private(set) var events = 0
  /// The last revision of which it has had all events.
  private(set) var last: Revision
  private var partial = 0

  init(after revision: Revision) { last = revision }

  /// Takes one event; what is wrong with it, if anything is.
  mutating func take(_ event: WatchEvent, _ history: HistoryCheck) -> String? {
    events += 1
    guard event.revision.main == last.next, let changes = history.changes(last.next) else {
      return "watch: an event of \(event.revision) behind \(last)"
    }
    let record = event.record
    let change = HistoryCheck.Change(
      key: record.key, value: record.isTombstone ? nil : record.value)
    guard changes.indices.contains(partial), changes[partial] == change else {
      return "watch: the event of \(event.revision) is not what the history has there"
    }
    partial += 1
    if partial == changes.count {
      last = last.next
      partial = 0
    }
    return nil
  }

  /// The stream says that everything up to a revision has gone out.
  func checkProgress(_ revision: Revision) -> String? {
    revision > last ? "watch: told to be at \(revision), events came up to \(last)" : nil
  }

  /// The stream ended; what was begun comes again.
  mutating func reconnect() { partial = 0 }
}
