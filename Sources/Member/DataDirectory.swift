internal import Engine
internal import Environment
internal import LinuxEnvironment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import WriteAheadLog

/// A member's place on disk: `member/log`, `member/engine` and `member/version` below the data
/// directory.
///
/// A new one is built as `member.new` and renamed, so that whatever is called `member` is complete.
public struct DataDirectory: Sendable {
  /// The version of this layout.
  static let formatVersion = 1

  /// Which member a directory belongs to: what `member/version` says.
  struct Identity: Hashable, Sendable {
    var cluster: ClusterID
    var member: MemberID

    /// Three lines: the format, the cluster, the member.
    var text: String { "keelson-member \(DataDirectory.formatVersion)\n\(cluster)\n\(member)\n" }
  }

  let path: String
  let separateLog: String?
  /// Bytes of one file of a new log.
  let segmentBytes: Int
  let files = LinuxFileSystem()

  init(
    _ path: String, separateLog: String? = nil,
    segmentBytes: Int = LogConfiguration().segmentBytes
  ) {
    self.path = path
    self.separateLog = separateLog
    self.segmentBytes = segmentBytes
  }

  var memberPath: String { path + "/member" }
  var engines: EngineDirectories { EngineDirectories(memberPath: memberPath) }
  var logPath: String { separateLog ?? memberPath + "/log" }
  private var newMemberPath: String { path + "/member.new" }

  /// Makes the directory if it is missing, and keeps other processes out of it.
  func lock() throws(MemberError) -> any DirectoryLock {
    do throws(FileError) {
      try files.createDirectory(path)
      return try files.lock(directory: path)
    } catch {
      if case .locked = error { throw .locked(directory: path) }
      throw .file(reason: "\(error)")
    }
  }

  /// Whose directory this is, or nil if it holds no member yet.
  func identity() throws(MemberError) -> Identity? {
    let version = memberPath + "/version"
    let bytes: Bytes
    do throws(FileError) {
      guard try files.list(path).contains("member") else { return nil }
      bytes = try files.open(version, .read).read(4_096, at: 0)
    } catch {
      // A `member` without a version is, for example, etcd's own: it must not be mistaken for
      // nothing.
      if case .notFound = error { throw stranger }
      throw .file(reason: "\(error)")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let format = lines.first.map { $0.split(separator: " ") } ?? []
    guard format.count == 2, format[0] == "keelson-member", let number = Int(format[1]) else {
      throw .damaged(reason: "\(version) is not a version file; restore this member's directory")
    }
    if number > Self.formatVersion { throw .newerFormat(directory: path, version: number) }
    guard lines.count == 3, let cluster = UInt64(lines[1], radix: 16),
      let member = UInt64(lines[2], radix: 16)
    else {
      throw .damaged(reason: "\(version) does not name a member; restore this member's directory")
    }
    return Identity(cluster: ClusterID(rawValue: cluster), member: MemberID(member))
  }

  /// What is said of a `member` that this program did not make.
  private var stranger: MemberError {
    let content = (try? files.list(memberPath)) ?? []
    return content.contains("snap") ? .ofEtcd(directory: path) : .notEmpty(directory: memberPath)
  }

  /// Makes a member: `fill` writes what the engine begins with, and answers with the log's
  /// beginning.
  func create(
    _ identity: Identity,
    fill: (any Engine) throws(MemberError) -> (appliedIndex: LogIndex, term: Term)
  ) throws(MemberError) {
    do throws(FileError) {
      try files.removeTree(newMemberPath)
      try files.createDirectory(newMemberPath)
      if let separateLog, try files.exists(separateLog), !(try files.list(separateLog)).isEmpty {
        throw FileError.alreadyExists(FileAttempt(.createDirectory, separateLog))
      }
    } catch {
      if case .alreadyExists(let attempt) = error { throw .notEmpty(directory: attempt.path) }
      throw .file(reason: "\(error)")
    }
    let begin = try fillEngine(fill)
    try createLog(
      in: separateLog ?? newMemberPath + "/log", after: begin.appliedIndex, term: begin.term)
    do throws(FileError) {
      let file = try files.open(newMemberPath + "/version", .create)
      try file.write(Bytes(identity.text.utf8), at: 0)
      try file.synchronizeData()
      try files.synchronizeDirectory(newMemberPath)
      try files.rename(newMemberPath, to: memberPath)
      try files.synchronizeDirectory(path)
    } catch {
      throw .file(reason: "\(error)")
    }
  }

  private func fillEngine(
    _ fill: (any Engine) throws(MemberError) -> (appliedIndex: LogIndex, term: Term)
  ) throws(MemberError) -> (appliedIndex: LogIndex, term: Term) {
    do throws(EngineError) {
      let engine = try RocksEngine(directory: newMemberPath + "/engine")
      defer { engine.close() }
      let begin: (appliedIndex: LogIndex, term: Term)
      do throws(MemberError) {
        begin = try fill(engine)
      } catch {
        throw EngineError.failed(detail: "\(error)")
      }
      try engine.flush()
      return begin
    } catch {
      throw MemberError(error)
    }
  }

  func createLog(
    in directory: String, after index: LogIndex, term: Term
  ) throws(MemberError) {
    do throws(FileError) { try files.createDirectory(directory) } catch {
      throw .file(reason: "\(error)")
    }
    do throws(LogError) {
      _ = try WriteAheadLog.create(
        directory: directory, fileSystem: files,
        configuration: LogConfiguration(segmentBytes: segmentBytes), startingAfter: index,
        term: term,
        hardState: HardState(term: term, votedFor: .none, commit: index))
    } catch {
      throw MemberError(error, directory: path)
    }
  }
}

extension MemberError {
  init(_ error: StoreError) {
    switch error {
    case .corrupt(let detail): self = MemberError(EngineError.corrupt(detail: detail))
    case .engineFailed(let detail): self = MemberError(EngineError.failed(detail: detail))
    default: self = .damaged(reason: "the store cannot be opened: \(error)")
    }
  }

  init(_ error: EngineError) {
    switch error {
    case .corrupt(let detail):
      self = .damaged(
        reason: "the engine's data is damaged: \(detail); restore this member from a snapshot")
    case .locked(let detail): self = .locked(directory: detail)
    case .noSpace(let detail):
      self = .file(
        reason: "the disk is too full for the engine: \(detail); free space or enlarge the volume")
    case .failed(let detail):
      self = .file(reason: "the engine cannot be opened: \(detail)")
    }
  }

  init(_ error: LogError, directory: String) {
    switch error {
    case .damaged: self = .damaged(reason: "\(error)")
    case .newerFormat(_, let version):
      self = .newerFormat(directory: directory, version: Int(version))
    case .locked(let directory): self = .locked(directory: directory)
    case .notEmpty(let directory): self = .notEmpty(directory: directory)
    default: self = .file(reason: "\(error)")
    }
  }
}
