internal import Glibc
public import Primitives

/// Bytes of which any part can be read: a file, or memory.
public protocol RandomAccess {
  /// How many bytes there are.
  var byteCount: Int64 { get }

  /// Reads exactly `count` bytes from `offset` on; both lie within `byteCount`.
  func read(at offset: Int64, count: Int) throws(SnapshotError) -> Bytes
}

/// Memory, for tests and for what is small.
public struct BytesAccess: RandomAccess {
  private let bytes: Bytes

  /// Reads from `bytes`.
  public init(_ bytes: Bytes) { self.bytes = bytes }

  public var byteCount: Int64 { Int64(bytes.count) }

  public func read(at offset: Int64, count: Int) throws(SnapshotError) -> Bytes {
    guard offset >= 0, count >= 0, offset <= byteCount - Int64(count) else {
      throw .corrupt(detail: "\(count) bytes at \(offset) are not there")
    }
    return Bytes(bytes[Int(offset)..<Int(offset) + count])
  }
}

/// An open file, read with `pread`. It is closed when it is released.
public final class FileAccess: RandomAccess {
  private let descriptor: Int32
  private let path: String

  /// The file's size when it was opened.
  public let byteCount: Int64

  /// Opens a file for reading.
  public convenience init(path: String) throws(SnapshotError) {
    try self.init(path: path, lockedBy: nil)
  }

  /// Opens a file for reading that a server locks while it runs, and shares the lock, so that none can start.
  ///
  /// - Parameter directory: whose server to name where there is one; nil takes no lock.
  /// - Throws: `.inUse` if a server runs.
  init(path: String, lockedBy directory: String?) throws(SnapshotError) {
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw Self.failure(path) }
    var status = stat()
    guard unsafe fstat(opened, &status) == 0 else {
      let error = Self.failure(path)
      close(opened)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      throw .failed(detail: "\(path): not a file")
    }
    if let directory, flock(opened, LOCK_SH | LOCK_NB) != 0 {
      let isLocked = errno == EWOULDBLOCK
      let error = isLocked ? SnapshotError.inUse(directory: directory) : Self.failure(path)
      close(opened)
      throw error
    }
    descriptor = opened
    self.path = path
    byteCount = Int64(status.st_size)
  }

  deinit { close(descriptor) }

  public func read(at offset: Int64, count: Int) throws(SnapshotError) -> Bytes {
    guard offset >= 0, count >= 0, offset <= byteCount - Int64(count) else {
      throw .corrupt(detail: "\(path): \(count) bytes at \(offset) are not there")
    }
    var bytes = Bytes(repeating: 0, count: count)
    var done = 0
    while done < count {
      let read = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, buffer.baseAddress! + done, count - done, Int(offset) + done)
      }
      if read < 0, errno == EINTR { continue }
      if read < 0 { throw Self.failure(path) }
      if read == 0 { throw .corrupt(detail: "\(path): ends at \(Int(offset) + done)") }
      done += read
    }
    return bytes
  }

  private static func failure(_ path: String) -> SnapshotError {
    .failed(detail: "\(path): " + (unsafe String(cString: strerror(errno))))
  }
}
