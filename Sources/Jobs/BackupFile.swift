internal import Descriptors
internal import Glibc
internal import Primitives

/// A file that is written under a hidden name and appears under its own only when `publish` is called. Dropped
/// before that, it is removed.
final class BackupFile {
  /// The hidden name.
  let partPath: String
  private let folder: String
  private var descriptor: Int32
  private var isPublished = false
  private var unsynced = 0
  /// Bytes that may wait for the disk.
  private static let syncBytes = 8 << 20

  /// Begins a file; `name` is what it will be called.
  init(_ name: String, in folder: String) throws(BackupFailure) {
    self.folder = folder
    partPath = folder + "/." + name + ".part"
    descriptor = unsafe open(partPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw BackupFolder.failure("write", partPath) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !isPublished { unsafe _ = unlink(partPath) }
  }

  /// Adds bytes. They go to the disk a few megabytes at a time: a whole file that is synced at its end would hold up
  /// the syncs of the store's log.
  func write(_ bytes: Bytes) throws(BackupFailure) {
    guard Descriptor.write(bytes, to: descriptor) else {
      throw BackupFolder.failure("write", partPath)
    }
    unsynced += bytes.count
    if unsynced >= Self.syncBytes { try sync() }
  }

  /// Makes what was written durable, and has the kernel forget it: whoever reads the file then reads the disk.
  func finish() throws(BackupFailure) {
    try sync()
    let closed = close(descriptor)
    descriptor = -1
    if closed != 0 { throw BackupFolder.failure("close", partPath) }
  }

  private func sync() throws(BackupFailure) {
    guard fsync(descriptor) == 0 else { throw BackupFolder.failure("sync", partPath) }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    unsynced = 0
  }

  /// Gives the finished file its name, durably.
  func publish(as name: String) throws(BackupFailure) {
    let path = folder + "/" + name
    guard unsafe rename(partPath, path) == 0 else { throw BackupFolder.failure("rename", partPath) }
    isPublished = true
    let directory = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw BackupFolder.failure("open", folder) }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw BackupFolder.failure("sync", folder) }
  }
}
