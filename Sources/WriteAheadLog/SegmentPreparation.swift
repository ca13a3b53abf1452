internal import Environment
internal import Primitives
internal import Synchronization

/// Work that makes the next segment ready: a file of zeroes, written and synced ahead of its use.
///
/// Space that was only reserved costs the file system a change of metadata at the first write to each
/// part, and so about 40 % more for each sync; space that was written does not. The log works on meanwhile,
/// and does without if this is not done in time.
public final class SegmentPreparation: Sendable {
  private enum State: Sendable { case idle, running, done, failed }

  /// The name of the file once it is ready.
  static let readyName = "next.zero"
  private static let unfinishedName = "next.tmp"
  private static let sliceBytes = 1024 * 1024

  private let directory: String
  private let fileSystem: any FileSystem
  private let bytes: Int
  /// Keeps other processes out until the work has ended, even if the log is closed before.
  private let lock: any DirectoryLock
  private let state = Mutex(State.idle)

  init(directory: String, fileSystem: any FileSystem, bytes: Int, lock: any DirectoryLock) {
    self.directory = directory
    self.fileSystem = fileSystem
    self.bytes = bytes
    self.lock = lock
  }

  /// Does the work, on any thread, once; blocks for as long as the disk needs for a segment.
  ///
  /// A failure is not reported here: the log then makes the file itself, and meets the failure there.
  public func run() {
    let starts = state.withLock { state in
      guard state == .idle else { return false }
      state = .running
      return true
    }
    guard starts else { return }
    let unfinished = directory + "/" + Self.unfinishedName
    do {
      try fileSystem.open(unfinished, .create).preallocate(Int64(bytes))
      let file = try fileSystem.open(unfinished, .direct)
      try Self.writeZeroes(file, bytes: bytes, syncing: true)
      try fileSystem.rename(unfinished, to: directory + "/" + Self.readyName)
      try fileSystem.synchronizeDirectory(directory)
      state.withLock { $0 = .done }
    } catch {
      try? fileSystem.remove(unfinished)
      state.withLock { $0 = .failed }
    }
  }

  /// Whether the file is ready.
  var isDone: Bool { state.withLock { $0 == .done } }
  /// Whether the work has ended without a file.
  var hasFailed: Bool { state.withLock { $0 == .failed } }

  /// Writes zeroes; with `syncing`, syncs slice by slice, so that the log's own syncs wait for little.
  static func writeZeroes(_ file: any File, bytes: Int, syncing: Bool) throws(FileError) {
    // Where the device takes them from without a copy.
    let zeroes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(bytes, sliceBytes), alignment: FileAccess.directBlockBytes)
    defer { unsafe zeroes.deallocate() }
    unsafe _ = zeroes.initializeMemory(as: UInt8.self, repeating: 0)
    var offset = 0
    while offset < bytes {
      let count = min(zeroes.count, bytes - offset)
      unsafe try file.write(UnsafeRawBufferPointer(rebasing: zeroes[..<count]), at: Int64(offset))
      offset += count
      let isSliceEnd = offset % (4 * sliceBytes) == 0 || offset == bytes
      if syncing, isSliceEnd { try file.synchronizeData() }
    }
  }
}
