import Foundation
import KeelsonClient
import Testing
import TestPeers

/// The client against a real etcd.
@Suite("the client", .enabled(if: RealEtcd.isInstalled), .serialized)
struct StoreClientTests {
  private func client(_ endpoints: String...) throws -> StoreClient {
    try StoreClient(Configuration(endpoints: endpoints))
  }

  @Test("writes, reads, deletes and transactions")
  func keys() async throws {
    let etcd = try RealEtcd()
    let client = try client(etcd.endpoint)
    let first = try await client.put("a", "1")
    var second = PutRequest("a", [0xff, 0x00])
    second.returnsPrevious = true
    let previous = try #require(try await client.put(second).previous)
    #expect(previous.valueText == "1")
    #expect(previous.modRevision == first.header.revision)
    let record = try #require(try await client.get("a"))
    #expect(record.value == [0xff, 0x00])
    #expect(record.version == 2)
    #expect(try await client.get("a", revision: first.header.revision)?.valueText == "1")
    #expect(try await client.get("none") == nil)

    for number in 0..<5 { try await client.put("k\(number)", "\(9 - number)") }
    var request = RangeRequest(.prefix("k"))
    request.limit = 2
    request.sortTarget = .value
    request.sortOrder = .ascending
    let page = try await client.range(request)
    #expect(page.records.map(\.keyText) == ["k4", "k3"])
    #expect(page.count == 5)
    #expect(page.hasMore)
    #expect(try await client.range(RangeRequest(.all)).count == 6)
    #expect(try await client.range(RangeRequest(.range("k1", upTo: "k3"))).count == 2)
    #expect(try await client.range(RangeRequest(.from("k3"))).count == 2)

    let outcome = try await client.commit(
      Transaction()
        .when(.version("a", .equal, 2), .created("none", .equal, .zero))
        .then(.put(PutRequest("b", "x")), .range(RangeRequest(.key("b"))))
        .otherwise(.delete(DeleteRequest(.all))))
    #expect(outcome.succeeded)
    guard case .range(let inner) = outcome.results.last else {
      Issue.record("the second answer is no range: \(outcome.results)")
      return
    }
    #expect(inner.records.map(\.valueText) == ["x"])
    let deleted = try await client.delete(DeleteRequest(.prefix("k"), returnsPrevious: true))
    #expect(deleted.deleted == 5)
    #expect(deleted.previous.count == 5)
    await client.shutdown()
  }

