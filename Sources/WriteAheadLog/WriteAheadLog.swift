internal import Environment
public import Primitives

/// A durable log of entries and hard states, in segment files of one directory.
///
/// Entries, hard states and truncations are buffered, and `sync` makes all of them durable at once: after a
/// crash the log holds either all or nothing of what one `sync` wrote. Reads see what is buffered too.
///
/// After a write or a sync failed, nothing is known about what is on disk: the log then throws `failed` for
/// everything, and only opening it again tells. One thread uses a log at a time.
public final class WriteAheadLog {
  /// The segments in order; the last one is written to.
  var segments: [Segment]
  /// The durable content, and what is buffered in the last range.
  var contents: LogContents
  var directory: SegmentDirectory
  let buffer = RecordBuffer()
  /// The failure after which the log takes nothing more.
  var failure: String?
  /// The last entry, its term and the hard state, as of the last sync.
  private var durable: (index: LogIndex, term: Term, hardState: HardState)
  private var hasNewHardState = false
  /// Whether the buffer drops entries that are durable still.
  private var hasTruncation = false
  private var preparation: SegmentPreparation?
  /// The file of the last write since the log was opened, and where that begins: for tests that damage what lies
  /// before it.
  package private(set) var lastWrite: (path: String, offset: Int)?

  init(directory: SegmentDirectory, segments: [Segment], contents: LogContents) {
    self.directory = directory
    self.segments = segments
    self.contents = contents
    durable = (contents.lastIndex, contents.lastTerm, contents.hardState)
    self.contents.beginRange()
  }

  /// The first entry kept; one past the last if there is none.
  public var firstIndex: LogIndex { contents.base.next }
  /// The last entry, buffered or durable; one before the first if there is none.
  public var lastIndex: LogIndex { contents.lastIndex }
  /// The last entry as of the last sync.
  public var durableIndex: LogIndex { durable.index }
  /// The latest hard state, buffered or durable.
  public var hardState: HardState { contents.hardState }
  /// The entries that change the membership, in order.
  public var membershipEntries: [LogIndex] { contents.membershipEntries }
  /// Bytes of records that wait for `sync`, but for a hard state's.
  public var bufferedBytes: Int { buffer.count }
  /// Whether `sync` would write anything.
  public var hasUnsynced: Bool { buffer.count > 0 || hasNewHardState }
  /// The segment files in use.
  public var segmentCount: Int { segments.count }

  // MARK: Writing

  /// Buffers entries; the first must follow the last of the log, and each the one before it.
  ///
  /// Cost: a copy of the payloads. Writes and syncs by itself when `batchBytes` are buffered.
  public func append(contentsOf entries: some Sequence<LogEntry>) throws(LogError) {
    for entry in entries { try append(entry) }
  }

  /// Buffers one entry, which must follow the last.
  public func append(_ entry: LogEntry) throws(LogError) {
    try checkUsable()
    invariant(
      entry.index == lastIndex.next, "entry \(entry.index) follows entry \(lastIndex)")
    invariant(entry.payload.count <= 1 << 30, "a payload of \(entry.payload.count) bytes")
    if buffer.count + entry.payload.count > directory.configuration.batchBytes, buffer.count > 0 {
      try writeBuffer()
    }
    let offset = unsafe entry.payload.withUnsafeBytes {
      unsafe buffer.append(
        .entry, entryKind: entry.kind.rawValue, index: entry.index, term: entry.term, payload: $0)
    }
    contents.append(
      EntryPosition(
        offset: UInt32(offset), length: UInt32(entry.payload.count), term: entry.term),
      kind: entry.kind)
  }

  /// Buffers the hard state; only the latest before a `sync` is written.
  ///
  /// Its commit must not pass the last entry when it is synced.
  public func setHardState(_ state: HardState) throws(LogError) {
    try checkUsable()
    if state == contents.hardState { return }
    contents.hardState = state
    hasNewHardState = true
  }

  /// Drops the entries from `index` on, from the buffer and from disk; durable with the next `sync`.
  ///
  /// `index` must lie past the commit. An index past the last entry changes nothing.
  public func truncateSuffix(from index: LogIndex) throws(LogError) {
    try checkUsable()
    if index > lastIndex { return }
    invariant(
      index > contents.base && index > hardState.commit,
      "a truncation from \(index), with \(contents.base) dropped and \(hardState.commit) committed")
    let before = LogIndex(index.rawValue - 1)
    guard let term = contents.term(at: before) else {
      fatalError("no term for entry \(before) in a log from \(firstIndex) to \(lastIndex)")
    }
    contents.truncate(from: index, previousTerm: term)
    _ = unsafe buffer.append(
      .truncation, index: index, term: term, payload: UnsafeRawBufferPointer(start: nil, count: 0))
    hasTruncation = true
  }

