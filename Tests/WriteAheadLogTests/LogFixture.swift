import Environment
import Glibc
import Primitives
import Simulation
import Testing

@testable import WriteAheadLog

/// A disk with one log directory, and small segments.
struct LogFixture {
  let disk = SimulatedDisk(sectorBytes: 64)
  var configuration = LogConfiguration(segmentBytes: 4096, salt: 7)
  static let directory = "/log"

  func open(mark: UInt64 = 0) throws(LogError) -> (log: WriteAheadLog, recovery: LogRecovery) {
    try WriteAheadLog.open(
      directory: Self.directory, fileSystem: disk, configuration: configuration,
      durableMark: LogIndex(mark))
  }

  func create(after index: UInt64, term: UInt64, hardState: HardState) throws -> WriteAheadLog {
    try WriteAheadLog.create(
      directory: Self.directory, fileSystem: disk, configuration: configuration,
      startingAfter: LogIndex(index), term: Term(term), hardState: hardState)
  }

  /// The path of a segment.
  func segment(_ sequence: UInt64) -> String { Self.directory + "/" + Segment.name(sequence) }

  /// A disk with the same segments and nothing else.
  func copy(replacing path: String? = nil, with bytes: [UInt8] = []) throws -> LogFixture {
    let other = LogFixture(configuration: configuration)
    try other.disk.createDirectory(Self.directory)
    for name in try disk.list(Self.directory) {
      let source = Self.directory + "/" + name
      let content = source == path ? bytes : disk.content(of: source) ?? []
      other.disk.setContent(content, of: source)
    }
    return other
  }
}

/// An entry whose payload depends on its index and term.
func entry(_ index: UInt64, term: UInt64 = 1, bytes: Int = 20) -> LogEntry {
  let payload = (0..<bytes).map {
    UInt8(truncatingIfNeeded: index &* 31 &+ term &* 7 &+ UInt64($0))
  }
  return LogEntry(index: LogIndex(index), term: Term(term), kind: .command, payload: payload)
}

/// All entries of a log, read in small steps.
func allEntries(_ log: WriteAheadLog, maxBytes: Int = 100) throws(LogError) -> [LogEntry] {
  var entries: [LogEntry] = []
  var next = log.firstIndex
  while next <= log.lastIndex {
    let some = try log.entries(from: next, through: log.lastIndex, maxBytes: maxBytes)
    entries += some
    next = LogIndex(next.rawValue + UInt64(some.count))
    if some.isEmpty { break }
  }
  return entries
}

/// A number in the process's environment, or nil.
func environmentNumber(_ name: String) -> UInt64? {
  guard let text = getenv(name) else { return nil }
  return UInt64(String(cString: text))
}

/// The error that a call throws, or nil.
func logError(_ body: () throws -> Void) -> LogError? {
  do {
    try body()
    return nil
  } catch {
    return error as? LogError
  }
}

extension LogError {
  /// Whether the error names damage in a file.
  func isDamage(in path: String) -> Bool {
    if case .damaged(let file, _, _) = self { return file == path }
    return false
  }
}
