internal import Environment
public import Primitives

extension WriteAheadLog {
  /// The entries from `first` through `last`, in order, buffered ones included.
  ///
  /// As many as fit in `maxBytes` of payload, but at least one; none if `first` lies past the last entry.
  /// Throws `dropped` if `first` lies before the first entry kept, and `damaged` if the disk returns
  /// something else than was written. Cost: one read of the file for neighbouring entries.
  public func entries(
    from first: LogIndex, through last: LogIndex, maxBytes: Int
  ) throws(LogError) -> [LogEntry] {
    try checkUsable()
    guard first >= firstIndex else { throw .dropped(first, firstKept: firstIndex) }
    let last = min(last, lastIndex)
    var entries: [LogEntry] = []
    var run = EntryRun(range: 0)
    var bytes = 0
    var index = first
    while index <= last, let (range, position) = contents.find(index) {
      bytes += Int(position.length)
      if bytes > maxBytes, index > first { break }
      if !run.take(position, range: range) {
        try read(run, into: &entries)
        run = EntryRun(range: range)
        _ = run.take(position, range: range)
      }
      index = index.next
    }
    try read(run, into: &entries)
    invariant(
      entries.indices.allSatisfy { entries[$0].index.rawValue == first.rawValue + UInt64($0) },
      "\(entries.count) entries were read from \(first) on, but not in order")
    return entries
  }

  /// The term of an entry, or of the one before the first; nil outside.
  public func term(at index: LogIndex) -> Term? { contents.term(at: index) }

  /// The entry before the first one kept, and its term.
  public var base: (index: LogIndex, term: Term) { (contents.base, contents.baseTerm) }

  /// The last entry that does not belong to the newest `bytes` of records, rounded up to whole segments: what
  /// `truncatePrefix` may be told so that these stay. The entry before the first kept if there are fewer.
  ///
  /// Cost: a look at each segment.
  public func lastIndex(beforeNewest bytes: Int) -> LogIndex {
    var kept = 0
    var before = lastIndex
    for index in segments.indices.reversed() {
      if kept >= bytes { return before }
      kept += segments[index].end
      let range = contents.ranges[index]
      if !range.positions.isEmpty { before = LogIndex(range.firstIndex.rawValue - 1) }
    }
    return contents.base
  }

  private func read(_ run: EntryRun, into entries: inout [LogEntry]) throws(LogError) {
    if run.positions.isEmpty { return }
    if run.range == segments.count {
      for position in run.positions {
        entries.append(unsafe Self.decode(buffer.bytes, at: Int(position.offset)))
      }
      return
    }
    let segment = segments[run.range]
    let bytes: Bytes
    do {
      bytes = try segment.file.read(run.end - run.start, at: Int64(run.start))
    } catch {
      throw LogError(error, directory: directory.path)
    }
    var bad: Int?
    unsafe bytes.withUnsafeBytes { buffer in
      for position in run.positions {
        let offset = Int(position.offset) - run.start
        guard
          let record = unsafe RecordHeader.read(buffer, at: offset, seed: segment.seed),
          record.kind == RecordHeader.Kind.entry.rawValue, record.term == position.term,
          unsafe record.payloadMatches(buffer, at: offset, seed: segment.seed)
        else {
          bad = Int(position.offset)
          return
        }
        entries.append(unsafe Self.decode(buffer, at: offset))
      }
    }
    if let bad {
      throw .damaged(
        file: segment.file.path, offset: Int64(bad),
        reason: "the record no longer matches its checksum")
    }
  }

  private static func decode(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> LogEntry {
    guard
      let record = unsafe RecordHeader.read(bytes, at: offset, seed: 0, verifying: false),
      let kind = LogEntry.Kind(rawValue: record.entryKind)
    else { fatalError("no entry at offset \(offset) of \(bytes.count) bytes") }
    let start = offset + RecordHeader.byteCount
    let payload = unsafe Bytes(bytes[start..<start + Int(record.length)])
    return LogEntry(index: record.index, term: record.term, kind: kind, payload: payload)
  }
}

/// Entries whose records are near enough to each other to be read at once.
private struct EntryRun {
  /// Records that do not count lie in between; a longer gap is not worth reading.
  static let gapBytes = 4096

  let range: Int
  var positions: [EntryPosition] = []
  var start = 0
  var end = 0

  init(range: Int) { self.range = range }

  /// Adds an entry; false if it is too far away.
  mutating func take(_ position: EntryPosition, range: Int) -> Bool {
    let offset = Int(position.offset)
    let recordEnd = offset + RecordHeader.byteCount + RecordHeader.padded(Int(position.length))
    if positions.isEmpty {
      if range != self.range { return false }
      start = offset
    } else if range != self.range || offset < end || offset - end > Self.gapBytes {
      return false
    }
    end = recordEnd
    positions.append(position)
    return true
  }
}
