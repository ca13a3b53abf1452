import Engine
import Glibc
import Primitives
import Testing

struct RocksEngineTests {
  private func record(_ number: Int) -> Bytes {
    var writer = ByteWriter()
    writer.appendBigEndian(UInt64(number))
    return writer.bytes
  }

  private func fill(_ engine: RocksEngine, _ numbers: Range<Int>, bytes: Int = 100) throws {
    var batch = EngineBatch()
    for number in numbers {
      batch.put(
        .records, key: record(number),
        value: Bytes(repeating: UInt8(truncatingIfNeeded: number), count: bytes))
    }
    batch.put(.meta, key: [0], value: record(numbers.upperBound))
    try engine.apply(batch)
  }

  @Test("what was flushed is there after the engine was closed, and what was not is gone")
  func reopening() throws {
    let directory = TemporaryDirectory()
    var engine = try RocksEngine(directory: directory.path + "/engine")
    try fill(engine, 0..<100)
    try engine.flush()
    try fill(engine, 100..<200)
    #expect(engine.statistics.flushes == 1)
    #expect(engine.statistics.batches == 2)
    engine.close()
    engine = try RocksEngine(directory: directory.path + "/engine")
    #expect(try contents(engine, .records).count == 100)
    #expect(try engine.value(.meta, [0]) == record(100))
    #expect(engine.sizeOnDisk > 10_000)
    engine.close()
  }

