import Environment
import Glibc
import LinuxEnvironment
import Testing

@Suite("The machine's files")
struct LinuxFileSystemTests {
  /// Runs a test in a directory of its own, which is removed afterwards.
  private func inDirectory(_ body: (LinuxFileSystem, String) throws -> Void) throws {
    let disk = LinuxFileSystem()
    let path = "/tmp/keelson-file-test-\(LinuxEntropy().next())"
    try disk.createDirectory(path + "/a/b")
    defer {
      for directory in [path + "/a/b", path + "/a", path] {
        for name in (try? disk.list(directory)) ?? [] { try? disk.remove(directory + "/" + name) }
        rmdir(directory)
      }
    }
    try body(disk, path)
  }

  @Test("what is written at an offset is read at that offset, up to the end")
  func readAndWrite() throws {
    try inDirectory { disk, path in
      let file = try disk.open(path + "/f", .create)
      try file.write([1, 2, 3], at: 5)
      try file.synchronizeData()
      #expect(try file.size() == 8)
      #expect(try file.read(100, at: 4) == [0, 1, 2, 3])
      #expect(try file.read(1, at: 8) == [])
      try file.preallocate(4096)
      try file.preallocate(10)
      #expect(try file.size() == 4096 && file.read(1, at: 4095) == [0])
      try file.truncate(to: 6)
      #expect(try disk.size(of: path + "/f") == 6)
      let reader = try disk.open(path + "/f", .read)
      #expect(try reader.read(9, at: 5) == [1])
      #expect(throws: FileError.self) { try reader.write([1], at: 0) }
    }
  }

  @Test("names are listed in order, renamed over others and removed")
  func names() throws {
    try inDirectory { disk, path in
      for name in ["z", "m", "0"] { _ = try disk.open(path + "/" + name, .create) }
      try disk.open(path + "/m", .readWrite).write([1], at: 0)
      try disk.rename(path + "/m", to: path + "/z")
      try disk.synchronizeDirectory(path)
      #expect(try disk.list(path) == ["0", "a", "z"])
      #expect(try disk.size(of: path + "/z") == 1)
      try disk.remove(path + "/z")
      #expect(try !disk.exists(path + "/z") && disk.exists(path + "/0"))
      try disk.createDirectory(path + "/a/b")
    }
  }

  @Test("failures say what was tried, on which path")
  func failures() throws {
    try inDirectory { disk, path in
      let missing = FileError.notFound(FileAttempt(.open, path + "/x"))
      #expect(throws: missing) { _ = try disk.open(path + "/x", .read) }
      #expect(missing.description.contains("open \(path)/x"))
      _ = try disk.open(path + "/f", .create)
      #expect(throws: FileError.alreadyExists(FileAttempt(.open, path + "/f"))) {
        _ = try disk.open(path + "/f", .create)
      }
      #expect(throws: FileError.notFound(FileAttempt(.list, path + "/f"))) {
        try disk.createDirectory(path + "/f")
      }
      #expect(throws: FileError.notFound(FileAttempt(.list, path + "/y"))) {
        _ = try disk.list(path + "/y")
      }
    }
  }

  @Test("a full device is no space, and nothing else")
  func fullDevice() throws {
    let full = try LinuxFileSystem().open("/dev/full", .readWrite)
    #expect(throws: FileError.noSpace(FileAttempt(.write, "/dev/full"))) {
      try full.write([1], at: 0)
    }
  }

  @Test("a directory is locked against a second holder, until the first lets go")
  func locks() throws {
    try inDirectory { disk, path in
      let lock = try disk.lock(directory: path)
      #expect(throws: FileError.locked(FileAttempt(.lock, path))) {
        _ = try disk.lock(directory: path)
      }
      lock.release()
      lock.release()
      _ = try disk.lock(directory: path)
    }
  }

  @Test("descriptors close with their last reference, even thousands of them")
  func descriptors() throws {
    try inDirectory { disk, path in
      _ = try disk.open(path + "/f", .create)
      // More than the usual limit on open files.
      for _ in 0..<5000 { _ = try disk.open(path + "/f", .read) }
    }
  }
}

@Suite("Time")
struct TimeTests {
  @Test("the monotonic clock goes forward, and the calendar is in this century")
  func clocks() {
    let clock = LinuxClock()
    let first = clock.now()
    #expect(clock.now() >= first)
    #expect(clock.wallTime().seconds > 1_700_000_000 && clock.wallTime().seconds < 4_102_444_800)
  }

  @Test("moments and durations add up, and stop at the ends")
  func arithmetic() {
    let time = MonotonicTime(nanoseconds: 1000)
    #expect((time + .nanoseconds(5)) - time == .nanoseconds(5))
    #expect(time - (time + .nanoseconds(5)) == .nanoseconds(-5))
    #expect(time + .seconds(-1) == MonotonicTime(nanoseconds: 0))
    #expect(MonotonicTime(nanoseconds: .max) + .seconds(1) == MonotonicTime(nanoseconds: .max))
    #expect(Duration.seconds(Int64.max).saturatingNanoseconds == .max)
    #expect(Duration.milliseconds(-3).saturatingNanoseconds == -3_000_000)
    #expect(WallTime(nanoseconds: -1).seconds == -1)
  }
}
