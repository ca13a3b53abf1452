import Engine
import MVCC
import Member
import Primitives
import ReplicaCore
import Testing

@Suite("A cluster of members", .timeLimit(.minutes(3)))
struct ClusterMemberTests {
  @Test("replicates what any member is asked to write, and answers where it was asked")
  func replication() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    for name in ["a", "b", "c"] {
      for number in 0..<20 {
        let result = await cluster[name].put("\(name)\(number)", "value")
        #expect(result.isSuccess, "\(name): \(result)")
        // Who was asked has applied it.
        #expect(try cluster[name].value("\(name)\(number)") == "value")
      }
    }
    for name in ["a", "b", "c"] {
      #expect(await cluster[name].readIndex().isSuccess)
      for other in ["a", "b", "c"] { #expect(try cluster[name].value("\(other)19") == "value") }
    }
    #expect(Set(cluster.members.values.map(\.cluster)).count == 1)
    try await eventually("published attributes") {
      cluster["a"].members.allSatisfy { !$0.clientURLs.isEmpty } ? true : nil
    }
  }

  @Test("confirms many reads at once at every member, each behind the write that it follows")
  func reads() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    _ = try await cluster.leader()
    let members = ["a", "b", "c"].map { cluster[$0] }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<9 {
        group.addTask {
          for number in 0..<60 {
            let key = "key\(lane)"
            #expect(await members[lane % 3].put(key, "\(number)").isSuccess)
            let reader = members[(lane + number) % 3]
            #expect(await reader.readIndex().isSuccess)
            let seen = try reader.value(key)
            #expect(seen == "\(number)")
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("goes on when its leader is gone, and the leader comes back as a follower")
  func leaderLoss() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    let leader = try await cluster.leader()
    let name = cluster.name(leader)
    #expect(await leader.put("before", "1").isSuccess)
    cluster.network.isolate(leader.id)
    let follower = try #require(cluster.members.values.first { $0.id != leader.id })
    try await follower.putEventually("during", "2")
    // The old leader cannot know what others wrote, and says so rather than show what it has.
    #expect(await leader.readIndex().error != nil)
    cluster.network.isolate(leader.id, false)
    try await cluster.converge()
    #expect(await cluster[name].readIndex().isSuccess)
    #expect(try cluster[name].value("during") == "2")
  }

  @Test("keeps what was acknowledged when all members stop and start")
  func restart() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    try await cluster["b"].putEventually("key", "value")
    for name in ["a", "b", "c"] { cluster.stop(name) }
    for name in ["a", "b", "c"] { try cluster.start(name) }
    #expect(await cluster["c"].readIndex().isSuccess)
    #expect(try cluster["c"].value("key") == "value")
    try await cluster["c"].putEventually("key", "again")
  }

  @Test("sends the state to a follower that the log cannot bring up, under its readers and watches")
  func laggingFollower() async throws {
    let cluster = try TestCluster(["a", "b", "c"]) {
      $0.snapshotCount = 20
      $0.catchUpEntries = 5
      $0.catchUpBytes = 0
      $0.logSegmentBytes = 4_096
    }
    defer { cluster.stopAll() }
    let lagging = try #require(try await cluster.followers().first)
    try await lagging.putEventually("seen", "0")
    let stream = lagging.watches.openStream {}
    defer { stream.close() }
    _ = stream.create(WatchRequest(KeyRange(Bytes("k".utf8), end: Bytes("l".utf8))))
    // As long as the leader takes it for alive, the log keeps what it lacks.
    var written = 0
    let sent = cluster.network.statesSent
    try await eventually("a state that is sent") {
      cluster.network.isolate(lagging.id)
      let leader = cluster.members.values.first { $0.id == $0.status.leader && $0.id != lagging.id }
      var left = 100
      while let leader, left > 0 {
        try await leader.putEventually("k\(written)", "value")
        written += 1
        if lagging.status.leader == .none { left -= 1 }
      }
      cluster.network.isolate(lagging.id, false)
      try await cluster.converge()
      return cluster.network.statesSent > sent ? true : nil
    }
    #expect(try lagging.value("k\(written - 1)") == "value")
    #expect(try lagging.value("seen") == "0")
    lagging.store.checkInvariants()
    var events = 0
    try await eventually("every event") {
      events += stream.drain()
      return events >= written ? true : nil
    }
    #expect(events == written)
    // It goes on as any follower, also after a restart.
    #expect(await lagging.put("after", "1").isSuccess)
    let name = cluster.name(lagging)
    cluster.stop(name)
    try cluster.start(name)
    #expect(await cluster[name].readIndex().isSuccess)
    #expect(try cluster[name].value("after") == "1")
  }

  @Test("brings a member that was away back by the log, also by that of a new leader")
  func returningMember() async throws {
    let cluster = try TestCluster(["a", "b", "c"]) {
      $0.snapshotCount = 20
      $0.catchUpEntries = 5
      $0.catchUpBytes = 256 * 1_024
      $0.logSegmentBytes = 4_096
    }
    defer { cluster.stopAll() }
    let away = cluster.name(try #require(try await cluster.followers().first))
    try await cluster[away].putEventually("before", "value")
    let sent = cluster.network.statesSent
    cluster.stop(away)
    for number in 0..<200 {
      try await cluster.leader().putEventually("k\(number)", "value")
      if number == 100 {
        let leader = cluster.name(try await cluster.leader())
        cluster.stop(leader)
        try cluster.start(leader)
      }
    }
    try cluster.start(away)
    try await cluster.converge()
    #expect(try cluster[away].value("k199") == "value")
    #expect(cluster.network.statesSent == sent)
  }

  @Test("keeps its log for a member that is sent a state, until that has caught up")
  func holdsLog() async throws {
    let cluster = try TestCluster(["a"]) {
      $0.snapshotCount = 20
      $0.catchUpEntries = 5
      $0.catchUpBytes = 0
      $0.logSegmentBytes = 4_096
      // However slow the machine is, the new member counts as alive meanwhile.
      $0.electionTimeoutMilliseconds = 20_000
    }
    defer { cluster.stopAll() }
    for number in 0..<60 { try await cluster["a"].putEventually("before\(number)", "value") }
    cluster.network.holdStates(true)
    #expect(await cluster["a"].add(["http://b:2380"], isLearner: true).isSuccess)
    try cluster.join("b", by: "a") { $0.electionTimeoutMilliseconds = 20_000 }
    try await eventually("a state that is begun") {
      cluster.network.statesBegun > 0 ? true : nil
    }
    for number in 0..<300 { try await cluster["a"].putEventually("k\(number)", "value") }
    cluster.network.holdStates(false)
    try await eventually("all writes at the new member") {
      try cluster["b"].value("k299") == "value" ? true : nil
    }
    #expect(cluster.network.statesSent == 1)
  }

  @Test("serves leases at every member by the leader's clock")
  func leases() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    for (number, name) in ["a", "b", "c"].enumerated() {
      let lease = LeaseID(Int64(number + 1))
      let granted = await cluster[name].carryOut(.store(.grantLease(lease, seconds: 600)))
      #expect(granted.isSuccess)
      #expect(try await cluster[name].renew(lease).get() == 600)
      #expect(try await cluster[name].timeToLive(lease).get().grantedSeconds == 600)
    }
    #expect(await cluster["a"].renew(LeaseID(99)).error == .store(.leaseNotFound))
    let leases = await withCheckedContinuation { continuation in
      cluster["b"].leases { continuation.resume(returning: $0) }
    }
    #expect(try leases.get().count == 3)
  }

  @Test("hands its leadership over, on demand and when the leader stops")
  func transfer() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    let leader = try await cluster.leader()
    let heir = try #require(try await cluster.followers().first)
    let moved = await withCheckedContinuation { continuation in
      leader.moveLeader(to: heir.id) { continuation.resume(returning: $0) }
    }
    #expect(moved.isSuccess, "\(moved)")
    let next = try await cluster.leader()
    #expect(next.id == heir.id)
    let term = next.term
    cluster.stop(cluster.name(next))
    let last = try await cluster.leader()
    #expect(last.id != heir.id)
    #expect(last.term == Term(term.rawValue + 1))
  }

