/// How a file is opened.
public enum FileAccess: Hashable, Sendable {
  /// An existing file, for reading.
  case read
  /// An existing file, for reading and writing.
  case readWrite
  /// An existing file, for reading and for writes that leave no copy in the system's page cache, where the file
  /// system lets them. What follows a write in its last block of `directBlockBytes`, as far as the file goes,
  /// may become zero.
  case direct
  /// A new, empty file, for reading and writing; it must not exist.
  case create

  /// The unit of direct writes, in bytes.
  public static let directBlockBytes = 4_096
}

/// Files and directories, as far as durable storage needs them.
///
/// Every access of the storage layers goes through this protocol, so that a simulated disk can take its
/// place. A new, renamed or removed file is durable only after `synchronizeDirectory` on its directory.
/// Calls block, and are safe from any thread.
public protocol FileSystem: AnyObject, Sendable {
  /// Opens or creates a file.
  func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File

  /// Gives a file another name in one step, replacing a file that has it.
  func rename(_ path: String, to newPath: String) throws(FileError)

  /// Removes a file's name; open handles stay usable.
  func remove(_ path: String) throws(FileError)

  /// The names of files and directories in a directory, without `.` and `..`, in bytewise order.
  func list(_ directory: String) throws(FileError) -> [String]

  /// The bytes of a file.
  func size(of path: String) throws(FileError) -> Int64

  /// Creates a directory, and those above it that are missing; one that exists is no error.
  ///
  /// Created directories are durable on return.
  func createDirectory(_ path: String) throws(FileError)

  /// Makes the names in a directory durable.
  func synchronizeDirectory(_ path: String) throws(FileError)

  /// Keeps every other holder out of a directory until the lock is released.
  ///
  /// Throws `locked` at once if it is held, by another process or within this one.
  func lock(directory path: String) throws(FileError) -> any DirectoryLock
}

/// An open file; it closes when the last reference goes.
///
/// Reads and writes name their offset, and may run from several threads at once.
public protocol File: AnyObject, Sendable {
  /// The path that the file was opened by.
  var path: String { get }

  /// Reads at `offset` until `buffer` is full or the file ends; returns the bytes read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int

  /// Writes all of `bytes` at `offset`; the file grows where it must. Not durable until synchronized.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError)

  /// Reserves space so that the file has at least `size` bytes, new ones reading as zero.
  ///
  /// Throws `noSpace` now rather than at a later write.
  func preallocate(_ size: Int64) throws(FileError)

  /// Cuts or extends the file to `size` bytes, new ones reading as zero.
  func truncate(to size: Int64) throws(FileError)

  /// The bytes of the file.
  func size() throws(FileError) -> Int64

  /// Makes the file's content, and the size needed to read it, durable.
  ///
  /// After a failure nothing is known about any earlier write: the caller must not retry.
  func synchronizeData() throws(FileError)
}

/// A lock on a directory, held until it is released or the last reference goes.
public protocol DirectoryLock: AnyObject, Sendable {
  /// Lets others in; a second call does nothing.
  func release()
}

extension FileSystem {
  /// Whether a path names something.
  public func exists(_ path: String) throws(FileError) -> Bool {
    do {
      _ = try size(of: path)
      return true
    } catch .notFound {
      return false
    } catch .notDirectory {
      return false
    }
  }
}

extension File {
  /// Reads up to `count` bytes at `offset` into an array; fewer at the file's end.
  public func read(_ count: Int, at offset: Int64) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(FileError) {
        initialized = unsafe try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all of `bytes` at `offset`.
  public func write(_ bytes: [UInt8], at offset: Int64) throws(FileError) {
    try unsafe bytes.span.bytes.withUnsafeBytes {
      (buffer: UnsafeRawBufferPointer) throws(FileError) in
      try unsafe write(buffer, at: offset)
    }
  }
}
