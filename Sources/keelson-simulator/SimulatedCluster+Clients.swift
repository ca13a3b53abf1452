import ClientHistory
import Environment
import MVCC
import Primitives
import Raft
import ReplicaCore
import Simulation

/// A request that waits for its answer.
struct Request {
  enum Kind {
    case read(key: Bytes)
    /// A guarded write; nil deletes.
    case write(key: Bytes, value: Bytes?, guarded: Revision)
    case grant(LeaseID, seconds: Int64)
    case renew(LeaseID)
    case other
  }

  var client: Int
  var kind: Kind
  var sentAt: MonotonicTime

  /// What is checked of it in the end; nil for what is no matter of keys.
  func operation(_ outcome: ClientOperation.Outcome, endedAt: MonotonicTime?) -> ClientOperation? {
    let action: ClientOperation.Action
    switch kind {
    case .read(let key): action = .read(key)
    case .write(let key, let value, let guarded):
      action = .write(key, value: value, ifModifiedAt: guarded)
    default: return nil
    }
    return ClientOperation(
      action, begin: sentAt.nanoseconds, end: endedAt?.nanoseconds ?? .max, outcome: outcome)
  }
}

/// The workload: objects as Kubernetes keeps them, created if absent, updated and deleted if unchanged, read
/// linearizably, and hung on leases. Each client has one request at a time, at whatever member it likes.
extension SimulatedCluster {
  func act(_ number: Int) {
    if isQuiet { return }
    guard let member = wanted() else {
      return queue.plan(.client(number), at: now + .milliseconds(50))
    }
    nextRequest += 1
    let id = RequestID(rawValue: nextRequest)
    let (kind, request) = makeRequest(id)
    requests[id] = Request(client: number, kind: kind, sentAt: now)
    queue.plan(.overdue(id), at: now + .seconds(2))
    // It may find a member that is stopped, and wait there.
    queue.plan(
      .request(request, member.id, life: member.life), at: now + .microseconds(50 + below(200)))
    if below(16) == 0 { readStale(members[below(members.count)]) }
  }

  /// The member that a client asks: mostly one that leads, or believes so.
  private func wanted() -> SimulatedMember? {
    let up = members.filter(\.isUp)
    guard !up.isEmpty else { return nil }
    let any = up[below(up.count)]
    switch below(10) {
    case 0..<6: return leader ?? any
    case 6..<8:
      let believers = up.filter { $0.replica?.role == .leader }
      return believers.isEmpty ? any : believers[below(believers.count)]
    default: return any
    }
  }

  private var anyKey: Bytes { Bytes("/registry/pods/default/p\(below(settings.keys))".utf8) }

  private func makeRequest(_ id: RequestID) -> (Request.Kind, ReplicaRequest) {
    let key = anyKey
    switch below(24) {
    case 0..<6: return (.read(key: key), .read(id))
    case 6 where leases.known.count < LeaseLives.most:
      let lease = LeaseID(Int64(1 + entropy.next(below: 1 << 40)))
      let seconds = Int64([2, 3, 5, 10][below(4)])
      return (
        .grant(lease, seconds: seconds),
        propose(.store(.grantLease(lease, seconds: seconds)), id)
      )
    case 7...9 where !leases.known.isEmpty:
      let lease = leases.known[below(leases.known.count)]
      return (.renew(lease), .renewLease(id, lease))
    case 10 where below(10) == 0 && machines.history.last.rawValue > 40:
      let floor = Revision(machines.history.last.rawValue - Int64(5 + below(60)))
      return (.other, propose(.store(.compact(floor)), id))
    case 11 where below(12) == 0 && !leases.known.isEmpty:
      let lease = leases.known[below(leases.known.count)]
      leases.revoking(lease)
      return (.other, propose(.store(.revokeLease(lease)), id))
    default: return write(key, id)
    }
  }

  private func write(_ key: Bytes, _ id: RequestID) -> (Request.Kind, ReplicaRequest) {
    var transaction = TransactionOperation()
    let version = known[key] ?? nil
    let range = KeyRange(key)
    let guarded = version?.modified ?? .zero
    transaction.comparisons = [
      Comparison(
        range, .equal, guarded > .zero ? .modRevision(guarded.rawValue) : .createRevision(0))
    ]
    if version != nil, below(5) == 0 {
      transaction.success = [.deleteRange(DeleteRangeOperation(range))]
      return (
        .write(key: key, value: nil, guarded: guarded),
        propose(.store(.transaction(transaction)), id)
      )
    }
    let value = anyValue
    var put = PutOperation(key: key, value: value)
    if !leases.known.isEmpty, below(8) == 0 {
      put.lease = leases.known[below(leases.known.count)]
    }
    transaction.success = [.put(put)]
    // Some write an event beside it, as controllers do.
    if below(6) == 0 {
      let event = Bytes("/registry/events/e\(below(20))".utf8)
      transaction.success.append(.put(PutOperation(key: event, value: anyValue)))
    }
    return (
      .write(key: key, value: value, guarded: guarded),
      propose(.store(.transaction(transaction)), id)
    )
  }

