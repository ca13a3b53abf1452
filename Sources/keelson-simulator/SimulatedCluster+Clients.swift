import Environment
import MVCC
import Primitives
import Raft
import ReplicaCore
import Simulation

/// A client: one request at a time, at whatever member it likes.
struct Client {
  let number: Int
}

/// A lease as a client knows it.
struct KnownLease {
  var seconds: Int64
  /// When the last renewal that was answered was sent.
  var renewedAt: MonotonicTime
  var mayBeRevoked = false
}

/// A request that waits for its answer.
struct Request {
  enum Kind {
    case read(key: Bytes)
    /// A guarded write; nil deletes.
    case write(key: Bytes, value: Bytes?)
    case grant(LeaseID, seconds: Int64)
    case renew(LeaseID)
    case other
  }

  var client: Int
  var kind: Kind
  var member: MemberID
  var life: Int
  var floor: Revision
  var sentAt: MonotonicTime
}

/// The workload: objects as Kubernetes keeps them, created if absent, updated and deleted if unchanged, read
/// linearizably, watched, and hung on leases.
extension SimulatedCluster {
  func act(_ number: Int) {
    let up = members.filter { $0.isUp && $0.busyUntil <= now }
    let leader = up.first { $0.replica?.role == .leader }
    guard let member = below(5) > 0 ? leader ?? up.first : up.isEmpty ? nil : up[below(up.count)]
    else { return queue.plan(.client(number), at: now + .milliseconds(50)) }
    nextRequest += 1
    let id = RequestID(rawValue: nextRequest)
    let (kind, request) = makeRequest(id)
    requests[id] = Request(
      client: number, kind: kind, member: member.id, life: member.life,
      floor: linearizability.newest, sentAt: now)
    queue.plan(.overdue(id), at: now + .seconds(2))
    step(member, .requests([request], member.time(now)))
  }

  private func makeRequest(_ id: RequestID) -> (Request.Kind, ReplicaRequest) {
    let key = Bytes("/registry/pods/default/p\(below(6))".utf8)
    switch below(20) {
    case 0..<5: return (.read(key: key), .read(id))
    case 5:
      let lease = LeaseID(Int64(1 + entropy.next(below: 1 << 40)))
      let seconds = Int64([2, 3, 5, 30][below(4)])
      return (
        .grant(lease, seconds: seconds),
        propose(.store(.grantLease(lease, seconds: seconds)), id)
      )
    case 6...8 where !leases.isEmpty:
      let all = leases.keys.sorted()
      let lease = all[below(all.count)]
      return (.renew(lease), .renewLease(id, lease))
    case 9 where below(10) == 0 && history.last.rawValue > 40:
      let floor = Revision(history.last.rawValue - 30)
      return (.other, propose(.store(.compact(floor)), id))
    default: return write(key, id)
    }
  }

  private func write(_ key: Bytes, _ id: RequestID) -> (Request.Kind, ReplicaRequest) {
    var transaction = TransactionOperation()
    let state = known[key]
    let range = KeyRange(key)
    if let state, state.value != nil {
      transaction.comparisons = [
        Comparison(range, .equal, .modRevision(state.revision.rawValue))
      ]
    } else {
      transaction.comparisons = [Comparison(range, .equal, .createRevision(0))]
    }
    if state?.value != nil, below(5) == 0 {
      transaction.success = [.deleteRange(DeleteRangeOperation(range))]
      return (.write(key: key, value: nil), propose(.store(.transaction(transaction)), id))
    }
    nextValue += 1
    let value = Bytes("\(nextValue)".utf8) + Bytes(repeating: 0x76, count: below(120))
    var put = PutOperation(key: key, value: value)
    let all = leases.keys.sorted()
    if !all.isEmpty, below(8) == 0 { put.lease = all[below(all.count)] }
    transaction.success = [.put(put)]
    return (.write(key: key, value: value), propose(.store(.transaction(transaction)), id))
  }

  private func propose(_ command: Command, _ id: RequestID) -> ReplicaRequest {
    .propose(Proposal(id: id, command: command, payload: command.encoded()))
  }

  // MARK: Answers

  /// The client does not wait any longer; what became of its request, it never learns.
  func giveUp(_ id: RequestID) {
    guard let request = requests.removeValue(forKey: id) else { return }
    mark(.unknownOutcome)
    queue.plan(.client(request.client), at: now)
  }

