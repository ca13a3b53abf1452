/// A mark that Keelson is to reach against etcd.
struct Bar: Sendable {
  /// Which way a figure is good.
  enum Limit: Sendable {
    /// Ours divided by theirs is at most this.
    case ratioAtMost(Double)
    /// Ours divided by theirs is at least this.
    case ratioAtLeast(Double)
    /// Ours is at most this.
    case atMost(Double)
  }

  /// How the workloads name it.
  let id: String
  /// What is compared.
  let what: String
  /// What is demanded, in words.
  let demand: String
  let limit: Limit

  /// Whether two figures reach it.
  func isMet(ours: Double, theirs: Double) -> Bool {
    switch limit {
    case .ratioAtMost(let most): ours <= theirs * most
    case .ratioAtLeast(let least): ours >= theirs * least
    case .atMost(let most): ours <= most
    }
  }

  /// All of them, in the order of the table.
  static let all: [Bar] = [
    most("transport-1x32", "server CPU per serializable Range of a small key, 1 × 32", 6),
    most("transport-16x32", "the same, 16 × 32", 6),
    most("cpu-put-10x10", "server CPU per put, 1 KiB, 10 × 10", 5),
    most("cpu-put-100x1", "the same, 100 × 1", 3),
    most("cpu-put-1x1", "the same, 1 × 1", 2.5),
    most("cpu-get-10x10", "server CPU per linearizable get, 10 × 10", 8),
    most("cpu-get-100x1", "the same, 100 × 1", 4),
    most("cpu-tls-put", "server CPU per put under TLS, 10 × 10", 2),
    most("cpu-tls-get", "server CPU per get under TLS, 10 × 10", 2),
    most("cpu-certificate-put", "the same put of a user known by certificate", 2),
    most("cpu-certificate-get", "the same get of a user known by certificate", 2),
    most("cpu-jwt-put", "the same put of a user with a signed token, without TLS", 2),
    most("cpu-jwt-get", "the same get of a user with a signed token, without TLS", 2),
    Bar(
      id: "rate-put", what: "put throughput, 100 clients (10 × 10)", demand: "at least 3×",
      limit: .ratioAtLeast(3)),
    Bar(
      id: "latency-p50", what: "put latency, 1 client: p50, median ratio",
      demand: "at most 1.1", limit: .atMost(1.1)),
    Bar(
      id: "latency-p99", what: "put latency, 1 client: p99, median ratio",
      demand: "at most 1.1", limit: .atMost(1.1)),
    Bar(
      id: "rate-get", what: "get throughput, 100 clients (10 × 10)", demand: "at least 4×",
      limit: .ratioAtLeast(4)),
    most("cpu-range-500", "range of 500 × 1 KiB: CPU", 3),
    most("list-memory", "100,000 × 1 KiB list: peak memory added", 4),
    most("list-time", "100,000 × 1 KiB list: time", 2),
    most("watch-latency", "watch: one put to 1,000 watchers, p99 delivery", 2),
    most("watch-cpu", "watch: CPU per event", 4),
    most("lease-cpu-open", "lease keep-alive CPU, 100 × 1 open, 1,000/s", 6),
    most("lease-cpu", "lease keep-alive CPU, 10 × 10 closed", 6),
    below("memory-load", "resident memory, 1,000,000 × 1 KiB keys, after the load"),
    below("memory-load-anonymous", "anonymous memory, after the load"),
    below("memory-restart", "resident memory, after a restart"),
    below("memory-restart-anonymous", "anonymous memory, after a restart"),
    most("restart-term", "restart with 1,000,000 keys, after SIGTERM", 3),
    most("restart-kill", "restart with 1,000,000 keys, after SIGKILL", 3),
    Bar(
      id: "device-bytes", what: "device bytes per 1 KiB put, over 1,000,000 puts and until idle",
      demand: "below etcd's", limit: .ratioAtMost(1)),
    Bar(
      id: "compaction-ratio",
      what: "p99 at 2,000 puts/s while 300,000 revisions are compacted, against quiet windows",
      demand: "at most 1.25", limit: .atMost(1.25)),
    most("compaction-rise", "the same: how much it rises", 3),
    Bar(
      id: "import-cpu", what: "import of 50,000 manifests: CPU of client and server, an object",
      demand: "at most 200 µs", limit: .atMost(200)),
    Bar(
      id: "import-memory", what: "the same: client's peak memory, for each further document",
      demand: "at most 64 bytes", limit: .atMost(64)),
    Bar(
      id: "idle-cpu", what: "idle CPU", demand: "at most etcd's", limit: .ratioAtMost(1)),
    Bar(
      id: "cluster-rate-put", what: "three members: put throughput, 100 clients (10 × 10)",
      demand: "at least 2×", limit: .ratioAtLeast(2)),
    Bar(
      id: "cluster-tail-put", what: "the same: p99, median ratio", demand: "at most 1.1",
      limit: .atMost(1.1)),
    most("cluster-cpu-put", "the same: CPU of all members per put", 3),
    Bar(
      id: "cluster-rate-get", what: "three members: linearizable gets, 100 clients (10 × 10)",
      demand: "at least 3×", limit: .ratioAtLeast(3)),
    Bar(
      id: "cluster-failover", what: "from the leader's SIGKILL to the first write: median",
      demand: "at most 1.5 election timeouts", limit: .atMost(1.5)),
    Bar(
      id: "cluster-failover-most", what: "the same: 49 of 50",
      demand: "at most 2 election timeouts and 0.5 s", limit: .atMost(2.5)),
    Bar(
      id: "cluster-join",
      what: "p99 of puts while a member joins 1 GB of data, against quiet windows",
      demand: "at most 2", limit: .atMost(2)),
  ]

  private static func most(_ id: String, _ what: String, _ part: Double) -> Bar {
    let text = part == part.rounded() ? part.rounded(to: 0) : part.rounded(to: 1)
    return Bar(id: id, what: what, demand: "at most 1/\(text)", limit: .ratioAtMost(1 / part))
  }

  private static func below(_ id: String, _ what: String) -> Bar {
    Bar(
      id: id, what: what, demand: "below etcd's resident memory after a restart",
      limit: .ratioAtMost(1))
  }
}
