import Environment
import Primitives
import Simulation
import Testing

@testable import WriteAheadLog

@Suite("Damage and torn writes")
struct DamageTests {
  /// A log of three batches in one segment; the ends of its batches are file offsets.
  static func threeBatches() throws -> (fixture: LogFixture, bytes: [UInt8], ends: [Int]) {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    var ends = [SegmentHeader.byteCount]
    for batch in 0..<3 as Range<UInt64> {
      try log.append(contentsOf: (1...3).map { entry(batch * 3 + $0, bytes: 13) })
      try log.setHardState(
        HardState(term: Term(batch + 1), votedFor: MemberID(.max), commit: LogIndex(batch)))
      try log.sync()
      ends.append(log.segments[0].end)
    }
    return (fixture, fixture.disk.content(of: fixture.segment(1)) ?? [], ends)
  }

  @Test("a write torn at any byte is cut as a whole", arguments: [false, true])
  func everyTear(shortFile: Bool) throws {
    let (fixture, bytes, ends) = try Self.threeBatches()
    let path = fixture.segment(1)
    for cut in 0...ends[3] {
      var torn = Array(bytes[..<cut])
      if !shortFile { torn += Array(repeating: 0, count: bytes.count - cut) }
      let whole = ends.lastIndex { $0 <= cut } ?? 0
      let copy = try fixture.copy(replacing: path, with: torn)
      let (log, recovery) = try copy.open()
      #expect(try allEntries(log) == (1...9).prefix(whole * 3).map { entry($0, bytes: 13) })
      #expect(recovery.hardState.term == Term(UInt64(whole)))
      // A cut at a batch's end, or before anything that is not zero, leaves no trace.
      let trace = torn.dropFirst(cut < SegmentHeader.byteCount ? 0 : ends[whole])
      if cut >= SegmentHeader.byteCount {
        #expect((recovery.tornTail != nil) == trace.contains { $0 != 0 }, "cut at \(cut)")
        if let tail = recovery.tornTail { #expect(tail.file == path && tail.offset == ends[whole]) }
      }
      // It works on, and the cut does not come back.
      try log.append(entry(UInt64(whole) * 3 + 1, term: 9, bytes: 13))
      try log.sync()
      copy.disk.crash(seed: UInt64(cut))
      let again = try copy.open(mark: UInt64(whole) * 3 + 1)
      #expect(
        again.recovery.tornTail == nil && again.log.lastIndex.rawValue == UInt64(whole) * 3 + 1)
    }
  }

  @Test("a torn write that a durable mark covers is damage")
  func tearBelowMark() throws {
    let (fixture, bytes, ends) = try Self.threeBatches()
    let path = fixture.segment(1)
    for cut in stride(from: SegmentHeader.byteCount, to: ends[3], by: 7) {
      let torn = Array(bytes[..<cut]) + Array(repeating: 0, count: bytes.count - cut)
      let error = logError { _ = try fixture.copy(replacing: path, with: torn).open(mark: 9) }
      #expect(error?.isDamage(in: path) == true, "cut at \(cut)")
    }
    let gone = LogFixture()
    #expect(logError { _ = try gone.open(mark: 1) }?.isDamage(in: LogFixture.directory) == true)
  }

  @Test("a flipped bit anywhere before the last write is damage, and nothing is changed")
  func everyFlip() throws {
    let (fixture, bytes, ends) = try Self.threeBatches()
    let path = fixture.segment(1)
    for offset in 0..<ends[3] + 64 {
      var flipped = bytes
      flipped[offset] ^= 1 << UInt8(offset % 8)
      let copy = try fixture.copy(replacing: path, with: flipped)
      if offset < ends[2] {
        let error = logError { _ = try copy.open() }
        #expect(error?.isDamage(in: path) == true, "flip at \(offset)")
        if case .damaged(_, let named, _) = error, offset >= SegmentHeader.byteCount {
          #expect(named <= offset && offset - Int(named) < 64, "flip at \(offset)")
        }
        #expect(copy.disk.content(of: path) == flipped)
      } else {
        let (log, recovery) = try copy.open()
        #expect(log.lastIndex.rawValue == (offset < ends[3] ? 6 : 9))
        #expect(recovery.tornTail?.file == path)
        let marked = try fixture.copy(replacing: path, with: flipped)
        let error = logError { _ = try marked.open(mark: 9) }
        #expect((error?.isDamage(in: path) == true) == (offset < ends[3]))
      }
    }
  }

