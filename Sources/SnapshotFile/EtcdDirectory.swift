internal import Glibc
public import Primitives

/// The data directory of an etcd that does not run: its database, and the entries of its log that the database has
/// not applied.
///
/// etcd commits to its database now and then; what it has acknowledged since lies in the log alone.
public struct EtcdDirectory {
  /// The database.
  public let reader: SnapshotReader
  /// What the database holds beside records.
  public let state: SnapshotState
  /// The entries that a start of etcd would apply to the database; empty if it lacks none.
  public let missing: ClosedRange<LogIndex>?
  /// Entries at the log's end that are not known to be committed, and so are left out. Only where several members
  /// vote: others may have decided otherwise.
  public let uncommittedCount: UInt64
  /// What was being written when etcd ended, and is passed over.
  public let tornTail: String?
  private let log: EtcdLog

  /// Whether a path is a directory that etcd made.
  public static func isOne(_ path: String) -> Bool {
    var status = stat()
    let result = unsafe stat(path + "/member/snap", &status)
    return result == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Opens a directory, and keeps etcd from opening it meanwhile.
  ///
  /// - Parameter walPath: where the log lies, if not in `member/wal` (`--wal-dir`).
  /// - Throws: `.inUse` if etcd runs in it, `.corrupt` naming file and offset, `.failed`.
  public init(path: String, walPath: String? = nil) throws(SnapshotError) {
    let snapPath = path + "/member/snap"
    let marks = try EtcdSnapshotMark.all(in: snapPath)
    var database = try SnapshotReader(
      FileAccess(path: snapPath + "/db", lockedBy: path), integrity: .skipped)
    var state = try Self.state(database)
    // A member that lagged behind was sent a database, and ended before it took it for its own.
    if let mark = marks.last, mark.index > state.consistentIndex {
      let received = snapPath + "/" + hexadecimal(mark.index.rawValue) + ".snap.db"
      if unsafe access(received, F_OK) == 0 {
        database = try SnapshotReader(FileAccess(path: received), integrity: .skipped)
        state = try Self.state(database)
      }
    }
    let applied = state.consistentIndex
    // The database has the voters since etcd 3.5; before, they are in the newest mark.
    var voters = (index: applied, value: EtcdVoters(state.voters))
    if state.voters.isEmpty {
      voters = marks.last.map { ($0.index, $0.voters) } ?? (.zero, EtcdVoters([]))
    }
    let log = try EtcdLog(
      EtcdDirectory.logFiles(in: walPath ?? path + "/member/wal"),
      after: min(applied, voters.index))
    guard log.lastIndex >= applied else {
      throw .corrupt(
        detail: "the database has applied entry \(applied), and the log ends at entry "
          + "\(log.lastIndex): they are not of one time")
    }
    var last = max(applied, min(log.commit, log.lastIndex))
    let voting = try log.voters(voters.value, after: voters.index, through: last).voters
    let uncommitted = log.lastIndex.rawValue - last.rawValue
    // A voter that is alone commits whatever its log holds.
    if voting.count <= 1 { last = log.lastIndex }
    reader = database
    self.state = state
    self.log = log
    missing = last > applied ? applied.next...last : nil
    uncommittedCount = voting.count <= 1 ? 0 : uncommitted
    tornTail = log.tornTail
  }

  /// Passes the missing entries in order, until `body` answers false.
  public func forEachMissing(_ body: (EtcdLogEntry) throws -> Bool) throws {
    guard let missing else { return }
    var index = missing.lowerBound
    while index <= missing.upperBound, try body(log.entry(index)) { index = index.next }
  }

  private static func state(_ reader: SnapshotReader) throws(SnapshotError) -> SnapshotState {
    do { return try reader.state() } catch let error as SnapshotError { throw error } catch {
      throw .failed(detail: "\(error)")
    }
  }

  private static func logFiles(in path: String) throws(SnapshotError) -> [EtcdLogFile] {
    var files: [EtcdLogFile] = []
    for name in try names(in: path) {
      guard let numbers = EtcdLogFile.numbers(inName: name, suffix: ".wal") else { continue }
      files.append(
        EtcdLogFile(
          name: path + "/" + name, sequence: numbers.first, firstIndex: LogIndex(numbers.second),
          access: try FileAccess(path: path + "/" + name)))
    }
    if files.isEmpty { throw .corrupt(detail: "\(path): there is no file of etcd's log") }
    return files
  }

  /// The names in a directory, in order.
  static func names(in path: String) throws(SnapshotError) -> [String] {
    guard let directory = unsafe opendir(path) else {
      throw .failed(detail: "\(path): " + (unsafe String(cString: strerror(errno))))
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      names.append(
        unsafe withUnsafePointer(to: &entry.pointee.d_name) {
          unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        })
    }
    return names.sorted()
  }
}

/// What etcd notes when it cuts its log (`member/snap/TERM-INDEX.snap`): where, and who votes there.
struct EtcdSnapshotMark: Hashable {
  var index: LogIndex
  var voters: EtcdVoters

  /// The marks that are sound, in the order of their entries. A damaged one is passed over, as etcd does.
  static func all(in path: String) throws(SnapshotError) -> [EtcdSnapshotMark] {
    var marks: [EtcdSnapshotMark] = []
    for name in try EtcdDirectory.names(in: path) {
      guard EtcdLogFile.numbers(inName: name, suffix: ".snap") != nil else { continue }
      let file = try FileAccess(path: path + "/" + name)
      guard file.byteCount <= longest else { continue }
      if let mark = EtcdSnapshotMark(try file.read(at: 0, count: Int(file.byteCount))) {
        marks.append(mark)
      }
    }
    return marks.sorted { $0.index < $1.index }
  }

  /// Bytes of the longest mark that is looked at; the v2 store, which it also holds, is small.
  private static let longest: Int64 = 1 << 30

  /// Reads a `snappb.Snapshot` around a `raftpb.Snapshot`; nil if it is none, or damaged.
  init?(_ bytes: Bytes) {
    index = .zero
    voters = EtcdVoters([])
    var (checksum, data): (UInt64, Range<Int>) = (0, 0..<0)
    do throws(DecodingError) {
      var outer = MessageFields(bytes)
      while let (field, content) = try outer.next() {
        if case (1, .number(let number)) = (field, content) { checksum = number }
        if case (2, .bytes(let range)) = (field, content) { data = range }
      }
      guard UInt64(CRC32C.checksum(Bytes(bytes[data]))) == checksum else { return nil }
      var snapshot = MessageFields(bytes, in: data)
      while let (field, content) = try snapshot.next() {
        guard case (2, .bytes(let range)) = (field, content) else { continue }
        var metadata = MessageFields(bytes, in: range)
        while let (field, content) = try metadata.next() {
          if case (2, .number(let number)) = (field, content) { index = LogIndex(number) }
          if case (1, .bytes(let state)) = (field, content) {
            guard let found = EtcdVoters(confState: bytes, in: state) else { return nil }
            voters = found
          }
        }
      }
    } catch {
      return nil
    }
    if index == .zero { return nil }
  }
}
