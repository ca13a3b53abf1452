import Environment
import Glibc
@testable import LinuxEnvironment
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
      #expect(throws: FileError.notDirectory(FileAttempt(.list, path + "/f"))) {
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

@Suite("a file that is written past the page cache")
struct DirectFileTests {
  private let disk = LinuxFileSystem()

  /// A file of `bytes` zeroes, open for direct writes, in a folder of its own.
  private func withFile(_ bytes: Int64, _ body: (any File) throws -> Void) throws {
    let folder = "/tmp/keelson-direct-\(UInt64.random(in: 0 ... .max))"
    try disk.createDirectory(folder)
    let path = folder + "/f"
    defer {
      try? disk.remove(path)
      rmdir(folder)
    }
    try disk.open(path, .create).preallocate(bytes)
    try body(try disk.open(path, .direct))
  }

  @Test("holds what was written at any offset and length, as another handle reads it")
  func content() throws {
    var random = SystemRandomNumberGenerator()
    try withFile(64 * 4_096) { file in
      var expected = [UInt8](repeating: 0, count: 64 * 4_096)
      var offset = 100
      // One after the other, as a log is written, over whole and parts of blocks.
      while offset < expected.count - 20_000 {
        let count = Int.random(in: 1...9_000, using: &random)
        let bytes = (0..<count).map { _ in UInt8.random(in: 1...255, using: &random) }
        try file.write(bytes, at: Int64(offset))
        expected.replaceSubrange(offset..<offset + count, with: bytes)
        offset += count
      }
      try file.synchronizeData()
      let other = try disk.open(file.path, .read)
      #expect(try other.read(expected.count, at: 0) == expected, "ended at \(offset)")
      #expect(try file.read(300, at: 50) == Array(expected[50..<350]))
      // Another handle begins in the midst of a block that it has not written.
      try disk.open(file.path, .direct).write([7, 8, 9], at: Int64(offset))
      expected.replaceSubrange(offset..<offset + 3, with: [7, 8, 9])
      #expect(try other.read(expected.count, at: 0) == expected)
      #expect(try file.size() == Int64(expected.count))
    }
  }

  @Test("takes whole blocks from where they lie, and goes on within one behind them")
  func blocks() throws {
    try withFile(16 * 4_096) { file in
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 3 * 4_096, alignment: 4_096)
      defer { memory.deallocate() }
      for place in memory.indices { memory[place] = UInt8(truncatingIfNeeded: place >> 7 | 1) }
      try file.write([9, 9, 9], at: 8_190)
      try file.write(UnsafeRawBufferPointer(memory), at: 4_096)
      try file.write([5, 6], at: 4 * 4_096 - 1)
      var expected = [UInt8](repeating: 0, count: 5 * 4_096)
      expected.replaceSubrange(4_096..<4 * 4_096, with: memory)
      expected[4 * 4_096 - 1] = 5
      expected[4 * 4_096] = 6
      #expect(try file.read(expected.count, at: 0) == expected)
    }
  }

  @Test("takes writes larger than its memory, and those behind its end")
  func large() throws {
    try withFile(4 << 20) { file in
      let bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      try file.write(bytes, at: 12_345)
      #expect(try file.read(bytes.count, at: 12_345) == bytes)
      try file.write(Array(bytes[..<10_000]), at: (4 << 20) - 5_000)
      #expect(try file.size() == (4 << 20) + 5_000)
      #expect(try file.read(20_000, at: (4 << 20) - 5_000) == Array(bytes[..<10_000]))
      try file.truncate(to: 1_000)
      try file.write([1, 2, 3], at: 998)
      #expect(try file.read(10, at: 997).suffix(3) == [1, 2, 3])
    }
  }

  @Test("writes through the cache once the device has refused a direct write")
  func refused() throws {
    try withFile(16 * 4_096) { file in
      // No device has blocks this small.
      let small = try #require(
        try DirectFile.over(
          LinuxFile(path: file.path, descriptor: open(file.path, O_RDWR)), blockBytes: 64))
      try small.write([1, 2, 3], at: 70)
      try small.write([4, 5], at: 73)
      try small.synchronizeData()
      #expect(try file.read(8, at: 68) == [0, 0, 1, 2, 3, 4, 5, 0])
      #expect(try file.size() == 16 * 4_096)
    }
  }

  @Test("writes through the cache where a file is no whole number of blocks")
  func odd() throws {
    try withFile(5_000) { file in
      try file.write([1, 2, 3], at: 4_990)
      #expect(try file.size() == 5_000)
      #expect(try file.read(5, at: 4_989) == [0, 1, 2, 3, 0])
    }
  }
}
