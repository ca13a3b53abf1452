internal import Environment
internal import Primitives

/// Reads the segments of a log, decides what is whole, torn or damaged, and only then cuts what is torn.
struct SegmentRecovery {
  private let directory: SegmentDirectory
  /// The segments to go on with.
  private(set) var segments: [Segment] = []
  /// What they contain.
  private(set) var contents = LogContents(base: .zero, baseTerm: .zero, hardState: HardState())
  /// The unfinished write at the end, if there is one.
  private(set) var tornTail: TornTail?
  /// Segments from before a reset.
  private var superseded: [UInt64] = []
  /// The last segment, if its making was not finished.
  private var unfinished: UInt64?

  init(directory: SegmentDirectory) { self.directory = directory }

  // MARK: Reading

  /// Reads and checks all segments; changes nothing.
  mutating func readAll() throws {
    var found: [(header: SegmentHeader, file: any File)] = []
    let sequences = try directory.sequences()
    for (position, sequence) in sequences.enumerated() {
      let path = directory.pathOf(Segment.name(sequence))
      let file = try directory.fileSystem.open(path, .direct)
      switch SegmentHeader.read(try file.read(SegmentHeader.byteCount, at: 0)) {
      case .header(let header):
        guard header.sequence == sequence else {
          throw damage(path, 0, "the header is that of segment \(header.sequence)")
        }
        if header.isReset {
          superseded += found.map(\.header.sequence)
          found.removeAll()
        } else if let last = found.last, last.header.sequence + 1 != sequence {
          let missing = directory.pathOf(Segment.name(last.header.sequence + 1))
          throw damage(missing, 0, "the file is missing")
        }
        found.append((header, file))
      case .newer(let version):
        throw LogError.newerFormat(file: path, version: version)
      case .unfinished:
        guard position == sequences.count - 1, try isZero(file, from: SegmentHeader.byteCount)
        else { throw damage(path, 0, "the header is missing, but there are records") }
        unfinished = sequence
        tornTail = TornTail(file: path, offset: 0, bytes: try file.size())
      case .damaged(let reason):
        throw damage(path, 0, reason)
      }
    }
    for (position, (header, file)) in found.enumerated() {
      try readSegment(header, file, isLast: position == found.count - 1)
    }
  }

  private mutating func readSegment(
    _ header: SegmentHeader, _ file: any File, isLast: Bool
  ) throws {
    let size = try file.size()
    guard size <= Int64(UInt32.max) else {
      throw damage(file.path, 0, "the file has \(size) bytes, more than any segment")
    }
    try takeHeader(header, file.path)
    let bytes = try file.read(Int(size), at: 0)
    let scan = unsafe bytes.withUnsafeBytes {
      unsafe SegmentScan($0, seed: header.seed, isRecycled: header.isRecycled)
    }
    contents.beginRange()
    let contradiction = unsafe bytes.withUnsafeBytes {
      unsafe contents.replay($0, through: scan.end, seed: header.seed)
    }
    if let contradiction {
      throw damage(file.path, contradiction.offset, contradiction.reason)
    }
    switch scan.rest {
    case .nothing: break
    case .damaged(let offset, let reason): throw damage(file.path, offset, reason)
    case .torn(let until):
      // What lies behind a segment that was followed by another does not matter, if its end is where the
      // next one's header says.
      if !isLast { break }
      guard unfinished == nil else {
        throw damage(file.path, scan.end, "a record is not whole, but a later segment was begun")
      }
      tornTail = TornTail(
        file: file.path, offset: Int64(scan.end), bytes: Int64(until - scan.end))
    }
    var segment = Segment(header: header, file: file, capacity: bytes.count)
    segment.end = scan.end
    segment.batches = scan.batches
    segments.append(segment)
  }

  /// Checks that a segment goes on where the one before ended.
  private mutating func takeHeader(_ header: SegmentHeader, _ path: String) throws {
    guard let last = segments.last else {
      contents = LogContents(
        base: header.previousIndex, baseTerm: header.previousTerm, hardState: header.hardState)
      return
    }
    guard Int64(clamping: header.previousEnd) == Int64(last.end) else {
      throw damage(
        last.file.path, last.end,
        "records are missing: they should end at offset \(header.previousEnd)")
    }
    guard header.previousIndex == contents.lastIndex, header.previousTerm == contents.lastTerm
    else {
      throw damage(
        path, 0,
        "the segment follows entry \(header.previousIndex) of term \(header.previousTerm), but the "
          + "one before ends with entry \(contents.lastIndex) of term \(contents.lastTerm)")
    }
    contents.hardState = header.hardState
  }

  /// Checks that nothing is missing that was durable, as the commit and the caller's mark tell.
  func checkReaches(_ durableMark: LogIndex) throws {
    let mark = max(durableMark, contents.hardState.commit)
    if contents.lastIndex >= mark { return }
    guard let last = segments.last else {
      throw damage(directory.path, 0, "there is no log, but entry \(mark) was durable")
    }
    throw damage(
      last.file.path, last.end,
      "the log ends with entry \(contents.lastIndex), but entry \(mark) was durable")
  }

  private func damage(_ path: String, _ offset: Int, _ reason: String) -> LogError {
    .damaged(file: path, offset: Int64(offset), reason: reason)
  }

  private func isZero(_ file: any File, from start: Int) throws -> Bool {
    var offset = Int64(start)
    while true {
      let bytes = try file.read(65_536, at: offset)
      if bytes.isEmpty { return true }
      if bytes.contains(where: { $0 != 0 }) { return false }
      offset += Int64(bytes.count)
    }
  }

  // MARK: Repairing

  /// Cuts what was torn, removes what no longer counts, and makes what was read durable.
  func repair() throws {
    let files = directory.fileSystem
    for sequence in superseded {
      try files.remove(directory.pathOf(Segment.name(sequence)))
    }
    if let unfinished { try files.remove(directory.pathOf(Segment.name(unfinished))) }
    if let last = segments.last {
      if let tornTail, unfinished == nil {
        // A part of the torn batch must never look like a part of the next batch, which gets its number.
        let zeroes = Bytes(repeating: 0, count: 65_536)
        var offset = tornTail.offset
        let end = min(tornTail.offset + tornTail.bytes, Int64(last.capacity))
        while offset < end {
          let count = Int(min(end - offset, Int64(zeroes.count)))
          try last.file.write(Bytes(zeroes[..<count]), at: offset)
          offset += Int64(count)
        }
      }
      // A process that was killed may have left what was read in memory only.
      try last.file.synchronizeData()
    }
    try files.synchronizeDirectory(directory.path)
  }
}
