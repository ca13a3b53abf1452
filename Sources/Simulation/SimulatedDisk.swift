public import Environment
internal import Synchronization

/// A disk in memory that behaves as badly as disks may, and always alike for the same seed.
///
/// What was not synced may be lost at `crash`, torn at sectors, or reordered; names that were not synced
/// may be lost or stay. Bits can be flipped, space can run out, and any call can be made to fail. A process
/// crash, which loses nothing, is simulated by dropping what uses the disk and calling `detach`.
public final class SimulatedDisk: FileSystem {
  /// Names before and after each change of a directory that was not synced.
  private enum NameChange {
    case set(String, Int)
    case remove(String)
    case move(String, to: String)
  }

  private struct State {
    var inodes: [SimulatedInode] = []
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var nameChanges: [(directory: String, change: NameChange)] = []
    var directories: [String] = ["/"]
    var locks: [String] = []
    var epoch = 0
    var calls = 0
    var fault: DiskFault?
    var capacity = Int.max
    var isReadOnly = false
    var skipsSyncs = false
  }

  /// Bytes that reach the platter together.
  public let sectorBytes: Int
  private let state = Mutex(State())

  /// An empty disk with a root directory.
  public init(sectorBytes: Int = 512) { self.sectorBytes = sectorBytes }

  // MARK: Faults

  /// The calls so far, on the disk and all its files.
  public var calls: Int { state.withLock { $0.calls } }

  /// Makes a call fail, or none; calls are counted anew.
  public func inject(_ fault: DiskFault?) {
    state.withLock {
      $0.fault = fault
      $0.calls = 0
    }
  }

  /// The bytes that all files together may take; beyond, writes throw `noSpace`.
  public func setCapacity(_ bytes: Int) { state.withLock { $0.capacity = bytes } }

  /// Turns the file system read-only, or back.
  public func setReadOnly(_ isReadOnly: Bool) { state.withLock { $0.isReadOnly = isReadOnly } }

  /// Whether syncs of files are reported as done and do nothing: what no checker may miss.
  public func setSkipsSyncs(_ skipsSyncs: Bool) { state.withLock { $0.skipsSyncs = skipsSyncs } }

  /// Flips a bit of a file at rest.
  public func flip(bit: Int, at offset: Int, of path: String) {
    state.withLock { state in
      guard let inode = state.names[Self.normal(path)] else { return }
      state.inodes[inode].flip(bit: bit, at: offset)
    }
  }

  /// Loses power: open files are unusable, locks are free, and of what was not synced a part is lost that
  /// `seed` determines.
  public func crash(seed: UInt64) {
    let entropy = SeededEntropy(seed: seed)
    state.withLock { state in
      for inode in state.inodes.indices {
        state.inodes[inode].crash(sectorBytes: sectorBytes) { entropy.next(below: $0) }
      }
      // The names of a directory come back in the order of their changes, up to some point.
      for directory in state.directories {
        let changes = state.nameChanges.filter { $0.directory == directory }
        let kept = Int(entropy.next(below: UInt64(changes.count + 1)))
        for change in changes.prefix(kept) { Self.apply(change.change, to: &state.durableNames) }
      }
      state.names = state.durableNames
      let named = state.names.values.sorted()
      for inode in state.inodes.indices where !named.contains(inode) {
        state.inodes[inode] = SimulatedInode()
      }
      state.nameChanges.removeAll()
      state.locks.removeAll()
      state.epoch += 1
    }
  }

  /// Ends the process that uses the disk: open files are unusable and locks free, but nothing is lost.
  public func detach() {
    state.withLock {
      $0.locks.removeAll()
      $0.epoch += 1
    }
  }

  /// The content of a file, or nil if there is none; counts as no call.
  public func content(of path: String) -> [UInt8]? {
    state.withLock { state in state.names[Self.normal(path)].map { state.inodes[$0].content } }
  }

