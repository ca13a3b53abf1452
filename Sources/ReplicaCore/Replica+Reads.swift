internal import Primitives
internal import Raft

/// Requests that wait until Raft says from which entry on they may be served, and until that is applied.
struct PendingReads {
  /// What is done then.
  enum Purpose {
    case answer(RequestID)
    /// A leader that was deposed and does not know it must not tell a client that its lease goes on.
    case renewal(RequestID, LeaseID)

    var request: RequestID {
      switch self {
      case .answer(let id), .renewal(let id, _): id
      }
    }
  }

  private var lastID: UInt64 = 0
  private var waiting: [ReadID: Purpose] = [:]
  private var confirmed: [(index: LogIndex, purposes: [Purpose])] = []
  /// Renewals whose turn has come.
  var renewals: [(request: RequestID, lease: LeaseID)] = []

  /// Adds a request; Raft is asked about the identifier that is returned.
  mutating func add(_ purpose: Purpose) -> ReadID {
    lastID += 1
    let id = ReadID(rawValue: lastID)
    waiting[id] = purpose
    return id
  }

  /// Notes that reads may be served once an entry is applied.
  mutating func confirm(_ reads: [ReadID], at index: LogIndex) {
    confirmed.append((index, remove(reads)))
  }

  /// Takes requests away that Raft has not confirmed, or has.
  mutating func remove(_ reads: [ReadID]) -> [Purpose] {
    reads.compactMap { waiting.removeValue(forKey: $0) }
  }

  /// Takes the requests that may be served when `applied` is applied, in the order of their confirmation.
  mutating func takeServable(applied: LogIndex) -> [Purpose] {
    if confirmed.isEmpty { return [] }
    let purposes = confirmed.filter { $0.index <= applied }.flatMap(\.purposes)
    confirmed.removeAll { $0.index <= applied }
    return purposes
  }

  /// Takes everything.
  mutating func removeAll() -> [Purpose] {
    let purposes = waiting.keys.sorted { $0.rawValue < $1.rawValue }.compactMap { waiting[$0] }
    defer { self = PendingReads() }
    return purposes + confirmed.flatMap(\.purposes)
      + renewals.map { .renewal($0.request, $0.lease) }
  }
}

extension Replica {
  /// Has Raft confirm that the store, once it is far enough, is not behind any acknowledged write.
  func confirm(_ purpose: PendingReads.Purpose, into effects: inout [ReplicaEffect]) {
    stepRaft(.read(reads.add(purpose)), into: &effects)
  }

  /// Serves what was confirmed and is applied.
  func completeReads(into effects: inout [ReplicaEffect]) {
    for purpose in reads.takeServable(applied: node.lastApplied) {
      switch purpose {
      case .answer(let id): effects.append(.answer(id, .success(.readable)))
      case .renewal(let id, let lease): reads.renewals.append((id, lease))
      }
    }
  }

  /// Carries out renewals of leases by a leader that was one when they arrived.
  func completeRenewals(into effects: inout [ReplicaEffect]) {
    if reads.renewals.isEmpty || hasFailed { return }
    let renewals = reads.renewals
    reads.renewals = []
    renew(renewals, into: &effects)
  }
}
