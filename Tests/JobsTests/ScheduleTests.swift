import Primitives
import Testing

@testable import Jobs

@Suite("When a backup is due, and what it is called")
struct ScheduleTests {
  @Test("at once where there is none, and an interval after the newest, also across restarts")
  func due() {
    #expect(BackupSchedule(interval: 100, last: nil).secondsUntilDue(now: 1_000) == 0)
    var schedule = BackupSchedule(interval: 100, last: 950)
    #expect(schedule.secondsUntilDue(now: 1_000) == 50)
    #expect(schedule.secondsUntilDue(now: 1_050) == 0)
    schedule.noteSuccess(at: 1_060)
    #expect(schedule.secondsUntilDue(now: 1_061) == 99)
  }

  @Test("again soon after a failure, but not at once")
  func retry() {
    var schedule = BackupSchedule(interval: 21_600, last: nil)
    schedule.noteFailure(at: 1_000)
    #expect(schedule.secondsUntilDue(now: 1_000) == 300)
    var short = BackupSchedule(interval: 5, last: 900)
    short.noteFailure(at: 1_000)
    #expect(short.secondsUntilDue(now: 1_000) == 1)
  }

  @Test("a clock that was set back does not put it off for years")
  func clockSetBack() {
    var schedule = BackupSchedule(interval: 100, last: 1_000_000)
    #expect(schedule.secondsUntilDue(now: 1_000) == 0)
    schedule.noteFailure(at: 1_000_000)
    #expect(schedule.secondsUntilDue(now: 1_000) == 0)
  }

  @Test(
    "names carry the member, the time and the revision, and sort by time",
    arguments: [
      (0, "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
      (1_709_164_800, "20240229T000000Z"), (1_795_312_872, "20261122T020112Z"),
      (4_102_444_799, "20991231T235959Z"),
    ])
  func names(time: Int, stamp: String) throws {
    let name = BackupName(time: Int64(time), revision: Revision(77))
    #expect(name.file(of: "m1") == "keelson-m1-\(stamp)-r77.db")
    #expect(BackupName(name.file(of: "m1"), of: "m1") == name)
  }

  @Test("what is not this member's backup is none")
  func foreignNames() {
    let name = "keelson-m1-20261122T014112Z-r77.db"
    #expect(BackupName(name, of: "m") == nil)
    #expect(BackupName("keelson-m1-b-20261122T014112Z-r77.db", of: "m1") == nil)
    for other in [
      ".\(name).part", "keelson-m1-20261322T014112Z-r77.db", "keelson-m1-20261122T014112Z-r-1.db",
      "keelson-m1-20261122T014112Z.db", "keelson-m1-.db", "notes.txt",
    ] { #expect(BackupName(other, of: "m1") == nil, "\(other)") }
    let odd = BackupName(time: 0, revision: Revision(1)).file(of: "a/../b c")
    #expect(odd == "keelson-a_.._b_c-19700101T000000Z-r1.db")
  }
}
