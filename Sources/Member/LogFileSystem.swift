internal import Environment
internal import Synchronization
internal import Telemetry

/// How long the log's syncs took.
final class SyncDurations: Sendable {
  let histogram = Histogram(firstBoundMicroseconds: 1_000)
  let nanoseconds = Atomic<Int64>(0)
  private let end = Atomic<UInt64>(0)
  /// The last syncs that took long, in the order of their ends.
  private let long = Mutex<[Range<MonotonicTime>]>([])

  /// What a sync must take to be remembered by itself.
  private static let longNanoseconds: Int64 = 5_000_000
  /// Long syncs that are remembered: those of half a second at least.
  private static let longMax = 128

  /// When the last sync ended.
  var lastEnd: MonotonicTime { MonotonicTime(nanoseconds: end.load(ordering: .relaxed)) }

  func observe(from begin: MonotonicTime, to end: MonotonicTime) {
    let duration = (end - begin).saturatingNanoseconds
    histogram.observe(nanoseconds: duration)
    nanoseconds.wrappingAdd(duration, ordering: .relaxed)
    self.end.store(end.nanoseconds, ordering: .relaxed)
    if duration < Self.longNanoseconds { return }
    long.withLock { long in
      if long.count == Self.longMax { long.removeFirst() }
      long.append(begin..<end)
    }
  }

  /// How much of a time went by in long syncs, as far back as they are remembered. Cost: a lock.
  func longSyncs(during time: Range<MonotonicTime>) -> Duration {
    long.withLock { long in
      long.reduce(.zero) { sum, sync in
        let shared = sync.clamped(to: time)
        return shared.isEmpty ? sum : sum + (shared.upperBound - shared.lowerBound)
      }
    }
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
    durations.observe(from: begin, to: clock.now())
  }
}
