internal import Environment
internal import Synchronization
internal import Telemetry

/// How long the log's syncs took.
final class SyncDurations: Sendable {
  let histogram = Histogram(firstBoundMicroseconds: 1_000)
  let nanoseconds = Atomic<Int64>(0)

  func observe(_ duration: Int64) {
    histogram.observe(nanoseconds: duration)
    nanoseconds.wrappingAdd(duration, ordering: .relaxed)
  }
}

/// The file system as the log uses it: its syncs are timed, or left out if the operator accepts
/// that.
final class LogFileSystem: FileSystem {
  private let base: any FileSystem
  private let clock: any Clock
  private let durations: SyncDurations
  private let syncs: Bool

  init(_ base: any FileSystem, clock: any Clock, durations: SyncDurations, syncs: Bool) {
    self.base = base
    self.clock = clock
    self.durations = durations
    self.syncs = syncs
  }

  func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
    LogFile(try base.open(path, access), clock: clock, durations: durations, syncs: syncs)
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try base.rename(path, to: newPath)
  }

  func remove(_ path: String) throws(FileError) { try base.remove(path) }

  func list(_ directory: String) throws(FileError) -> [String] { try base.list(directory) }

  func size(of path: String) throws(FileError) -> Int64 { try base.size(of: path) }

  func createDirectory(_ path: String) throws(FileError) { try base.createDirectory(path) }

  func synchronizeDirectory(_ path: String) throws(FileError) {
    if syncs { try base.synchronizeDirectory(path) }
  }

  func lock(directory path: String) throws(FileError) -> any DirectoryLock {
    try base.lock(directory: path)
  }
}

private final class LogFile: File {
  private let base: any File
  private let clock: any Clock
  private let durations: SyncDurations
  private let syncs: Bool

  init(_ base: any File, clock: any Clock, durations: SyncDurations, syncs: Bool) {
    self.base = base
    self.clock = clock
    self.durations = durations
    self.syncs = syncs
  }

  var path: String { base.path }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(FileError) -> Int { unsafe try base.read(into: buffer, at: offset) }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
    unsafe try base.write(bytes, at: offset)
  }

  func preallocate(_ size: Int64) throws(FileError) { try base.preallocate(size) }

  func truncate(to size: Int64) throws(FileError) { try base.truncate(to: size) }

  func size() throws(FileError) -> Int64 { try base.size() }

  func synchronizeData() throws(FileError) {
    guard syncs else { return }
    let begin = clock.now()
    try base.synchronizeData()
    durations.observe((clock.now() - begin).saturatingNanoseconds)
  }
}
