import KeelsonClient
import Primitives
import ProcessHarness
import Synchronization
import Testing

/// Recipes against Keelson and against etcd: both must do.
@Suite("recipes", .serialized, .timeLimit(.minutes(3)))
struct RecipeTests {
  static let kinds: [ServerProcess.Kind] = Programs.hasPeers ? [.keelson, .etcd] : [.keelson]

  /// Runs a test with clients of their own connections.
  private func withClients(
    _ kind: ServerProcess.Kind, _ count: Int, _ body: ([StoreClient]) async throws -> Void
  ) async throws {
    try await withServer(kind) { server in
      var clients: [StoreClient] = []
      for _ in 0..<count {
        clients.append(try StoreClient(Configuration(endpoints: [server.endpoint])))
      }
      try await body(clients)
      for client in clients { await client.shutdown() }
    }
  }

  /// Runs a body in several tasks at once, each with one of the clients.
  private func together<Result: Sendable>(
    _ clients: [StoreClient], tasks: Int,
    _ body: @escaping @Sendable (StoreClient, Int) async throws -> Result
  ) async throws -> [Result] {
    try await withThrowingTaskGroup(of: Result.self) { group in
      for task in 0..<tasks {
        let client = clients[task % clients.count]
        group.addTask { try await body(client, task) }
      }
      var results: [Result] = []
      for try await result in group { results.append(result) }
      return results
    }
  }

  @Test("no increment by software transactions is lost, however many there are", arguments: kinds)
  func increments(_ kind: ServerProcess.Kind) async throws {
    try await withClients(kind, 3) { clients in
      let runs = try await together(clients, tasks: 6) { client, _ in
        var runs = 0
        for _ in 0..<15 {
          try await client.atomically { transaction in
            runs += 1
            let count = try await transaction.get("count").flatMap {
              Int(String(decoding: $0, as: UTF8.self))
            }
            transaction.put("count", String((count ?? 0) + 1))
          }
        }
        return runs
      }
      #expect(try await clients[0].get("count")?.valueText == "90")
      #expect(runs.reduce(0, +) >= 90)
    }
  }

  @Test("software transactions are serializable: neither write skew nor phantoms", arguments: kinds)
  func serializable(_ kind: ServerProcess.Kind) async throws {
    try await withClients(kind, 2) { clients in
      for round in 0..<10 {
        // Each of two may go off duty while the other is on: never both.
        for name in ["a", "b"] { try await clients[0].put("duty\(round)/\(name)", "on") }
        _ = try await together(clients, tasks: 2) { client, task in
          try await client.atomically { transaction in
            var onDuty = 0
            for name in ["a", "b"] {
              if try await transaction.get("duty\(round)/\(name)") != nil { onDuty += 1 }
            }
            if onDuty > 1 { transaction.delete("duty\(round)/\(task == 0 ? "a" : "b")") }
          }
        }
        #expect(try await clients[0].range(RangeRequest(.prefix("duty\(round)/"))).count == 1)
      }
      // Eight want one of five seats.
      let seated = try await together(clients, tasks: 8) { client, task in
        try await client.atomically { transaction in
          let taken = try await transaction.range(.prefix("seats/"))
          guard taken.count < 5 else { return false }
          transaction.put("seats/\(task)", "taken")
          return try await transaction.range(.prefix("seats/")).count == taken.count + 1
        }
      }
      #expect(seated.count { $0 } == 5)
      #expect(try await clients[0].range(RangeRequest(.prefix("seats/"))).count == 5)
    }
  }

