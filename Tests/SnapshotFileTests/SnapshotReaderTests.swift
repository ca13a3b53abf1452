import Glibc
import Primitives
import SnapshotFile
import Testing

struct SnapshotReaderTests {
  @Test("a file without a hash, or with another one, is refused unless that is asked for")
  func hash() throws {
    let sound = try file(makeWriter(sampleState(), sampleRecords(50)))
    var flipped = sound
    flipped[sound.count / 2] ^= 1
    for bytes in [flipped, Bytes(sound.dropLast(32)), Bytes(sound.dropLast())] {
      let error = #expect(throws: SnapshotError.self) { try SnapshotReader(BytesAccess(bytes)) }
      guard case .badHash = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    let database = try SnapshotReader(BytesAccess(sound.dropLast(32)), integrity: .skipped)
    #expect(try database.state() == sampleState())
    for bytes in [sound, Bytes(sound.dropLast(32))] {
      let reader = try SnapshotReader(BytesAccess(bytes), integrity: .present)
      #expect(try reader.state() == sampleState())
    }
    #expect(throws: SnapshotError.self) {
      try SnapshotReader(BytesAccess(flipped), integrity: .present)
    }
  }

  @Test("the second meta page serves where the first is damaged")
  func secondMeta() throws {
    var bytes = try file(makeWriter(sampleState(), sampleRecords(5)))
    bytes[40] ^= 1
    let reader = try SnapshotReader(BytesAccess(bytes), integrity: .skipped)
    #expect(try reader.state() == sampleState())
    bytes[4_096 + 40] ^= 1
    #expect(throws: SnapshotError.self) {
      try SnapshotReader(BytesAccess(bytes), integrity: .skipped)
    }
  }

  @Test("a tree with a cycle ends in an error")
  func cycle() throws {
    // Page 2 is a branch whose children are itself.
    var page = ByteWriter()
    page.appendLittleEndian(UInt64(2))
    page.appendLittleEndian(UInt16(1))
    page.appendLittleEndian(UInt16(100))
    page.appendLittleEndian(UInt32(0))
    for _ in 0..<100 {
      page.appendLittleEndian(UInt32(16))
      page.appendLittleEndian(UInt32(0))
      page.appendLittleEndian(UInt64(2))
    }
    var bytes = try file(SnapshotWriter(buckets: [BoltBucket(name: [65], pairs: [([1], [2])])]))
    bytes.replaceSubrange(3 * 4_096..<3 * 4_096 + page.count, with: page.bytes)
    bytes[3 * 4_096] = 3
    for place in 0..<100 { bytes[3 * 4_096 + 16 + place * 16 + 8] = 3 }
    #expect(throws: SnapshotError.self) {
      try SnapshotReader(BytesAccess(bytes), integrity: .skipped).database.bucketNames()
    }
  }

  @Test("damage anywhere ends in an error or in pairs, never in a crash")
  func randomDamage() throws {
    let sound = try file(makeWriter(sampleState(), sampleRecords(120)))
    var generator = SeededGenerator(3)
    for _ in 0..<400 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        // Mostly where the structures are: the first bytes of a page.
        let page = Int.random(in: 0..<bytes.count / 4_096, using: &generator)
        let place = page * 4_096 + Int.random(in: 0..<160, using: &generator)
        bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator)!
      }
      if Int.random(in: 0..<10, using: &generator) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      fuzzSnapshot(bytes)
    }
    for length in [0, 1, 15, 16, 79, 80, 4_095, 4_096, 4_176, 8_192] {
      fuzzSnapshot(Bytes(sound.prefix(length)))
    }
  }

  @Test("a file is read as memory is, and one that is missing is an error that names it")
  func files() throws {
    let path = "/tmp/keelson-snapshot-\(getpid())"
    defer { unlink(path) }
    writeFile(path, try file(makeWriter(sampleState(), sampleRecords(2_000))))
    let reader = try SnapshotReader(FileAccess(path: path))
    #expect(try reader.state() == sampleState())
    let error = #expect(throws: SnapshotError.self) { try FileAccess(path: path + ".missing") }
    #expect(String(describing: error).contains(path + ".missing"))
    #expect(throws: SnapshotError.self) { try FileAccess(path: "/tmp") }
  }
}
