/// What a file system was asked to do when it failed.
public enum FileOperation: String, Hashable, Sendable {
  case open, read, write, preallocate, truncate, synchronize, size, rename, remove, list
  case createDirectory = "create directory"
  case synchronizeDirectory = "synchronize directory"
  case lock
}

/// An operation on a path: what every file error names.
public struct FileAttempt: Hashable, Sendable, CustomStringConvertible {
  /// What was tried.
  public var operation: FileOperation
  /// On which file or directory.
  public var path: String

  /// Names an operation and its path.
  public init(_ operation: FileOperation, _ path: String) {
    self.operation = operation
    self.path = path
  }

  public var description: String { "\(operation.rawValue) \(path)" }
}

/// Why an operation on a file or directory failed.
public enum FileError: Error, Hashable, Sendable {
  /// The file or a directory on its path does not exist.
  case notFound(FileAttempt)
  /// What should be a directory is none.
  case notDirectory(FileAttempt)
  /// A file that was to be created exists already.
  case alreadyExists(FileAttempt)
  /// The file system, or the quota on it, is full.
  case noSpace(FileAttempt)
  /// The file system is mounted read-only.
  case readOnly(FileAttempt)
  /// The process may not do this.
  case permissionDenied(FileAttempt)
  /// Another process, or another part of this one, holds the directory's lock.
  case locked(FileAttempt)
  /// The process, or the system, has too many files open.
  case tooManyOpenFiles(FileAttempt)
  /// Anything else that the system reports, with its error number.
  case inputOutput(FileAttempt, errno: Int32)

  /// What was tried, and on which path.
  public var attempt: FileAttempt {
    switch self {
    case .notFound(let attempt), .notDirectory(let attempt), .alreadyExists(let attempt),
      .noSpace(let attempt), .readOnly(let attempt), .permissionDenied(let attempt),
      .locked(let attempt),
      .tooManyOpenFiles(let attempt), .inputOutput(let attempt, _):
      attempt
    }
  }
}

extension FileError: CustomStringConvertible {
  /// What failed and what a person can do about it.
  public var description: String {
    switch self {
    case .notFound(let attempt):
      "cannot \(attempt): it does not exist; check the path and that the volume is mounted"
    case .notDirectory(let attempt):
      "cannot \(attempt): it, or what it should lie in, is no directory; choose another path"
    case .alreadyExists(let attempt):
      "cannot \(attempt): it exists already; remove it or choose another path"
    case .noSpace(let attempt):
      "cannot \(attempt): no space left on the device; free space or enlarge the volume"
    case .readOnly(let attempt):
      "cannot \(attempt): the file system is read-only; check the mount and the kernel's log"
    case .permissionDenied(let attempt):
      "cannot \(attempt): permission denied; give the process's user access to it"
    case .locked(let attempt):
      "cannot \(attempt): another process uses this directory; stop it or use another directory"
    case .tooManyOpenFiles(let attempt):
      "cannot \(attempt): too many open files; raise the limit on open files"
    case .inputOutput(let attempt, let number):
      "cannot \(attempt): input/output error (errno \(number)); check the device"
    }
  }
}
