internal import HTTPTransport
internal import NIOCore
internal import Telemetry

/// What the services count themselves: events that are rare beside requests for keys.
struct ServiceMeters: Sendable {
  let leasesGranted = Counter()
  let leasesRenewed = Counter()
  let leasesRevoked = Counter()
  /// Times to live as they were granted.
  let leaseTimes = Histogram(firstBoundMicroseconds: 1_000_000)
  let hashes = Histogram(firstBoundMicroseconds: 10_000)
  let hashesOfRevisions = Histogram(firstBoundMicroseconds: 10_000)
  let snapshots = Histogram(firstBoundMicroseconds: 10_000)
  let slowRequests = Counter()
  let promotions = Counter()
  let failedReadIndexes = Counter()
  let slowReadIndexes = Counter()

  func register(in registry: MetricRegistry) {
    for (name, help, counter) in [
      ("etcd_debugging_lease_granted_total", "Leases granted.", leasesGranted),
      ("etcd_debugging_lease_renewed_total", "Renewals of leases.", leasesRenewed),
      ("etcd_debugging_lease_revoked_total", "Leases revoked by clients.", leasesRevoked),
      ("keelson_slow_requests_total", "Requests that were logged as slow.", slowRequests),
      (
        "etcd_server_learner_promote_successes",
        "Learners that this member was asked to promote, and did.",
        promotions
      ),
      (
        "etcd_server_read_indexes_failed_total", "Reads that no majority confirmed in time.",
        failedReadIndexes
      ),
      (
        "etcd_server_slow_read_indexes_total",
        "Reads whose confirmation by a majority did not come before their time was over.",
        slowReadIndexes
      ),
    ] {
      registry.computed(name, help: help, isCounter: true) { Double(counter.value) }
    }
    for (name, help, histogram) in [
      ("etcd_debugging_lease_ttl_total", "Times to live of leases, in seconds.", leaseTimes),
      ("etcd_mvcc_hash_duration_seconds", "Time that Hash took, in seconds.", hashes),
      (
        "etcd_mvcc_hash_rev_duration_seconds", "Time that HashKV took, in seconds.",
        hashesOfRevisions
      ),
      (
        "etcd_disk_backend_snapshot_duration_seconds",
        "Time that sending a snapshot took, in seconds.", snapshots
      ),
    ] {
      registry.histogram(name, help: help, histogram)
    }
  }
}

extension Histogram {
  /// Counts the time since `begin`.
  func observe(since begin: NIODeadline) { observe(nanoseconds: (.now() - begin).nanoseconds) }
}
