internal import Environment
internal import MVCC
internal import Primitives
internal import Raft
internal import ReplicaCore
internal import Synchronization

/// Takes what other members send, and answers what they ask.
final class PeerDesk: PeerInbox {
  private let shared: MemberState
  private let directory: DataDirectory
  private let clock: any Clock
  /// Carries out changes that only the leader can make.
  private let membership: MembershipChanges

  init(shared: MemberState, directory: DataDirectory, clock: any Clock) {
    self.shared = shared
    self.directory = directory
    self.clock = clock
    membership = MembershipChanges(shared: shared, clock: clock)
  }

  func receive(_ messages: [Message]) {
    let own = messages.filter { $0.to == shared.id }
    let mayTurn = own.allSatisfy(\.isAboutReads)
    shared.queue.add(own)
    if !mayTurn || !shared.turns.turn(.messages) { shared.queue.signal() }
  }

  func unreachable(_ member: MemberID) { shared.queue.add(.unreachable(member)) }

  func refused(by member: MemberID, _ refusal: PeerRefusal) {
    if refusal.code == .removed { shared.queue.add(.removed) }
  }

  func isRemoved(_ member: MemberID) -> Bool { shared.removed.withLock { $0.contains(member) } }

  func receiveState(
    from member: MemberID, mark: SnapshotMark
  ) throws(PeerRefusal) -> any StateSink {
    do throws(MemberError) {
      return try StateArrival(
        from: member, mark: mark, in: directory, shared.configuration, queue: shared.queue)
    } catch {
      throw PeerRefusal(.failed, "no room for the state: \(error)")
    }
  }

  func serve(
    _ method: PeerMethod, from member: MemberID, _ payload: Bytes,
    reply: @escaping @Sendable (Result<Bytes, PeerRefusal>) -> Void
  ) {
    switch method {
    case .members: return reply(.success(shared.cluster.withLock { $0.encoded() }))
    case .hash: return hash(payload, reply)
    default: break
    }
    guard shared.isLeading else {
      return reply(.failure(PeerRefusal(.notLeader, "member \(shared.id) does not lead")))
    }
    if method == .propose { return propose(payload, reply) }
    guard let numbers = try? PeerQuestion.decodeNumbers(payload) else {
      return reply(.failure(Self.malformed))
    }
    let answer: @Sendable (Result<[Int64], ProposalError>) -> Void = {
      reply(.success(PeerQuestion.encode($0)))
    }
    switch (method, numbers.first) {
    case (.renewLease, let lease?):
      add(.renewLease(LeaseID(lease)) { answer($0.map { [$0] }) })
    case (.leaseTimeToLive, let lease?):
      add(
        .leaseTimeToLive(LeaseID(lease)) {
          answer($0.map { [$0.grantedSeconds, $0.remainingSeconds] })
        })
    case (.leases, nil): add(.leases { answer($0.map { $0.map(\.rawValue) }) })
    case (.promote, let learner?):
      membership.promote(MemberID(UInt64(bitPattern: learner))) { answer($0.map { _ in [] }) }
    case (.moveLeader, let heir?):
      membership.moveLeader(to: MemberID(UInt64(bitPattern: heir))) { answer($0.map { [] }) }
    default:
      reply(.failure(PeerRefusal(.unknownMethod, "question \(method.rawValue) is not known here")))
    }
  }

  private static let malformed = PeerRefusal(.malformed, "the question cannot be read")

  private func add(_ kind: Submission.Kind) {
    let now = clock.now()
    let submission = Submission(
      kind: kind, asked: now, deadline: now + shared.configuration.requestTimeout)
    if let refusal = shared.queue.add(submission) { submission.refuse(refusal) }
  }

  /// Proposes what a follower's clients want. Each proposal's outcome is known when it is applied, there as here;
  /// the answer names those that were refused before.
  private func propose(
    _ payload: Bytes, _ reply: @escaping @Sendable (Result<Bytes, PeerRefusal>) -> Void
  ) {
    guard let payloads = try? PeerQuestion.decodePayloads(payload) else {
      return reply(.failure(Self.malformed))
    }
    let outcome = ForwardOutcome(count: payloads.count) {
      reply(.success(PeerQuestion.encode(refusals: $0)))
    }
    let now = clock.now()
    let deadline = now + shared.configuration.requestTimeout
    var submissions: [Submission] = []
    submissions.reserveCapacity(payloads.count)
    for (place, payload) in payloads.enumerated() {
      guard let (command, author) = try? Command.decodeAuthored(payload) else {
        outcome.note(place, .requestTooLarge)
        continue
      }
      let proposal = Proposal(
        id: RequestID(rawValue: 0), command: command, by: author, payload: payload)
      submissions.append(
        Submission(
          kind: .propose(proposal) { result, _ in outcome.note(place, result.refusal) },
          asked: now, deadline: deadline))
    }
    for (place, error) in shared.queue.add(submissions) { submissions[place].refuse(error) }
  }

  private func hash(
    _ payload: Bytes, _ reply: @escaping @Sendable (Result<Bytes, PeerRefusal>) -> Void
  ) {
    guard let numbers = try? PeerQuestion.decodeNumbers(payload), let revision = numbers.first
    else { return reply(.failure(Self.malformed)) }
    let isTaken = shared.runRead { [store = shared.store] in
      let result: Result<[Int64], ProposalError>
      do throws(StoreError) {
        let hash = try store.hashKV(at: Revision(revision))
        result = .success([
          Int64(hash.hash), hash.hashRevision.rawValue, hash.compactRevision.rawValue,
        ])
      } catch {
        result = .failure(.store(error))
      }
      reply(.success(PeerQuestion.encode(result)))
    }
    if !isTaken { reply(.failure(PeerRefusal(.unavailable, "too many reads wait"))) }
  }
}

extension Result<CommandResult, ProposalError> {
  /// Why the command did not come into the log, if it did not.
  fileprivate var refusal: ProposalError? {
    guard case .failure(let error) = self, PeerQuestion.isRefusal(error) else { return nil }
    return error
  }
}

/// Gathers what became of proposals that came together.
private final class ForwardOutcome: Sendable {
  private let state: Mutex<(left: Int, refusals: [(place: Int, error: ProposalError)])>
  private let completion: @Sendable ([(place: Int, error: ProposalError)]) -> Void

  init(
    count: Int, completion: @escaping @Sendable ([(place: Int, error: ProposalError)]) -> Void
  ) {
    state = Mutex((count, []))
    self.completion = completion
    if count == 0 { completion([]) }
  }

  func note(_ place: Int, _ refusal: ProposalError?) {
    let refusals = state.withLock { state -> [(place: Int, error: ProposalError)]? in
      if let refusal { state.refusals.append((place, refusal)) }
      state.left -= 1
      return state.left == 0 ? state.refusals : nil
    }
    if let refusals { completion(refusals) }
  }
}
