import CRocksDB
import Engine
import Glibc
import Primitives
import Testing

/// Which files RocksDB makes of what an engine is given.
struct RocksFileTests {
  private func key(_ number: Int) -> Bytes {
    var writer = ByteWriter()
    writer.appendBigEndian(UInt64(number))
    return writer.bytes
  }

  private func put(_ numbers: Range<Int>, _ engine: RocksEngine) throws {
    var batch = EngineBatch()
    for number in numbers {
      batch.put(.records, key: key(number), value: Bytes(repeating: 1, count: 1_000))
    }
    batch.put(.leases, key: key(numbers.lowerBound % 3), value: [1])
    batch.put(.meta, key: [0], value: key(numbers.upperBound))
    try engine.apply(batch)
    try engine.flush()
  }

  /// The tables that hold records: those of everything else are small.
  private func recordFiles(_ directory: String) -> Set<String> {
    var files: Set<String> = []
    for name in names(in: directory) where name.hasSuffix(".sst") {
      var status = stat()
      if stat(directory + "/" + name, &status) == 0, status.st_size > 10_000 { files.insert(name) }
    }
    return files
  }

  private func wait(until isTrue: () -> Bool) -> Bool {
    for _ in 0..<600 where !isTrue() { usleep(50_000) }
    return isTrue()
  }

  @Test("records that come in order are moved to the first level as they are")
  func ordered() throws {
    let directory = TemporaryDirectory()
    let engine = try RocksEngine(directory: directory.path)
    defer { engine.close() }
    var flushed: Set<String> = []
    for slice in 0..<9 {
      try put(slice * 100..<slice * 100 + 100, engine)
      let files = recordFiles(directory.path)
      #expect(files.isSuperset(of: flushed), "flush \(slice)")
      flushed = files
    }
    #expect(flushed.count == 9)
    #expect(wait { engine.statistics.level0Files < 8 })
    #expect(recordFiles(directory.path) == flushed)
    #expect(try contents(engine, .records).count == 900)
  }

  @Test("deletions of old records rewrite the files that hold them, and give their space back")
  func deletions() throws {
    let directory = TemporaryDirectory()
    let engine = try RocksEngine(directory: directory.path)
    defer { engine.close() }
    for slice in 0..<6 { try put(slice * 100..<slice * 100 + 100, engine) }
    let before = engine.sizeOnDisk
    var batch = EngineBatch()
    for number in 0..<500 { batch.delete(.records, key: key(number)) }
    try engine.apply(batch)
    try engine.flush()
    try engine.reclaim(.records, from: nil, to: key(500))
    #expect(engine.sizeOnDisk < before / 3)
    #expect(try contents(engine, .records).count == 100)
  }

  @Test("a database whose tables lie in one column family opens with all it holds")
  func oneFamily() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/engine"
    let options = rocksdb_options_create()
    defer { rocksdb_options_destroy(options) }
    rocksdb_options_set_create_if_missing(options, 1)
    let write = rocksdb_writeoptions_create()
    defer { rocksdb_writeoptions_destroy(write) }
    var message: UnsafeMutablePointer<CChar>?
    let old = try #require(rocksdb_open(options, path, &message))
    for (table, keys) in [(Table.records, 0..<300), (.leases, 0..<20), (.meta, 5..<9)] {
      for number in keys {
        let stored = ([table.rawValue] + key(number)).map { CChar(bitPattern: $0) }
        rocksdb_put(old, write, stored, stored.count, stored, stored.count, &message)
        try #require(message == nil)
      }
    }
    rocksdb_close(old)

    for round in 0..<3 {
      let engine = try RocksEngine(directory: path)
      defer { engine.close() }
      for (table, keys) in [(Table.records, 0..<300), (.leases, 0..<20), (.meta, 5..<9)] {
        let expected = keys.map { [key($0), [table.rawValue] + key($0)] }
        #expect(try contents(engine, table) == expected, "round \(round), \(table)")
      }
      // A change that nothing makes durable: what was moved must be durable already.
      var batch = EngineBatch()
      batch.put(.meta, key: key(5), value: [])
      try engine.apply(batch)
    }
  }
}
