import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("a member that is killed at any moment", .serialized)
struct KillTests {
  private static let rounds = 58
  /// Every so many rounds the server is asked to stop, which leaves all data flushed, instead of killed.
  private static let stopsEvery = 10

  @Test(
    "loses nothing acknowledged, leaves no gap, and lets watchers go on", .timeLimit(.minutes(4)))
  func killed() async throws {
    var generator = SeededGenerator.fromEnvironment()
    let replay = generator.replay("KillTests")
    let ledger = Ledger()
    let server = try ServerProcess(.underTest)
    defer { server.kill() }
    var watchers = [
      Watcher(key: "\0", end: "\u{7f}"), Watcher(key: "w1/", end: "w10"),
      Watcher(key: "w2/7", end: "w2/8"),
    ]
    try await server.start()
    let lease = try await Self.grant(server)
    for round in 0..<Self.rounds {
      if round > 0 { try await server.start() }
      let clients = try await Self.connect(server, count: 4)
      let milliseconds = Int.random(in: 1...240, using: &generator)
      let seeds = clients.map { _ in UInt64.random(in: 0...UInt64.max, using: &generator) }
      watchers = await withTaskGroup(of: (Int, Watcher)?.self) { group in
        for number in 0..<(2 * clients.count) {
          let client = clients[number / 2]
          var writer = Writer(
            number: number, ledger: ledger, lease: lease,
            generator: SeededGenerator(seed: seeds[number / 2] &+ UInt64(number)))
          group.addTask {
            await writer.run(client)
            return nil
          }
        }
        for (number, watcher) in watchers.enumerated() {
          var watcher = watcher
          let client = clients[number]
          group.addTask {
            await watcher.run(client)
            return (number, watcher)
          }
        }
        group.addTask {
          try? await Task.sleep(for: .milliseconds(milliseconds))
          if round % Self.stopsEvery == 5 { _ = try? await server.stop() }
          server.kill()
          return nil
        }
        var after = watchers
        for await case .some((let number, let watcher)) in group { after[number] = watcher }
        return after
      }
    }
    try await server.start()
    try await Self.check(server, ledger, &watchers, lease: lease, replay: replay)
  }