  @Test("grows from one member to three and shrinks again, under writes")
  func membership() async throws {
    let cluster = try TestCluster(["a"])
    defer { cluster.stopAll() }
    for number in 0..<50 { try await cluster["a"].putEventually("k\(number)", "before") }
    for name in ["b", "c"] {
      let added = try await eventually("an added member") {
        try? await cluster["a"].add(["http://\(name):2380"], isLearner: name == "c").get()
      }
      try cluster.join(name, by: "a")
      #expect(cluster[name].id == added.id)
      try await eventually("\(name) knows what there is") {
        try cluster[name].value("k49") == "before" && cluster[name].isReady ? true : nil
      }
      #expect(await cluster[name].put(name, "own").isSuccess)
    }
    #expect(cluster["c"].status.isLearner)
    try await eventually("a promoted learner") {
      let learner = cluster["c"].id
      return await cluster["b"].promote(learner).isSuccess ? true : nil
    }
    try await eventually("three voters") {
      cluster.members.values.allSatisfy { $0.members.count { !$0.isLearner } == 3 } ? true : nil
    }
    // The first member, which began alone, may go as any other.
    let first = cluster["a"].id
    try await eventually("a removal") {
      await cluster["b"].remove(first).isSuccess ? true : nil
    }
    try await eventually("word of it") { cluster.removals.all == ["a"] ? true : nil }
    cluster.stop("a")
    #expect(throws: MemberError.removed) { try cluster.start("a") }
    try await cluster["b"].putEventually("after", "value")
    #expect(await cluster["c"].readIndex().isSuccess)
    #expect(try cluster["c"].value("after") == "value")
    #expect(try cluster["c"].value("k0") == "before")
  }

