import Glibc
import MVCC
import Member
import Primitives
import ReplicaCore
import Synchronization
import Testing

extension Member {
  /// Proposes and waits.
  func carryOut(_ command: Command) async -> Result<CommandResult, ProposalError> {
    await withCheckedContinuation { continuation in
      propose(command) { result, _ in continuation.resume(returning: result) }
    }
  }

  func put(_ key: String, _ value: String, lease: LeaseID = .none) async
    -> Result<CommandResult, ProposalError>
  {
    var operation = PutOperation(key: Bytes(key.utf8), value: Bytes(value.utf8))
    operation.lease = lease
    return await carryOut(.store(.put(operation)))
  }

  func value(_ key: String) throws -> String? {
    let records = try store.range(RangeOperation(KeyRange(Bytes(key.utf8)))).records
    return records.first.map { String(decoding: $0.value, as: UTF8.self) }
  }

  func timeToLive(_ lease: LeaseID) async -> Result<LeaseStatus, ProposalError> {
    await withCheckedContinuation { continuation in
      leaseTimeToLive(lease) { continuation.resume(returning: $0) }
    }
  }

  func renew(_ lease: LeaseID) async -> Result<Int64, ProposalError> {
    await withCheckedContinuation { continuation in
      renewLease(lease) { continuation.resume(returning: $0) }
    }
  }
}

extension Result {
  var isSuccess: Bool { if case .success = self { true } else { false } }
  var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}

@Suite("A member", .timeLimit(.minutes(2)))
struct MemberTests {
  let directory = TemporaryDirectory()

  func start(_ change: (inout MemberConfiguration) -> Void = { _ in }) throws -> Member {
    var configuration = MemberConfiguration(dataDirectory: directory.path + "/data")
    change(&configuration)
    return try Member.start(configuration: configuration)
  }

  @Test("serves what was written, also after a restart")
  func restart() async throws {
    var member = try start()
    #expect(member.isReady)
    for number in 0..<100 { #expect(await member.put("key\(number)", "value\(number)").isSuccess) }
    #expect(try member.value("key42") == "value42")
    let (revision, identity, cluster) = (member.store.currentRevision, member.id, member.cluster)
    #expect(revision == Revision(101))
    member.stop()
    #expect(await member.put("late", "x").error == .stopped)

    member = try start { $0.clusterToken = "ignored on a restart" }
    defer { member.stop() }
    #expect(member.store.currentRevision == revision)
    #expect(member.id == identity)
    #expect(member.cluster == cluster)
    #expect(member.term == Term(2))
    #expect(try member.value("key99") == "value99")
    #expect(await member.put("key0", "again").isSuccess)
    #expect(member.store.currentRevision == revision.next)
  }

  @Test("carries out what many threads propose at once, each exactly once")
  func concurrency() async throws {
    let member = try start { $0.snapshotCount = 500 }
    defer { member.stop() }
    let writes = 400
    let refused = await withTaskGroup(of: Int.self) { group in
      for writer in 0..<16 {
        group.addTask {
          var refused = 0
          for number in 0..<writes {
            if await !member.put("w\(writer)/\(number % 10)", "\(number)").isSuccess {
              refused += 1
            }
          }
          return refused
        }
      }
      return await group.reduce(0, +)
    }
    #expect(refused == 0)
    #expect(member.store.currentRevision == Revision(Int64(16 * writes + 1)))
    #expect(member.statistics.appliedProposals >= UInt64(16 * writes))
    #expect(member.statistics.batches < UInt64(16 * writes))
  }

  @Test("keeps a second one out of its directory")
  func directoryLock() throws {
    let member = try start()
    defer { member.stop() }
    #expect(throws: MemberError.locked(directory: directory.path + "/data")) { try start() }
  }

  @Test("gives its directory back when it has stopped")
  func stopTwice() throws {
    let first = try start()
    first.stop()
    first.stop()
    try start().stop()
  }

  @Test("publishes its name and client URLs at each start")
  func attributes() async throws {
    var member = try start { $0.name = "one" }
    member.stop()
    member = try start {
      $0.name = "two"
      $0.clientURLs = ["http://10.0.0.1:2379"]
    }
    defer { member.stop() }
    _ = await member.put("after", "the publication")
    #expect(member.members.map(\.name) == ["two"])
    #expect(member.members.map(\.clientURLs) == [["http://10.0.0.1:2379"]])
  }

  @Test("keeps what a lease had left over a graceful stop, and renews it then")
  func leaseRemainder() async throws {
    var member = try start()
    let granted = await member.carryOut(.store(.grantLease(LeaseID(7), seconds: 600)))
    #expect(granted.isSuccess)
    #expect(await member.put("leased", "x", lease: LeaseID(7)).isSuccess)
    try await Task.sleep(for: .milliseconds(1_200))
    member.stop()

    member = try start()
    defer { member.stop() }
    let left = try await member.timeToLive(LeaseID(7)).get()
    #expect(left.grantedSeconds == 600)
    #expect((400...599).contains(left.remainingSeconds))
    #expect(try await member.renew(LeaseID(7)).get() == 600)
    #expect(await member.renew(LeaseID(8)).error == .store(.leaseNotFound))
  }

  @Test("ends a lease whose time is over, with its keys, as one revision")
  func leaseExpiry() async throws {
    let member = try start()
    defer { member.stop() }
    // All at once, because other tests may hold up this one's thread for longer than the lease
    // lives.
    member.propose(.store(.grantLease(LeaseID(7), seconds: 2))) { _, _ in }
    let revisions = await withCheckedContinuation { continuation in
      for key in ["a", "b", "c"] {
        var put = PutOperation(key: Bytes(key.utf8), value: [1])
        put.lease = LeaseID(7)
        member.propose(.store(.put(put))) { result, _ in
          if key == "c" { continuation.resume(returning: result) }
        }
      }
    }
    guard case .success(.store(.put(let last))) = revisions else {
      Issue.record("the put was refused: \(revisions)")
      return
    }
    try await eventually("the end of the lease") { member.store.leases().isEmpty ? true : nil }
    #expect(try member.value("a") == nil)
    #expect(member.store.currentRevision == last.revision.next)
    #expect(member.statistics.expiredLeases == 1)
    #expect(await member.timeToLive(LeaseID(7)).error == .store(.leaseNotFound))
  }

  @Test("completes a physical compaction only when the history is gone")
  func compaction() async throws {
    let member = try start()
    defer { member.stop() }
    for number in 0..<300 { _ = await member.put("k", "\(number)") }
    let result = await withCheckedContinuation { continuation in
      member.compact(Revision(200), physical: true) { continuation.resume(returning: $0) }
    }
    #expect(try result.get() == Revision(301))
    #expect(member.store.finishedCompactRevision == Revision(200))
    #expect(member.store.statistics.olderVersions <= 101)
    let again = await withCheckedContinuation { continuation in
      member.compact(Revision(100), physical: true) { continuation.resume(returning: $0) }
    }
    #expect(again.error == .store(.compacted))
    // Space is given back in the background, and nothing waits for that, a stop included.
    member.defragment()
    #expect(await member.put("k", "after").isSuccess)
    #expect(try member.value("k") == "after")
  }

  @Test("raises the alarm when the quota is used up, and clears it by itself")
  func quota() async throws {
    let member = try start { $0.quotaBytes = 200_000 }
    defer { member.stop() }
    let value = String(repeating: "v", count: 10_000)
    var refusal: ProposalError?
    for number in 0..<100 where refusal == nil {
      refusal = await member.put("key\(number)", value).error
    }
    #expect(refusal == .noSpace)
    #expect(await member.put("small", "x").error == .noSpace)
    #expect(member.alarms == [Alarm(member: member.id, kind: .noSpace)])
    #expect(
      await member.carryOut(.store(.grantLease(LeaseID(1), seconds: 10))).error == .noSpace)

    let deletion = DeleteRangeOperation(.prefix(Bytes("key".utf8)))
    #expect(await member.carryOut(.store(.deleteRange(deletion))).isSuccess)
    let present = member.store.currentRevision
    let compacted = await withCheckedContinuation { continuation in
      member.compact(present, physical: true) { continuation.resume(returning: $0) }
    }
    #expect(compacted.isSuccess)
    try await eventually("no alarm") { member.alarms.isEmpty ? true : nil }
    #expect(await member.put("small", "x").isSuccess)
    let disarm = await member.carryOut(.alarm(.deactivate, member.id, .noSpace))
    #expect(disarm.isSuccess)
  }

