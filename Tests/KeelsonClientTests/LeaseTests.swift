import KeelsonClient
import Testing
import TestPeers

/// Leases against a real etcd.
@Suite("leases", .enabled(if: RealEtcd.isInstalled), .serialized, .timeLimit(.minutes(2)))
struct LeaseTests {
  @Test("grant, time to live, renewal, list and revocation")
  func calls() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    let grant = try await client.grantLease(seconds: 60, lease: LeaseID(77))
    #expect(grant.lease == LeaseID(77))
    #expect(grant.ttlSeconds == 60)
    await #expect(throws: KeelsonError.self) {
      try await client.grantLease(seconds: 60, lease: LeaseID(77))
    }
    try await client.put("a", "1", lease: grant.lease)
    let time = try await client.timeToLive(of: grant.lease, includingKeys: true)
    #expect(time.exists)
    #expect(time.grantedSeconds == 60)
    #expect(time.keys == [Array("a".utf8)])
    #expect(try await client.renewLeaseOnce(grant.lease).ttlSeconds == 60)
    #expect(try await client.leases().leases == [grant.lease])
    try await client.revokeLease(grant.lease)
    #expect(try await client.get("a") == nil)
    #expect(try await !client.timeToLive(of: grant.lease).exists)
    let error = await #expect(throws: KeelsonError.self) {
      try await client.renewLeaseOnce(grant.lease)
    }
    #expect(error?.code == .leaseNotFound)
    await client.shutdown()
  }

  @Test("renewals go on in the background, across a restart, and end with the lease")
  func keepAlive() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    let short = try await client.grantLease(seconds: 5).lease
    let other = try await client.grantLease(seconds: 5).lease
    let renewals = client.keepAlive(short)
    let others = client.keepAlive(other)
    try await Task.sleep(for: .seconds(6))
    #expect(try await client.timeToLive(of: short).exists)
    #expect(try await client.timeToLive(of: other).exists)
    etcd.kill()
    try etcd.start()
    try await Task.sleep(for: .seconds(6))
    #expect(try await client.timeToLive(of: short, timeout: .after(.seconds(10))).exists)
    withExtendedLifetime(others) {}
    try await client.revokeLease(short)
    var count = 0
    let error = await #expect(throws: KeelsonError.self) {
      for try await renewal in renewals {
        #expect(renewal.ttlSeconds == 5)
        count += 1
      }
    }
    #expect(error?.code == .leaseNotFound)
    #expect(count > 3)
    await client.shutdown()
  }

  @Test("a lease whose renewals are dropped expires")
  func dropped() async throws {
    let etcd = try RealEtcd()
    let client = try StoreClient(Configuration(endpoints: [etcd.endpoint]))
    let lease = try await client.grantLease(seconds: 1).lease
    do {
      for try await _ in client.keepAlive(lease) { break }
    }
    try await Task.sleep(for: .seconds(4))
    #expect(try await !client.timeToLive(of: lease).exists)
    await client.shutdown()
  }
}