  private static func grant(_ server: ServerProcess) async throws -> Int64 {
    let client = try await WireClient(port: server.clientPort)
    let answer: Etcdserverpb_LeaseGrantResponse = try await client.call(
      "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 7_200 })
    return answer.id
  }

  private static func connect(_ server: ServerProcess, count: Int) async throws -> [WireClient] {
    var clients: [WireClient] = []
    for _ in 0..<count { clients.append(try await WireClient(port: server.clientPort)) }
    return clients
  }

  private static func check(
    _ server: ServerProcess, _ ledger: Ledger, _ watchers: inout [Watcher], lease: Int64,
    replay: String
  ) async throws {
    let client = try await WireClient(port: server.clientPort)
    let all = try await client.range(
      .with {
        $0.key = Data([0])
        $0.rangeEnd = Data([0])
      })
    let last = all.header.revision
    var history = Watcher(key: "\0", end: "\u{7f}")
    await history.run(client, through: last)
    let byRevision = Dictionary(grouping: history.seen, by: \.revision)

    print(
      "\(rounds) kills, \(ledger.acknowledged.count) acknowledged writes in \(last - 1) revisions; \(replay)"
    )

    // Every revision is there once, and what was acknowledged is what is in it.
    #expect(ledger.acknowledged.count > 500, "too few writes to tell anything")
    #expect(ledger.repeatedRevisions.isEmpty, "\(replay)")
    #expect(byRevision.count == Int(last - 1), "\(replay)")
    #expect(byRevision.keys.min() == 2, "\(replay)")
    #expect(byRevision.keys.max() == last, "\(replay)")
    #expect(history.seen.map(\.revision) == history.seen.map(\.revision).sorted(), "\(replay)")
    let lost = ledger.acknowledged.filter { revision, writes in
      byRevision[revision]?.map(\.write) != writes
    }
    #expect(
      lost.isEmpty, "\(lost.count) of \(ledger.acknowledged.count) writes are lost; \(replay)")
    let values = history.seen.compactMap(\.write.value)
    #expect(Set(values).count == values.count, "a write was done twice; \(replay)")

    // The keys are what the history leads to.
    var state: [String: String] = [:]
    for event in history.seen { state[event.write.key] = event.write.value }
    let stored = Dictionary(
      uniqueKeysWithValues: all.kvs.map {
        (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
      })
    #expect(state == stored, "\(replay)")

    // Watchers that went on saw the same, without a gap or a repetition.
    for number in watchers.indices {
      var watcher = watchers[number]
      let expected = history.seen.filter { watcher.watches($0.write.key) }
      await watcher.run(client, through: expected.last?.revision ?? 0)
      #expect(watcher.seen == expected, "watcher \(number); \(replay)")
    }

    // The lease, its keys and its time survived.
    let time: Etcdserverpb_LeaseTimeToLiveResponse = try await client.call(
      "Lease/LeaseTimeToLive",
      Etcdserverpb_LeaseTimeToLiveRequest.with {
        $0.id = lease
        $0.keys = true
      })
    #expect((6_000...7_200).contains(time.ttl), "\(time.ttl) s remain; \(replay)")
    let leased = all.kvs.filter { $0.key.starts(with: Data("leased/".utf8)) }
    #expect(leased.allSatisfy { $0.lease == lease }, "\(replay)")
    #expect(time.keys.sorted { $0.lexicographicallyPrecedes($1) } == leased.map(\.key), "\(replay)")
    try await checkCompaction(server, client, last: last, replay: replay)
  }

  /// What was compacted stays so after one more kill, and what was not stays readable.
  private static func checkCompaction(
    _ server: ServerProcess, _ client: WireClient, last: Int64, replay: String
  ) async throws {
    let floor = last / 2
    let _: Etcdserverpb_CompactionResponse = try await client.call(
      "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = floor })
    let before: Etcdserverpb_HashKVResponse = try await client.call(
      "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = last })
    server.kill()
    try await server.start()
    let again = try await WireClient(port: server.clientPort)
    var request = Etcdserverpb_RangeRequest.with {
      $0.key = Data([0])
      $0.rangeEnd = Data([0])
      $0.revision = floor - 1
    }
    let status = await #expect(throws: CallStatus.self) { try await again.range(request) }
    #expect(status?.code == .outOfRange, "\(replay)")
    request.revision = floor
    #expect(try await again.range(request).header.revision == last, "\(replay)")
    let after: Etcdserverpb_HashKVResponse = try await again.call(
      "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = last })
    #expect(after.hash == before.hash, "\(replay)")
    #expect(after.compactRevision == before.compactRevision, "\(replay)")
  }

  @Test("while it compacts keeps the newest versions, and its hash", .timeLimit(.minutes(2)))
  func compacting() async throws {
    var generator = SeededGenerator.fromEnvironment()
    let replay = generator.replay("KillTests")
    let ledger = Ledger()
    let server = try ServerProcess(.underTest)
    defer { server.kill() }
    var hash: Etcdserverpb_HashKVResponse?
    for _ in 0..<15 {
      try await server.start()
      let clients = try await Self.connect(server, count: 3)
      if let hash {
        // What was hashed before the kill has the same hash after it.
        let again = try await Self.hash(clients[2], at: hash.header.revision)
        #expect(again.compactRevision == hash.compactRevision, "\(replay)")
        #expect(again.hash == hash.hash, "\(replay)")
      }
      let milliseconds = Int.random(in: 20...250, using: &generator)
      let seeds = clients.map { _ in UInt64.random(in: 0...UInt64.max, using: &generator) }
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<2 {
          var writer = Writer(
            number: number, ledger: ledger, lease: 0, deletes: false,
            generator: SeededGenerator(seed: seeds[number]))
          group.addTask { await writer.run(clients[number]) }
        }
        await Self.compact(
          clients[2], seed: seeds[2], until: .now + .milliseconds(milliseconds))
        // No compaction comes after this, so nothing changes what the hash covers.
        hash = try? await Self.hash(clients[2], at: 0)
        server.kill()
      }
    }
    try await server.start()
    let client = try await WireClient(port: server.clientPort)
    let all = try await client.range(
      .with {
        $0.key = Data([0])
        $0.rangeEnd = Data([0])
      })
    var newest: [String: (revision: Int64, value: String?)] = [:]
    for (revision, writes) in ledger.acknowledged.sorted(by: { $0.key < $1.key }) {
      for write in writes { newest[write.key] = (revision, write.value) }
    }
    let stored = Dictionary(
      uniqueKeysWithValues: all.kvs.map { (String(decoding: $0.key, as: UTF8.self), $0) })
    for (key, write) in newest {
      let record = try #require(stored[key], "\(key) is lost; \(replay)")
      // A write that was not acknowledged may have come after.
      #expect(record.modRevision >= write.revision, "\(key); \(replay)")
      if record.modRevision == write.revision {
        #expect(String(decoding: record.value, as: UTF8.self) == write.value, "\(key); \(replay)")
      }
    }
    print("15 kills while compacting, \(ledger.acknowledged.count) acknowledged writes; \(replay)")
  }

  private static func hash(
    _ client: WireClient, at revision: Int64
  ) async throws -> Etcdserverpb_HashKVResponse {
    try await client.call(
      "Maintenance/HashKV", Etcdserverpb_HashKVRequest.with { $0.revision = revision })
  }

  /// Compacts to somewhere behind the present, again and again.
  private static func compact(
    _ client: WireClient, seed: UInt64, until end: ContinuousClock.Instant
  ) async {
    var generator = SeededGenerator(seed: seed)
    while ContinuousClock.now < end,
      let now = try? await client.range(.with { $0.key = Data("w".utf8) }).header.revision
    {
      let floor = max(1, now - Int64.random(in: 10...200, using: &generator))
      do {
        let _: Etcdserverpb_CompactionResponse = try await client.call(
          "KV/Compact", Etcdserverpb_CompactionRequest.with { $0.revision = floor })
      } catch let status as CallStatus where status.code == .outOfRange {
        continue
      } catch { return }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test("that is paused goes on where it was")
  func paused() async throws {
    try await withServer(.underTest) { server in
      let client = try await WireClient(port: server.clientPort)
      let watch = try await client.watches()
      try await watch.create { $0.key = Data("a".utf8) }
      #expect(try await watch.next().created)
      try await client.put("a", "before")
      server.process?.signal(SIGSTOP)
      async let during = client.put("a", "during")
      try await Task.sleep(for: .seconds(2))
      server.process?.signal(SIGCONT)
      let revision = try await during.header.revision
      #expect(revision == 3)
      #expect(try await client.put("a", "after").header.revision == 4)
      #expect(try await watch.events(3).map(\.kv.modRevision) == [2, 3, 4])
    }
  }
}
