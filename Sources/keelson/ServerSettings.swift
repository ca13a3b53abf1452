internal import EtcdAPI
internal import HTTPTransport
internal import Member
internal import Primitives

/// A URL that a server listens on: `http://HOST:PORT`, `https://HOST:PORT` or `unix://PATH`.
struct ListenURL: Hashable, Sendable {
  /// As it was given.
  let text: String
  /// Where it listens.
  let address: ListenAddress
  /// Whether it is served under TLS.
  let isSecure: Bool

  init(_ text: String, flag: String) throws(FlagError) {
    let malformed = FlagError(
      description: "--\(flag): \"\(text)\" is no URL such as http://127.0.0.1:2379")
    guard let colon = text.range(of: "://") else { throw malformed }
    let scheme = text[..<colon.lowerBound]
    let rest = text[colon.upperBound...].prefix { $0 != "/" || scheme.hasPrefix("unix") }
    self.text = text
    isSecure = scheme == "https" || scheme == "unixs"
    switch scheme {
    case "unix", "unixs": address = .unix(path: String(rest))
    case "http", "https":
      guard let separator = rest.lastIndex(of: ":"),
        let port = Int(rest[rest.index(after: separator)...]), (0...65_535).contains(port)
      else { throw malformed }
      var host = String(rest[..<separator])
      if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
      address = .tcp(host: host.isEmpty ? "0.0.0.0" : host, port: port)
    default:
      throw FlagError(
        description: "--\(flag): scheme \"\(scheme)\" is none of http, https and unix")
    }
  }
}

extension String {
  /// The first place where `other` begins and ends.
  func range(of other: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) {
        return start..<index(start, offsetBy: other.count)
      }
      start = index(after: start)
    }
    return nil
  }
}

/// Everything that a server needs to start, checked.
struct ServerSettings: Sendable {
  var member: MemberConfiguration
  var api = APIConfiguration()
  var clientURLs: [ListenURL] = []
  var metricsURLs: [ListenURL] = []
  var tls: TLSConfiguration?
  var keepalive = KeepalivePolicy()
  var maxConcurrentStreams: UInt32 = Limits.concurrentStreams

  init(_ values: FlagValues) throws(FlagError) {
    let name = values.text("name")
    let directory = values.text("data-dir")
    member = MemberConfiguration(
      dataDirectory: directory.isEmpty ? "\(name).etcd" : directory)
    member.name = name
    let logDirectory = values.text("wal-dir")
    member.logDirectory = logDirectory.isEmpty ? nil : logDirectory
    try readCluster(values)
    try readStorage(values)
    try readTransport(values)
  }

  private mutating func readCluster(_ values: FlagValues) throws(FlagError) {
    member.peerURLs = values.list("initial-advertise-peer-urls")
    member.clientURLs = values.list("advertise-client-urls")
    member.clusterToken = values.text("initial-cluster-token")
    let members = values.list("initial-cluster")
    let names = Set(members.map { String($0.prefix { $0 != "=" }) })
    if names.count > 1 {
      throw FlagError(
        description:
          "--initial-cluster names \(names.count) members (\(names.sorted().joined(separator: ", ")));"
          + " this version serves clusters of one member, so name only \"\(member.name)\"")
    }
    if let only = names.first, only != member.name {
      throw FlagError(
        description: "--initial-cluster names \"\(only)\", but this member is \"\(member.name)\";"
          + " give both the same name")
    }
    switch values.text("initial-cluster-state") {
    case "new": break
    case "existing":
      // A member that restarts with its data ignores bootstrap flags; one without data can't join.
      member.mayBootstrap = false
    case let other:
      throw FlagError(
        description: "--initial-cluster-state is \"\(other)\"; \"new\" or \"existing\" is expected")
    }
    let heartbeat = values.number("heartbeat-interval")
    let election = values.number("election-timeout")
    if heartbeat < 1 || election < 5 * heartbeat || election > 50_000 {
      throw FlagError(
        description: "--election-timeout[\(election)ms] should be at least 5 times"
          + " --heartbeat-interval[\(heartbeat)ms], and at most 50000")
    }
    member.electionTimeoutMilliseconds = Int(election)
    api.minimumLeaseSeconds = (election * 3 / 2 + 999) / 1_000
  }

