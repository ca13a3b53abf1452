public import Environment
internal import Glibc

/// The file system of the machine.
///
/// Descriptors are closed on `exec`, interrupted calls are repeated, short writes completed.
public final class LinuxFileSystem: FileSystem {
  /// The one file system; it has no state.
  public init() {}

  public func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
    let flags: Int32 =
      switch access {
      case .read: O_RDONLY
      case .readWrite, .direct: O_RDWR
      case .create: O_RDWR | O_CREAT | O_EXCL
      }
    let descriptor = try retrying(FileAttempt(.open, path)) {
      unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
    }
    let file = LinuxFile(path: path, descriptor: descriptor)
    if access == .direct, let direct = try DirectFile.over(file) { return direct }
    return file
  }

  public func rename(_ path: String, to newPath: String) throws(FileError) {
    try retrying(FileAttempt(.rename, path)) { unsafe Glibc.rename(path, newPath) }
  }

  public func remove(_ path: String) throws(FileError) {
    try retrying(FileAttempt(.remove, path)) { unsafe unlink(path) }
  }

  public func list(_ directory: String) throws(FileError) -> [String] {
    let attempt = FileAttempt(.list, directory)
    guard let stream = unsafe opendir(directory) else { throw fileError(attempt, errno) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno != 0 { throw fileError(attempt, errno) }
        break
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  public func size(of path: String) throws(FileError) -> Int64 {
    var status = stat()
    try retrying(FileAttempt(.size, path)) { unsafe stat(path, &status) }
    return Int64(status.st_size)
  }

  public func createDirectory(_ path: String) throws(FileError) {
    let attempt = FileAttempt(.createDirectory, path)
    let made = unsafe mkdir(path, 0o700)
    let number = errno
    let parent = Self.parent(of: path)
    if made != 0 {
      switch number {
      case EEXIST:
        // Something of that name exists; only a directory will do, and listing tells.
        _ = try list(path)
        return
      case ENOENT where parent != path:
        try createDirectory(parent)
        try retrying(attempt) { unsafe mkdir(path, 0o700) }
      default: throw fileError(attempt, number)
      }
    }
    try synchronizeDirectory(parent)
  }

  public func synchronizeDirectory(_ path: String) throws(FileError) {
    let attempt = FileAttempt(.synchronizeDirectory, path)
    let descriptor = try retrying(attempt) {
      unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    defer { close(descriptor) }
    try retrying(attempt) { fsync(descriptor) }
  }

  public func lock(directory path: String) throws(FileError) -> any DirectoryLock {
    let attempt = FileAttempt(.lock, path)
    let descriptor = try retrying(attempt) {
      unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    // The lock belongs to the open directory itself, so that a second open in this process conflicts too.
    do {
      try retrying(attempt) { flock(descriptor, LOCK_EX | LOCK_NB) }
    } catch {
      close(descriptor)
      if case .inputOutput(_, errno: EWOULDBLOCK) = error { throw .locked(attempt) }
      throw error
    }
    return LinuxDirectoryLock(descriptor: descriptor)
  }

  private static func parent(of path: String) -> String {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }
}
