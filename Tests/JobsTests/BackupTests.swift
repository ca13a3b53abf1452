import Glibc
import MVCC
import Member
import Primitives
import ReplicaCore
import SnapshotFile
import Synchronization
import Testing

@testable import Jobs

@Suite("Backups of a member that serves", .timeLimit(.minutes(2)))
struct BackupTests {
  let directory = TemporaryDirectory()

  private func settings(
    folder: String = "backups", every seconds: Int64 = 1,
    keeping retention: BackupSettings.Retention
  ) -> BackupSettings {
    BackupSettings(
      folder: directory.path + "/" + folder, intervalSeconds: seconds, retention: retention,
      memberName: "m1", dataDirectory: directory.path + "/data")
  }

  private func start() throws -> Member {
    try Member.start(configuration: MemberConfiguration(dataDirectory: directory.path + "/data"))
  }

  /// Runs backups of a member with some history until something is true.
  private func run(
    _ settings: BackupSettings, of member: Member, until isDone: (BackupRecord.State) -> Bool
  ) async throws -> (BackupRecord.State, [MemberNotice]) {
    let notices = Notices()
    let job = BackupJob(settings, of: member) { notices.add($0) }
    try job.start()
    for _ in 0..<3_000 {
      if isDone(job.record.current) { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    job.stop()
    let state = job.record.current
    #expect(isDone(state), "\(state), \(notices.all)")
    return (state, notices.all)
  }

  @Test("are whole files of the newest revision, and what is too much goes after a good one")
  func retention() async throws {
    let member = try start()
    defer { member.stop() }
    try await member.fill()
    let folder = "backups"
    let (state, notices) = try await run(settings(keeping: .files(2)), of: member) {
      $0.successes >= 3
    }
    #expect(state.failures == 0, "\(notices)")
    #expect(state.lastRevision == member.store.currentRevision.rawValue)
    let names = directory.names(in: folder)
    #expect(names.count == 2, "\(names)")
    for name in names {
      let file = try FileAccess(path: directory.path + "/backups/" + name)
      let hash = try SnapshotHash(of: SnapshotReader(file))
      #expect(hash.hash == (try member.store.hashKV().hash))
      #expect(file.byteCount == state.lastBytes)
    }
  }

  @Test("wait for their time after a restart")
  func restart() async throws {
    let member = try start()
    defer { member.stop() }
    let settings = settings(every: 3_600, keeping: .all)
    let (first, _) = try await run(settings, of: member) { $0.successes == 1 }
    let (second, _) = try await run(settings, of: member) { $0.lastTime > 0 }
    #expect(second.successes == 0)
    #expect(second.lastTime == first.lastTime && second.lastRevision == first.lastRevision)
    #expect(second.lastBytes == first.lastBytes)
    #expect(directory.names(in: "backups").count == 1)
  }

  @Test("that fail are told and counted, cost no older file, and are tried again")
  func failures() async throws {
    let member = try start()
    defer { member.stop() }
    directory.write("in the way", to: "taken")
    let (_, notices) = try await run(settings(folder: "taken", keeping: .all), of: member) {
      $0.failures >= 2
    }
    let error = try #require(notices.first?.details.last?.value)
    #expect(error.contains("taken") && error.contains("Not a directory"), "\(error)")
  }

  @Test("remove only what is theirs, and what an ended process left half-written")
  func foreignFiles() async throws {
    let member = try start()
    defer { member.stop() }
    _ = mkdir(directory.path + "/backups", 0o700)
    let others = [
      ".keelson-m2-20260101T000000Z-r5.db.part", "keelson-m2-20260101T000000Z-r5.db", "notes.txt",
    ]
    let own = ["keelson-m1-20260101T000000Z-r5.db", ".keelson-m1-20260101T000000Z-r5.db.part"]
    for name in others + own { directory.write("x", to: "backups/" + name) }
    _ = try await run(settings(keeping: .seconds(60)), of: member) { $0.successes >= 1 }
    let names = directory.names(in: "backups")
    #expect(names.filter(others.contains) == others)
    #expect(!names.contains(where: own.contains), "\(names)")
  }

  @Test("a file that is not what the store held is found out")
  func check() async throws {
    let member = try start()
    defer { member.stop() }
    try await member.fill()
    var bytes: Bytes = []
    try member.makeSnapshot().write { bytes += $0 }
    let hash = try member.store.hashKV()
    let path = directory.path + "/file.db"
    func write(_ bytes: Bytes) throws {
      let file = try BackupFile("file.db", in: directory.path)
      try file.write(bytes)
      try file.finish()
      try file.publish(as: "file.db")
    }
    try write(bytes)
    try BackupCheck.check(path, against: hash)
    var flipped = bytes
    flipped[bytes.count / 2] ^= 1
    try write(flipped)
    #expect { try BackupCheck.check(path, against: hash) } throws: { "\($0)".contains("SHA-256") }
    try write(Bytes(bytes.prefix(bytes.count / 2)))
    #expect(throws: BackupFailure.self) { try BackupCheck.check(path, against: hash) }
    try write(bytes)
    _ = await member.put("later", "x")
    let later = try member.store.hashKV()
    #expect { try BackupCheck.check(path, against: later) } throws: {
      "\($0)".contains("is not what the store holds")
    }
  }

  @Test("a snapshot's hash is the store's, whatever was compacted and deleted")
  func hashes() async throws {
    let member = try start()
    defer { member.stop() }
    func compare(_ moment: String) throws {
      var bytes: Bytes = []
      try member.makeSnapshot().write { bytes += $0 }
      let found = try SnapshotHash(of: SnapshotReader(BytesAccess(bytes)))
      #expect(found.hash == (try member.store.hashKV().hash), "\(moment)")
    }
    try compare("empty")
    try await member.fill()
    try compare("with history")
    _ = await member.carryOut(.store(.compact(Revision(30))))
    try compare("compacted")
    let early = try member.store.hashKV(at: Revision(40))
    var bytes: Bytes = []
    try member.makeSnapshot().write { bytes += $0 }
    let found = try SnapshotHash(of: SnapshotReader(BytesAccess(bytes)), at: Revision(40))
    #expect(found.hash == early.hash)
    for (revision, reason) in [(29, "compacted"), (1_000_000, "future")] {
      #expect {
        try SnapshotHash(
          of: SnapshotReader(BytesAccess(bytes)), at: Revision(Int64(revision)))
      } throws: {
        "\($0)".contains(reason)
      }
    }
    _ = await member.carryOut(.store(.deleteRange(DeleteRangeOperation(KeyRange([0], end: [0])))))
    try compare("all deleted")
    _ = await member.carryOut(.store(.compact(member.store.currentRevision)))
    try compare("all compacted")
  }
}

private final class Notices: Sendable {
  private let list = Mutex<[MemberNotice]>([])
  var all: [MemberNotice] { list.withLock { $0 } }
  func add(_ notice: MemberNotice) { list.withLock { $0.append(notice) } }
}

extension Member {
  func carryOut(_ command: Command) async -> Result<CommandResult, ProposalError> {
    await withCheckedContinuation { continuation in
      propose(command) { result, _ in continuation.resume(returning: result) }
    }
  }

  func put(_ key: String, _ value: String) async -> Result<CommandResult, ProposalError> {
    await carryOut(.store(.put(PutOperation(key: Bytes(key.utf8), value: Bytes(value.utf8)))))
  }

  /// Writes some history, deletions among it.
  func fill() async throws {
    for number in 0..<80 {
      _ = try await put("key\(number % 13)", String(repeating: "\(number)", count: number)).get()
      if number % 7 == 0 {
        let keys = KeyRange(Bytes("key\(number % 13)".utf8))
        _ = try await carryOut(.store(.deleteRange(DeleteRangeOperation(keys)))).get()
      }
    }
  }
}
