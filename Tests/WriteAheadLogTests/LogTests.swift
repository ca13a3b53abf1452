import Environment
import Glibc
import LinuxEnvironment
import Primitives
import Simulation
import Testing

@testable import WriteAheadLog

@Suite("The log")
struct LogTests {
  @Test("what was synced is there after reopening, in order")
  func reopening() throws {
    let fixture = LogFixture()
    let state = HardState(term: Term(3), votedFor: MemberID(9), commit: LogIndex(4))
    do {
      let (log, recovery) = try fixture.open()
      #expect(recovery.lastIndex == .zero && recovery.firstIndex == LogIndex(1))
      try log.append(contentsOf: (1...5).map { entry($0, term: 3) })
      try log.setHardState(state)
      #expect(log.hasUnsynced && log.durableIndex == .zero)
      #expect(try allEntries(log).map(\.index.rawValue) == Array(1...5))
      try log.sync()
      #expect(!log.hasUnsynced && log.durableIndex == LogIndex(5))
      #expect(log.bufferedBytes == 0)
    }
    fixture.disk.crash(seed: 1)
    let (log, recovery) = try fixture.open(mark: 5)
    #expect(recovery.lastIndex == LogIndex(5) && recovery.hardState == state)
    #expect(recovery.tornTail == nil)
    #expect(try allEntries(log) == (1...5).map { entry($0, term: 3) })
    #expect(log.term(at: .zero) == .zero && log.term(at: LogIndex(5)) == Term(3))
    #expect(log.term(at: LogIndex(6)) == nil)
  }

  @Test("a sync is one write and one sync, and an idle one is nothing")
  func oneWrite() throws {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    fixture.disk.inject(nil)
    try log.append(contentsOf: (1...20).map { entry($0) })
    try log.setHardState(HardState(term: Term(1), commit: LogIndex(1)))
    #expect(fixture.disk.calls == 0)
    try log.sync()
    #expect(fixture.disk.calls == 2)
    try log.sync()
    try log.setHardState(HardState(term: Term(1), commit: LogIndex(1)))
    try log.sync()
    #expect(fixture.disk.calls == 2)
  }

  @Test("entries are returned up to a number of bytes, but at least one")
  func boundedReads() throws {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    try log.append(contentsOf: (1...4).map { entry($0, bytes: 100) })
    try log.sync()
    try log.append(contentsOf: (5...6).map { entry($0, bytes: 100) })
    func count(_ first: UInt64, _ last: UInt64, _ bytes: Int) throws -> Int {
      try log.entries(from: LogIndex(first), through: LogIndex(last), maxBytes: bytes).count
    }
    #expect(try count(1, 9, 1000) == 6)
    #expect(try count(1, 9, 500) == 5)
    #expect(try count(3, 5, 1000) == 3)
    #expect(try count(2, 9, 1) == 1)
    #expect(try count(7, 9, 1) == 0)
  }