  @Test("a directory that is open is locked")
  func locked() throws {
    let directory = TemporaryDirectory()
    let engine = try RocksEngine(directory: directory.path)
    let error = #expect(throws: EngineError.self) {
      try RocksEngine(directory: directory.path)
    }
    guard case .locked(let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail.contains(directory.path))
    engine.close()
    try RocksEngine(directory: directory.path).close()
  }

  @Test("a directory that cannot be made is an error that names it")
  func missingParent() {
    let error = #expect(throws: EngineError.self) {
      try RocksEngine(directory: "/nonexistent/parent/engine")
    }
    #expect(String(describing: error).contains("/nonexistent/parent/engine"))
  }

  @Test("closing ends a scan that is under way, and snapshots; both throw, and nothing aborts")
  func closing() throws {
    let directory = TemporaryDirectory()
    let engine = try RocksEngine(directory: directory.path)
    try fill(engine, 0..<1_000)
    let snapshot = try engine.snapshot()
    #expect(try snapshot.value(.records, record(1)) != nil)
    var closer = pthread_t()
    let box = Unmanaged.passRetained(engine)
    var seen = 0
    #expect(throws: EngineError.self) {
      try engine.scan(.records, from: [], to: nil) { _, _ in
        if seen == 10 {
          pthread_create(
            &closer, nil,
            {
              Unmanaged<RocksEngine>.fromOpaque($0!).takeRetainedValue().close(); return nil
            }, box.toOpaque())
        }
        if seen >= 10 { usleep(10_000) }
        seen += 1
        return true
      }
    }
    #expect(seen < 1_000)
    pthread_join(closer, nil)
    #expect(throws: EngineError.self) { try snapshot.value(.records, record(1)) }
    #expect(throws: EngineError.self) { try engine.value(.records, record(1)) }
    #expect(throws: EngineError.self) { try engine.flush() }
    #expect(throws: EngineError.self) { try fill(engine, 0..<1) }
    #expect(engine.sizeOnDisk == 0)
    engine.close()
  }

  @Test("reclaiming gives the space of deleted ranges back")
  func reclaiming() throws {
    let directory = TemporaryDirectory()
    let engine = try RocksEngine(directory: directory.path)
    for slice in 0..<10 { try fill(engine, slice * 1_000..<(slice + 1) * 1_000, bytes: 1_000) }
    try engine.flush()
    let before = engine.sizeOnDisk
    var batch = EngineBatch()
    batch.deleteRange(.records, from: record(0), to: record(9_000))
    try engine.apply(batch)
    try engine.reclaim(.records, from: nil, to: record(9_000))
    #expect(engine.sizeOnDisk < before / 5)
    #expect(try contents(engine, .records).count == 1_000)
    engine.close()
  }

  @Test(
    "damaged bytes are reported as corruption that names the file, at the start or when they are read"
  )
  func damage() throws {
    let directory = TemporaryDirectory()
    let engine = try RocksEngine(directory: directory.path)
    try fill(engine, 0..<2_000, bytes: 500)
    try engine.flush()
    engine.close()
    let table = try #require(names(in: directory.path).first { $0.hasSuffix(".sst") })
    let path = directory.path + "/" + table
    let sound = readFile(path)
    for position in [100, sound.count / 2, sound.count - 2_000, sound.count - 5] {
      var damaged = sound
      damaged[position] ^= 0x40
      writeFile(path, damaged)
      let error = #expect(throws: EngineError.self) {
        let engine = try RocksEngine(directory: directory.path)
        defer { engine.close() }
        _ = try contents(engine, .records)
      }
      guard case .corrupt(let detail) = error else {
        Issue.record("\(position): \(String(describing: error))")
        continue
      }
      #expect(detail.contains(table), "\(position): \(detail)")
    }
    writeFile(path, Bytes(sound.dropLast(1_000)))
    expectCorruption(directory.path, naming: table)
    unlink(path)
    expectCorruption(directory.path, naming: table)
  }

  @Test(
    "a damaged, a cut and a missing manifest are corruption", arguments: ["flip", "cut", "gone"])
  func manifest(damage: String) throws {
    let directory = TemporaryDirectory()
    let engine = try RocksEngine(directory: directory.path)
    for slice in 0..<5 {
      try fill(engine, slice * 10..<slice * 10 + 10)
      try engine.flush()
    }
    engine.close()
    let name = try #require(names(in: directory.path).first { $0.hasPrefix("MANIFEST") })
    let path = directory.path + "/" + name
    var bytes = readFile(path)
    switch damage {
    case "flip":
      bytes[bytes.count / 3] ^= 1
      writeFile(path, bytes)
    case "cut": writeFile(path, Bytes(bytes.prefix(5)))
    default: unlink(path)
    }
    expectCorruption(directory.path, naming: damage == "gone" ? name : directory.path)
  }

  private func expectCorruption(_ directory: String, naming name: String) {
    let error = #expect(throws: EngineError.self) {
      try RocksEngine(directory: directory).close()
    }
    guard case .corrupt(let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail.contains(name))
  }

  @Test("a full disk is an error of its own, never an abort, and passes when there is space again")
  func fullDisk() throws {
    let directory = TemporaryDirectory()
    guard mount("tmpfs", directory.path, "tmpfs", 0, "size=4m") == 0 else {
      print("skipped: a small file system could not be mounted (error \(errno)); it takes root")
      return
    }
    defer { umount2(directory.path, 2) }
    let filler = directory.path + "/filler"
    var engine = try RocksEngine(directory: directory.path + "/engine")
    try fill(engine, 0..<100)
    try engine.flush()

    fillDisk(filler)
    var failure: EngineError?
    for slice in 1..<6 {
      do {
        try fill(engine, slice * 1_000..<(slice + 1) * 1_000, bytes: 1_000)
        try engine.flush()
      } catch let error as EngineError {
        failure = failure ?? error
      }
    }
    guard case .noSpace = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try engine.value(.records, record(5)) != nil)
    engine.close()
    let refusal = #expect(throws: EngineError.self) {
      try RocksEngine(directory: directory.path + "/engine")
    }
    guard case .noSpace = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }

    unlink(filler)
    engine = try RocksEngine(directory: directory.path + "/engine")
    #expect(try contents(engine, .records).count == 100)
    try fill(engine, 100..<200)
    try engine.flush()
    engine.close()
    engine = try RocksEngine(directory: directory.path + "/engine")
    #expect(try contents(engine, .records).count == 200)
    engine.close()
  }

  @Test("an engine whose flush met a full disk goes on by itself once there is space")
  func fullDiskRecovery() throws {
    let directory = TemporaryDirectory()
    guard mount("tmpfs", directory.path, "tmpfs", 0, "size=16m") == 0 else {
      print("skipped: a small file system could not be mounted (error \(errno)); it takes root")
      return
    }
    defer { umount2(directory.path, 2) }
    var options = RocksEngine.Options()
    options.memtableBytes = 256 << 10
    let engine = try RocksEngine(directory: directory.path + "/engine", options: options)
    defer { engine.close() }
    fillDisk(directory.path + "/filler")
    try fill(engine, 0..<100)
    #expect(throws: EngineError.self) { try engine.flush() }
    unlink(directory.path + "/filler")
    for _ in 0..<100 {
      if (try? engine.flush()) != nil { break }
      usleep(100_000)
    }
    try fill(engine, 100..<200)
    try engine.flush()
    #expect(try contents(engine, .records).count == 200)
  }

  private func fillDisk(_ path: String) {
    let file = open(path, O_WRONLY | O_CREAT, 0o600)
    defer { Glibc.close(file) }
    let block = Bytes(repeating: 1, count: 4_096)
    while write(file, block, block.count) > 0 {}
  }
}