  /// No two writes have the same.
  private var anyValue: Bytes {
    nextValue += 1
    return Bytes("\(nextValue)".utf8) + Bytes(repeating: 0x76, count: below(120))
  }

  func propose(_ command: Command, _ id: RequestID) -> ReplicaRequest {
    .propose(Proposal(id: id, command: command, payload: command.encoded()))
  }

  // MARK: Answers

  /// The client does not wait any longer; what became of its request, it never learns.
  func giveUp(_ id: RequestID) {
    guard let request = requests.removeValue(forKey: id) else { return }
    mark(.unknownOutcome)
    if let operation = request.operation(.unknown, endedAt: nil) { operations.append(operation) }
    queue.plan(.client(request.client), at: now)
  }

  func answered(
    _ id: RequestID, _ result: Result<ReplicaAnswer, ProposalError>, _ member: SimulatedMember
  ) {
    if isForwarded(id, result) { return }
    guard let request = requests.removeValue(forKey: id) else { return }
    queue.plan(.client(request.client), at: now + .microseconds(500 + below(30_000)))
    count(\.operations)
    var outcome = ClientOperation.Outcome.refused
    switch (request.kind, result) {
    case (.read(let key), .success(.readable)): outcome = read(key, member) ?? .unknown
    case (.write(let key, let value, _), .success(.command(.store(.transaction(let answer))))):
      outcome = learn(key, value, answer)
    case (.grant(let lease, let seconds), .success):
      leases.granted(lease, seconds: seconds, askedAt: request.sentAt)
    case (.renew(let lease), .success(.leaseRenewed)):
      leases.renewed(lease, askedAt: request.sentAt)
    case (_, .failure(.leaderChanged)):
      mark(.leaderChanged)
      outcome = .unknown
    case (_, .failure(.connectionLost)), (_, .failure(.timeout)): outcome = .unknown
    case (_, .failure(.store)):
      // A lease that was to hold the key is gone: the transaction was not carried out.
      if case .write(let key, _, _) = request.kind { known[key] = nil }
    case (_, .failure): count(\.refusals)
    default: break
    }
    if let operation = request.operation(outcome, endedAt: now) { operations.append(operation) }
  }

  private func read(_ key: Bytes, _ member: SimulatedMember) -> ClientOperation.Outcome? {
    guard let store = member.replica?.store else { return nil }
    if member.replica?.role != .leader { mark(.followerRead) }
    guard let (version, revision) = look(up: key, in: store) else { return nil }
    known[key] = .some(version)
    durability.acknowledge(revision)
    return .read(version, at: revision)
  }

  private func look(
    up key: Bytes, in store: Store
  ) -> (RevisionHistory.Version?, at: Revision)? {
    do {
      let result = try store.range(RangeOperation(KeyRange(key)))
      let version = result.records.first.map {
        RevisionHistory.Version(value: $0.value, modified: $0.revision.main)
      }
      return (version, result.revision)
    } catch {
      fail(.operation, "a read fails: \(error)")
      return nil
    }
  }

  /// A serializable read may show the past, but only what was true then: time says nothing about it.
  private func readStale(_ member: SimulatedMember) {
    guard let store = member.replica?.store else { return }
    let key = anyKey
    guard let (version, revision) = look(up: key, in: store) else { return }
    operations.append(
      ClientOperation(.read(key), begin: 0, outcome: .read(version, at: revision)))
  }

  private func learn(
    _ key: Bytes, _ value: Bytes?, _ answer: TransactionResult
  ) -> ClientOperation.Outcome {
    durability.acknowledge(answer.revision)
    guard answer.succeeded else {
      mark(.guardRefused)
      known[key] = nil
      return .unchanged(at: answer.revision)
    }
    known[key] = .some(
      value.map { RevisionHistory.Version(value: $0, modified: answer.revision) })
    return .written(at: answer.revision)
  }
}
