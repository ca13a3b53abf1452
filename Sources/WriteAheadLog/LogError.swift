public import Environment
public import Primitives

/// Why the log could not be opened, read or written.
public enum LogError: Error, Hashable, Sendable {
  /// Acknowledged content is lost or changed: the log must not be used, and nothing was repaired.
  case damaged(file: String, offset: Int64, reason: String)
  /// A later release wrote the log.
  case newerFormat(file: String, version: UInt32)
  /// Another process, or another part of this one, has the log open.
  case locked(directory: String)
  /// There is no room; what was being written is not acknowledged, and the log takes nothing more.
  case noSpace(FileError)
  /// The file system failed; after a write or a sync, the log takes nothing more.
  case file(FileError)
  /// An earlier write or sync failed, so what is on disk is unknown until the log is opened again.
  case failed(earlier: String)
  /// An entry was asked for that lies before the first one kept.
  case dropped(LogIndex, firstKept: LogIndex)
  /// A log was to be created in a directory that has one.
  case notEmpty(directory: String)
}

extension LogError: CustomStringConvertible {
  /// What happened and what a person can do about it.
  public var description: String {
    switch self {
    case .damaged(let file, let offset, let reason):
      "the log is damaged: \(file) at offset \(offset): \(reason); nothing was changed. Check the "
        + "disk, then restore this member from a snapshot, or remove it and let it join again"
    case .newerFormat(let file, let version):
      "\(file) has log format \(version), which a later release wrote; run that release"
    case .locked(let directory):
      "the log in \(directory) is in use by another process; stop it or use another directory"
    case .noSpace(let error), .file(let error):
      "the log: \(error)"
    case .failed(let earlier):
      "the log takes nothing more after a failure, start the member again; the failure: \(earlier)"
    case .dropped(let index, let firstKept):
      "entry \(index) is no longer in the log, which begins at \(firstKept); use a snapshot"
    case .notEmpty(let directory):
      "\(directory) has a log already; remove it first if its content is not needed"
    }
  }

  /// The log's error for one of the file system.
  init(_ error: FileError, directory: String) {
    switch error {
    case .locked: self = .locked(directory: directory)
    case .noSpace: self = .noSpace(error)
    default: self = .file(error)
    }
  }
}
