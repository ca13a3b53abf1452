public import Environment
internal import Primitives

/// A log whose files were read and checked, and whose directory is locked, but in which nothing was changed yet: so
/// that it can be read before it is known how far it must reach.
public struct LogReading: Sendable {
  let directory: SegmentDirectory
  let recovery: SegmentRecovery

  /// Reads and checks the log in a directory, which is created if needed. Cost: reads all segments, one in memory at
  /// a time.
  public init(
    directory path: String, fileSystem: any FileSystem, configuration: LogConfiguration = .init()
  ) throws(LogError) {
    do {
      directory = try SegmentDirectory(
        path: path, fileSystem: fileSystem, configuration: configuration)
      var recovery = SegmentRecovery(directory: directory)
      try recovery.readAll()
      self.recovery = recovery
    } catch {
      throw LogError(unknown: error, directory: path)
    }
  }
}

extension LogError {
  /// What went wrong where files are read and decoded.
  init(unknown error: any Error, directory: String) {
    switch error {
    case let error as LogError: self = error
    case let error as FileError: self = LogError(error, directory: directory)
    default: fatalError("an error of an unknown kind: \(error)")
    }
  }
}
