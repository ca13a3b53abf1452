import Primitives
import Testing

@testable import SnapshotFile

@Suite("etcd's log is read as etcd reads it")
struct EtcdLogTests {
  /// Writes frames as etcd does, with the checksum that runs through them.
  private struct Writer {
    var bytes: Bytes = []
    var checksum: UInt32 = 0

    mutating func append(_ kind: EtcdLogFile.Kind, _ data: Bytes = []) {
      if kind != .checksum { checksum = CRC32C.checksum(data, continuing: checksum) }
      var record = ByteWriter()
      record.appendVarintField(1, kind.rawValue)
      record.appendVarint(2 << 3)
      record.appendVarint(UInt64(checksum))
      record.appendBytesField(3, data)
      let padding = (8 - record.count % 8) % 8
      var frame = ByteWriter()
      let length = UInt64(record.count)
      frame.appendLittleEndian(padding == 0 ? length : length | UInt64(0x80 | padding) << 56)
      frame.append(record.bytes)
      bytes += frame.bytes + Bytes(repeating: 0, count: padding)
    }

    mutating func entry(_ index: UInt64, term: UInt64, _ data: Bytes = Bytes("data".utf8)) {
      var entry = ByteWriter()
      entry.appendVarint(1 << 3)
      entry.appendVarint(0)
      entry.appendVarintField(2, term)
      entry.appendVarintField(3, index)
      entry.appendBytesField(4, data)
      append(.entry, entry.bytes)
    }

    mutating func commit(_ index: UInt64) {
      var state = ByteWriter()
      state.appendVarintField(3, index)
      append(.hardState, state.bytes)
    }

    func file(_ sequence: UInt64 = 0, first: UInt64 = 0, zeroes: Int = 4_096) -> EtcdLogFile {
      EtcdLogFile(
        name: "\(sequence).wal", sequence: sequence, firstIndex: LogIndex(first),
        access: BytesAccess(bytes + Bytes(repeating: 0, count: zeroes)))
    }
  }

  private static func begin() -> Writer {
    var writer = Writer()
    writer.append(.checksum)
    writer.append(.metadata)
    return writer
  }

  @Test("entries behind the base count, and a later term's take the place of an earlier one's")
  func overwritten() throws {
    var writer = Self.begin()
    for index in 1...5 as ClosedRange<UInt64> { writer.entry(index, term: 1) }
    writer.entry(4, term: 2, Bytes("later".utf8))
    writer.commit(4)
    let log = try EtcdLog([writer.file()], after: LogIndex(2))
    #expect(log.lastIndex == LogIndex(4))
    #expect(log.commit == LogIndex(4))
    #expect(try log.entry(LogIndex(3)).term == Term(1))
    let last = try log.entry(LogIndex(4))
    #expect(last.term == Term(2) && last.data == Bytes("later".utf8))
    #expect(log.tornTail == nil)
  }

  @Test("the checksum runs on from file to file")
  func files() throws {
    var first = Self.begin()
    first.entry(1, term: 1)
    var second = Writer(checksum: first.checksum)
    second.append(.checksum)
    second.entry(2, term: 1)
    let files = [first.file(), second.file(1, first: 2)]
    #expect(try EtcdLog(files, after: .zero).lastIndex == LogIndex(2))
    var other = Writer(checksum: 17)
    other.append(.checksum)
    other.entry(2, term: 1)
    #expect(throws: SnapshotError.self) {
      try EtcdLog([first.file(), other.file(1, first: 2)], after: .zero)
    }
    #expect(throws: SnapshotError.self) {
      try EtcdLog([first.file(), second.file(2, first: 2)], after: .zero)
    }
    #expect(throws: SnapshotError.self) { try EtcdLog([second.file(1, first: 2)], after: .zero) }
  }

  @Test("a record whose end was never written ends the log; a changed byte is damage")
  func tornAndDamaged() throws {
    var writer = Self.begin()
    writer.entry(1, term: 1)
    let whole = writer.bytes.count
    writer.entry(2, term: 1, Bytes(repeating: 7, count: 3_000))
    var torn = writer
    torn.bytes.replaceSubrange((whole + 600)..., with: Bytes(repeating: 0, count: 2_600))
    let log = try EtcdLog([torn.file()], after: .zero)
    #expect(log.lastIndex == LogIndex(1))
    #expect(log.tornTail?.contains("0.wal: offset \(whole)") == true)

    var short = writer
    short.bytes.removeLast(500)
    #expect(try EtcdLog([short.file(zeroes: 0)], after: .zero).lastIndex == LogIndex(1))

    var damaged = writer
    damaged.bytes[whole + 300] ^= 1
    let error = #expect(throws: SnapshotError.self) {
      try EtcdLog([damaged.file()], after: .zero)
    }
    #expect("\(error!)".contains("0.wal: offset \(whole)"))
  }

  @Test("every byte may be changed: the log is read or refused, never a crash")
  func anyByte() {
    var writer = Self.begin()
    for index in 1...3 as ClosedRange<UInt64> { writer.entry(index, term: 1) }
    writer.commit(3)
    for position in writer.bytes.indices {
      for bit in [1, 0x80] as [UInt8] {
        var changed = writer
        changed.bytes[position] ^= bit
        guard let log = try? EtcdLog([changed.file()], after: .zero) else { continue }
        if log.lastIndex > .zero { _ = try? log.entry(log.lastIndex) }
      }
    }
  }
}