  @Test("the commit in the hard state is a durable mark too")
  func commitMark() throws {
    let fixture = LogFixture()
    do {
      let (log, _) = try fixture.open()
      try log.append(contentsOf: (1...3).map { entry($0) })
      try log.setHardState(HardState(term: Term(1), commit: LogIndex(3)))
      try log.sync()
    }
    let path = fixture.segment(1)
    let content = fixture.disk.content(of: path) ?? []
    // A log whose end is gone, but whose hard state is not: the next segment has it in its header.
    var header = SegmentHeader(
      isReset: false, isRecycled: false, sequence: 2, salt: 7, previousIndex: LogIndex(3),
      previousTerm: Term(1), hardState: HardState(term: Term(1), commit: LogIndex(3)),
      previousEnd: 128)
    let copy = try fixture.copy(replacing: path, with: Array(content[..<128]))
    copy.disk.setContent(header.encoded(), of: fixture.segment(2))
    #expect(logError { _ = try copy.open() }?.isDamage(in: fixture.segment(2)) == true)
    header.isReset = true
    header.hardState.commit = LogIndex(4)
    let reset = try fixture.copy()
    reset.disk.setContent(header.encoded(), of: fixture.segment(2))
    #expect(logError { _ = try reset.open() }?.isDamage(in: fixture.segment(2)) == true)
  }

