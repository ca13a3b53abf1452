internal import Environment
internal import Primitives
internal import Simulation
internal import WriteAheadLog

/// The segments of a small log with entries, hard states, a truncation and a recycled file.
enum LogSeeds {
  static let all: [Bytes] = {
    do { return try segments() } catch { fatalError("the log of the seeds failed: \(error)") }
  }()

  private static func segments() throws -> [Bytes] {
    let disk = SimulatedDisk(sectorBytes: 64)
    let configuration = LogConfiguration(segmentBytes: 4096, salt: 7)
    let (log, _) = try WriteAheadLog.open(
      directory: "/log", fileSystem: disk, configuration: configuration)
    var found: [Bytes] = []
    for round in 0..<3 as Range<UInt64> {
      for step in 0..<12 as Range<UInt64> {
        let index = log.lastIndex.next
        try log.append(
          LogEntry(
            index: index, term: Term(round + 1), kind: step == 0 ? .empty : .command,
            payload: step == 0 ? [] : Bytes(repeating: UInt8(step), count: Int(step * 17))))
        if step % 3 == 0 {
          try log.setHardState(
            HardState(
              term: Term(round + 1), votedFor: MemberID(1), commit: LogIndex(index.rawValue - 1)))
        }
        if step % 4 == 3 { try log.sync() }
      }
      try log.append(
        LogEntry(index: log.lastIndex.next, term: Term(round + 1), kind: .membership, payload: [1]))
      try log.truncateSuffix(from: log.lastIndex)
      try log.sync()
      found += try contents(disk)
      try log.truncatePrefix(through: LogIndex(log.lastIndex.rawValue - 2))
    }
    found += try contents(disk)
    // Segments that a later round did not touch were found twice.
    return found.enumerated().filter { found.firstIndex(of: $1) == $0 }.map(\.element)
  }

  private static func contents(_ disk: SimulatedDisk) throws -> [Bytes] {
    try disk.list("/log").sorted().compactMap { name in
      disk.content(of: "/log/" + name).flatMap { $0.count > 128 ? $0 : nil }
    }
  }
}
