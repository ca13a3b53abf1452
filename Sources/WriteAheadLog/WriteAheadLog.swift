public import Environment
public import Primitives

/// A durable log of entries and hard states.
public final class WriteAheadLog {
  /// The first entry kept; one past the last if there is none.
  public private(set) var firstIndex = LogIndex(1)
  /// The last entry, buffered or durable.
  public private(set) var lastIndex = LogIndex.zero
  /// The latest hard state, buffered or durable.
  public private(set) var hardState = HardState()
  /// Bytes that wait for `sync`.
  public private(set) var bufferedBytes = 0

  init() {}

  /// Opens the log in a directory, or creates an empty one in an empty directory.
  ///
  /// `durableMark` is the highest entry that is known, from elsewhere, to have been durable: the engine's
  /// applied index. A log that ends before it is damaged.
  public static func open(
    directory: String, fileSystem: any FileSystem, configuration: LogConfiguration = .init(),
    durableMark: LogIndex = .zero
  ) throws(LogError) -> (log: WriteAheadLog, recovery: LogRecovery) {
    fatalError("not yet")
  }

  /// Creates a log that goes on after a snapshot: its first entry will be the one after `index`.
  public static func create(
    directory: String, fileSystem: any FileSystem, configuration: LogConfiguration = .init(),
    startingAfter index: LogIndex, term: Term, hardState: HardState
  ) throws(LogError) -> WriteAheadLog {
    fatalError("not yet")
  }

  /// Buffers entries; each must follow the last.
  public func append(contentsOf entries: some Sequence<LogEntry>) throws(LogError) {}
  /// Buffers one entry, which must follow the last.
  public func append(_ entry: LogEntry) throws(LogError) {}
  /// Buffers the hard state.
  public func setHardState(_ state: HardState) throws(LogError) { hardState = state }
  /// Makes all that is buffered durable, by one write and one sync.
  public func sync() throws(LogError) {}
  /// Drops the entries from `index` on.
  public func truncateSuffix(from index: LogIndex) throws(LogError) {}
  /// Drops whole segments whose entries all lie at or before `index`.
  public func truncatePrefix(through index: LogIndex) throws(LogError) {}
  /// Drops everything, and goes on after a snapshot.
  public func reset(to index: LogIndex, term: Term) throws(LogError) {}
  /// Entries in order, as many as fit in `maxBytes` of payload, but at least one.
  public func entries(
    from first: LogIndex, through last: LogIndex, maxBytes: Int
  ) throws(LogError) -> [LogEntry] { [] }
  /// The term of an entry, or of the one before the first; nil outside.
  public func term(at index: LogIndex) -> Term? { nil }
  /// Work that makes the next segment ready, to be run on any thread; nil if it is ready or under way.
  public func beginPreparation() -> SegmentPreparation? { nil }
  /// Makes the next segment ready on this thread.
  public func prepareNextSegment() throws(LogError) {}
}

/// Work that makes the next segment ready.
public final class SegmentPreparation: Sendable {
  /// Does the work.
  public func run() {}
}
