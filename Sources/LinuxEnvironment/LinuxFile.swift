internal import Environment
internal import Glibc
internal import Synchronization

/// A file descriptor that closes with its last reference.
final class LinuxFile: File {
  let path: String
  private let descriptor: Int32

  /// Takes over an open descriptor.
  init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try retrying(FileAttempt(.read, path)) {
        unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + done)
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = try retrying(FileAttempt(.write, path)) {
        unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + done)
      }
      // A write that takes nothing and reports nothing would otherwise loop for ever.
      guard count > 0 else { throw .inputOutput(FileAttempt(.write, path), errno: EIO) }
      done += count
    }
  }

  func preallocate(_ size: Int64) throws(FileError) {
    if try self.size() >= size { return }
    let attempt = FileAttempt(.preallocate, path)
    while true {
      // Reports its error as a result, not through errno.
      let number = posix_fallocate(descriptor, 0, off_t(size))
      if number == 0 { return }
      if number != EINTR { throw fileError(attempt, number) }
    }
  }

  func truncate(to size: Int64) throws(FileError) {
    try retrying(FileAttempt(.truncate, path)) { ftruncate(descriptor, off_t(size)) }
  }

  func size() throws(FileError) -> Int64 {
    var status = stat()
    try retrying(FileAttempt(.size, path)) { unsafe fstat(descriptor, &status) }
    return Int64(status.st_size)
  }

  func synchronizeData() throws(FileError) {
    try retrying(FileAttempt(.synchronize, path)) { fdatasync(descriptor) }
  }
}

/// A descriptor of a directory that is locked with `flock`, which ends with the process.
final class LinuxDirectoryLock: DirectoryLock {
  private let descriptor: Mutex<Int32?>

  /// Takes over a locked descriptor.
  init(descriptor: Int32) { self.descriptor = Mutex(descriptor) }

  deinit { release() }

  func release() {
    descriptor.withLock {
      if let open = $0 {
        // Not by closing alone: a child process between its fork and its exec still shares the lock.
        flock(open, LOCK_UN)
        close(open)
      }
      $0 = nil
    }
  }
}
