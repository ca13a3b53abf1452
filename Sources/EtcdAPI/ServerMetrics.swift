internal import Access
internal import HTTPTransport
internal import MVCC
internal import Member
internal import Primitives
internal import ReplicaCore
internal import Synchronization
internal import Telemetry

/// The metrics of a member under etcd's names, so that existing alerts and dashboards find them.
struct ServerMetrics {
  let member: Member
  let transport: TransportMetrics

  func register(in registry: MetricRegistry) {
    ProcessMetrics.register(in: registry)
    registerServer(in: registry)
    registerProposals(in: registry)
    registerStore(in: registry)
    registerWatches(in: registry)
    registerTransport(in: registry)
  }

  private func registerServer(in registry: MetricRegistry) {
    let member = member
    registry.computed("etcd_server_has_leader", help: "Whether the member knows a leader.") {
      member.status.leader == .none ? 0 : 1
    }
    registry.computed("etcd_server_is_leader", help: "Whether the member leads.") {
      member.status.leader == member.id ? 1 : 0
    }
    registry.computed("etcd_server_is_learner", help: "Whether the member is a learner.") {
      member.status.isLearner ? 1 : 0
    }
    registry.computed(
      "etcd_server_snapshot_apply_in_progress_total",
      help: "Whether a state that the leader sent is being put in place."
    ) { member.isTakingState ? 1 : 0 }
    registry.computed(
      "etcd_server_leader_changes_seen_total", help: "Leaders that were seen come.",
      isCounter: true
    ) { Double(member.statistics.leaderChanges) }
    registry.computed(
      "etcd_server_version", help: "The API level that is served.",
      labels: [("server_version", Version.etcdAPI)]
    ) { 1 }
    registry.computed(
      "etcd_server_feature_enabled", help: "Whether a feature gate that has an effect is open.",
      labels: [("name", "InitialCorruptCheck"), ("stage", "ALPHA")]
    ) { member.configuration.comparesHistoryAtStart ? 1 : 0 }
    registry.computed(
      "etcd_cluster_version", help: "The API level of the cluster.",
      labels: [("cluster_version", String(Version.etcdCluster.dropLast(2)))]
    ) { 1 }
    registry.computed(
      "etcd_server_id", help: "The member.", labels: [("server_id", "\(member.id)")]
    ) { 1 }
    registry.computed(
      "keelson_build_info", help: "The release.", labels: [("version", Version.keelson)]
    ) { 1 }
  }

  private func registerProposals(in registry: MetricRegistry) {
    let member = member
    registry.computed(
      "etcd_server_proposals_applied_total", help: "Entries applied."
    ) { Double(member.status.appliedIndex.rawValue) }
    registry.computed(
      "etcd_server_proposals_committed_total", help: "Entries committed."
    ) { Double(member.status.commitIndex.rawValue) }
    registry.computed(
      "etcd_server_proposals_pending", help: "Proposals that wait for the replica thread."
    ) { Double(member.statistics.pendingProposals) }
    registry.computed(
      "etcd_server_proposals_failed_total", help: "Proposals refused before the log.",
      isCounter: true
    ) { Double(member.statistics.refusedProposals) }
    registry.computed("etcd_server_quota_backend_bytes", help: "The quota, in bytes.") {
      Double(member.status.quotaBytes)
    }
    registry.computed(
      "etcd_debugging_server_lease_expired_total", help: "Leases whose time was over.",
      isCounter: true
    ) { Double(member.statistics.expiredLeases) }
    registry.histogram(
      "etcd_disk_wal_fsync_duration_seconds", help: "Time that syncs of the log took, in seconds.",
      member.logSyncDurations)
    registry.histogram(
      "etcd_disk_backend_commit_duration_seconds",
      help: "Time that handing a batch of records to the engine took, in seconds.",
      member.engineFeedDurations)
    registry.computed("etcd_debugging_auth_revision", help: "The revision of users and roles.") {
      Double(member.access.revision.rawValue)
    }
    registry.computed(
      "keelson_log_batches_total", help: "Batches that the log was synced for.", isCounter: true
    ) { Double(member.statistics.batches) }
    registry.computed(
      "keelson_log_sync_seconds_total", help: "Time that batches waited for the log.",
      isCounter: true
    ) { Double(member.statistics.logSyncNanoseconds) / 1e9 }
    registry.computed(
      "keelson_engine_flush_seconds_total", help: "Time that flushes of the engine took.",
      isCounter: true
    ) { Double(member.statistics.engineFlushNanoseconds) / 1e9 }
  }