  @Test("refuses what is larger than half the quota without an alarm, unless half of it is used")
  func oversized() async throws {
    let member = try start { $0.quotaBytes = 200_000 }
    defer { member.stop() }
    let large = String(repeating: "v", count: 250_000)
    for _ in 0..<3 {
      #expect(await member.put("large", large).error == .noSpace)
      #expect(await member.put("small", "x").isSuccess)
      #expect(member.alarms.isEmpty)
    }
    #expect(await member.put("half", String(repeating: "v", count: 120_000)).isSuccess)
    #expect(await member.put("large", large).error == .noSpace)
    #expect(await member.put("small", "x").error == .noSpace)
    #expect(member.alarms == [Alarm(member: member.id, kind: .noSpace)])
  }

  @Test("refuses a directory of a later release, and one that holds something else")
  func foreignDirectories() throws {
    try start().stop()
    let version = directory.path + "/data/member/version"
    write("keelson-member 2\n1\n1\n", to: version)
    #expect(throws: MemberError.newerFormat(directory: directory.path + "/data", version: 2)) {
      try start()
    }
    write("not a version\n", to: version)
    #expect(throws: MemberError.self) { try start() }
    _ = system("mkdir -p \(directory.path)/other/member/files")
    #expect(throws: MemberError.notEmpty(directory: directory.path + "/other/member")) {
      try start { $0.dataDirectory = directory.path + "/other" }
    }
    _ = system("mkdir -p \(directory.path)/etcd/member/wal \(directory.path)/etcd/member/snap")
    #expect(throws: MemberError.ofEtcd(directory: directory.path + "/etcd")) {
      try start { $0.dataDirectory = directory.path + "/etcd" }
    }
    #expect(throws: MemberError.self) {
      try start {
        $0.dataDirectory = directory.path + "/none"
        $0.mayBootstrap = false
      }
    }
  }

  @Test("does not start on a damaged log, and names the file")
  func damagedLog() async throws {
    let member = try start()
    for number in 0..<50 { #expect(await member.put("key\(number)", "value").isSuccess) }
    member.stop()
    let log = directory.path + "/data/member/log"
    flipByte(at: 2_000, inFirstFileOf: log)
    do {
      try start().stop()
      Issue.record("the member started")
    } catch MemberError.damaged(let reason) {
      #expect(reason.contains(log))
    }
  }

  @Test("refuses to begin with an empty log where its own lies elsewhere")
  func foreignLog() async throws {
    let member = try start { $0.logDirectory = directory.path + "/log" }
    #expect(await member.put("a", "1").isSuccess)
    member.stop()
    for path in [nil, directory.path + "/other"] {
      #expect(throws: MemberError.self) { try start { $0.logDirectory = path } }
    }
    let again = try start { $0.logDirectory = directory.path + "/log" }
    defer { again.stop() }
    #expect(try again.value("a") == "1")
  }
}
