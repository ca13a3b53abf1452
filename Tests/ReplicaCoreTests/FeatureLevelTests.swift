import Engine
import Environment
import MVCC
import Primitives
import Raft
import Testing

@testable import ReplicaCore

@Suite("The cluster's feature level")
struct FeatureLevelTests {
  private let next = FeatureLevel(rawValue: FeatureLevel.newest.rawValue + 1)

  private func member(_ id: UInt64) -> ClusterMember {
    ClusterMember(id: MemberID(id), name: "", peerURLs: [], clientURLs: [], isLearner: false)
  }

  private func say(_ id: UInt64, _ level: FeatureLevel, in state: inout ClusterState) {
    let isMember = state.setAttributes(
      MemberID(id), name: "m\(id)", clientURLs: [], level: level)
    #expect(isMember)
  }

  @Test("rises when the last member understands more, and never falls")
  func rises() throws {
    var state = ClusterState(cluster: ClusterID(rawValue: 7), members: (1...3).map(member))
    #expect(state.level == .first)
    say(1, next, in: &state)
    say(2, next, in: &state)
    #expect(state.level == .first, "the third has said nothing")
    say(3, .first, in: &state)
    #expect(state.level == .first, "the third has not been upgraded")
    say(3, next, in: &state)
    #expect(state.level == next)
    say(2, .first, in: &state)
    #expect(state.change(.add(member(4))) == nil)
    #expect(state.level == next)
    #expect(try ClusterState.decode(state.encoded()) == state)
  }

  @Test("rises when the one that held it down is removed")
  func removal() {
    var state = ClusterState(cluster: ClusterID(rawValue: 7), members: (1...3).map(member))
    for id: UInt64 in 1...3 { say(id, id == 2 ? .first : next, in: &state) }
    #expect(state.level == .first)
    #expect(state.change(.remove(MemberID(2))) == nil)
    #expect(state.level == next)
  }

  @Test("stops a member that does not understand it, at once and at its next start")
  func stops() throws {
    let world = World(seed: 1)
    world.start()
    let command = Command.memberAttributes(
      World.member, name: "x", clientURLs: [], level: next)
    var effects: [ReplicaEffect] = []
    world.replica?.step(
      .requests(
        [
          .propose(
            Proposal(id: RequestID(rawValue: 1), command: command, payload: command.encoded()))
        ],
        world.now), into: &effects)
    let lines = effects.compactMap { if case .fatal(let line) = $0 { line } else { nil } }
    let told = try #require(lines.first)
    #expect(told.contains("feature level \(next)") && told.contains("run the release"))
    #expect(world.replica?.cluster.level == next)

    var batch = EngineBatch()
    var state = try #require(world.replica?.cluster)
    state = ClusterState(cluster: state.cluster, members: state.members, level: next)
    ClusterTable.put(state, into: &batch)
    try world.engine.apply(batch)
    let log = try #require(world.replica?.log)
    func open(_ level: FeatureLevel) throws(ReplicaError) {
      var configuration = world.configuration
      configuration.level = level
      guard let store = try? Store(engine: world.engine) else {
        Issue.record("no store")
        return
      }
      _ = try Replica(configuration: configuration, log: log, store: store, engine: world.engine)
    }
    #expect(throws: ReplicaError.tooOld(.newest, cluster: next)) { try open(.newest) }
    try open(next)
  }

  @Test("is the first where nothing is said of it")
  func older() throws {
    let state = ClusterState(cluster: ClusterID(rawValue: 7), members: [member(1)])
    // The first version had no level at the end, nor those who were removed.
    let bytes = [1] + state.encoded().dropFirst().dropLast(2)
    #expect(try ClusterState.decode(Bytes(bytes)) == state)
    let command = Command.memberAttributes(MemberID(1), name: "n", clientURLs: [], level: .newest)
    var entry = command.encoded()
    entry.removeLast()
    entry[1] = 17
    #expect(
      try Command.decode(entry)
        == .memberAttributes(MemberID(1), name: "n", clientURLs: [], level: .first))
  }
}
