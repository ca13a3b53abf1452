import Environment
import Simulation
import Testing

@Suite("The simulated disk")
struct SimulatedDiskTests {
  private func disk(sectorBytes: Int = 4) throws -> SimulatedDisk {
    let disk = SimulatedDisk(sectorBytes: sectorBytes)
    try disk.createDirectory("/d/e")
    return disk
  }

  @Test("what was synced survives every crash, and its name too")
  func synced() throws {
    for seed in 0..<50 as Range<UInt64> {
      let disk = try disk()
      let file = try disk.open("/d/a", .create)
      try file.write([1, 2, 3], at: 2)
      try file.synchronizeData()
      try disk.synchronizeDirectory("/d")
      try file.write([9], at: 100)
      disk.crash(seed: seed)
      #expect(disk.content(of: "/d/a")?.prefix(5) == [0, 0, 1, 2, 3])
    }
  }

  @Test("unsynced writes are lost, kept, torn or reordered, always alike for a seed")
  func unsynced() throws {
    func outcome(_ seed: UInt64) throws -> [UInt8] {
      let disk = try disk()
      let file = try disk.open("/d/a", .create)
      try file.preallocate(16)
      try file.synchronizeData()
      try disk.synchronizeDirectory("/d")
      try file.write(Array(repeating: 1, count: 8), at: 0)
      try file.write(Array(repeating: 2, count: 8), at: 8)
      disk.crash(seed: seed)
      return disk.content(of: "/d/a") ?? []
    }
    let outcomes = try (0..<200).map { try outcome($0) }
    #expect(try outcomes == (0..<200).map { try outcome($0) })
    let zeroes = Array(repeating: 0 as UInt8, count: 8)
    let ones = Array(repeating: 1 as UInt8, count: 8)
    let twos = Array(repeating: 2 as UInt8, count: 8)
    #expect(outcomes.contains(zeroes + zeroes))
    #expect(outcomes.contains(ones + twos))
    #expect(outcomes.contains(zeroes + twos))
    #expect(outcomes.contains { $0.prefix(8) == [1, 1, 1, 1, 0, 0, 0, 0] })
    // Sectors are never torn themselves.
    #expect(
      outcomes.allSatisfy { bytes in
        stride(from: 0, to: 16, by: 4).allSatisfy { Set(bytes[$0..<$0 + 4]).count == 1 }
      })
  }

  @Test("unsynced names may be lost, in the order of their changes")
  func names() throws {
    var seen: [[String]] = []
    for seed in 0..<50 as Range<UInt64> {
      let disk = try disk()
      _ = try disk.open("/d/a", .create)
      try disk.rename("/d/a", to: "/d/b")
      _ = try disk.open("/d/c", .create)
      disk.crash(seed: seed)
      let names = try disk.list("/d")
      if !seen.contains(names) { seen.append(names) }
    }
    #expect(Set(seen) == [["e"], ["a", "e"], ["b", "e"], ["b", "c", "e"]])
  }

  @Test("a failed sync loses the writes for good, though reads still show them")
  func failedSync() throws {
    let disk = try disk()
    let file = try disk.open("/d/a", .create)
    try disk.synchronizeDirectory("/d")
    try file.write([7], at: 0)
    disk.inject(DiskFault(call: 1, duration: .once, kind: .inputOutput))
    #expect(throws: FileError.self) { try file.synchronizeData() }
    try file.synchronizeData()
    #expect(try file.read(1, at: 0) == [7])
    disk.crash(seed: 1)
    #expect(disk.content(of: "/d/a") == [])
  }

  @Test("a full, a read-only and a rotting disk")
  func faults() throws {
    let disk = try disk()
    let file = try disk.open("/d/a", .create)
    try file.write([1, 2, 3, 4], at: 0)
    disk.setCapacity(5)
    #expect(throws: FileError.noSpace(FileAttempt(.write, "/d/a"))) {
      try file.write([1, 1], at: 4)
    }
    #expect(throws: FileError.noSpace(FileAttempt(.preallocate, "/d/a"))) {
      try file.preallocate(6)
    }
    try file.write([9], at: 0)
    disk.setReadOnly(true)
    #expect(throws: FileError.readOnly(FileAttempt(.write, "/d/a"))) { try file.write([1], at: 0) }
    #expect(throws: FileError.readOnly(FileAttempt(.rename, "/d/a"))) {
      try disk.rename("/d/a", to: "/d/b")
    }
    disk.setReadOnly(false)
    disk.flip(bit: 1, at: 3, of: "/d/a")
    #expect(try file.read(9, at: 0) == [9, 2, 3, 6])
  }

  @Test("a fault hits its call, once or for good")
  func counting() throws {
    let disk = try disk()
    let file = try disk.open("/d/a", .create)
    for duration in [DiskFault.Duration.once, .forGood] {
      disk.inject(DiskFault(call: 2, duration: duration, kind: .inputOutput))
      #expect(try file.size() == 0)
      #expect(throws: FileError.self) { _ = try file.size() }
      if duration == .once {
        #expect(try file.size() == 0)
      } else {
        #expect(throws: FileError.self) { _ = try file.size() }
      }
      #expect(disk.calls == 3)
    }
  }

  @Test("a directory has one lock, and it ends with its holder or a crash")
  func locks() throws {
    let disk = try disk()
    var lock: (any DirectoryLock)? = try disk.lock(directory: "/d")
    #expect(throws: FileError.locked(FileAttempt(.lock, "/d/"))) {
      _ = try disk.lock(directory: "/d/")
    }
    #expect(lock != nil)
    lock = nil
    lock = try disk.lock(directory: "/d")
    disk.detach()
    let after = try disk.lock(directory: "/d")
    // The lock of the dead process does not release that of its successor.
    lock?.release()
    #expect(throws: FileError.self) { _ = try disk.lock(directory: "/d") }
    after.release()
    _ = try disk.lock(directory: "/d")
  }

  @Test("files that were open at a crash are unusable")
  func handles() throws {
    let disk = try disk()
    let file = try disk.open("/d/a", .create)
    disk.crash(seed: 1)
    #expect(throws: FileError.self) { try file.write([1], at: 0) }
    #expect(throws: FileError.notFound(FileAttempt(.open, "/x/a"))) {
      _ = try disk.open("/x/a", .create)
    }
  }
}

@Suite("Simulated time and entropy")
struct SimulatedTimeTests {
  @Test("the clock advances when told; the calendar alone jumps")
  func clock() {
    let clock = SimulatedClock()
    let (start, date) = (clock.now(), clock.wallTime())
    clock.advance(by: .milliseconds(5))
    #expect(clock.now() - start == .milliseconds(5))
    clock.jump(by: .seconds(-60))
    #expect(clock.now() - start == .milliseconds(5))
    #expect(clock.wallTime().nanoseconds - date.nanoseconds == 5_000_000 - 60_000_000_000)
  }

  @Test("a seed gives its numbers, and a bound is kept")
  func entropy() {
    let (first, second) = (SeededEntropy(seed: 5), SeededEntropy(seed: 5))
    let numbers = (0..<1000).map { _ in first.next(below: 10) }
    #expect(numbers == (0..<1000).map { _ in second.next(below: 10) })
    #expect((0..<10).allSatisfy { digit in numbers.count { $0 == digit } > 50 })
    // The first output of splitmix64 for the seed 0, as its authors' code prints it.
    #expect(SeededEntropy(seed: 0).next() == 0xE220_A839_7B1D_CDAF)
  }
}
