extension FlagDefinition {
  private static let noDiscovery =
    "name the members with --initial-cluster, or in DNS with --discovery-srv"
  private static let ownEngine = "the storage engine has no such setting"
  private static let noGate = "what it would switch is no choice in this version"
  private static let noTracing =
    "this version exports no traces; slow requests are logged (--warning-unary-request-duration)"

  private static func works(
    _ name: String, _ kind: Kind, _ fallback: String, _ group: Group, _ help: String
  ) -> FlagDefinition {
    FlagDefinition(
      name: name, kind: kind, fallback: fallback, effect: .works, help: help, group: group)
  }

  private static func noted(
    _ name: String, _ kind: Kind, _ fallback: String, _ reason: String
  ) -> FlagDefinition {
    FlagDefinition(
      name: name, kind: kind, fallback: fallback, effect: .noted(reason),
      help: "No effect: \(reason).", group: .other)
  }

  private static func refused(
    _ name: String, _ kind: Kind, _ fallback: String, _ reason: String
  ) -> FlagDefinition {
    FlagDefinition(
      name: name, kind: kind, fallback: fallback, effect: .refused(reason),
      help: "Refused: \(reason).", group: .other)
  }

  /// Every flag of the server.
  static let all: [FlagDefinition] =
    member + clustering + storage + backups + transport + security + logging + compatibility

  private static let member = [
    works("name", .text, "default", .member, "Name of this member."),
    works(
      "config-file", .text, "", .member,
      "YAML with the flags' names as keys; it alone counts then, without flags and environment."),
    works("data-dir", .text, "", .member, "Directory of the data; by default NAME.etcd."),
    works(
      "listen-client-urls", .list, "http://localhost:2379", .member,
      "Addresses to serve clients on: http, https or unix URLs, separated by commas."),
    works(
      "listen-client-http-urls", .list, "", .member,
      "Addresses for the JSON gateway and the pages alone; those above then serve gRPC alone."),
    works(
      "advertise-client-urls", .list, "http://localhost:2379", .member,
      "Addresses that clients are told to use; by default those to listen on, if they are given."),
    works(
      "max-request-bytes", .number, "1572864", .member, "Largest request in bytes."),
    works("max-txn-ops", .number, "128", .member, "Most operations in a transaction."),
    works(
      "heartbeat-interval", .number, "100", .member, "Milliseconds between heartbeats."),
    works(
      "election-timeout", .number, "1000", .member,
      "Milliseconds without a leader before an election; leases last at least one and a half of it."
    ),
    works(
      "watch-progress-notify-interval", .duration, "10m", .member,
      "Time between progress notifications of idle watches, in whole seconds; 0: 10m."),
  ]

  private static let clustering = [
    works(
      "initial-cluster", .list, "", .clustering,
      "The members at the first start, as NAME=PEER-URL, separated by commas."),
    works(
      "initial-cluster-state", .text, "new", .clustering,
      "\"new\" begins a cluster; \"existing\" joins one to which this member was added."),
    works(
      "initial-cluster-token", .text, "etcd-cluster", .clustering,
      "Sets clusters apart that have the same members."),
    works(
      "discovery-srv", .text, "", .clustering,
      "Domain whose SRV records name the members at the first start: _etcd-server-ssl._tcp.DOMAIN for"
        + " https, _etcd-server._tcp.DOMAIN for http."),
    works(
      "discovery-srv-name", .text, "", .clustering,
      "Suffix of the records' service, as in _etcd-server-SUFFIX._tcp.DOMAIN."),
    works(
      "initial-advertise-peer-urls", .list, "http://localhost:2380", .clustering,
      "Peer addresses of this member, as the member list shows them; by default those of"
        + " --initial-cluster, if it is given."),
    works(
      "listen-peer-urls", .list, "http://localhost:2380", .clustering,
      "Addresses to listen on for other members: http or https URLs, separated by commas."),
    works(
      "strict-reconfig-check", .boolean, "true", .clustering,
      "Refuses changes of the membership that would leave too few members running."),
    works("max-learners", .number, "1", .clustering, "Learners that the cluster may have."),
    works(
      "force-new-cluster", .boolean, "false", .clustering,
      "Begins again as the only member, with the data that is there, when the others are lost for good."
    ),
    works(
      "compact-hash-check-time", .duration, "1m", .clustering,
      "Time at least between two comparisons of the members' histories, which follow compactions; 0: none."
    ),
    works(
      "corrupt-check-time", .duration, "0s", .clustering,
      "Time between two comparisons of the members' histories as they are at present; 0: none."),
    works(
      "feature-gates", .list, "", .clustering,
      "InitialCorruptCheck=true: the member compares its history with the others' before it serves. Etcd's other"
        + " gates are accepted and change nothing."),
    works(
      "snapshot-catchup-entries", .number, "5000", .clustering,
      "Entries that stay in the log for members that lag; those further behind get the whole state."
    ),
  ]