  private func registerStore(in registry: MetricRegistry) {
    let member = member
    registry.computed(
      "etcd_mvcc_db_total_size_in_bytes", help: "Bytes of the engine's files."
    ) { Double(member.status.sizeOnDiskBytes) }
    registry.computed(
      "etcd_mvcc_db_total_size_in_use_in_bytes",
      help: "Bytes of keys and values that are not compacted: what the quota counts."
    ) { Double(member.status.logicalBytes) }
    registry.computed("etcd_debugging_mvcc_keys_total", help: "Live keys.") {
      Double(member.store.statistics.keys)
    }
    registry.computed("etcd_debugging_mvcc_current_revision", help: "The present revision.") {
      Double(member.store.currentRevision.rawValue)
    }
    registry.computed(
      "etcd_debugging_mvcc_compact_revision", help: "The revision that was last compacted."
    ) { Double(max(0, member.store.compactedRevision.rawValue)) }
    let counters: [(String, String, @Sendable (StoreStatistics) -> Int64)] = [
      ("etcd_mvcc_put_total", "Keys written.", { $0.puts }),
      ("etcd_mvcc_delete_total", "Keys deleted.", { $0.deletes }),
      ("etcd_mvcc_range_total", "Ranges read.", { $0.ranges }),
      ("etcd_mvcc_txn_total", "Transactions.", { $0.transactions }),
      (
        "etcd_debugging_mvcc_db_compaction_keys_total", "Versions that compaction dropped.",
        { $0.compactedVersions }
      ),
    ]
    for (name, help, value) in counters {
      registry.computed(name, help: help, isCounter: true) {
        Double(value(member.store.statistics))
      }
    }
  }

  private func registerWatches(in registry: MetricRegistry) {
    let watches = member.watches
    registry.computed("etcd_debugging_mvcc_watch_stream_total", help: "Open watch streams.") {
      Double(watches.statistics.streams)
    }
    registry.computed("etcd_debugging_mvcc_watcher_total", help: "Watches.") {
      Double(watches.statistics.watches)
    }
    registry.computed(
      "etcd_debugging_mvcc_slow_watcher_total", help: "Watches that read what they missed."
    ) { Double(watches.statistics.slowWatches) }
    registry.computed(
      "etcd_debugging_mvcc_pending_events_total", help: "Events that wait to be sent."
    ) { Double(watches.statistics.pendingEvents) }
    registry.computed(
      "etcd_debugging_mvcc_events_total", help: "Events sent.", isCounter: true
    ) { Double(watches.statistics.deliveredEvents) }
  }

  private func registerTransport(in registry: MetricRegistry) {
    let transport = transport
    registry.computed(
      "etcd_network_client_grpc_received_bytes_total", help: "Bytes received from clients.",
      isCounter: true
    ) { Double(transport.receivedBytes.load(ordering: .relaxed)) }
    registry.computed(
      "etcd_network_client_grpc_sent_bytes_total", help: "Bytes sent to clients.",
      isCounter: true
    ) { Double(transport.sentBytes.load(ordering: .relaxed)) }
    registry.collected(
      "grpc_server_started_total", help: "Calls that began.", isCounter: true
    ) {
      Self.perMethod(transport) { [($0, Double($1.started.load(ordering: .relaxed)))] }
    }
    registry.collected(
      "grpc_server_msg_received_total", help: "Messages received.", isCounter: true
    ) {
      Self.perMethod(transport) { [($0, Double($1.receivedMessages.load(ordering: .relaxed)))] }
    }
    registry.collected("grpc_server_msg_sent_total", help: "Messages sent.", isCounter: true) {
      Self.perMethod(transport) { [($0, Double($1.sentMessages.load(ordering: .relaxed)))] }
    }
    registry.collectedHistograms(
      "grpc_server_handling_seconds", help: "Time from a call's arrival to its end, in seconds."
    ) {
      Self.perMethod(transport) { labels, method in
        [
          MetricRegistry.HistogramSample(
            labels: labels, bounds: CallDurations.bounds, counts: method.durations.counts,
            sum: method.durations.sum)
        ]
      }
    }
    registry.collected(
      "grpc_server_handled_total", help: "Calls that ended, by status.", isCounter: true
    ) {
      Self.perMethod(transport) { labels, method in
        // Success is shown from the start, so that its first rise is seen.
        method.handled.merging([.ok: 0]) { count, _ in count }.sorted {
          $0.key.rawValue < $1.key.rawValue
        }.map {
          ([("grpc_code", $0.key.prometheusName)] + labels, Double($0.value))
        }
      }
    }
  }

  private typealias Sample = (labels: MetricRegistry.Labels, value: Double)

  private static func perMethod<Result>(
    _ transport: TransportMetrics, _ body: (MetricRegistry.Labels, MethodMetrics) -> [Result]
  ) -> [Result] {
    transport.methods.sorted { $0.key < $1.key }.flatMap { path, method in
      let parts = path.split(separator: "/").map(String.init)
      return body(
        [
          ("grpc_method", parts.last ?? ""), ("grpc_service", parts.first ?? ""),
          ("grpc_type", Self.kind(of: path)),
        ], method)
    }
  }

  /// By which dashboards tell streams from unary calls.
  private static func kind(of path: String) -> String {
    switch path {
    case "/etcdserverpb.Watch/Watch", "/etcdserverpb.Lease/LeaseKeepAlive": "bidi_stream"
    case "/etcdserverpb.KV/RangeStream", "/etcdserverpb.Maintenance/Snapshot",
      "/v3electionpb.Election/Observe",
      "/grpc.health.v1.Health/Watch":
      "server_stream"
    default: "unary"
    }
  }
}

extension StatusCode {
  /// The code as go-grpc-prometheus names it.
  fileprivate var prometheusName: String {
    let names = [
      "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound",
      "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted",
      "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ]
    return names.indices.contains(rawValue) ? names[rawValue] : "Code\(rawValue)"
  }
}
