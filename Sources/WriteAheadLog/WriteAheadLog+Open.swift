public import Environment
public import Primitives

extension WriteAheadLog {
  /// Opens the log in a directory, or begins one in an empty directory, and locks the directory.
  ///
  /// `durableMark` is the highest entry that is known, from elsewhere, to have been durable here: the
  /// engine's applied index. An unfinished write at the end is cut off and reported; it was never
  /// acknowledged. Anything else that does not match is `damaged`, and so is a log that ends before
  /// `durableMark` or before its own commit; then nothing is changed. The directory is created if needed.
  ///
  /// Whether the log reaches back far enough, `recovery.firstIndex` tells: it must not lie past the applied
  /// index by more than one. Cost: that of a `LogReading`.
  public static func open(
    directory path: String, fileSystem: any FileSystem, configuration: LogConfiguration = .init(),
    durableMark: LogIndex = .zero
  ) throws(LogError) -> (log: WriteAheadLog, recovery: LogRecovery) {
    try open(
      LogReading(directory: path, fileSystem: fileSystem, configuration: configuration),
      durableMark: durableMark)
  }

  /// Opens a log that has been read, as `open(directory:fileSystem:configuration:durableMark:)` does. Once for each
  /// reading.
  public static func open(
    _ reading: LogReading, durableMark: LogIndex
  ) throws(LogError) -> (log: WriteAheadLog, recovery: LogRecovery) {
    do {
      var directory = reading.directory
      let recovery = reading.recovery
      try recovery.checkReaches(durableMark)
      try recovery.repair()
      try directory.tidy()
      if recovery.segments.isEmpty {
        let log = try begin(directory, after: .zero, term: .zero, hardState: HardState())
        return (log, log.report(tornTail: recovery.tornTail))
      }
      let log = WriteAheadLog(
        directory: directory, segments: recovery.segments, contents: recovery.contents)
      return (log, log.report(tornTail: recovery.tornTail))
    } catch {
      throw LogError(unknown: error, directory: reading.directory.path)
    }
  }

  /// Begins a log that goes on after a snapshot whose last entry is `index`, of the term `term`.
  ///
  /// Throws `notEmpty` if the directory holds a log. Durable on return.
  public static func create(
    directory path: String, fileSystem: any FileSystem, configuration: LogConfiguration = .init(),
    startingAfter index: LogIndex, term: Term, hardState: HardState
  ) throws(LogError) -> WriteAheadLog {
    invariant(
      hardState.commit <= index, "commit \(hardState.commit) is past the last entry \(index)")
    do throws(FileError) {
      var directory = try SegmentDirectory(
        path: path, fileSystem: fileSystem, configuration: configuration)
      if try directory.sequences().isEmpty {
        try directory.tidy()
        return try begin(directory, after: index, term: term, hardState: hardState)
      }
    } catch {
      throw LogError(error, directory: path)
    }
    throw .notEmpty(directory: path)
  }

  private static func begin(
    _ directory: consuming SegmentDirectory, after index: LogIndex, term: Term,
    hardState: HardState
  ) throws(FileError) -> WriteAheadLog {
    let header = SegmentHeader(
      isReset: true, isRecycled: false, sequence: 1, salt: directory.configuration.salt,
      previousIndex: index, previousTerm: term, hardState: hardState, previousEnd: 0)
    let segment = try directory.makeSegment(header, batchBytes: 0, isFirst: true)
    var contents = LogContents(base: index, baseTerm: term, hardState: hardState)
    contents.beginRange()
    return WriteAheadLog(directory: directory, segments: [segment], contents: contents)
  }

  private func report(tornTail: TornTail?) -> LogRecovery {
    LogRecovery(
      firstIndex: firstIndex, lastIndex: lastIndex, hardState: hardState,
      segments: segments.count, tornTail: tornTail)
  }
}
