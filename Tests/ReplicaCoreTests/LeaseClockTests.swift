import Environment
import MVCC
import Primitives
import Testing

@testable import ReplicaCore

@Suite("The leases' clock")
struct LeaseClockTests {
  private func second(_ number: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: UInt64(number * 1e9))
  }

  @Test("ends leases in the order of their deadlines, each once")
  func order() {
    var clock = LeaseClock()
    for (lease, seconds) in [(1, 30), (2, 10), (3, 20), (4, 10)] as [(Int64, Int64)] {
      clock.start(LeaseID(lease), grantedSeconds: seconds, remainder: 0, now: second(0))
    }
    #expect(clock.nextDeadline == second(10))
    #expect(clock.takeDue(now: second(9.9)).expired == [])
    #expect(clock.takeDue(now: second(20)).expired == [LeaseID(2), LeaseID(4), LeaseID(3)])
    #expect(clock.takeDue(now: second(21)).expired == [])
    #expect(clock.renew(LeaseID(2), now: second(21)) == .notFound)
    for lease in [2, 3, 4] as [Int64] { clock.remove(LeaseID(lease)) }
    #expect(clock.count == 1)
    #expect(clock.nextDeadline == second(30))
  }

  @Test("gives a renewed lease its whole time, and no lease that is over")
  func renewal() {
    var clock = LeaseClock()
    clock.start(LeaseID(1), grantedSeconds: 10, remainder: 0, now: second(0))
    #expect(clock.renew(LeaseID(1), now: second(9)) == .renewed(seconds: 10))
    #expect(clock.takeDue(now: second(10)).expired == [])
    #expect(clock.timeToLive(LeaseID(1), now: second(10))?.remainingSeconds == 9)
    #expect(clock.nextDeadline == second(19))
    #expect(clock.renew(LeaseID(1), now: second(19)) == .notFound)
    #expect(clock.takeDue(now: second(19)).expired == [LeaseID(1)])
    #expect(clock.renew(LeaseID(9), now: second(19)) == .notFound)
  }

  @Test("goes on with the remainder, and asks for its removal before a renewal")
  func remainder() {
    var clock = LeaseClock()
    clock.start(LeaseID(1), grantedSeconds: 100, remainder: 40, now: second(0))
    #expect(clock.timeToLive(LeaseID(1), now: second(1))?.remainingSeconds == 39)
    #expect(clock.renew(LeaseID(1), now: second(1)) == .checkpointed)
    clock.checkpointed(LeaseID(1), remainder: 0)
    #expect(clock.renew(LeaseID(1), now: second(2)) == .renewed(seconds: 100))
    #expect(clock.timeToLive(LeaseID(1), now: second(2))?.remainingSeconds == 100)
  }

  @Test("has the remaining time of long leases replicated every five minutes")
  func checkpoints() {
    var clock = LeaseClock()
    clock.start(LeaseID(1), grantedSeconds: 1_000, remainder: 0, now: second(0))
    clock.start(LeaseID(2), grantedSeconds: 300, remainder: 0, now: second(0))
    #expect(clock.takeDue(now: second(299)).checkpoints == [])
    let due = clock.takeDue(now: second(300))
    #expect(due.checkpoints == [LeaseCheckpoint(lease: LeaseID(1), remainingSeconds: 700)])
    #expect(due.expired == [LeaseID(2)])
    #expect(
      clock.takeDue(now: second(600)).checkpoints
        == [LeaseCheckpoint(lease: LeaseID(1), remainingSeconds: 400)])
    // A renewal starts the count anew.
    #expect(clock.renew(LeaseID(1), now: second(610)) == .renewed(seconds: 1_000))
    #expect(clock.takeDue(now: second(900)).checkpoints.first?.remainingSeconds == 710)
    var checkpoints = 0
    for moment in stride(from: 900.0, through: 1_609, by: 1) {
      checkpoints += clock.takeDue(now: second(moment)).checkpoints.count
    }
    #expect(checkpoints == 2)
    #expect(clock.takeDue(now: second(1_610)).expired == [LeaseID(1)])
  }

  @Test("ends at most a thousand leases a second")
  func pace() {
    var clock = LeaseClock()
    for lease in 1...5_000 as ClosedRange<Int64> {
      clock.start(LeaseID(lease), grantedSeconds: 5, remainder: 0, now: second(0))
    }
    var ended = 0
    var moment = second(5)
    while let next = clock.nextDeadline, next <= second(5.95) {
      moment = max(next, moment)
      ended += clock.takeDue(now: moment).expired.count
    }
    #expect(ended == 1_000)
  }

  @Test("stays small when leases come and go")
  func memory() {
    var clock = LeaseClock()
    for lease in 1...100_000 as ClosedRange<Int64> {
      clock.start(LeaseID(lease), grantedSeconds: 1 << 40, remainder: 0, now: second(0))
      clock.remove(LeaseID(lease))
    }
    #expect(clock.count == 0)
    #expect(clock.queuedPlaces < 3_000)
  }

  @Test("takes a lease of any length")
  func extremes() {
    var clock = LeaseClock()
    clock.start(LeaseID(1), grantedSeconds: Limits.leaseSeconds, remainder: 0, now: second(1))
    clock.start(LeaseID(2), grantedSeconds: .max, remainder: 0, now: second(1))
    clock.start(LeaseID(3), grantedSeconds: 0, remainder: 0, now: second(1))
    #expect(clock.takeDue(now: second(2)).expired == [LeaseID(3)])
    #expect(
      clock.timeToLive(LeaseID(1), now: second(2))?.remainingSeconds == Limits.leaseSeconds - 1)
  }
}
