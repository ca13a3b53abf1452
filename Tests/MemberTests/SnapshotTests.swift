import Glibc
import MVCC
import Member
import Primitives
import ReplicaCore
import SnapshotFile
import Testing

@Suite("A member made from a snapshot", .timeLimit(.minutes(2)))
struct SnapshotTests {
  let directory = TemporaryDirectory()

  /// A member's snapshot as a file's bytes, and the hash of its history.
  private func snapshot() async throws -> (file: Bytes, hash: UInt32, revision: Revision) {
    let member = try Member.start(
      configuration: MemberConfiguration(dataDirectory: directory.path + "/first"))
    defer { member.stop() }
    _ = await member.carryOut(.store(.grantLease(LeaseID(5), seconds: 500)))
    for number in 0..<300 {
      _ = await member.put("key\(number % 40)", String(repeating: "\(number)", count: number))
      if number % 7 == 0 {
        let deletion = DeleteRangeOperation(KeyRange(Bytes("key\(number % 40)".utf8)))
        _ = await member.carryOut(.store(.deleteRange(deletion)))
      }
    }
    _ = await member.put("leased", "x", lease: LeaseID(5))
    _ = await member.carryOut(.store(.compact(Revision(100))))
    var file: Bytes = []
    try member.makeSnapshot().write { file += $0 }
    return (file, try member.store.hashKV().hash, member.store.currentRevision)
  }

  @Test("has the same history, the leases, and an identity of its own")
  func roundTrip() async throws {
    let (file, hash, revision) = try await snapshot()
    var options = RestoreOptions()
    options.clusterToken = "restored"
    options.bumpRevision = 0
    options.marksCompacted = false
    let path = directory.path + "/second"
    let result = try DataDirectory.create(
      at: path, from: RestoreSource(try SnapshotReader(BytesAccess(file))), options: options)
    #expect(result.revision == revision)
    #expect(throws: MemberError.notEmpty(directory: path + "/member")) {
      try DataDirectory.create(
        at: path, from: RestoreSource(try SnapshotReader(BytesAccess(file))), options: options)
    }

    let member = try Member.start(configuration: MemberConfiguration(dataDirectory: path))
    defer { member.stop() }
    #expect(member.id == result.member)
    #expect(try member.store.hashKV().hash == hash)
    #expect(member.store.currentRevision == revision)
    #expect(member.store.keys(of: LeaseID(5)) == [Bytes("leased".utf8)])
    #expect(try await member.timeToLive(LeaseID(5)).get().remainingSeconds > 450)
    #expect(await member.put("new", "x").isSuccess)
    #expect(member.store.currentRevision == revision.next)
  }

  @Test("begins at a revision that no cache has seen, with everything before it compacted")
  func bump() async throws {
    let (file, _, revision) = try await snapshot()
    let path = directory.path + "/second"
    let result = try DataDirectory.create(
      at: path, from: RestoreSource(try SnapshotReader(BytesAccess(file))))
    #expect(result.revision == Revision(revision.rawValue + 1_000_000_000))
    for _ in 0..<2 {
      let member = try Member.start(configuration: MemberConfiguration(dataDirectory: path))
      defer { member.stop() }
      #expect(member.store.compactedRevision == result.revision)
      #expect(try member.value("leased") == "x")
      var old = RangeOperation(KeyRange(Bytes("leased".utf8)))
      old.revision = revision
      #expect(throws: StoreError.compacted) { try member.store.range(old) }
      #expect(await member.put("new", "x").isSuccess)
    }
  }

  @Test("is refused from records that are damaged or out of order")
  func damage() throws {
    let good = SnapshotRecord(
      revision: SubRevision(main: Revision(2), sub: 0), isTombstone: false,
      stored: [0x0A, 1, 0x61, 0x10, 2, 0x18, 2, 0x20, 1, 0x2A, 1, 0x62])
    var cut = good
    cut.stored.removeLast()
    for records in [[good, good], [cut]] {
      let source = RestoreSource(leases: [], compactedRevision: .zero) { body in
        for record in records where try !body(record) { return }
      }
      let path = directory.path + "/damaged"
      #expect(throws: MemberError.self) { try DataDirectory.create(at: path, from: source) }
      // Nothing half-made is left behind that a start would take for a member.
      let whole = RestoreSource(leases: [], compactedRevision: .zero) { body in _ = try body(good) }
      let result = try DataDirectory.create(at: path, from: whole)
      #expect(result.records == 1)
      _ = removeTree(path)
    }
  }
}

@Suite("The files of a member that does not run", .timeLimit(.minutes(2)))
struct ReclaimTests {
  let directory = TemporaryDirectory()

  @Test("are rewritten without what was overwritten, and hold the same; one that runs is refused")
  func reclaim() async throws {
    let path = directory.path + "/member"
    let configuration = MemberConfiguration(dataDirectory: path)
    let member = try Member.start(configuration: configuration)
    for number in 0..<300 { _ = await member.put("key\(number % 10)", "\(number)") }
    _ = await member.carryOut(.store(.compact(Revision(290))))
    let hash = try member.store.hashKV().hash
    #expect(throws: MemberError.locked(directory: path)) { try DataDirectory.reclaim(at: path) }
    member.stop()
    let first = try DataDirectory.reclaim(at: path)
    #expect(first.before > 0 && first.after > 0)
    let second = try DataDirectory.reclaim(at: path)
    #expect(second.before == first.after)
    let again = try Member.start(configuration: configuration)
    defer { again.stop() }
    #expect(try again.store.hashKV().hash == hash)
    #expect(try again.value("key9") == "299")
  }

  @Test("are not made where there are none")
  func nothing() {
    let path = directory.path + "/nothing"
    #expect {
      try DataDirectory.reclaim(at: path)
    } throws: {
      "\($0)" == "there is no member in \(path)"
    }
    #expect(access(path, F_OK) != 0)
  }
}
