import Testing

@testable import keelson

/// Every flag of etcd's server, so that none is forgotten: it works, or the help says why it has no effect or is refused.
@Suite("etcd's flags")
struct EtcdFlagTests {
  /// Names and defaults, as etcd 3.5 to 3.7 have them; an experimental flag stands here by its later name.
  static let flags = """
    watch-progress-notify-interval 10m
    name default
    data-dir ${name}.etcd
    wal-dir
    snapshot-count 10000
    heartbeat-interval 100
    election-timeout 1000
    initial-election-tick-advance true
    listen-peer-urls http://localhost:2380
    listen-client-urls http://localhost:2379
    listen-client-http-urls
    max-snapshots 5
    max-wals 5
    memory-mlock
    quota-backend-bytes 0
    backend-bbolt-freelist-type map
    backend-batch-interval
    backend-batch-limit 0
    max-txn-ops 128
    max-request-bytes 1572864
    max-concurrent-streams math.MaxUint32
    grpc-keepalive-min-time 5s
    grpc-keepalive-interval 2h
    grpc-keepalive-timeout 20s
    socket-reuse-port false
    socket-reuse-address false
    enable-grpc-gateway
    raft-read-timeout 5s
    raft-write-timeout 5s
    feature-gates
    initial-advertise-peer-urls http://localhost:2380
    initial-cluster default=http://localhost:2380
    initial-cluster-state new
    initial-cluster-token etcd-cluster
    advertise-client-urls http://localhost:2379
    discovery
    discovery-token
    discovery-endpoints
    discovery-dial-timeout 2s
    discovery-request-timeout 5s
    discovery-keepalive-time 2s
    discovery-keepalive-timeout 6s
    discovery-insecure-transport true
    discovery-insecure-skip-tls-verify false
    discovery-cert
    discovery-key
    discovery-cacert
    discovery-user
    discovery-password
    discovery-fallback exit
    discovery-proxy
    discovery-srv
    discovery-srv-name
    strict-reconfig-check true
    pre-vote true
    auto-compaction-retention 0
    auto-compaction-mode periodic
    v2-deprecation write-only
    cert-file
    key-file
    client-cert-auth false
    client-cert-file
    client-key-file
    client-crl-file
    client-cert-allowed-hostname
    trusted-ca-file
    auto-tls false
    peer-cert-file
    peer-key-file
    peer-client-cert-auth false
    peer-client-cert-file
    peer-client-key-file
    peer-trusted-ca-file
    peer-cert-allowed-cn
    peer-cert-allowed-hostname
    peer-auto-tls false
    self-signed-cert-validity 1
    peer-crl-file
    cipher-suites
    cors *
    host-whitelist *
    tls-min-version TLS1.2
    tls-max-version
    auth-token simple
    bcrypt-cost 10
    auth-token-ttl 300
    enable-pprof false
    metrics basic
    listen-metrics-urls
    logger zap
    log-outputs default
    log-level info
    log-format json
    enable-log-rotation false
    log-rotation-config-json {"maxsize": 100, "maxage": 0, "maxbackups": 0, "localtime": false, "compress": false}
    warning-unary-request-duration 300ms
    enable-distributed-tracing false
    distributed-tracing-address localhost:4317
    distributed-tracing-service-name etcd
    distributed-tracing-instance-id
    distributed-tracing-sampling-rate 0
    corrupt-check-time 0s
    compact-hash-check-time 1m
    compaction-batch-limit 1000
    peer-skip-client-san-verification false
    warning-apply-duration 100ms
    bootstrap-defrag-threshold-megabytes
    max-learners 1
    compaction-sleep-interval
    downgrade-check-time
    snapshot-catchup-entries
    force-new-cluster false
    unsafe-no-fsync false
    """

  /// Where Keelson's default is another, and why.
  static let otherDefaults = [
    "data-dir": "the name is put in when it is known",
    "initial-cluster": "it follows from the name and the peer URLs",
    "memory-mlock": "off, in words", "enable-grpc-gateway": "on, as etcd's program has it",
    "max-concurrent-streams": "memory is bounded", "snapshot-catchup-entries": "etcd's, in words",
  ]

  @Test("each flag of etcd is known, with its default")
  func complete() {
    for line in Self.flags.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      let fallback = words.count > 1 ? words[1] : ""
      guard let flag = FlagDefinition.all.first(where: { $0.name == words[0] }) else {
        Issue.record("--\(words[0]) is not known")
        continue
      }
      if Self.otherDefaults[flag.name] == nil {
        #expect(flag.fallback == fallback, "--\(flag.name)")
      } else {
        #expect(flag.fallback != fallback, "--\(flag.name) has etcd's default after all")
      }
    }
  }

  @Test("what has no effect, or is refused, says why")
  func reasons() throws {
    for flag in FlagDefinition.all {
      switch flag.effect {
      case .works: #expect(flag.group != .other, "--\(flag.name)")
      case .noted(let reason), .refused(let reason):
        #expect(reason.count > 10 && flag.help.contains(reason), "--\(flag.name)")
      }
    }
  }
}
