internal import Descriptors
internal import Glibc
internal import Synchronization

/// When a log file is put aside, and how long what was put aside is kept.
public struct LogRotation: Sendable, Hashable {
  /// Bytes from which on a file is put aside; above 0.
  public var maxBytes: Int
  /// Days that files are kept; 0: for ever.
  public var maxAgeDays: Int
  /// Files that are kept; 0: all.
  public var maxBackups: Int
  /// Whether the names of files that were put aside have local times instead of UTC's.
  public var usesLocalTime: Bool

  /// Describes a rotation; the defaults are etcd's.
  public init(
    maxBytes: Int = 100 * 1_048_576, maxAgeDays: Int = 0, maxBackups: Int = 0,
    usesLocalTime: Bool = false
  ) {
    self.maxBytes = maxBytes
    self.maxAgeDays = maxAgeDays
    self.maxBackups = maxBackups
    self.usesLocalTime = usesLocalTime
  }
}

/// A file that log lines are added to, and that is put aside when it is full: `store.log` becomes
/// `store-2026-01-02T15-04-05.123.log`, as etcd names them.
public final class LogFile: Sendable {
  private struct State {
    var descriptor: Int32
    var bytes: Int
  }

  private let path: String
  private let rotation: LogRotation?
  private let state: Mutex<State>

  /// Opens a file, or makes it.
  /// - Returns: nil if that cannot be done; `errno` says why.
  public init?(_ path: String, rotation: LogRotation? = nil) {
    guard let (descriptor, bytes) = Self.open(path) else { return nil }
    self.path = path
    self.rotation = rotation
    state = Mutex(State(descriptor: descriptor, bytes: bytes))
  }

  deinit { _ = state.withLock { close($0.descriptor) } }

  /// Adds a line, which never is in two files. What the disk does not take is lost: a log must not stop a store.
  public func write(_ line: [UInt8]) {
    state.withLock { state in
      if let rotation, state.bytes > 0, state.bytes + line.count > rotation.maxBytes {
        rotate(rotation, &state)
      }
      _ = Descriptor.write(line, to: state.descriptor)
      state.bytes += line.count
    }
  }

  private static func open(_ path: String) -> (descriptor: Int32, bytes: Int)? {
    let descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { return nil }
    var information = stat()
    let isKnown = unsafe fstat(descriptor, &information) == 0
    return (descriptor, isKnown ? Int(information.st_size) : 0)
  }

  /// Goes on in the old file if a new one can't be made.
  private func rotate(_ rotation: LogRotation, _ state: inout State) {
    let (folder, stem, ending) = parts
    let time = Timestamp.forFileName(usesLocalTime: rotation.usesLocalTime)
    let aside = "\(folder)\(stem)-\(time)\(ending)"
    // Two within a millisecond: the file goes on a little longer.
    guard unsafe access(aside, F_OK) != 0, unsafe rename(path, aside) == 0 else { return }
    guard let (descriptor, bytes) = Self.open(path) else {
      _ = unsafe rename(aside, path)
      return
    }
    close(state.descriptor)
    state = State(descriptor: descriptor, bytes: bytes)
    removeOld(rotation)
  }

  /// The path as its folder with a slash, the name up to the ending, and the ending with its dot.
  private var parts: (folder: String, stem: String, ending: String) {
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let name = path[start...]
    let dot = name.lastIndex(of: ".") ?? name.endIndex
    return (String(path[..<start]), String(name[..<dot]), String(name[dot...]))
  }

  private func removeOld(_ rotation: LogRotation) {
    if rotation.maxBackups == 0, rotation.maxAgeDays == 0 { return }
    let (folder, stem, ending) = parts
    var found: [String] = []
    guard let directory = unsafe opendir(folder.isEmpty ? "." : folder) else { return }
    defer { unsafe closedir(directory) }
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
      }
      // The time has 23 characters: nobody else's files are touched.
      if name.hasPrefix(stem + "-"), name.hasSuffix(ending),
        name.utf8.count == stem.utf8.count + 1 + 23 + ending.utf8.count
      {
        found.append(name)
      }
    }
    // The names have their times: the newest comes first.
    found.sort(by: >)
    var information = stat()
    let oldest = time(nil) - rotation.maxAgeDays * 86_400
    for (place, name) in found.enumerated() {
      let isTooMany = rotation.maxBackups > 0 && place >= rotation.maxBackups
      let isTooOld =
        unsafe rotation.maxAgeDays > 0 && stat(folder + name, &information) == 0
        && information.st_mtim.tv_sec < oldest
      if isTooMany || isTooOld { _ = unsafe unlink(folder + name) }
    }
  }
}
