internal import Primitives

/// Where an entry's record begins, how long its payload is, and its term.
struct EntryPosition: Hashable {
  var offset: UInt32
  var length: UInt32
  var term: Term
}

/// The entries that one segment holds; those that a later truncation dropped are not among them.
struct EntryRange: Hashable {
  /// The first entry, if there are any.
  var firstIndex = LogIndex(1)
  /// One position for each entry, in order.
  var positions: [EntryPosition] = []

  /// The entry after the last.
  var endIndex: LogIndex { LogIndex(firstIndex.rawValue + UInt64(positions.count)) }
}

/// What the log contains, in memory: 16 bytes for each entry.
struct LogContents: Hashable {
  /// The entry before the first one kept.
  private(set) var base: LogIndex
  /// That entry's term.
  private(set) var baseTerm: Term
  /// The last entry.
  private(set) var lastIndex: LogIndex
  /// That entry's term.
  private(set) var lastTerm: Term
  /// The latest hard state.
  var hardState: HardState
  /// The entries that change the membership, in order: few, and asked for at each start.
  private(set) var membershipEntries: [LogIndex] = []
  /// One range for each segment; in an open log, the last one is that of the buffer.
  private(set) var ranges: [EntryRange] = []

  /// An empty log.
  init(base: LogIndex, baseTerm: Term, hardState: HardState) {
    self.base = base
    self.baseTerm = baseTerm
    self.hardState = hardState
    lastIndex = base
    lastTerm = baseTerm
  }

  /// What follows goes into the next segment.
  mutating func beginRange() { ranges.append(EntryRange()) }

  /// Notes an entry, which must be the next one, in the last range.
  mutating func append(_ position: EntryPosition, kind: LogEntry.Kind) {
    lastIndex = lastIndex.next
    lastTerm = position.term
    if kind == .membership { membershipEntries.append(lastIndex) }
    let range = ranges.count - 1
    if ranges[range].positions.isEmpty { ranges[range].firstIndex = lastIndex }
    ranges[range].positions.append(position)
  }

  /// Moves the last range's entries into the one before it, `offset` bytes further.
  mutating func mergeLastRange(at offset: Int) {
    let last = ranges.count - 1
    if ranges[last].positions.isEmpty { return }
    if ranges[last - 1].positions.isEmpty { ranges[last - 1].firstIndex = ranges[last].firstIndex }
    for position in ranges[last].positions {
      var moved = position
      moved.offset += UInt32(offset)
      ranges[last - 1].positions.append(moved)
    }
    ranges[last].positions.removeAll(keepingCapacity: true)
  }

  /// Inserts a range for a new segment before that of the buffer.
  mutating func insertRange() { ranges.insert(EntryRange(), at: ranges.count - 1) }

  /// Drops the entries from `index` on; `previousTerm` is the term of the entry before.
  mutating func truncate(from index: LogIndex, previousTerm: Term) {
    for range in ranges.indices.reversed() where !ranges[range].positions.isEmpty {
      let first = ranges[range].firstIndex
      if index > first {
        let kept = Int(clamping: index.rawValue - first.rawValue)
        let count = ranges[range].positions.count
        if kept < count { ranges[range].positions.removeLast(count - kept) }
        break
      }
      ranges[range].positions.removeAll()
    }
    lastIndex = LogIndex(index.rawValue - 1)
    lastTerm = previousTerm
    while let last = membershipEntries.last, last >= index { membershipEntries.removeLast() }
    if lastIndex < base {
      base = lastIndex
      baseTerm = previousTerm
    }
  }

  /// Forgets the first range if all its entries lie at or before `index`; tells whether it did.
  mutating func dropFirstRange(through index: LogIndex) -> Bool {
    guard let first = ranges.first else { return false }
    if let last = first.positions.last {
      if first.endIndex.rawValue - 1 > index.rawValue { return false }
      base = LogIndex(first.endIndex.rawValue - 1)
      baseTerm = last.term
      membershipEntries.removeAll { $0 <= base }
    } else if base > index {
      return false
    }
    ranges.removeFirst()
    return true
  }

  /// Where an entry stands: its range and its position.
  func find(_ index: LogIndex) -> (range: Int, position: EntryPosition)? {
    guard index > base, index <= lastIndex else { return nil }
    for range in ranges.indices.reversed() where !ranges[range].positions.isEmpty {
      let first = ranges[range].firstIndex
      if index >= first {
        return (range, ranges[range].positions[Int(index.rawValue - first.rawValue)])
      }
    }
    return nil
  }

  /// The term of an entry, or of the one before the first; nil outside.
  func term(at index: LogIndex) -> Term? {
    if index == base { return baseTerm }
    if index == lastIndex { return lastTerm }
    return find(index)?.position.term
  }

  /// Takes in a segment's whole batches, in order, into the last range; on contradiction, where and why.
  mutating func replay(
    _ bytes: UnsafeRawBufferPointer, through end: Int, seed: UInt32, verifying: Bool = true
  ) -> (offset: Int, reason: String)? {
    var offset = SegmentHeader.byteCount
    while offset < end,
      let record = unsafe RecordHeader.read(bytes, at: offset, seed: seed, verifying: verifying)
    {
      if let reason = unsafe take(record, bytes, at: offset) { return (offset, reason) }
      offset += record.recordBytes
    }
    return nil
  }

  private mutating func take(
    _ record: RecordHeader, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) -> String? {
    switch RecordHeader.Kind(rawValue: record.kind) {
    case .entry:
      guard lastIndex.rawValue < .max, record.index == lastIndex.next else {
        return "entry \(record.index) follows entry \(lastIndex)"
      }
      guard let kind = LogEntry.Kind(rawValue: record.entryKind) else {
        return "entry \(record.index) is of the unknown kind \(record.entryKind)"
      }
      append(
        EntryPosition(offset: UInt32(offset), length: record.length, term: record.term),
        kind: kind)
    case .hardState:
      guard record.length == 8 else { return "a hard state has \(record.length) bytes" }
      let vote = unsafe bytes.loadUnaligned(
        fromByteOffset: offset + RecordHeader.byteCount, as: UInt64.self)
      hardState = HardState(
        term: record.term, votedFor: MemberID(UInt64(littleEndian: vote)), commit: record.index)
    case .truncation:
      // It may go back to before the first segment kept: what it drops was in segments that are gone.
      guard record.index > .zero, record.index <= lastIndex else {
        return "a truncation from \(record.index) follows entry \(lastIndex)"
      }
      truncate(from: record.index, previousTerm: record.term)
    case nil:
      return "there is a record of the unknown kind \(record.kind)"
    }
    return nil
  }
}