  /// Makes all that is buffered durable, with one write and one sync of the file; does nothing if there is
  /// nothing.
  ///
  /// What was appended may be acknowledged only after this returned. When the segment is full, a new one
  /// comes first, which costs one more sync of the file and one of the directory.
  public func sync() throws(LogError) {
    try checkUsable()
    invariant(
      hardState.commit <= lastIndex,
      "commit \(hardState.commit) is past the last entry \(lastIndex)")
    if hasUnsynced { try writeBuffer() }
  }

  private func writeBuffer() throws(LogError) {
    let state = appendHardState()
    do throws(FileError) {
      if segments[segments.count - 1].end + buffer.count > segments[segments.count - 1].capacity {
        try rollOver()
      }
      let active = segments.count - 1
      let segment = segments[active]
      buffer.seal(batch: segment.batches + 1, seed: segment.seed)
      try unsafe segment.file.write(buffer.bytes, at: Int64(segment.end))
      try segment.file.synchronizeData()
      contents.mergeLastRange(at: segment.end)
      lastWrite = (segment.file.path, segment.end)
      segments[active].end += buffer.count
      segments[active].batches += 1
    } catch {
      throw fail(error)
    }
    buffer.removeAll()
    durable = (lastIndex, contents.lastTerm, state)
    hasNewHardState = state != contents.hardState
    hasTruncation = false
  }

  /// Puts the hard state behind the entries of its batch, with no more commit than there are entries;
  /// returns what will be the durable one.
  private func appendHardState() -> HardState {
    guard hasNewHardState else { return durable.hardState }
    var state = contents.hardState
    state.commit = min(state.commit, lastIndex)
    var vote = state.votedFor.rawValue.littleEndian
    unsafe withUnsafeBytes(of: &vote) {
      _ = unsafe buffer.append(.hardState, index: state.commit, term: state.term, payload: $0)
    }
    return state
  }

  private func rollOver() throws(FileError) {
    let last = segments[segments.count - 1]
    if let preparation, preparation.isDone {
      directory.addPrepared()
      self.preparation = nil
    }
    let header = SegmentHeader(
      isReset: false, isRecycled: false, sequence: last.header.sequence + 1,
      salt: directory.configuration.salt, previousIndex: durable.index,
      previousTerm: durable.term, hardState: durable.hardState, previousEnd: UInt64(last.end))
    segments.append(try directory.makeSegment(header, batchBytes: buffer.count))
    contents.insertRange()
  }

  // MARK: Dropping

  /// Drops whole segments whose entries all lie at or before `index`, and keeps some files for reuse.
  ///
  /// The segment that is written to stays, so the log may begin before `index`. Durable on return.
  public func truncatePrefix(through index: LogIndex) throws(LogError) {
    try checkUsable()
    // A truncation in the buffer has moved entries out of segments that recovery still needs.
    if hasTruncation { try writeBuffer() }
    while segments.count > 1, contents.dropFirstRange(through: index) {
      let dropped = segments.removeFirst()
      do {
        try directory.retire(dropped.header.sequence, capacity: dropped.capacity)
      } catch {
        throw fail(error)
      }
    }
  }

  /// Drops everything but the hard state, and goes on after a snapshot whose last entry is `index`.
  ///
  /// Durable on return, the buffered hard state too.
  public func reset(to index: LogIndex, term: Term) throws(LogError) {
    try checkUsable()
    let last = segments[segments.count - 1]
    let state = contents.hardState
    invariant(
      state.commit <= index, "a snapshot at \(index), with \(state.commit) committed already")
    let header = SegmentHeader(
      isReset: true, isRecycled: false, sequence: last.header.sequence + 1,
      salt: directory.configuration.salt, previousIndex: index, previousTerm: term,
      hardState: state, previousEnd: 0)
    do {
      let segment = try directory.makeSegment(header, batchBytes: 0)
      for old in segments { try directory.retire(old.header.sequence, capacity: old.capacity) }
      segments = [segment]
    } catch {
      throw fail(error)
    }
    buffer.removeAll()
    hasNewHardState = false
    hasTruncation = false
    durable = (index, term, state)
    contents = LogContents(base: index, baseTerm: term, hardState: state)
    contents.beginRange()
    contents.beginRange()
  }

  // MARK: The next segment

  /// Work that makes the next segment ready, to be run on any thread; nil if it is ready or under way.
  ///
  /// Worth a call after each `sync`: it costs nothing until a new segment has begun.
  public func beginPreparation() -> SegmentPreparation? {
    if failure != nil || !directory.spares.isEmpty { return nil }
    if let preparation, !preparation.hasFailed { return nil }
    let work = SegmentPreparation(
      directory: directory.path, fileSystem: directory.fileSystem,
      bytes: directory.configuration.segmentBytes, lock: directory.lock)
    preparation = work
    return work
  }

  /// Makes the next segment ready on this thread.
  public func prepareNextSegment() { beginPreparation()?.run() }

  // MARK: Failing

  func checkUsable() throws(LogError) {
    if let failure { throw .failed(earlier: failure) }
  }

  private func fail(_ error: FileError) -> LogError {
    failure = error.description
    return LogError(error, directory: directory.path)
  }
}
