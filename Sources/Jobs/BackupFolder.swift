internal import Glibc

/// The folder of a member's backups: what lies in it, and whether there is room.
struct BackupFolder: Sendable {
  let settings: BackupSettings
  /// Bytes that stay free for the store where its data lies on the same file system.
  static let reserveBytes: Int64 = 64 << 20

  var path: String { settings.folder }

  /// Makes the folder if it is missing, and removes what an earlier process left half-written.
  func prepare() throws(BackupFailure) {
    var made = ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
      if unsafe mkdir(made, 0o700) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS {
        throw Self.failure("make the folder", made)
      }
    }
    let prefix = "." + BackupName.prefix(settings.memberName)
    for file in try files() where file.hasPrefix(prefix) && file.hasSuffix(".part") {
      unsafe unlink(path + "/" + file)
    }
  }

  /// The member's backups, from the oldest to the newest.
  func backups() throws(BackupFailure) -> [BackupName] {
    try files().compactMap { BackupName($0, of: settings.memberName) }.sorted {
      ($0.time, $0.revision) < ($1.time, $1.revision)
    }
  }

  /// Removes what the retention does not keep; to be called after a good file was added.
  /// - Returns: how many were removed.
  func removeOld(now: Int64) throws(BackupFailure) -> Int {
    let all = try backups().dropLast()
    let old =
      switch settings.retention {
      case .all: [BackupName]()
      case .files(let count): Array(all.dropLast(max(0, count - 1)))
      case .seconds(let seconds): all.filter { $0.time < now - seconds }
      }
    for backup in old {
      let file = path + "/" + backup.file(of: settings.memberName)
      if unsafe unlink(file) != 0, errno != ENOENT { throw Self.failure("remove", file) }
    }
    return old.count
  }

  /// Makes sure that so many bytes can be written. Where the store's data lies on the same file system,
  /// `reserveBytes` must be left to it.
  func checkRoom(for byteCount: Int64) throws(BackupFailure) {
    var system = statvfs()
    guard unsafe statvfs(path, &system) == 0 else { throw Self.failure("look at", path) }
    let free = Int64(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
    let reserve = sharesFileSystem ? Self.reserveBytes : 0
    if free - reserve < byteCount {
      throw BackupFailure(
        description: "no room in \(path): the snapshot has \(byteCount) bytes, \(free) are free"
          + (reserve > 0 ? ", and \(reserve) of them are left to the store" : ""))
    }
  }

  private var sharesFileSystem: Bool {
    var (own, data) = (stat(), stat())
    return unsafe stat(path, &own) == 0 && stat(settings.dataDirectory, &data) == 0
      && own.st_dev == data.st_dev
  }

  private func files() throws(BackupFailure) -> [String] {
    guard let directory = unsafe opendir(path) else { throw Self.failure("read", path) }
    defer { unsafe _ = closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      names.append(name)
    }
    return names
  }

  static func failure(_ action: String, _ path: String) -> BackupFailure {
    let reason = unsafe String(cString: strerror(errno))
    return BackupFailure(description: "cannot \(action) \(path): \(reason)")
  }
}
