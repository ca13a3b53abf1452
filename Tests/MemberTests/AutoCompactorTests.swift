import Environment
import Primitives
import Testing

@testable import Member

@Suite("Automatic compaction")
struct AutoCompactorTests {
  /// Runs for a number of seconds at ten revisions a second, and collects what is to be compacted,
  /// and when.
  private func run(
    _ mode: AutoCompaction, seconds: Int64
  ) -> [(second: Int64, revision: Int64)] {
    let start = MonotonicTime(nanoseconds: 5_000_000_000)
    var compactor = AutoCompactor(mode, now: start)
    var found: [(second: Int64, revision: Int64)] = []
    for second in 0...seconds {
      let now = start + .seconds(second)
      if let revision = compactor.due(now: now, revision: Revision(second * 10)) {
        found.append((second, revision.rawValue))
      }
    }
    return found
  }

  @Test("by time keeps what was current within the retention, and compacts once in that time")
  func periodic() {
    let found = run(.periodic(seconds: 600), seconds: 3_000)
    #expect(found.count == 4)
    for (second, revision) in found {
      #expect(revision <= (second - 600) * 10)
      #expect(revision >= (second - 720) * 10)
    }
  }

  @Test("by time compacts every hour where the retention is longer")
  func longRetention() {
    let found = run(.periodic(seconds: 4 * 3_600), seconds: 8 * 3_600)
    #expect((4...5).contains(found.count))
    for (second, revision) in found { #expect(revision <= (second - 4 * 3_600) * 10) }
  }

  @Test("by revision keeps the latest ones")
  func revisions() {
    let found = run(.revision(1_000), seconds: 900)
    #expect(found.map(\.revision) == [2_000, 5_000, 8_000])
  }

  @Test("that is off asks for nothing, and one without writes for nothing twice")
  func quiet() {
    #expect(run(.off, seconds: 10_000).isEmpty)
    var compactor = AutoCompactor(.periodic(seconds: 10), now: MonotonicTime(nanoseconds: 0))
    var found = 0
    for second in 0..<100 as Range<UInt64> {
      let now = MonotonicTime(nanoseconds: second * 1_000_000_000)
      if compactor.due(now: now, revision: Revision(7)) != nil { found += 1 }
    }
    #expect(found == 1)
  }
}