  @Test("segments follow each other, and whole ones are dropped and used again")
  func segments() throws {
    let fixture = LogFixture()
    var (log, _) = try fixture.open()
    for index in 1...200 as ClosedRange<UInt64> {
      try log.append(entry(index, bytes: 100))
      if index % 3 == 0 { try log.sync() }
    }
    try log.setHardState(HardState(term: Term(1), commit: LogIndex(150)))
    try log.sync()
    #expect(log.segmentCount > 5)
    try log.truncatePrefix(through: LogIndex(150))
    #expect(log.firstIndex > LogIndex(100) && log.firstIndex <= LogIndex(151))
    #expect(log.term(at: LogIndex(log.firstIndex.rawValue - 1)) == Term(1))
    let dropped = LogError.dropped(LogIndex(1), firstKept: log.firstIndex)
    #expect(throws: dropped) {
      _ = try log.entries(from: LogIndex(1), through: LogIndex(9), maxBytes: 1)
    }
    let names = try fixture.disk.list(LogFixture.directory)
    #expect(names.filter { $0.hasSuffix(".spare") }.count == 2)
    let first = log.firstIndex
    for index in 201...300 as ClosedRange<UInt64> {
      try log.append(entry(index, bytes: 100))
      try log.sync()
    }
    fixture.disk.crash(seed: 3)
    (log, _) = try fixture.open(mark: 300)
    #expect(log.firstIndex == first && log.lastIndex == LogIndex(300))
    #expect(try allEntries(log) == (first.rawValue...300).map { entry($0, bytes: 100) })
  }

  @Test("the newest bytes can be kept: whole segments of them, or all there are")
  func newestBytes() throws {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    for index in 1...200 as ClosedRange<UInt64> {
      try log.append(entry(index, bytes: 100))
      try log.sync()
    }
    #expect(log.lastIndex(beforeNewest: 0) == LogIndex(200))
    #expect(log.lastIndex(beforeNewest: 1 << 20) == LogIndex(0))
    var shorter = LogIndex(200)
    for bytes in stride(from: 1, through: 20_000, by: 500) {
      let before = log.lastIndex(beforeNewest: bytes)
      #expect(before <= shorter)
      // At least so many bytes stay, and less than a segment more.
      let kept = Int(200 - before.rawValue)
      #expect(kept * 200 >= bytes && kept * 100 <= bytes + fixture.configuration.segmentBytes)
      shorter = before
    }
    try log.setHardState(HardState(term: Term(1), commit: LogIndex(200)))
    try log.sync()
    let before = log.lastIndex(beforeNewest: 5_000)
    try log.truncatePrefix(through: before)
    #expect(log.firstIndex == before.next)
    #expect(log.lastIndex(beforeNewest: 5_000) == before)
  }

  @Test("records of a recycled segment never come back")
  func recycled() throws {
    let fixture = LogFixture()
    var (log, _) = try fixture.open()
    // Records of one size, so that old ones stand exactly where a new one would.
    for index in 1...80 as ClosedRange<UInt64> {
      try log.append(entry(index, bytes: 88))
      try log.sync()
    }
    try log.truncatePrefix(through: LogIndex(70))
    while try !fixture.disk.list(LogFixture.directory).allSatisfy({ !$0.hasSuffix(".spare") }) {
      try log.append(entry(log.lastIndex.rawValue + 1, bytes: 88))
      try log.sync()
    }
    let last = log.lastIndex
    for seed in 0..<20 as Range<UInt64> {
      fixture.disk.crash(seed: seed)
      let reopened = try fixture.open(mark: last.rawValue)
      log = reopened.log
      #expect(reopened.recovery.tornTail == nil)
      #expect(log.lastIndex == last)
    }
  }

  @Test("a dropped suffix stays dropped, across segments and in the buffer")
  func suffix() throws {
    let fixture = LogFixture()
    var (log, _) = try fixture.open()
    for index in 1...60 as ClosedRange<UInt64> {
      try log.append(entry(index, bytes: 100))
      try log.sync()
    }
    try log.append(contentsOf: (61...65).map { entry($0) })
    try log.truncateSuffix(from: LogIndex(63))
    #expect(log.lastIndex == LogIndex(62))
    try log.truncateSuffix(from: LogIndex(11))
    #expect(log.lastIndex == LogIndex(10) && log.term(at: LogIndex(11)) == nil)
    try log.append(contentsOf: (11...12).map { entry($0, term: 2) })
    let expected = (1...10).map { entry($0, bytes: 100) } + (11...12).map { entry($0, term: 2) }
    #expect(try allEntries(log) == expected)
    try log.sync()
    #expect(try allEntries(log) == expected)
    fixture.disk.crash(seed: 4)
    (log, _) = try fixture.open(mark: 12)
    #expect(try allEntries(log) == expected)
    try log.truncatePrefix(through: LogIndex(12))
    #expect(log.lastIndex == LogIndex(12) && log.segmentCount == 1)
    log = try fixture.copy().open().log
    #expect(log.lastIndex == LogIndex(12) && log.term(at: LogIndex(12)) == Term(2))
  }

  @Test("a log goes on after a snapshot, from its creation or from a reset")
  func snapshots() throws {
    let fixture = LogFixture()
    let state = HardState(term: Term(4), votedFor: MemberID(2), commit: LogIndex(100))
    var log = try fixture.create(after: 100, term: 4, hardState: state)
    #expect(log.firstIndex == LogIndex(101) && log.term(at: LogIndex(100)) == Term(4))
    try log.append(entry(101, term: 4))
    try log.sync()
    try log.reset(to: LogIndex(500), term: Term(6))
    #expect(log.firstIndex == LogIndex(501) && log.lastIndex == LogIndex(500))
    try log.append(entry(501, term: 6))
    try log.sync()
    fixture.disk.crash(seed: 5)
    log = try fixture.open(mark: 501).log
    #expect(try allEntries(log) == [entry(501, term: 6)])
    #expect(log.hardState == state && log.term(at: LogIndex(500)) == Term(6))
    let used = try fixture.copy()
    #expect(throws: LogError.notEmpty(directory: LogFixture.directory)) {
      _ = try used.create(after: 1, term: 1, hardState: HardState())
    }
  }

  @Test("a batch longer than a segment gets one of its own, and the buffer is bounded")
  func longBatches() throws {
    var fixture = LogFixture()
    fixture.configuration.batchBytes = 20_000
    let (log, _) = try fixture.open()
    try log.append(contentsOf: (1...10).map { entry($0, bytes: 1000) })
    try log.sync()
    #expect(log.segmentCount == 2)
    try log.append(contentsOf: (11...40).map { entry($0, bytes: 1000) })
    #expect(log.bufferedBytes <= 20_000 && log.durableIndex > LogIndex(20))
    try log.sync()
    fixture.disk.crash(seed: 6)
    #expect(try allEntries(fixture.open(mark: 40).log).count == 40)
  }

  @Test("the next segment is prepared once, and used")
  func preparation() throws {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    let work = try #require(log.beginPreparation())
    #expect(log.beginPreparation() == nil)
    work.run()
    #expect(try fixture.disk.list(LogFixture.directory).contains("next.zero"))
    var index: UInt64 = 1
    while log.segmentCount == 1 {
      try log.append(entry(index, bytes: 500))
      try log.sync()
      index += 1
    }
    #expect(try !fixture.disk.list(LogFixture.directory).contains("next.zero"))
    log.prepareNextSegment()
    #expect(try fixture.disk.list(LogFixture.directory).contains("next.zero"))
    fixture.disk.crash(seed: 7)
    #expect(try fixture.open(mark: index - 1).log.lastIndex == LogIndex(index - 1))
  }

  @Test("two logs in one directory: the second is refused, until the first is gone")
  func locking() throws {
    let disk = LinuxFileSystem()
    let path = "/tmp/keelson-log-test-\(LinuxEntropy().next())"
    let configuration = LogConfiguration(segmentBytes: 65_536)
    var log: WriteAheadLog? = try WriteAheadLog.open(
      directory: path, fileSystem: disk, configuration: configuration
    ).log
    #expect(throws: LogError.locked(directory: path)) {
      _ = try WriteAheadLog.open(directory: path, fileSystem: disk, configuration: configuration)
    }
    for index in 1...1000 as ClosedRange<UInt64> { try log?.append(entry(index, bytes: 200)) }
    try log?.sync()
    log = nil
    let (reopened, recovery) = try WriteAheadLog.open(
      directory: path, fileSystem: disk, configuration: configuration,
      durableMark: LogIndex(1000))
    #expect(recovery.lastIndex == LogIndex(1000))
    #expect(try allEntries(reopened, maxBytes: 10_000).count == 1000)
    for name in try disk.list(path) { try disk.remove(path + "/" + name) }
    rmdir(path)
  }
}