  /// Replaces the content of a file, durably; creates it if needed, and counts as no call.
  public func setContent(_ bytes: [UInt8], of path: String) {
    state.withLock { state in
      let path = Self.normal(path)
      let inode = state.names[path] ?? state.inodes.count
      if inode == state.inodes.count { state.inodes.append(SimulatedInode()) }
      state.inodes[inode] = SimulatedInode()
      state.inodes[inode].write(bytes, at: 0)
      state.inodes[inode].synchronize()
      state.names[path] = inode
      state.durableNames[path] = inode
    }
  }

  // MARK: Files

  public func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
    try perform(FileAttempt(.open, path)) { state, attempt throws(FileError) in
      let name = Self.normal(path)
      if access == .create {
        if state.isReadOnly { throw .readOnly(attempt) }
        guard state.names[name] == nil else { throw .alreadyExists(attempt) }
        guard state.directories.contains(Self.parent(name)) else { throw .notFound(attempt) }
        state.inodes.append(SimulatedInode())
        Self.change(&state, name, .set(name, state.inodes.count - 1))
      }
      guard let inode = state.names[name] else { throw .notFound(attempt) }
      return SimulatedFile(
        disk: self, path: path, inode: inode, epoch: state.epoch, isDirect: access == .direct)
    }
  }

  public func rename(_ path: String, to newPath: String) throws(FileError) {
    try perform(FileAttempt(.rename, path)) { state, attempt throws(FileError) in
      if state.isReadOnly { throw .readOnly(attempt) }
      guard state.names[Self.normal(path)] != nil else { throw .notFound(attempt) }
      Self.change(
        &state, Self.normal(path), .move(Self.normal(path), to: Self.normal(newPath)))
    }
  }

  public func remove(_ path: String) throws(FileError) {
    try perform(FileAttempt(.remove, path)) { state, attempt throws(FileError) in
      if state.isReadOnly { throw .readOnly(attempt) }
      guard state.names[Self.normal(path)] != nil else { throw .notFound(attempt) }
      Self.change(&state, Self.normal(path), .remove(Self.normal(path)))
    }
  }

  public func size(of path: String) throws(FileError) -> Int64 {
    try perform(FileAttempt(.size, path)) { state, attempt throws(FileError) in
      guard let inode = state.names[Self.normal(path)] else { throw .notFound(attempt) }
      return Int64(state.inodes[inode].content.count)
    }
  }

  // MARK: Directories

  public func list(_ directory: String) throws(FileError) -> [String] {
    try perform(FileAttempt(.list, directory)) { state, attempt throws(FileError) in
      let directory = Self.normal(directory)
      guard state.directories.contains(directory) else { throw .notFound(attempt) }
      let files = state.names.keys.filter { Self.parent($0) == directory }
      let below = state.directories.filter { $0 != "/" && Self.parent($0) == directory }
      return (files + below)
        .map { String($0.split(separator: "/").last ?? "") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  public func createDirectory(_ path: String) throws(FileError) {
    try perform(FileAttempt(.createDirectory, path)) { state, attempt throws(FileError) in
      var name = Self.normal(path)
      var missing: [String] = []
      while !state.directories.contains(name) {
        if state.names[name] != nil { throw .alreadyExists(attempt) }
        missing.append(name)
        name = Self.parent(name)
      }
      if missing.isEmpty { return }
      if state.isReadOnly { throw .readOnly(attempt) }
      state.directories.append(contentsOf: missing.reversed())
    }
  }

  public func synchronizeDirectory(_ path: String) throws(FileError) {
    try perform(FileAttempt(.synchronizeDirectory, path)) { state, attempt throws(FileError) in
      let directory = Self.normal(path)
      guard state.directories.contains(directory) else { throw .notFound(attempt) }
      for change in state.nameChanges where change.directory == directory {
        Self.apply(change.change, to: &state.durableNames)
      }
      state.nameChanges.removeAll { $0.directory == directory }
    }
  }

  public func lock(directory path: String) throws(FileError) -> any DirectoryLock {
    try perform(FileAttempt(.lock, path)) { state, attempt throws(FileError) in
      let directory = Self.normal(path)
      guard state.directories.contains(directory) else { throw .notFound(attempt) }
      if state.locks.contains(directory) { throw .locked(attempt) }
      state.locks.append(directory)
      return SimulatedLock(disk: self, directory: directory, epoch: state.epoch)
    }
  }

  fileprivate func release(_ directory: String, epoch: Int) {
    state.withLock { state in
      if state.epoch == epoch { state.locks.removeAll { $0 == directory } }
    }
  }

  // MARK: The calls of files

  /// Runs a call on an open file, unless it is to fail or the file was open at a crash.
  ///
  /// `growingTo` is the size that the file will have at least.
  func access<Result>(
    _ attempt: FileAttempt, inode: Int, epoch: Int, growingTo size: Int = 0,
    onFailure: (inout SimulatedInode) -> Void = { _ in },
    _ body: (inout SimulatedInode) -> Result
  ) throws(FileError) -> Result {
    try state.withLock { state throws(FileError) in
      guard state.epoch == epoch else { throw .inputOutput(attempt, errno: 5) }
      do throws(FileError) {
        try Self.count(&state, attempt)
      } catch {
        if state.fault?.kind != .powerLoss {
          onFailure(&state.inodes[inode])
        } else if state.fault?.call == state.calls, attempt.operation == .write {
          _ = body(&state.inodes[inode])
        }
        throw error
      }
      if state.skipsSyncs, attempt.operation == .synchronize {
        var untouched = state.inodes[inode]
        return body(&untouched)
      }
      let changes = attempt.operation != .read && attempt.operation != .size
      if state.isReadOnly, changes { throw .readOnly(attempt) }
      let growth = size - state.inodes[inode].content.count
      if growth > 0, state.capacity != .max {
        // Sorted, though a sum needs no order: no walk over a dictionary may reach a result.
        let used = state.names.values.sorted().reduce(0) {
          $0 + state.inodes[$1].content.count
        }
        if used + growth > state.capacity { throw .noSpace(attempt) }
      }
      return body(&state.inodes[inode])
    }
  }

  private func perform<Result>(
    _ attempt: FileAttempt, _ body: (inout State, FileAttempt) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    try state.withLock { state throws(FileError) in
      do throws(FileError) {
        try Self.count(&state, attempt)
      } catch {
        if let fault = state.fault, fault.kind == .powerLoss, fault.call == state.calls,
          attempt.operation == .rename || attempt.operation == .remove
        {
          _ = try? body(&state, attempt)
        }
        throw error
      }
      return try body(&state, attempt)
    }
  }

  private static func count(_ state: inout State, _ attempt: FileAttempt) throws(FileError) {
    state.calls += 1
    guard let fault = state.fault else { return }
    let isOnce = fault.duration == .once && fault.kind != .powerLoss
    let hits = isOnce ? state.calls == fault.call : state.calls >= fault.call
    if hits, let error = fault.error(for: attempt) { throw error }
  }

  // MARK: Names

  private static func change(_ state: inout State, _ name: String, _ change: NameChange) {
    apply(change, to: &state.names)
    state.nameChanges.append((parent(name), change))
  }

  private static func apply(_ change: NameChange, to names: inout [String: Int]) {
    switch change {
    case .set(let name, let inode): names[name] = inode
    case .remove(let name): names[name] = nil
    case .move(let name, let newName):
      guard let inode = names[name] else { return }
      names[name] = nil
      names[newName] = inode
    }
  }

  private static func normal(_ path: String) -> String {
    "/" + path.split(separator: "/").joined(separator: "/")
  }

  private static func parent(_ path: String) -> String {
    "/" + path.split(separator: "/").dropLast().joined(separator: "/")
  }
}

/// A lock on a directory of a simulated disk.
private final class SimulatedLock: DirectoryLock {
  private let disk: SimulatedDisk
  private let directory: String
  private let epoch: Int
  private let isReleased = Mutex(false)

  init(disk: SimulatedDisk, directory: String, epoch: Int) {
    self.disk = disk
    self.directory = directory
    self.epoch = epoch
  }

  deinit { release() }

  func release() {
    let wasHeld = isReleased.withLock { released in
      defer { released = true }
      return !released
    }
    if wasHeld { disk.release(directory, epoch: epoch) }
  }
}