  private mutating func readStorage(_ values: FlagValues) throws(FlagError) {
    let quota = values.number("quota-backend-bytes")
    // A negative quota switches the check off, as in etcd.
    member.quotaBytes = quota == 0 ? Limits.quotaBytes : quota < 0 ? Int64.max : quota
    member.snapshotCount = UInt64(max(1, values.number("snapshot-count")))
    member.requestBytes = Int(values.number("max-request-bytes"))
    member.syncsLog = !values.flag("unsafe-no-fsync")
    let retention = values.text("auto-compaction-retention")
    switch values.text("auto-compaction-mode") {
    case "periodic":
      let seconds =
        Int64(retention).map { $0 * 3_600 }
        ?? GoDuration.nanoseconds(retention).map { $0 / 1_000_000_000 }
      guard let seconds else {
        throw FlagError(
          description: "--auto-compaction-retention \"\(retention)\" is neither a number of hours"
            + " nor a duration such as 30m")
      }
      member.autoCompaction = seconds == 0 ? .off : .periodic(seconds: seconds)
    case "revision":
      guard let revisions = Int64(retention) else {
        throw FlagError(
          description: "--auto-compaction-retention \"\(retention)\" is no number of revisions")
      }
      member.autoCompaction = revisions == 0 ? .off : .revision(revisions)
    case let mode:
      throw FlagError(
        description: "--auto-compaction-mode is \"\(mode)\"; periodic or revision is expected")
    }
  }

  private mutating func readTransport(_ values: FlagValues) throws(FlagError) {
    api.maxRequestBytes = Int(values.number("max-request-bytes"))
    api.maxTransactionOperations = Int(values.number("max-txn-ops"))
    api.slowRequestNanoseconds = values.nanoseconds("warning-unary-request-duration")
    member.watchProgressSeconds =
      max(1, values.nanoseconds("watch-progress-notify-interval") / 1_000_000_000)
    keepalive.minimumPingIntervalSeconds =
      Double(values.nanoseconds("grpc-keepalive-min-time")) / 1e9
    keepalive.intervalSeconds = Double(values.nanoseconds("grpc-keepalive-interval")) / 1e9
    keepalive.timeoutSeconds = Double(values.nanoseconds("grpc-keepalive-timeout")) / 1e9
    maxConcurrentStreams = UInt32(clamping: values.number("max-concurrent-streams"))
    for url in values.list("listen-client-urls") {
      clientURLs.append(try ListenURL(url, flag: "listen-client-urls"))
    }
    for url in values.list("listen-metrics-urls") {
      metricsURLs.append(try ListenURL(url, flag: "listen-metrics-urls"))
    }
    if clientURLs.isEmpty {
      throw FlagError(description: "--listen-client-urls names no address")
    }
    try readTLS(values)
  }

  private mutating func readTLS(_ values: FlagValues) throws(FlagError) {
    let certificate = values.text("cert-file")
    let key = values.text("key-file")
    let authority = values.text("trusted-ca-file")
    if certificate.isEmpty != key.isEmpty {
      throw FlagError(description: "--cert-file and --key-file must be given together")
    }
    let needsTLS = (clientURLs + metricsURLs).contains { $0.isSecure }
    if certificate.isEmpty {
      if needsTLS {
        throw FlagError(description: "an https URL needs --cert-file and --key-file")
      }
      return
    }
    let requires = values.flag("client-cert-auth")
    if requires && authority.isEmpty {
      throw FlagError(description: "--client-cert-auth needs --trusted-ca-file")
    }
    var tls = TLSConfiguration.server(
      certificateFile: certificate, privateKeyFile: key,
      clientAuthorityFile: authority.isEmpty ? nil : authority,
      clientCertificates: requires ? .require : .none)
    tls.minimumVersion = try version(values.text("tls-min-version"), "tls-min-version") ?? .tls12
    tls.maximumVersion = try version(values.text("tls-max-version"), "tls-max-version")
    self.tls = tls
  }

  private func version(
    _ text: String, _ flag: String
  ) throws(FlagError) -> TLSConfiguration.Version? {
    switch text {
    case "": nil
    case "TLS1.2": .tls12
    case "TLS1.3": .tls13
    default:
      throw FlagError(description: "--\(flag) is \"\(text)\"; TLS1.2 or TLS1.3 is expected")
    }
  }
}