  func answered(
    _ id: RequestID, _ result: Result<ReplicaAnswer, ProposalError>, _ member: SimulatedMember
  ) {
    guard let request = requests.removeValue(forKey: id) else { return }
    queue.plan(.client(request.client), at: now + .microseconds(500 + below(30_000)))
    count(\.operations)
    switch (request.kind, result) {
    case (.read(let key), .success(.readable)): read(key, request, member)
    case (.write(let key, let value), .success(.command(.store(.transaction(let answer))))):
      learn(key, value, answer, request)
    case (.grant(let lease, let seconds), .success):
      leases[lease] = KnownLease(seconds: seconds, renewedAt: request.sentAt)
    case (.renew(let lease), .success(.leaseRenewed)):
      let before = leases[lease]?.renewedAt ?? request.sentAt
      leases[lease]?.renewedAt = max(before, request.sentAt)
    case (.renew(let lease), .failure(.store(.leaseNotFound))): leases[lease] = nil
    case (_, .failure(.leaderChanged)): mark(.leaderChanged)
    case (_, .failure): count(\.refusals)
    default: break
    }
  }

  private func read(_ key: Bytes, _ request: Request, _ member: SimulatedMember) {
    guard let store = member.replica?.store else { return }
    if member.replica?.role != .leader { mark(.followerRead) }
    do {
      let result = try store.range(RangeOperation(KeyRange(key)))
      let value = result.records.first?.value
      known[key] = (value, result.records.first?.revision.main ?? .zero)
      check(
        linearizability.learn(
          .init(
            floor: request.floor, revision: result.revision, key: key, value: value,
            isWrite: false)))
    } catch {
      check("a read fails: \(error)")
    }
  }

  private func learn(
    _ key: Bytes, _ value: Bytes?, _ answer: TransactionResult, _ request: Request
  ) {
    guard answer.succeeded else {
      known[key] = nil
      return
    }
    known[key] = (value, answer.revision)
    check(
      linearizability.learn(
        .init(
          floor: request.floor, revision: answer.revision, key: key, value: value, isWrite: true)))
  }

  // MARK: Leases

  /// No lease may be gone before its time, by the fastest clock that a machine may have.
  func checkLeases(_ member: SimulatedMember, _ store: Store) {
    for lease in leases.keys.sorted() {
      if store.lease(lease) != nil {
        member.seenLeases.insert(lease)
      } else if member.seenLeases.contains(lease), let known = leases.removeValue(forKey: lease) {
        mark(.leaseExpired)
        let lived = (now - known.renewedAt).saturatingNanoseconds
        if lived + lived / 50 < known.seconds * 1_000_000_000 {
          check("leases: \(lease) of \(known.seconds) s ended after \(lived) ns")
        }
      }
    }
  }

  // MARK: The watch

  func pullWatch() {
    if let present = watcher {
      let member = member(present.member)
      if !member.isUp || member.life != present.life || below(60) == 0 {
        present.stream.close()
        watch.reconnect()
        watcher = nil
        mark(.watchMoved)
      } else {
        drain(present.stream)
      }
    }
    guard watcher == nil else { return }
    let up = members.filter(\.isUp)
    guard !up.isEmpty else { return }
    let member = up[below(up.count)]
    guard let hub = member.hub, let store = member.replica?.store,
      watch.last.rawValue >= store.compactedRevision.rawValue
    else {
      // What it missed is compacted: it begins anew, as a client that lists first.
      if let store = member.replica?.store, store.compactedRevision > watch.last {
        watch = WatchCheck(after: store.currentRevision)
      }
      return
    }
    let stream = hub.openStream(onReady: {})
    var request = WatchRequest(KeyRange(Bytes("/".utf8), end: Bytes("0".utf8)))
    request.startRevision = watch.last.next
    _ = stream.create(request)
    watcher = (stream, member.id, member.life)
  }

  private func drain(_ stream: WatchStream) {
    for _ in 0..<50 {
      switch stream.next(maxBytes: 1 << 16) {
      case .none: return
      case .needsHistory:
        mark(.watchHistory)
        stream.readHistory()
      case .progress(_, let revision): check(watch.checkProgress(revision))
      case .canceled:
        watch.reconnect()
        watcher = nil
        return
      case .events(_, let revision, let events, _):
        for event in events {
          check(watch.take(event, history))
        }
        if let last = events.last, last.revision.main < revision {
          check(watch.checkProgress(revision))
        }
      }
    }
  }
}
