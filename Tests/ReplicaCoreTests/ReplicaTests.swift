import Environment
import MVCC
import Primitives
import ReplicaCore
import Testing

@Suite("A replica")
struct ReplicaTests {
  let world = World(seed: 1)

  init() { world.start() }

  /// Proposes a command and gives its answer.
  private func carryOut(_ command: Command) -> Result<CommandResult, ProposalError>? {
    carryOut([command]).first
  }

  private func carryOut(_ commands: [Command]) -> [Result<CommandResult, ProposalError>] {
    var effects: [ReplicaEffect] = []
    let requests = commands.map { command in
      ReplicaRequest.propose(
        Proposal(id: RequestID(rawValue: 7), command: command, payload: command.encoded()))
    }
    world.replica?.step(.requests(requests, world.now), into: &effects)
    var answers: [Result<CommandResult, ProposalError>] = []
    for effect in effects {
      switch effect {
      case .answer(_, .success(.command(let result))): answers.append(.success(result))
      case .answer(_, .failure(let error)): answers.append(.failure(error))
      default: break
      }
    }
    return answers
  }

  private func error(_ command: Command) -> ProposalError? {
    guard case .failure(let error) = carryOut(command) else { return nil }
    return error
  }

  private let put = Command.store(.put(PutOperation(key: [1], value: [2])))
  private let deletion = Command.store(.deleteRange(DeleteRangeOperation(KeyRange([1]))))

  @Test("ends no lease for the leader of another term")
  func foreignExpiry() throws {
    let store = try #require(world.replica?.store)
    let term = try #require(world.replica?.term)
    _ = carryOut(.store(.grantLease(LeaseID(1), seconds: 100)))
    for other in [Term(term.rawValue - 1), term.next] {
      #expect(carryOut(.leaseExpire(LeaseID(1), term: other)) != nil)
      #expect(store.lease(LeaseID(1)) != nil)
    }
    _ = carryOut(.leaseExpire(LeaseID(1), term: term))
    #expect(store.lease(LeaseID(1)) == nil)
    // A lease that is gone already is no error.
    guard case .success(.leaseExpired) = carryOut(.leaseExpire(LeaseID(1), term: term)) else {
      Issue.record("the expiry of a lease that is gone failed")
      return
    }
  }

  @Test("refuses what may grow while the space alarm stands, and nothing else")
  func spaceAlarm() throws {
    world.stop()
    world.configuration.quotaBytes = 0
    world.start()
    var transaction = TransactionOperation()
    transaction.failure = [.transaction(TransactionOperation())]
    #expect(error(.store(.transaction(transaction))) == nil)
    transaction.failure = [.put(PutOperation(key: [1], value: []))]
    var nested = TransactionOperation()
    nested.success = [.transaction(transaction)]
    for command in [
      put, .store(.transaction(nested)), .store(.grantLease(LeaseID(1), seconds: 5)),
    ] {
      #expect(error(command) == .noSpace)
    }
    let alarm = Alarm(member: World.member, kind: .noSpace)
    #expect(world.replica?.cluster.alarms == [alarm])
    #expect(error(deletion) == nil)
    #expect(error(.store(.revokeLease(LeaseID(9)))) == .store(.leaseNotFound))
    // The alarm is replicated: a restart finds it.
    world.crash()
    world.start()
    #expect(world.replica?.cluster.alarms == [alarm])
    guard case .success(.alarms([alarm])) = carryOut(.alarm(.deactivate, World.member, .noSpace))
    else {
      Issue.record("the alarm was not cleared")
      return
    }
    guard case .success(.alarms([])) = carryOut(.alarm(.deactivate, World.member, .noSpace)) else {
      Issue.record("clearing a cleared alarm failed")
      return
    }
  }

  @Test("decides at apply as well: what follows an alarm in one batch is refused")
  func alarmInBatch() {
    let answers = carryOut([put, .alarm(.activate, World.member, .noSpace), put, deletion])
    #expect(answers.count == 4)
    #expect(
      answers.map { if case .failure(.noSpace) = $0 { true } else { false } } == [
        false, false, true, false,
      ])
  }

  @Test("refuses every write while the data are known to be corrupt")
  func corruptAlarm() {
    #expect(error(put) == nil)
    _ = carryOut(.alarm(.activate, MemberID(77), .corrupt))
    #expect(error(put) == .corrupt)
    #expect(error(deletion) == .corrupt)
    #expect(error(.store(.compact(Revision(2)))) == .corrupt)
    _ = carryOut(.alarm(.deactivate, MemberID(77), .corrupt))
    #expect(error(deletion) == nil)
  }

  @Test("knows only its members' attributes")
  func attributes() {
    #expect(
      error(.memberAttributes(MemberID(12), name: "x", clientURLs: [], level: .newest))
        == .memberNotFound)
    #expect(
      error(
        .memberAttributes(
          World.member, name: "x", clientURLs: ["http://a:1"], level: .newest)) == nil)
    #expect(world.replica?.cluster.member(World.member)?.name == "x")
    #expect(error(.memberPeerURLs(MemberID(12), ["http://b:2380"])) == .memberNotFound)
    #expect(error(.memberPeerURLs(World.member, ["http://b:2380"])) == nil)
    #expect(world.replica?.cluster.member(World.member)?.peerURLs == ["http://b:2380"])
    #expect(world.replica?.cluster.member(World.member)?.name == "x")
  }

  @Test("replicates what leases have left when it stops, and goes on from there")
  func remainders() throws {
    let lease = LeaseID(3)
    _ = carryOut(.store(.grantLease(lease, seconds: 100)))
    world.now = world.now + .seconds(30)
    world.stop()
    world.start()
    #expect(world.replica?.store.lease(lease)?.remainingSeconds == 70)
    // Time that no member runs does not count; time that one runs does.
    world.now = world.now + .seconds(69)
    world.step(.timer(world.now))
    #expect(world.replica?.store.lease(lease) != nil)
    world.now = world.now + .seconds(1)
    world.step(.timer(world.now))
    #expect(world.replica?.store.lease(lease) == nil)
    #expect(world.replica?.expiredLeases == 1)
  }

  @Test("replicates the removal of a remainder before it acknowledges a renewal")
  func renewalAfterRestart() throws {
    let lease = LeaseID(3)
    _ = carryOut(.store(.grantLease(lease, seconds: 100)))
    world.now = world.now + .seconds(30)
    world.stop()
    world.start()
    let before = try #require(world.replica?.appliedIndex)
    var effects: [ReplicaEffect] = []
    world.replica?.step(
      .requests([.renewLease(RequestID(rawValue: 1), lease)], world.now), into: &effects)
    #expect(world.replica?.appliedIndex == before.next)
    #expect(world.replica?.store.lease(lease)?.remainingSeconds == 0)
    // The next one has nothing to remove, and costs no entry.
    world.replica?.step(
      .requests([.renewLease(RequestID(rawValue: 2), lease)], world.now), into: &effects)
    #expect(world.replica?.appliedIndex == before.next)
    let renewals = effects.filter {
      if case .answer(_, .success(.leaseRenewed(seconds: 100))) = $0 { true } else { false }
    }
    #expect(renewals.count == 2)
    world.crash()
    world.start()
    #expect(world.replica?.store.lease(lease)?.remainingSeconds == 0)
  }
}