  private static let storage = [
    works(
      "quota-backend-bytes", .number, "0", .storage,
      "Bytes of keys and values that are kept, uncompacted versions included; 0: 2 GiB."),
    works(
      "snapshot-count", .number, "10000", .storage,
      "Entries that are applied before the log is cut; 0: 10000."),
    works(
      "auto-compaction-mode", .text, "periodic", .storage, "\"periodic\" or \"revision\"."),
    works(
      "auto-compaction-retention", .text, "0", .storage,
      "History to keep: a time (a bare number counts hours), or a number of revisions; 0: all."),
    works(
      "wal-dir", .text, "", .storage, "Directory of the log; by default in the data directory."),
    works(
      "unsafe-no-fsync", .boolean, "false", .storage,
      "Does not sync the log: a machine that fails loses acknowledged writes."),
  ]

  private static let backups = [
    works(
      "backup-dir", .text, "", .backups,
      "Folder for full snapshots on a schedule, checked after they are written; empty: none."),
    works("backup-interval", .duration, "6h", .backups, "Time from one to the next."),
    works(
      "backup-retention", .text, "28", .backups,
      "How many stay, or for how long, such as 336h; 0: all. The newest always stays."),
  ]

  private static let transport = [
    works(
      "max-concurrent-streams", .number, "16384", .transport,
      "Streams of one connection; 0: 16384."),
    works(
      "grpc-keepalive-min-time", .duration, "5s", .transport,
      "Shortest time between a client's pings; faster ones end the connection."),
    works(
      "grpc-keepalive-interval", .duration, "2h", .transport,
      "Idle time after which the server pings a client."),
    works(
      "grpc-keepalive-timeout", .duration, "20s", .transport,
      "Time for the answer to such a ping, before the connection is closed."),
    works(
      "http-request-timeout", .duration, "2m", .transport,
      "Time that an HTTP/1.1 client may take to send a request, and be idle between two."),
    works(
      "enable-grpc-gateway", .boolean, "true", .transport,
      "Serves the API as JSON over HTTP below /v3/ as well."),
  ]

  private static let security = [
    works("cert-file", .text, "", .security, "Certificate of the client port, PEM."),
    works("key-file", .text, "", .security, "Its private key, PEM."),
    works(
      "trusted-ca-file", .text, "", .security,
      "Authorities of client certificates, PEM; clients then need one."),
    works(
      "client-cert-auth", .boolean, "false", .security,
      "Requires a client certificate, and takes its common name for the user."),
    works(
      "auth-token", .text, "simple", .security,
      "simple, or jwt with its options: jwt,sign-method=RS256,pub-key=FILE,priv-key=FILE,ttl=5m."),
    works(
      "auth-token-ttl", .number, "300", .security,
      "Seconds from a simple token's last use to its end."),
    works("bcrypt-cost", .number, "10", .security, "What a password's hash costs, 4 to 31."),
    works(
      "cors", .list, "*", .security,
      "Origins that web pages may use the client port from, separated by commas; * for all."),
    works(
      "host-whitelist", .list, "*", .security,
      "Host names that HTTP requests without TLS may be addressed to; * for all."),
    works(
      "client-crl-file", .text, "", .security,
      "Lists of revoked client certificates, PEM, one for each authority; read again when it changes."
    ),
    works(
      "client-cert-allowed-hostname", .list, "", .security,
      "Host names or addresses, separated by commas, of which a client certificate must name one."),
    works(
      "auto-tls", .boolean, "false", .security,
      "Makes a certificate for the client port at the first start, which vouches for itself."),
    works(
      "self-signed-cert-validity", .number, "1", .security,
      "Years that the certificates of --auto-tls and --peer-auto-tls are valid; they are renewed at a start."
    ),
    works(
      "cipher-suites", .list, "", .security,
      "Suites of TLS 1.2, by their IANA names, separated by commas; empty: all that are thought safe."
    ),
    works("peer-cert-file", .text, "", .security, "Certificate of the peer port, PEM."),
    works("peer-key-file", .text, "", .security, "Its private key, PEM."),
    works(
      "peer-trusted-ca-file", .text, "", .security,
      "Authorities of other members' certificates, PEM; members then need one."),
    works(
      "peer-client-cert-auth", .boolean, "false", .security,
      "Requires a certificate of members that connect."),
    works(
      "peer-client-cert-file", .text, "", .security,
      "Certificate to show to other members, PEM; by default --peer-cert-file."),
    works("peer-client-key-file", .text, "", .security, "Its private key, PEM."),
    works(
      "peer-cert-allowed-cn", .text, "", .security,
      "Common names of which members' certificates must have one, separated by commas."),
    works(
      "peer-cert-allowed-hostname", .text, "", .security,
      "Host names of which members' certificates must have one, separated by commas."),
    works(
      "peer-crl-file", .text, "", .security,
      "Lists of revoked certificates of members, PEM, one for each authority."),
    works(
      "peer-skip-client-san-verification", .boolean, "false", .security,
      "Does not compare the names in a member's certificate with its address."),
    works(
      "peer-auto-tls", .boolean, "false", .security,
      "Makes a certificate for https peer URLs at the start, which vouches for itself; members then do not"
        + " check each other."),
    works("tls-min-version", .text, "TLS1.2", .security, "TLS1.2 or TLS1.3."),
    works("tls-max-version", .text, "", .security, "TLS1.2 or TLS1.3; empty: the newest."),
  ]

