import KeelsonClient
import Testing
import TestPeers

/// Watches against a real etcd.
@Suite("watches", .enabled(if: RealEtcd.isInstalled), .serialized, .timeLimit(.minutes(2)))
struct WatchTests {
  @Test("a watch from a revision delivers every event once, with the record before")
  func history() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    try await client.put("a", "1")
    try await client.put("b", "x")
    try await client.put("a", "2")
    try await client.delete(.key("a"))
    var request = WatchRequest(.key("a"), startRevision: Revision(2))
    request.returnsPrevious = true
    var events: [WatchEvent] = []
    for try await response in client.watch(request) {
      events += response.events
      if events.count >= 3 { break }
    }
    #expect(events.map(\.kind) == [.put, .put, .delete])
    #expect(events.map(\.record.valueText) == ["1", "2", ""])
    #expect(events.map { $0.previous?.valueText } == [nil, "1", "2"])
    await client.shutdown()
  }

  @Test("a watch goes on after its server was killed, without a gap and without a duplicate")
  func resume() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    var request = WatchRequest(.prefix("k"))
    request.announcesCreation = true
    let watch = client.watch(request)
    let (ready, signal) = AsyncStream<Void>.makeStream()
    let reader = Task {
      var values: [String] = []
      for try await response in watch {
        if response.isCreation { signal.yield() }
        values += response.events.map(\.record.valueText)
        if values.last == "end" { break }
      }
      return values
    }
    for await _ in ready { break }
    var written: [String] = []
    for round in 0..<3 {
      for number in 0..<20 {
        let value = "\(round).\(number)"
        try await client.put("k\(number % 7)", value, timeout: .after(.seconds(10)))
        written.append(value)
      }
      etcd.kill()
      try etcd.start()
    }
    try await client.put("k", "end", timeout: .after(.seconds(10)))
    #expect(try await reader.value == written + ["end"])
    await client.shutdown()
  }

  @Test("a compacted revision ends a watch with the oldest one that is left")
  func compacted() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    for number in 0..<5 { try await client.put("a", "\(number)") }
    try await client.compact(before: Revision(4))
    let error = await #expect(throws: KeelsonError.self) {
      for try await _ in client.watch(.key("a"), from: Revision(2)) {}
    }
    #expect(error?.code == .compacted)
    #expect(error?.compactRevision == Revision(4))
    await client.shutdown()
  }

  @Test("progress comes by itself and when it is asked for")
  func progress() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    let revision = try await client.put("other", "1").header.revision
    var request = WatchRequest(.key("a"))
    request.notifiesProgress = true
    for try await response in client.watch(request) {
      #expect(response.isProgress)
      #expect(response.header.revision == revision)
      break
    }
    request.notifiesProgress = false
    request.announcesCreation = true
    let watch = client.watch(request)
    for try await response in watch {
      if response.isCreation {
        await watch.requestProgress()
      } else {
        #expect(response.isProgress)
        break
      }
    }
    await client.shutdown()
  }

  @Test("a response larger than a message comes in parts and is put together")
  func fragments() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    var transaction = Transaction()
    for number in 0..<6 {
      transaction.success.append(
        .put(PutRequest("k\(number)", [UInt8](repeating: 7, count: 200_000))))
    }
    for _ in 0..<6 { try await client.commit(transaction) }
    var count = 0
    for try await response in client.watch(.prefix("k"), from: Revision(2)) {
      count += response.events.count
      let last = response.events.last?.record.modRevision
      #expect(response.events.filter { $0.record.modRevision == last }.count == 6)
      if count == 36 { break }
    }
    #expect(count == 36)
    await client.shutdown()
  }

  @Test("cancelling the task ends a watch quietly")
  func cancellation() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    let reader = Task {
      for try await _ in client.watch(.key("a")) {}
    }
    try await Task.sleep(for: .milliseconds(300))
    reader.cancel()
    try await reader.value
    await client.shutdown()
  }
}
