import Environment
import Testing

@testable import Member

@Suite("long syncs of the log")
struct SyncDurationTests {
  private func time(_ milliseconds: UInt64) -> MonotonicTime {
    MonotonicTime(nanoseconds: milliseconds * 1_000_000)
  }

  @Test("count for as much of a request's time as they overlap; short ones do not")
  func overlap() {
    let syncs = SyncDurations()
    for (begin, end) in [(100, 140), (150, 154), (200, 290)] as [(UInt64, UInt64)] {
      syncs.observe(from: time(begin), to: time(end))
    }
    func during(_ begin: UInt64, _ end: UInt64) -> Duration {
      syncs.longSyncs(during: time(begin)..<time(end))
    }
    #expect(during(0, 1_000) == .milliseconds(130))
    #expect(during(120, 210) == .milliseconds(30))
    #expect(during(141, 199) == .zero)
    #expect(during(150, 150) == .zero)
    #expect(during(210, 220) == .milliseconds(10))
  }

  @Test("are remembered up to a bound, the last ones first")
  func bound() {
    let syncs = SyncDurations()
    for number in 0..<1_000 as Range<UInt64> {
      syncs.observe(from: time(number * 10), to: time(number * 10 + 6))
    }
    #expect(syncs.longSyncs(during: time(9_990)..<time(20_000)) == .milliseconds(6))
    #expect(syncs.longSyncs(during: time(0)..<time(20_000)) == .milliseconds(128 * 6))
  }
}
