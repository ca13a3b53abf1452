import Environment
import Primitives
import Simulation
import Testing

@testable import WriteAheadLog

@Suite("A log that is read before it is opened")
struct LogReadingTests {
  @Test("reading changes no file; the mark is asked for when the log is opened")
  func readsOnly() throws {
    let fixture = LogFixture()
    do {
      let (log, _) = try fixture.open()
      for index in 1...20 as ClosedRange<UInt64> { try log.append(entry(index)) }
      try log.sync()
    }
    // What a process leaves that was killed while it wrote: the tail is cut, but not by a reading.
    let path = fixture.segment(1)
    let whole = try #require(fixture.disk.content(of: path))
    let torn = try fixture.copy(replacing: path, with: Self.tearing(whole))
    let before = torn.disk.content(of: path)
    let reading = try LogReading(
      directory: LogFixture.directory, fileSystem: torn.disk, configuration: torn.configuration)
    #expect(torn.disk.content(of: path) == before)
    #expect(throws: LogError.self) {
      _ = try WriteAheadLog.open(reading, durableMark: LogIndex(21))
    }
    #expect(torn.disk.content(of: path) == before)
    let (log, recovery) = try WriteAheadLog.open(reading, durableMark: LogIndex(20))
    #expect(recovery.lastIndex == LogIndex(20))
    #expect(recovery.tornTail != nil)
    #expect(torn.disk.content(of: path) != before)
    #expect(try allEntries(log).count == 20)
  }

  @Test("a reading keeps others out, until it is let go")
  func locks() throws {
    let fixture = LogFixture()
    _ = try fixture.open()
    var reading: LogReading? = try LogReading(
      directory: LogFixture.directory, fileSystem: fixture.disk,
      configuration: fixture.configuration)
    #expect(reading != nil)
    #expect(throws: LogError.locked(directory: LogFixture.directory)) { _ = try fixture.open() }
    reading = nil
    _ = try fixture.open()
  }

  /// The same bytes with something that is no record behind the last one.
  private static func tearing(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return bytes }
    let place = (last / 8 + 2) * 8
    for offset in place..<min(place + 8, bytes.count) { bytes[offset] = 0xA5 }
    return bytes
  }
}
