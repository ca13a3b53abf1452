internal import Descriptors
internal import Glibc
internal import Primitives

/// A file that appears under its name only when it is complete and durable; dropped before, it is removed.
final class PartFile {
  private let path: String
  private var partPath: String { path + ".part" }
  private var descriptor: Int32

  init(path: String) throws(KeelsonError) {
    self.path = path
    descriptor = unsafe open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw Self.failure("open", path + ".part") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unsafe unlink(partPath)
  }

  func write(_ bytes: Bytes) throws(KeelsonError) {
    guard Descriptor.write(bytes, to: descriptor) else { throw Self.failure("write", partPath) }
  }

  /// Syncs, renames and syncs the folder.
  func commit() throws(KeelsonError) {
    guard fsync(descriptor) == 0 else { throw Self.failure("sync", partPath) }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, unsafe rename(partPath, path) == 0 else {
      let failure = Self.failure("rename", partPath)
      unsafe unlink(partPath)
      throw failure
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let folderDescriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folderDescriptor >= 0 else { throw Self.failure("open", folder) }
    defer { close(folderDescriptor) }
    guard fsync(folderDescriptor) == 0 else { throw Self.failure("sync", folder) }
  }

  private static func failure(_ action: String, _ path: String) -> KeelsonError {
    let reason = unsafe String(cString: strerror(errno))
    return KeelsonError(.file, "cannot \(action) \(path): \(reason)")
  }
}
