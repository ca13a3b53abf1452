import MVCC
import Member
import Primitives
import ReplicaCore
import Testing

@Suite("A member in doubt", .timeLimit(.minutes(3)))
struct HistoryDoubtTests {
  @Test("has a member that was accused for a moment compare its history all the same")
  func shortAccusation() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    for number in 0..<20 { try await cluster["a"].putEventually("k\(number)", "value") }
    try await cluster.converge()
    let damaged = try #require(try await cluster.followers().first)
    try damaged.lose(SubRevision(main: Revision(11), sub: 0))
    // What it would have waited for at its start is over by then.
    try await Task.sleep(for: damaged.configuration.requestTimeout)
    let leader = try await cluster.leader()
    for action in [AlarmAction.activate, .deactivate] {
      let alarm = Command.alarm(action, damaged.id, .corrupt)
      #expect(await leader.carryOut(alarm).isSuccess)
    }
    try await eventually("an alarm of its own") {
      damaged.alarms == [Alarm(member: damaged.id, kind: .corrupt)] ? true : nil
    }
    #expect(damaged.isInDoubt)
  }
}