  @Test(
    "a software transaction reads one revision, sees its own writes, and is run anew when it is too old"
  )
  func snapshot() async throws {
    try await withClients(.keelson, 2) { clients in
      try await clients[0].put("a", "1")
      try await clients[0].put("b", "1")
      var runs = 0
      try await clients[0].atomically { transaction in
        runs += 1
        let first = try await transaction.get("a")
        if runs == 1 {
          for key in ["a", "b"] { try await clients[1].put(key, "2") }
        }
        #expect(try await transaction.get("b") == first)
        transaction.put("c", "own")
        #expect(try await transaction.get("c") == Bytes("own".utf8))
        transaction.delete("c")
        #expect(try await transaction.get("c") == nil)
        transaction.put("sum", first ?? [])
      }
      #expect(runs == 2)
      #expect(try await clients[0].get("sum")?.valueText == "2")
      runs = 0
      try await clients[0].atomically { transaction in
        runs += 1
        _ = try await transaction.get("a")
        if runs == 1 {
          let revision = try await clients[1].put("a", "3").header.revision
          try await clients[1].compact(before: revision)
        }
        _ = try await transaction.get("b")
        transaction.put("sum", "3")
      }
      #expect(runs == 2)
      await #expect(throws: KeelsonError.self) {
        try await clients[0].atomically(attempts: 3) { transaction in
          _ = try await transaction.get("a")
          try await clients[1].put("a", "again")
          transaction.put("a", "never")
        }
      }
    }
  }

  @Test(
    "a barrier keeps everybody until it is released, by its holder or with its lease",
    arguments: kinds)
  func barrier(_ kind: ServerProcess.Kind) async throws {
    try await withClients(kind, 2) { clients in
      #expect(try await clients[1].waitForBarrier("gate") > .zero)
      let hold = try await clients[0].holdBarrier("gate")
      await #expect(throws: KeelsonError.self) { try await clients[1].holdBarrier("gate") }
      let isReleased = Shared(false)
      let other = clients[1]
      let passed = Task {
        try await other.waitForBarrier("gate")
        return isReleased.withLock { $0 }
      }
      try await Task.sleep(for: .milliseconds(50))
      isReleased.withLock { $0 = true }
      #expect(try await clients[0].releaseBarrier(hold))
      #expect(try await passed.value)
      #expect(try await !clients[0].releaseBarrier(hold))
      let lease = try await clients[0].grantLease(seconds: 60).lease
      let again = try await clients[0].holdBarrier("gate", lease: lease)
      #expect(try await !clients[0].releaseBarrier(hold))
      async let afterLease = clients[1].waitForBarrier("gate")
      try await clients[0].revokeLease(lease)
      #expect(try await afterLease > again.revision)
    }
  }

  @Test(
    "a double barrier begins with all of its participants and ends with the last", arguments: kinds)
  func doubleBarrier(_ kind: ServerProcess.Kind) async throws {
    try await withClients(kind, 3) { clients in
      var rounds: Set<Revision> = []
      for _ in 0..<2 {
        let inside = Shared(0)
        let passes = try await together(clients, tasks: 3) { client, _ in
          let lease = try await client.grantLease(seconds: 60).lease
          let pass = try await client.enterBarrier("start", participants: 3, lease: lease)
          inside.withLock { $0 += 1 }
          try await client.leaveBarrier(pass)
          // Whoever has left knows that all have been in.
          #expect(inside.withLock { $0 } == 3)
          return pass
        }
        #expect(Set(passes.map(\.roundRevision)).count == 1)
        rounds.formUnion(passes.map(\.roundRevision))
        #expect(try await clients[0].range(RangeRequest(.prefix("start"))).count == 0)
      }
      #expect(rounds.count == 2)
      // One of two is gone with its lease: the other leaves all the same, and so the next round begins.
      let leases = [
        try await clients[0].grantLease(seconds: 60).lease,
        try await clients[1].grantLease(seconds: 60).lease,
      ]
      let passes = try await together(clients, tasks: 2) { client, task in
        try await client.enterBarrier("start", participants: 2, lease: leases[task])
      }
      let ownKey = Bytes("start/waiters/\(String(leases[0].rawValue, radix: 16))".utf8)
      let own = try #require(passes.first { $0.key == ownKey })
      async let left: Void = clients[0].leaveBarrier(own)
      try await clients[1].revokeLease(leases[1])
      try await left
      #expect(try await clients[2].range(RangeRequest(.prefix("start"))).count == 0)
      // Who gives up is gone, and a participant too many is told.
      let lonely = try await clients[0].grantLease(seconds: 60).lease
      let first = clients[0]
      let waiting = Task {
        try await first.enterBarrier("start", participants: 2, lease: lonely)
      }
      while try await clients[1].range(RangeRequest(.prefix("start/waiters/"))).count == 0 {
        try await Task.sleep(for: .milliseconds(5))
      }
      waiting.cancel()
      await #expect(throws: KeelsonError.self) { try await waiting.value }
      #expect(try await clients[2].range(RangeRequest(.prefix("start"))).count == 0)
      for key in ["full/waiters/1", "full/waiters/2"] { try await clients[1].put(key, "") }
      await #expect(throws: KeelsonError.self) {
        try await first.enterBarrier("full", participants: 2, lease: lonely)
      }
      #expect(try await clients[2].range(RangeRequest(.prefix("full"))).count == 2)
    }
  }

  @Test(
    "instances of a service come and go with their leases, and whoever discovers it sees them",
    arguments: kinds)
  func discovery(_ kind: ServerProcess.Kind) async throws {
    try await withClients(kind, 2) { clients in
      let seen = Shared<[[String]]>([])
      let discovery = clients[1].discover("web")
      let discovering = Task {
        for try await view in discovery {
          seen.withLock {
            $0.append(view.instances.map { String(decoding: $0.name + $0.value, as: UTF8.self) })
          }
        }
      }
      func wait(for instances: [String]) async throws {
        for _ in 0..<3_000 where seen.withLock({ $0.last }) != instances {
          try await Task.sleep(for: .milliseconds(10))
        }
        #expect(seen.withLock { $0.last } == instances)
      }
      try await wait(for: [])
      let leases = [
        try await clients[0].grantLease(seconds: 60).lease,
        try await clients[0].grantLease(seconds: 60).lease,
      ]
      let one = try await clients[0].register("web", instance: "1", value: ":80", lease: leases[0])
      try await clients[0].put("web2/1", "no instance of it")
      _ = try await clients[0].register("web", instance: "2", value: ":81", lease: leases[1])
      try await wait(for: ["1:80", "2:81"])
      await #expect(throws: KeelsonError.self) {
        try await clients[0].register("web", instance: "1", value: ":82", lease: leases[1])
      }
      _ = try await clients[0].register(
        "web", instance: "1", value: ":83", lease: leases[1], replacing: true)
      try await wait(for: ["1:83", "2:81"])
      #expect(try await !clients[0].unregister(one))
      #expect(try await clients[1].instances(of: "web").instances.count == 2)
      try await clients[0].revokeLease(leases[1])
      try await wait(for: [])
      discovering.cancel()
      try await discovering.value
    }
  }

  @Test("sequential keys have each number once and without gaps", arguments: kinds)
  func sequence(_ kind: ServerProcess.Kind) async throws {
    try await withClients(kind, 2) { clients in
      let keys = try await together(clients, tasks: 4) { client, task in
        var keys: [SequentialKey] = []
        for number in 0..<8 {
          keys.append(try await client.createNext(in: "jobs", value: "\(task) \(number)"))
        }
        return keys
      }.flatMap { $0 }.sorted { $0.number < $1.number }
      #expect(keys.map(\.number) == Array(1...32))
      #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.revision < $1.revision })
      #expect(keys.last?.key == Bytes("jobs/0000000000000032".utf8))
      try await clients[0].delete(.prefix("jobs/"))
      #expect(try await clients[0].createNext(in: "jobs").number == 33)
      try await clients[0].put("text", "not a number")
      await #expect(throws: KeelsonError.self) { try await clients[0].createNext(in: "text") }
      try await clients[0].put("other/0000000000000001", "in the way")
      await #expect(throws: KeelsonError.self) { try await clients[0].createNext(in: "other") }
    }
  }
}

/// A value that tasks share.
private final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    value.withLock { (value: inout Value) -> Result in body(&value) }
  }
}
