import Primitives
import SnapshotFile
import Testing

struct SnapshotWriterTests {
  @Test("what was written is read back, whatever the sizes", arguments: 1...12)
  func roundTrip(seed: Int) throws {
    var generator = SeededGenerator(UInt64(seed))
    let counts = [0, 1, 2, 20, 300, 1_000]
    var pairs: [Bytes: [(key: Bytes, value: Bytes)]] = [:]
    for bucket in 0..<Int.random(in: 1...5, using: &generator) {
      var contents: [Bytes: Bytes] = [:]
      for _ in 0..<counts.randomElement(using: &generator)! {
        let longest = seed % 4 == 0 ? 1_000 : 40
        let key = (0..<Int.random(in: 1...longest, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator)
        }
        let length = Int.random(in: 0..<20, using: &generator) == 0 ? 30_000 : 300
        contents[key] = Bytes(
          repeating: 7, count: Int.random(in: 0..<length, using: &generator))
      }
      pairs[[UInt8(bucket + 65)]] = contents.map { ($0.key, $0.value) }
        .sorted { isOrdered($0.key, before: $1.key) }
    }
    let names = pairs.keys.sorted { isOrdered($0, before: $1) }
    let writer = try SnapshotWriter(
      buckets: names.map { BoltBucket(name: $0, pairs: pairs[$0, default: []]) })
    let bytes = try file(writer)
    #expect(bytes.count == Int(writer.byteCount))
    #expect(writer.databaseByteCount + 32 == writer.byteCount)

    let reader = try SnapshotReader(BytesAccess(bytes))
    #expect(try reader.database.bucketNames() == names)
    #expect(reader.database.totalBytes == writer.databaseByteCount)
    for name in names {
      var found: [(key: Bytes, value: Bytes)] = []
      let exists = try reader.database.forEachPair(in: name) {
        found.append(($0, $1))
        return true
      }
      #expect(exists)
      #expect(found.elementsEqual(pairs[name, default: []], by: ==))
    }
    #expect(try !reader.database.forEachPair(in: [1]) { _, _ in true })
  }

  @Test("a store's state and records come back as they were")
  func stateRoundTrip() throws {
    var state = sampleState()
    state.learners = [MemberID(5)]
    state.compacted = Revision(17)
    state.storageVersion = "3.6.0"
    state.isAuthEnabled = true
    state.authRevision = 9
    state.users = [
      SnapshotAuthEntry(name: Bytes("root".utf8), encoded: [10, 4, 114, 111, 111, 116])
    ]
    state.roles = [
      SnapshotAuthEntry(name: Bytes("root".utf8), encoded: [10, 4, 114, 111, 111, 116])
    ]
    state.alarms = [SnapshotAlarm(member: MemberID(5), type: 1)]
    let records = sampleRecords(500)
    let reader = try SnapshotReader(BytesAccess(file(makeWriter(state, records))))
    #expect(try reader.state() == state)
    var found: [SnapshotRecord] = []
    try reader.forEachRecord {
      found.append($0)
      return true
    }
    #expect(found == records)
    #expect(try SnapshotStatus(of: reader.database).version == "3.6.0")
  }

  @Test("keys out of order, empty keys and buckets out of order are refused")
  func invalidSources() throws {
    func writer(_ keys: [Bytes]) throws -> SnapshotWriter {
      var sizes = keys.makeIterator()
      var contents = keys.makeIterator()
      return try SnapshotWriter(buckets: [
        BoltBucket(
          name: [65], nextSize: { sizes.next().map { ($0.count, 0) } },
          nextPair: { contents.next().map { ($0, []) } })
      ])
    }
    #expect(throws: SnapshotError.self) { try file(writer([[2], [1]])) }
    #expect(throws: SnapshotError.self) { try file(writer([[1], [1]])) }
    #expect(throws: SnapshotError.self) { try writer([[]]) }
    #expect(throws: SnapshotError.self) {
      try SnapshotWriter(buckets: [
        BoltBucket(name: [2], pairs: []), BoltBucket(name: [1], pairs: []),
      ])
    }
  }

  @Test("a source whose second pass differs from its first is found out", arguments: [100, 300])
  func changedSource(secondCount: Int) throws {
    var sizes = (0..<200).makeIterator()
    var contents = (0..<secondCount).makeIterator()
    let writer = try SnapshotWriter(buckets: [
      BoltBucket(
        name: [65], nextSize: { sizes.next().map { _ in (8, 1_000) } },
        nextPair: {
          contents.next().map { number in
            var writer = ByteWriter()
            writer.appendBigEndian(UInt64(number))
            return (writer.bytes, Bytes(repeating: 1, count: 1_000))
          }
        })
    ])
    #expect(throws: SnapshotError.sourceChanged(bucket: "A")) { try file(writer) }
  }
}