  @Test("errors of the server have a code and its exact text")
  func errors() async throws {
    let etcd = try RealEtcd()
    let client = try client(etcd.endpoint)
    try await client.put("a", "1")
    try await client.put("a", "2")
    try await client.compact(before: Revision(3), waitsUntilDone: true)
    await #expect(
      throws: KeelsonError(
        .compacted, "etcdserver: mvcc: required revision has been compacted", serverStatus: 11)
    ) { try await client.get("a", revision: Revision(2)) }
    await #expect(
      throws: KeelsonError(
        .futureRevision, "etcdserver: mvcc: required revision is a future revision",
        serverStatus: 11)
    ) { try await client.get("a", revision: Revision(99)) }
    await #expect(throws: KeelsonError.self) { try await client.put("", "x") }
    await #expect(
      throws: KeelsonError(
        .leaseNotFound, "etcdserver: requested lease not found", serverStatus: 5)
    ) { try await client.put("a", "1", lease: LeaseID(5)) }
    var large = Configuration(endpoints: [etcd.endpoint])
    large.maxRequestBytes = 1_000
    let small = try StoreClient(large)
    let refused = await #expect(throws: KeelsonError.self) {
      try await small.put("a", [UInt8](repeating: 1, count: 2_000))
    }
    #expect(refused?.code == .invalidArgument)
    let stream = await #expect(throws: KeelsonError.self) {
      for try await _ in client.rangeStream(RangeRequest(.all)) {}
    }
    #expect(stream?.code == .unimplemented, "etcd 3.5 has no RangeStream")
    await client.shutdown()
    await #expect(throws: KeelsonError.self) { try await client.get("a") }
  }

  @Test("an endpoint that refuses is left for one that answers")
  func failover() async throws {
    let etcd = try RealEtcd()
    let client = try client("127.0.0.1:1", etcd.endpoint)
    for number in 0..<20 { try await client.put("k", "\(number)") }
    #expect(try await client.get("k")?.valueText == "19")
    await client.shutdown()
  }

  @Test("without any endpoint the failure names them and says that nothing was sent")
  func refused() async throws {
    var configuration = Configuration(endpoints: ["127.0.0.1:1", "http://127.0.0.1:2"])
    configuration.waitsForConnection = false
    let client = try StoreClient(configuration)
    await #expect(
      throws: KeelsonError(
        .connectionFailed,
        "cannot connect to 127.0.0.1:1: connection refused; http://127.0.0.1:2: connection refused")
    ) { try await client.put("a", "1") }
    configuration.waitsForConnection = true
    let patient = try StoreClient(configuration)
    let begin = ContinuousClock.now
    let error = await #expect(throws: KeelsonError.self) {
      try await patient.put("a", "1", timeout: .after(.seconds(2)))
    }
    #expect(error?.code == .connectionFailed)
    #expect(ContinuousClock.now - begin >= .seconds(2))
  }

  @Test("a client outlives a restart of its server")
  func restart() async throws {
    let etcd = try RealEtcd()
    let client = try client(etcd.endpoint)
    try await client.put("a", "1")
    etcd.kill()
    async let value = client.get("a", timeout: .after(.seconds(20)))
    try etcd.start()
    #expect(try await value?.valueText == "1")
    try await client.put("a", "2", timeout: .after(.seconds(10)))
    await client.shutdown()
  }

  @Test("endpoints that cannot be read are refused at once")
  func endpoints() {
    for endpoint in ["", "host", "host:", "host:0", "host:70000", "ftp://h:1", "h:1/path", "unix:"]
    {
      #expect(throws: KeelsonError.self, "\(endpoint)") {
        try StoreClient(Configuration(endpoints: [endpoint]))
      }
    }
    for endpoint in ["h:1", "http://h:1/", "https://[::1]:2379", "unix:///tmp/s", "unixs:/tmp/s"] {
      #expect(throws: Never.self, "\(endpoint)") {
        try StoreClient(Configuration(endpoints: [endpoint]))
      }
    }
    #expect(throws: KeelsonError.self) { try StoreClient(Configuration(endpoints: [])) }
  }

  @Test("a cancelled task gives its call up")
  func cancellation() async throws {
    var configuration = Configuration(endpoints: ["127.0.0.1:1"])
    configuration.requestTimeout = nil
    let client = try StoreClient(configuration)
    let task = Task { try await client.get("a") }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    let error = await #expect(throws: KeelsonError.self) { try await task.value }
    #expect(error?.code == .cancelled)
  }

  @Test("status, members, hashes, alarms, health and a snapshot")
  func maintenance() async throws {
    let etcd = try RealEtcd()
    let client = try client(etcd.endpoint)
    try await client.put("a", "1")
    let status = try await client.status()
    #expect(status.version == "3.5.1")
    #expect(status.leader == status.header.member)
    #expect(status.databaseBytes >= status.databaseBytesInUse)
    let members = try await client.members().members
    #expect(members.map(\.name) == ["m1"])
    #expect(members.map(\.member) == [status.header.member])
    #expect(try await client.hashKV().hash == client.hashKV(at: Revision(2)).hash)
    _ = try await client.hash()
    #expect(try await client.alarms().alarms.isEmpty)
    #expect(try await client.disarmAll().alarms.isEmpty)
    try await client.checkHealth()
    #expect(try await client.isServing())
    try await client.defragment()
    let path = etcd.folder + "/copy.db"
    var last: SnapshotProgress?
    try await client.saveSnapshot(to: path) { last = $0 }
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(last?.writtenBytes == size.map { UInt64($0) })
    #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    let error = await #expect(throws: KeelsonError.self) {
      try await client.saveSnapshot(to: etcd.folder + "/none/copy.db")
    }
    #expect(error?.code == .file)
    await client.shutdown()
  }
}