  @Test("damage, a lost end and a lost file in the middle of several segments are named")
  func severalSegments() throws {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    for index in 1...100 as ClosedRange<UInt64> {
      try log.append(entry(index, bytes: 100))
      try log.sync()
    }
    #expect(log.segmentCount >= 4)
    let path = fixture.segment(2)
    let bytes = fixture.disk.content(of: path) ?? []
    for offset in stride(from: 0, to: log.segments[1].end, by: 11) {
      var flipped = bytes
      flipped[offset] ^= 0x10
      let error = logError { _ = try fixture.copy(replacing: path, with: flipped).open() }
      #expect(error?.isDamage(in: path) == true, "flip at \(offset)")
    }
    let shorter = Array(bytes[..<(log.segments[1].end - 144)])
    #expect(
      logError { _ = try fixture.copy(replacing: path, with: shorter).open() }?
        .isDamage(in: path) == true)
    let without = try fixture.copy()
    try without.disk.remove(path)
    #expect(logError { _ = try without.open() }?.isDamage(in: path) == true)
    #expect(try fixture.copy().open(mark: 100).log.lastIndex == LogIndex(100))
  }

  @Test("a segment whose making was interrupted is no damage")
  func interruptedCreation() throws {
    let (fixture, _, _) = try Self.threeBatches()
    let header = SegmentHeader(
      isReset: false, isRecycled: false, sequence: 2, salt: 7, previousIndex: LogIndex(9),
      previousTerm: Term(1), hardState: HardState(), previousEnd: 0
    ).encoded()
    for cut in 0..<header.count {
      let copy = try fixture.copy()
      copy.disk.setContent(
        Array(header[..<cut]) + Array(repeating: 0, count: 200), of: fixture.segment(2))
      let (log, recovery) = try copy.open(mark: 9)
      #expect(log.lastIndex == LogIndex(9) && log.segmentCount == 1)
      #expect(recovery.tornTail?.file == fixture.segment(2))
      #expect(copy.disk.content(of: fixture.segment(2)) == nil)
    }
  }

  @Test("a newer format is refused by its number, and not called damage")
  func newerFormat() throws {
    let fixture = LogFixture()
    let header = SegmentHeader(
      version: 2, isReset: true, isRecycled: false, sequence: 1, salt: 0, previousIndex: .zero,
      previousTerm: .zero, hardState: HardState(), previousEnd: 0)
    fixture.disk.setContent(header.encoded(), of: fixture.segment(1))
    #expect(throws: LogError.newerFormat(file: fixture.segment(1), version: 2)) {
      _ = try fixture.open()
    }
  }

  @Test("a changed record is found when it is read back, too")
  func rotUnderRead() throws {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    try log.append(contentsOf: (1...3).map { entry($0) })
    try log.sync()
    fixture.disk.flip(bit: 3, at: 128 + 60 + 45, of: fixture.segment(1))
    #expect(logError { _ = try allEntries(log) }?.isDamage(in: fixture.segment(1)) == true)
  }

  @Test("a stored value that looks like a record does not stand in for one")
  func lookalike() throws {
    let fixture = LogFixture()
    let (log, _) = try fixture.open()
    try log.append(entry(1))
    try log.sync()
    // What a client would have to guess the salt for: a record of the next batch but one.
    let forged = RecordBuffer()
    _ = [UInt8](repeating: 1, count: 16).withUnsafeBytes {
      forged.append(.entry, entryKind: 1, index: LogIndex(9), term: Term(1), payload: $0)
    }
    var guessed = log.segments[0].header
    guessed.salt = 8
    forged.seal(batch: 5, seed: guessed.seed)
    let payload = Array(forged.bytes)
    try log.append(LogEntry(index: LogIndex(2), term: Term(1), kind: .command, payload: payload))
    try log.sync()
    var bytes = fixture.disk.content(of: fixture.segment(1)) ?? []
    bytes[192] ^= 1
    let (again, recovery) = try fixture.copy(replacing: fixture.segment(1), with: bytes).open()
    #expect(again.lastIndex == LogIndex(1) && recovery.tornTail != nil)
  }

  @Test("writes must be numbered without a gap")
  func batchNumbers() throws {
    let fixture = LogFixture()
    let seed = try fixture.open().log.segments[0].seed
    let content = Array((fixture.disk.content(of: fixture.segment(1)) ?? []).prefix(128))
    func bytes(_ batches: [UInt32]) -> [UInt8] {
      var bytes = content
      for (place, batch) in batches.enumerated() {
        let buffer = RecordBuffer()
        _ = [UInt8](repeating: 1, count: 9).withUnsafeBytes {
          buffer.append(
            .entry, entryKind: 1, index: LogIndex(UInt64(place + 1)), term: Term(1), payload: $0)
        }
        buffer.seal(batch: batch, seed: seed)
        bytes += Array(buffer.bytes)
      }
      return bytes
    }
    let path = fixture.segment(1)
    let whole = try fixture.copy(replacing: path, with: bytes([1, 2, 3])).open()
    #expect(whole.log.lastIndex == LogIndex(3) && whole.recovery.tornTail == nil)
    // A write that never arrived, though the disk said so, between two that did.
    let gap = logError { _ = try fixture.copy(replacing: path, with: bytes([1, 3])).open() }
    #expect(gap?.isDamage(in: path) == true)
    // What is left of an earlier write does not count again.
    let stale = try fixture.copy(replacing: path, with: bytes([1, 2, 1])).open()
    #expect(stale.log.lastIndex == LogIndex(2) && stale.recovery.tornTail != nil)
  }

  @Test("arbitrary bytes never trap the parser")
  func fuzz() throws {
    let (_, bytes, _) = try Self.threeBatches()
    let entropy = SeededEntropy(seed: 11)
    for round in 0..<3000 {
      var input = Array(bytes.prefix(Int(entropy.next(below: 900))))
      for _ in 0..<(round % 20) where !input.isEmpty {
        input[Int(entropy.next(below: UInt64(input.count)))] = UInt8(entropy.next(below: 256))
      }
      if round % 3 == 0 { input = input.map { _ in UInt8(entropy.next(below: 256)) } }
      fuzzLogSegment(input)
    }
    fuzzLogSegment([])
  }
}