  private static let logging = [
    works("log-level", .text, "info", .logging, "debug, info, warn, error, panic or fatal."),
    works("log-format", .text, "json", .logging, "json or console."),
    works(
      "log-outputs", .list, "default", .logging,
      "stderr, stdout, default (stderr) or paths of files, separated by commas."),
    works(
      "enable-log-rotation", .boolean, "false", .logging,
      "Puts the files of --log-outputs aside when they are full."),
    works(
      "log-rotation-config-json", .text,
      "{\"maxsize\": 100, \"maxage\": 0, \"maxbackups\": 0, \"localtime\": false, \"compress\": false}",
      .logging,
      "When: maxsize in MiB; and for how long: maxage in days, maxbackups in files (0: all)."),
    works(
      "listen-metrics-urls", .list, "", .logging,
      "Further addresses for /metrics, /health, /livez and /readyz."),
    works(
      "warning-unary-request-duration", .duration, "300ms", .logging,
      "Requests that take longer are logged."),
  ]

  private static let compatibility = [
    noted("metrics", .text, "basic", "the same metrics are served at either level"),
    noted("logger", .text, "zap", "there is one logger, with zap's fields"),
    noted(
      "initial-election-tick-advance", .boolean, "true",
      "a member that starts waits a whole election timeout"),
    noted("max-snapshots", .number, "5", "no snapshot files pile up"),
    noted("max-wals", .number, "5", "log segments are recycled as soon as they may be"),
    noted("memory-mlock", .boolean, "false", "no file is mapped into memory"),
    noted("backend-bbolt-freelist-type", .text, "map", ownEngine),
    noted("backend-batch-interval", .duration, "", ownEngine),
    noted("backend-batch-limit", .number, "0", ownEngine),
    noted("bootstrap-defrag-threshold-megabytes", .number, "", ownEngine),
    noted("socket-reuse-port", .boolean, "false", "the ports belong to this process alone"),
    noted("socket-reuse-address", .boolean, "false", "it is always on"),
    noted(
      "raft-read-timeout", .duration, "5s",
      "connections between members have keepalives of their own"),
    noted(
      "raft-write-timeout", .duration, "5s",
      "connections between members have keepalives of their own"),
    noted("pre-vote", .boolean, "true", "it is always on"),
    noted("v2-deprecation", .text, "write-only", "there never was a v2 store"),
    noted("compaction-batch-limit", .number, "1000", "compaction paces itself"),
    noted("compaction-sleep-interval", .duration, "", "compaction paces itself"),
    noted("warning-apply-duration", .duration, "100ms", "requests are measured as a whole"),
    noted("downgrade-check-time", .duration, "", "there is no downgrade to watch"),
    noted("client-cert-file", .text, "", "the server makes no client connection"),
    noted("client-key-file", .text, "", "the server makes no client connection"),
    noted("enable-pprof", .boolean, "false", "there is no Go runtime to profile; use perf(1)"),
    noted(
      "experimental-initial-corrupt-check", .boolean, "false",
      "--feature-gates=InitialCorruptCheck=true has a member compare its history first"),
    noted("experimental-compact-hash-check-enabled", .boolean, "false", noGate),
    noted("experimental-enable-lease-checkpoint", .boolean, "false", noGate),
    noted("experimental-enable-lease-checkpoint-persist", .boolean, "false", noGate),
    noted("experimental-txn-mode-write-with-shared-buffer", .boolean, "true", noGate),
    noted("experimental-stop-grpc-service-on-defrag", .boolean, "false", noGate),
    refused("enable-distributed-tracing", .boolean, "false", noTracing),
    noted("distributed-tracing-address", .text, "localhost:4317", noTracing),
    noted("distributed-tracing-service-name", .text, "etcd", noTracing),
    noted("distributed-tracing-instance-id", .text, "", noTracing),
    noted("distributed-tracing-sampling-rate", .number, "0", noTracing),
    refused("discovery", .text, "", noDiscovery),
    refused("discovery-token", .text, "", noDiscovery),
    refused("discovery-endpoints", .list, "", noDiscovery),
    noted("discovery-dial-timeout", .duration, "2s", noDiscovery),
    noted("discovery-request-timeout", .duration, "5s", noDiscovery),
    noted("discovery-keepalive-time", .duration, "2s", noDiscovery),
    noted("discovery-keepalive-timeout", .duration, "6s", noDiscovery),
    noted("discovery-insecure-transport", .boolean, "true", noDiscovery),
    noted("discovery-insecure-skip-tls-verify", .boolean, "false", noDiscovery),
    noted("discovery-cert", .text, "", noDiscovery),
    noted("discovery-key", .text, "", noDiscovery),
    noted("discovery-cacert", .text, "", noDiscovery),
    noted("discovery-user", .text, "", noDiscovery),
    noted("discovery-password", .text, "", noDiscovery),
    noted("discovery-fallback", .text, "exit", noDiscovery),
    refused("discovery-proxy", .text, "", noDiscovery),
  ]
}