  @Test("refuses changes of the membership that are not safe")
  func strictness() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    try await cluster["a"].putEventually("key", "value")
    try await eventually("started members") {
      cluster["a"].members.allSatisfy { !$0.clientURLs.isEmpty } ? true : nil
    }
    #expect(
      await cluster["a"].add(["http://b:2380"], isLearner: false).error == .peerURLExists)
    #expect(await cluster["a"].promote(cluster["b"].id).error == .notLearner)
    #expect(await cluster["b"].remove(MemberID(7)).error == .memberNotFound)
    #expect(await cluster["a"].add(["http://d:2380"], isLearner: true).isSuccess)
    #expect(
      await cluster["a"].add(["http://e:2380"], isLearner: true).error == .tooManyLearners)
    let learner = try #require(cluster["a"].members.first { $0.isLearner })
    #expect(await cluster["b"].promote(learner.id).error == .learnerNotReady)
    #expect(await cluster["b"].remove(learner.id).isSuccess)
    let away = try #require(try await cluster.followers().first)
    cluster.network.isolate(away.id)
    let leader = try await eventually("a leader of the rest") {
      cluster.members.values.first { $0.id == $0.status.leader && $0.id != away.id }
    }
    #expect(await leader.add(["http://d:2380"], isLearner: false).error == .unhealthy)
    // Of two that would be left, only one could be reached.
    #expect(await leader.remove(leader.id).error == .unhealthy)
  }

  @Test("lets no member begin anew that may have promised what it has forgotten")
  func wipedMember() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    try await eventually("started members") {
      cluster["a"].members.allSatisfy { !$0.clientURLs.isEmpty } ? true : nil
    }
    cluster.stop("c")
    var configuration = cluster.configuration("c")
    configuration.dataDirectory += "-new"
    configuration.joining = ClusterState(
      cluster: cluster["a"].cluster, members: cluster["a"].members)
    cluster.configurations["c"] = configuration
    #expect(throws: MemberError.self) { try cluster.start("c") }
  }

  @Test("begins again with one member where the others are lost for good")
  func newCluster() async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    try await cluster["a"].putEventually("key", "value")
    try await cluster.converge()
    cluster.stopAll()
    cluster.configurations["b"]?.forcesNewCluster = true
    try cluster.start("b")
    #expect(cluster["b"].members.map(\.name) == ["b"])
    #expect(try cluster["b"].value("key") == "value")
    #expect(await cluster["b"].put("key", "again").isSuccess)
    cluster.stop("b")
    cluster.configurations["b"]?.forcesNewCluster = false
    try cluster.start("b")
    #expect(cluster["b"].members.map(\.name) == ["b"])
    #expect(try cluster["b"].value("key") == "again")
  }

  @Test("tells off a member whose history differs from that of the others")
  func corruptMember() async throws {
    let cluster = try TestCluster(["a", "b", "c"]) { $0.historyCheckSeconds = 1 }
    defer { cluster.stopAll() }
    for number in 0..<20 { try await cluster["a"].putEventually("k\(number)", "value") }
    try await cluster.converge()
    let damaged = try #require(try await cluster.followers().first)
    let lost = SubRevision(main: Revision(11), sub: 0)
    try damaged.lose(lost)
    let compacted = await cluster["a"].carryOut(.store(.compact(Revision(15))))
    #expect(compacted.isSuccess)
    try await eventually("an alarm") {
      cluster["a"].alarms == [Alarm(member: damaged.id, kind: .corrupt)] ? true : nil
    }
    #expect(await cluster["a"].put("more", "value").error == .corrupt)
    try await eventually("doubt") { damaged.isInDoubt ? true : nil }
    #expect(cluster.members.values.allSatisfy { $0.id == damaged.id || !$0.isInDoubt })
    // Disarmed, it is found out once more, since it still differs.
    let alarm = Command.alarm(.deactivate, damaged.id, .corrupt)
    #expect(await cluster["a"].carryOut(alarm).isSuccess)
    try await eventually("the alarm again") {
      cluster["a"].alarms == [Alarm(member: damaged.id, kind: .corrupt)] ? true : nil
    }
    try await eventually("doubt again") { damaged.isInDoubt ? true : nil }
    // With what it lacked it agrees again.
    let intact = try #require(cluster.members.values.first { $0.id != damaged.id })
    try intact.store.feedEngine()
    let record = try #require(try intact.store.engine.value(.records, StoreLayout.recordKey(lost)))
    var batch = EngineBatch()
    batch.put(.records, key: StoreLayout.recordKey(lost), value: record)
    try damaged.store.engine.apply(batch)
    #expect(await cluster["a"].carryOut(alarm).isSuccess)
    try await eventually("trust") { damaged.isInDoubt ? nil : true }
    try await cluster["a"].putEventually("more", "value")
  }

  @Test("compares its history before it serves, if it is told to", arguments: [false, true])
  func start(isDamaged: Bool) async throws {
    let cluster = try TestCluster(["a", "b", "c"])
    defer { cluster.stopAll() }
    for number in 0..<20 { try await cluster["a"].putEventually("k\(number)", "value") }
    try await cluster.converge()
    if isDamaged { try cluster["c"].lose(SubRevision(main: Revision(11), sub: 0)) }
    cluster.stop("c")
    cluster.configurations["c"]?.comparesHistoryAtStart = true
    cluster.configurations["c"]?.patience = .seconds(60)
    try cluster.start("c")
    if isDamaged {
      let id = cluster["c"].id
      try await eventually("an alarm") {
        cluster["a"].alarms == [Alarm(member: id, kind: .corrupt)] ? true : nil
      }
      #expect(cluster["c"].isInDoubt)
    } else {
      try await eventually("trust") { cluster["c"].isInDoubt ? nil : true }
      #expect(cluster["a"].alarms.isEmpty)
    }
  }

  @Test("compares histories without any compaction, if it is told to")
  func sweep() async throws {
    let cluster = try TestCluster(["a", "b", "c"]) { $0.historySweepSeconds = 1 }
    defer { cluster.stopAll() }
    for number in 0..<20 { try await cluster["a"].putEventually("k\(number)", "value") }
    try await cluster.converge()
    let damaged = try #require(try await cluster.followers().first)
    try damaged.lose(SubRevision(main: Revision(11), sub: 0))
    try await eventually("an alarm") {
      cluster["a"].alarms == [Alarm(member: damaged.id, kind: .corrupt)] ? true : nil
    }
    try await eventually("doubt") { damaged.isInDoubt ? true : nil }
  }
}
