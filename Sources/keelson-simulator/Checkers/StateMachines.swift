import ClientHistory
import MVCC
import Primitives
import ReplicaCore

/// Members that have applied the same entries hold the same: revisions, history, leases, members and alarms.
struct StateMachines {
  /// What each revision wrote.
  private(set) var history = RevisionHistory()
  private var states: [LogIndex: Int] = [:]
  private var hashes: [[Int64]: UInt32] = [:]
  private(set) var compared = 0

  /// Compares what a member's store wrote from `revision` on with what others wrote there.
  mutating func compareHistory(
    of member: MemberID, _ store: Store, from revision: Revision
  ) -> Violation? {
    let first = max(revision.rawValue, 2, store.compactedRevision.rawValue + 1)
    for number in stride(from: first, through: store.currentRevision.rawValue, by: 1) {
      var changes: [RevisionHistory.Change] = []
      var sub: Int64 = 0
      while let record = try? store.record(at: SubRevision(main: Revision(number), sub: sub)) {
        changes.append(.init(key: record.key, value: record.isTombstone ? nil : record.value))
        sub += 1
      }
      compared += 1
      if let violation = history.add(changes, at: Revision(number), of: "member \(member)") {
        return violation
      }
    }
    return nil
  }

  /// Compares what a member holds beside keys at its applied index with what others held there.
  mutating func compareState(of member: MemberID, _ replica: Replica) -> Violation? {
    var hasher = Hasher()
    hasher.combine(replica.store.currentRevision)
    hasher.combine(replica.store.compactedRevision)
    hasher.combine(replica.store.leases())
    hasher.combine(replica.cluster)
    let digest = hasher.finalize()
    compared += 1
    guard let known = states.updateValue(digest, forKey: replica.appliedIndex), known != digest
    else { return nil }
    return Violation(
      .stateMachines,
      "\(member) holds other leases, members or revisions at \(replica.appliedIndex)")
  }

  /// Compares all the bytes of a member's history, by etcd's hash, with others' at the same revisions.
  mutating func compareBytes(of member: MemberID, _ store: Store) -> Violation? {
    guard let hash = try? store.hashKV() else { return nil }
    compared += 1
    let place = [hash.hashRevision.rawValue, hash.compactRevision.rawValue]
    guard let known = hashes.updateValue(hash.hash, forKey: place), known != hash.hash else {
      return nil
    }
    return Violation(
      .stateMachines, "the bytes of \(member) differ at revision \(hash.hashRevision)")
  }
}
