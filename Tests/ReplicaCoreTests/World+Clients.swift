import Engine
import Environment
import MVCC
import Primitives
import ReplicaCore
import WriteAheadLog

/// What clients ask for, and what they learn.
extension World {
  /// Gives the replica an event, and takes its effects as a member would.
  func step(_ event: ReplicaEvent) {
    guard let replica else { return }
    var effects: [ReplicaEffect] = []
    replica.step(event, into: &effects)
    for effect in effects {
      switch effect {
      case .answer(let id, let result): learn(id, result)
      case .fatal(let line):
        fatalLine = line
        note("fatal")
      case .flushEngine: beginFlush()
      case .publish(let revision): note("publish \(revision)")
      case .prepareLog(let work): if below(2) == 0 { work.run() }
      case .feedEngine, .clusterChanged, .statusChanged, .accessChanged, .tokenIssued, .send,
        .sendSnapshot, .replaceState, .forward:
        break
      }
    }
  }

  private func learn(_ id: RequestID, _ result: Result<ReplicaAnswer, ProposalError>) {
    answers += 1
    note("answer \(id.rawValue) \(result)".split(separator: "storage").first.map(String.init) ?? "")
    switch result {
    case .failure(let error):
      // A refusal promises that nothing was done.
      uncertain[id] = nil
      check(
        error == .store(.leaseNotFound) || error == .store(.leaseExists) || error == .stopped
          || error == .noLeader,
        "request \(id.rawValue) was refused: \(error)")
    case .success(.command(.store(.put(let put)))): acknowledge(id, put.revision)
    case .success(.command(.store(.deleteRange(let deletion)))):
      if deletion.deleted > 0 { acknowledge(id, deletion.revision) } else { uncertain[id] = nil }
    case .success(.command(.store(.leaseGranted(let lease, let seconds, _)))):
      uncertainLeases[lease] = nil
      leases[lease] = KnownLease(seconds: seconds, renewedAt: upTime)
    case .success(.leaseRenewed): if let lease = renewals[id] { leases[lease]?.renewedAt = upTime }
    case .success(.leaseTimeToLive(let granted, let remaining)):
      check(remaining <= granted, "a lease of \(granted) s has \(remaining) s left")
    default: break
    }
    renewals[id] = nil
  }

  private func acknowledge(_ id: RequestID, _ revision: Revision) {
    guard let write = uncertain.removeValue(forKey: id) else {
      return check(false, "request \(id.rawValue) was answered twice")
    }
    history.append(write)
    check(
      revision == Revision(Int64(history.count + 1)),
      "write \(history.count) was acknowledged at revision \(revision)")
  }

  private func id() -> RequestID {
    nextRequest += 1
    return RequestID(rawValue: nextRequest)
  }

  private func propose(_ command: Command, _ id: RequestID) -> ReplicaRequest {
    .propose(Proposal(id: id, command: command, payload: command.encoded()))
  }

  // MARK: Random behaviour

  /// Something that clients, the clock or the engine may do.
  func act() {
    switch below(20) {
    case 0..<11: step(.requests((0...below(6)).map { _ in request() }, now))
    case 11..<14:
      pass(nanoseconds: Int64(below(2_000_000_000)))
      step(.timer(now))
    case 14:
      pass(nanoseconds: Int64(below(400)) * 1_000_000_000)
      step(.timer(now))
    case 15: completeFlush()
    case 16: beginFlush()
    case 17: feed()
    default:
      if let due = replica?.nextTimer, due > now {
        pass(nanoseconds: (due - now).saturatingNanoseconds)
        step(.timer(now))
      }
    }
    if fatalLine == nil { checkLeases() }
  }

  private func pass(nanoseconds: Int64) {
    now = now + .nanoseconds(nanoseconds)
    upTime += nanoseconds
  }

  private func request() -> ReplicaRequest {
    let id = id()
    switch below(12) {
    case 0:
      let keys = KeyRange(key())
      uncertain[id] = Write(key: keys.key, value: nil)
      return propose(.store(.deleteRange(DeleteRangeOperation(keys))), id)
    case 1:
      let lease = LeaseID(Int64(1 + below(1_000_000)))
      let seconds = Int64([2, 10, 400, 3_000][below(4)])
      if leases[lease] == nil { uncertainLeases[lease] = seconds }
      return propose(.store(.grantLease(lease, seconds: seconds)), id)
    case 2, 3:
      let lease = knownLease()
      renewals[id] = lease
      return .renewLease(id, lease)
    case 4: return .leaseTimeToLive(id, knownLease())
    case 5 where below(4) == 0:
      let lease = knownLease()
      leases[lease]?.mayBeRevoked = true
      return propose(.store(.revokeLease(lease)), id)
    default:
      nextValue += 1
      let write = Write(
        key: key(), value: Bytes("\(nextValue)".utf8) + Bytes(repeating: 0x76, count: below(700)))
      uncertain[id] = write
      return propose(.store(.put(PutOperation(key: write.key, value: write.value ?? []))), id)
    }
  }

  private func key() -> Bytes { Bytes("key\(below(8))".utf8) }

  private func knownLease() -> LeaseID {
    let known = leases.keys.sorted()
    return known.isEmpty ? LeaseID(1) : known[below(known.count)]
  }

  // MARK: The engine, from behind

  func feed() {
    do { try replica?.store.feedEngine() } catch { check(false, "the engine refuses: \(error)") }
  }

  func beginFlush() {
    guard let store = replica?.store, flushing == nil else { return }
    feed()
    flushing = store.appliedIndex
    do { try engine.beginFlush() } catch { check(false, "the engine refuses: \(error)") }
    if flushesAreReportedEarly, let index = flushing {
      flushing = nil
      step(.engineFlushed(through: index))
    }
  }

  func completeFlush() {
    guard flushesComplete, let index = flushing, replica != nil else { return }
    flushing = nil
    engine.completeFlush()
    step(.engineFlushed(through: index))
  }
}
