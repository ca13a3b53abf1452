import Glibc
import MVCC
import Primitives
import ReplicaCore
import Synchronization
import Testing

@testable import Member

@Suite("the steps of a write", .timeLimit(.minutes(2)))
struct WriteStepsTests {
  private static let milliseconds: UInt64 = 1_000_000

  private static func put(_ key: String) -> Command {
    .store(.put(PutOperation(key: Bytes(key.utf8), value: [1])))
  }

  private static func carryOut(
    _ command: Command, by member: Member
  ) async -> (result: Result<CommandResult, ProposalError>, steps: WriteSteps?) {
    await withCheckedContinuation { continuation in
      member.propose(command) { continuation.resume(returning: ($0, $1)) }
    }
  }

  @Test("follow each other, and tell what was asked for")
  func order() async throws {
    let directory = TemporaryDirectory()
    let member = try Member.start(
      configuration: MemberConfiguration(dataDirectory: directory.path + "/data"))
    defer { member.stop() }
    for number in 0..<40 {
      let command = Self.put("key\(number)")
      // The last ones come one after the other, so that their turns run on this thread.
      let (result, steps) = await withCheckedContinuation { continuation in
        member.propose(command, mayTurnHere: true) { continuation.resume(returning: ($0, $1)) }
      }
      #expect(result.isSuccess)
      let times = try #require(steps)
      #expect(times.command == command)
      #expect(times.asked <= times.taken && times.taken < times.logged)
      // Who is alone is a majority.
      #expect(times.logged == times.agreed && times.agreed <= times.applied)
    }
  }

  @Test("are not told of what was refused before it was tried")
  func refusal() async throws {
    let directory = TemporaryDirectory()
    let member = try Member.start(
      configuration: MemberConfiguration(dataDirectory: directory.path + "/data"))
    member.stop()
    let (result, steps) = await Self.carryOut(Self.put("key"), by: member)
    #expect(!result.isSuccess && steps == nil)
  }

  @Test("tell that the replica was busy")
  func queue() async throws {
    let directory = TemporaryDirectory()
    let member = try Member.start(
      configuration: MemberConfiguration(dataDirectory: directory.path + "/data"))
    defer { member.stop() }
    let (_, steps) = await withCheckedContinuation { continuation in
      member.propose(Self.put("first")) { _, _ in
        member.propose(Self.put("second")) { continuation.resume(returning: ($0, $1)) }
        // On the replica's thread.
        usleep(120_000)
      }
    }
    let times = try #require(steps)
    #expect(times.taken - times.asked >= 100 * Self.milliseconds)
  }

  @Test("tell that other members did not answer")
  func majority() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    // The leader may be deposed meanwhile, or the write be on its way before the others are cut off.
    try await eventually("a write that waits for the others") {
      let leader = try await cluster.leader()
      let others = try await cluster.followers()
      for member in others { cluster.network.isolate(member.id) }
      async let write = Self.carryOut(Self.put("key"), by: leader)
      try await Task.sleep(for: .milliseconds(150))
      for member in others { cluster.network.isolate(member.id, false) }
      let (result, steps) = await write
      guard result.isSuccess, let steps else { return nil as Bool? }
      #expect(steps.taken < steps.logged && steps.logged <= steps.agreed)
      return steps.agreed - steps.logged >= 50 * Self.milliseconds ? true : nil
    }
  }

  @Test("of a write that another member proposes end when it is applied where it was asked for")
  func follower() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    let follower = try #require(try await cluster.followers().first)
    try await eventually("a write through a follower") {
      let (result, steps) = await Self.carryOut(Self.put("key"), by: follower)
      guard result.isSuccess else { return nil as Bool? }
      let times = try #require(steps)
      #expect(times.asked <= times.taken && times.taken <= times.logged)
      #expect(times.logged <= times.agreed && times.agreed <= times.applied)
      return true
    }
  }
}
