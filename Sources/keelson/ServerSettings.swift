internal import EtcdAPI
internal import HTTPTransport
internal import Identity
internal import Jobs
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
        let port = Int(rest[rest.index(after: separator)...])
      else { throw malformed }
      guard (0...65_535).contains(port) else {
        throw FlagError(description: "--\(flag): \"\(text)\": a port is a number up to 65535")
      }
      var host = String(rest[..<separator])
      if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
      address = .tcp(host: host.isEmpty ? "0.0.0.0" : host, port: port)
    default:
      throw FlagError(
        description: "--\(flag): scheme \"\(scheme)\" is none of http, https and unix")
    }
  }
}

extension ListenURL {
  /// The host that it names, if it is one that a certificate can be for.
  var host: String? {
    guard case .tcp(let host, _) = address, host != "0.0.0.0", host != "::" else { return nil }
    return host
  }

  /// The URL as a client on this machine can use it: an address that means all of the machine's is none to call.
  fileprivate var reachable: String {
    guard case .tcp(let host, let port) = address, host == "0.0.0.0" || host == "::" else {
      return text
    }
    return "\(isSecure ? "https" : "http")://localhost:\(port)"
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
  var authentication: AuthenticatorConfiguration
  var clientURLs: [ListenURL] = []
  /// For HTTP without gRPC; where there are any, the others serve gRPC alone.
  var httpURLs: [ListenURL] = []
  var metricsURLs: [ListenURL] = []
  var tls: TLSConfiguration?
  /// The certificate to make at the start where none was given.
  var automaticTLS: AutomaticTLS?
  /// How other members are met.
  var peers: PeerSettings
  /// Full snapshots on a schedule; nil: none.
  var backups: BackupSettings?
  var keepalive = KeepalivePolicy()
  /// Seconds that an HTTP/1.1 client may take to send a request.
  var httpRequestSeconds = 120.0
  var maxConcurrentStreams: UInt32 = Limits.concurrentStreams
  /// Why the flags cannot begin a cluster; to be told only where no member lies yet.
  private(set) var bootstrapProblem: FlagError?
  /// Where DNS names the members, for a first start; nil: nowhere.
  private(set) var memberRecords: MemberRecords?

  init(_ values: FlagValues) throws(FlagError) {
    let name = values.text("name")
    let directory = values.text("data-dir")
    member = MemberConfiguration(
      dataDirectory: directory.isEmpty ? "\(name).etcd" : directory)
    member.name = name
    authentication = try AuthenticationFlags.read(values)
    peers = try PeerSettings(values, dataDirectory: member.dataDirectory)
    let logDirectory = values.text("wal-dir")
    member.logDirectory = logDirectory.isEmpty ? nil : logDirectory
    try readCluster(values)
    try readStorage(values)
    backups = try BackupFlags.read(values, member)
    try readTransport(values)
  }

  private mutating func readCluster(_ values: FlagValues) throws(FlagError) {
    member.peerURLs = values.list("initial-advertise-peer-urls")
    member.clientURLs = values.list("advertise-client-urls")
    member.clusterToken = values.text("initial-cluster-token")
    do throws(FlagError) { try readInitialCluster(values) } catch { bootstrapProblem = error }
    try readDiscovery(values)
    switch values.text("initial-cluster-state") {
    case "new": break
    case "existing":
      // A member that restarts with its data ignores bootstrap flags; one without data asks the others.
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
    member.heartbeatMilliseconds = Int(heartbeat)
    member.forcesNewCluster = values.flag("force-new-cluster")
    member.checksReconfiguration = values.flag("strict-reconfig-check")
    member.maxLearners = Int(clamping: values.number("max-learners"))
    member.catchUpEntries = UInt64(max(0, values.number("snapshot-catchup-entries")))
    member.historyCheckSeconds = values.nanoseconds("compact-hash-check-time") / 1_000_000_000
    // Not 0, which means never.
    member.historySweepSeconds =
      (values.nanoseconds("corrupt-check-time") + 999_999_999) / 1_000_000_000
    member.comparesHistoryAtStart = try Self.gates(values).contains("InitialCorruptCheck")
    api.minimumLeaseSeconds = (election * 3 / 2 + 999) / 1_000
  }

  private mutating func readDiscovery(_ values: FlagValues) throws(FlagError) {
    let domain = values.text("discovery-srv")
    let suffix = values.text("discovery-srv-name")
    if domain.isEmpty {
      if suffix.isEmpty { return }
      throw FlagError(description: "--discovery-srv-name needs --discovery-srv")
    }
    if !values.list("initial-cluster").isEmpty {
      throw FlagError(
        description:
          "multiple discovery or bootstrap flags are set: choose one of --initial-cluster"
          + " and --discovery-srv")
    }
    memberRecords = MemberRecords(domain: domain, suffix: suffix)
  }

  /// The gates that etcd has.
  private static let knownGates: Set<String> = [
    "AllAlpha", "AllBeta", "CompactHashCheck", "InitialCorruptCheck", "LeaseCheckpoint",
    "LeaseCheckpointPersist", "PriorityRequest", "SetMemberLocalAddr",
    "StopGRPCServiceOnDefrag", "TxnModeWriteWithSharedBuffer",
  ]

  /// The gates that are open.
  private static func gates(_ values: FlagValues) throws(FlagError) -> Set<String> {
    var open: Set<String> = []
    for entry in values.list("feature-gates") {
      let sides = entry.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, sides[1] == "true" || sides[1] == "false" else {
        throw FlagError(
          description: "--feature-gates: \"\(entry)\" is no NAME=true or NAME=false")
      }
      guard knownGates.contains(sides[0]) else {
        throw FlagError(description: "--feature-gates: unrecognized feature gate: \(sides[0])")
      }
      if sides[1] == "true" { open.insert(sides[0]) } else { open.remove(sides[0]) }
    }
    return open
  }

  /// The members at the first start, this one among them under the URLs that it advertises.
  private mutating func readInitialCluster(_ values: FlagValues) throws(FlagError) {
    var members: [InitialMember] = []
    for entry in values.list("initial-cluster") {
      let sides = entry.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw FlagError(
          description: "--initial-cluster: \"\(entry)\" is no NAME=URL such as"
            + " \(member.name)=http://127.0.0.1:2380")
      }
      if let place = members.firstIndex(where: { $0.name == sides[0] }) {
        members[place].peerURLs.append(sides[1])
      } else {
        members.append(InitialMember(name: sides[0], peerURLs: [sides[1]]))
      }
    }
    if members.isEmpty { return }
    guard let own = members.first(where: { $0.name == member.name }) else {
      let names = members.map { "\"\($0.name)\"" }.joined(separator: ", ")
      throw FlagError(
        description: "--initial-cluster names \(names), but this member is \"\(member.name)\";"
          + " one of them must be --name")
    }
    let urls = own.peerURLs
    if !values.isGiven("initial-advertise-peer-urls") {
      member.peerURLs = urls
    } else if Set(urls) != Set(member.peerURLs) {
      throw FlagError(
        description: "--initial-cluster has \(urls.joined(separator: ",")) for \"\(own.name)\", and"
          + " --initial-advertise-peer-urls \(member.peerURLs.joined(separator: ","));"
          + " give both the same URLs")
    }
    member.initialMembers = members
  }

  private mutating func readStorage(_ values: FlagValues) throws(FlagError) {
    let quota = values.number("quota-backend-bytes")
    // A negative quota switches the check off, as in etcd.
    member.quotaBytes = quota == 0 ? Limits.quotaBytes : quota < 0 ? Int64.max : quota
    let snapshotCount = values.number("snapshot-count")
    member.snapshotCount = snapshotCount == 0 ? 10_000 : UInt64(snapshotCount)
    member.requestBytes = Int(values.number("max-request-bytes"))
    member.syncsLog = !values.flag("unsafe-no-fsync")
    member.autoCompaction = try autoCompaction(
      values.text("auto-compaction-mode"), values.text("auto-compaction-retention"))
  }

  private func autoCompaction(
    _ mode: String, _ retention: String
  ) throws(FlagError) -> AutoCompaction {
    let number = Int64(retention)
    switch mode {
    case "periodic":
      let nanoseconds =
        number.map { Double($0) * 3_600e9 } ?? GoDuration.nanoseconds(retention).map(Double.init)
      // The upper bound is that of durations in Go, 292 years.
      guard let nanoseconds, (0..<9e18).contains(nanoseconds) else {
        throw FlagError(
          description: "--auto-compaction-retention \"\(retention)\" is neither a number of hours"
            + " nor a duration such as 30m")
      }
      let seconds = Int64((nanoseconds / 1e9).rounded(.up))
      return seconds == 0 ? .off : .periodic(seconds: seconds)
    case "revision":
      guard let number, number >= 0 else {
        throw FlagError(
          description: "--auto-compaction-retention \"\(retention)\" is no number of revisions")
      }
      return number == 0 ? .off : .revision(number)
    default:
      throw FlagError(
        description: "--auto-compaction-mode is \"\(mode)\"; periodic or revision is expected")
    }
  }

  private mutating func readTransport(_ values: FlagValues) throws(FlagError) {
    api.maxRequestBytes = Int(values.number("max-request-bytes"))
    api.maxTransactionOperations = Int(values.number("max-txn-ops"))
    api.slowRequestNanoseconds = values.nanoseconds("warning-unary-request-duration")
    api.servesGateway = values.flag("enable-grpc-gateway")
    api.access.origins = Set(values.list("cors"))
    api.access.hosts = Set(values.list("host-whitelist"))
    let progress = values.nanoseconds("watch-progress-notify-interval")
    if progress > 0 { member.watchProgressSeconds = max(1, progress / 1_000_000_000) }
    keepalive.minimumPingIntervalSeconds =
      Double(values.nanoseconds("grpc-keepalive-min-time")) / 1e9
    keepalive.intervalSeconds = Double(values.nanoseconds("grpc-keepalive-interval")) / 1e9
    keepalive.timeoutSeconds = Double(values.nanoseconds("grpc-keepalive-timeout")) / 1e9
    httpRequestSeconds = Double(values.nanoseconds("http-request-timeout")) / 1e9
    if httpRequestSeconds < 0.1 {
      throw FlagError(description: "--http-request-timeout: at least 100ms is expected")
    }
    let streams = values.number("max-concurrent-streams")
    if streams > 0 { maxConcurrentStreams = UInt32(clamping: streams) }
    for url in values.list("listen-client-urls") {
      clientURLs.append(try ListenURL(url, flag: "listen-client-urls"))
    }
    for url in values.list("listen-client-http-urls") {
      httpURLs.append(try ListenURL(url, flag: "listen-client-http-urls"))
    }
    for url in values.list("listen-metrics-urls") {
      metricsURLs.append(try ListenURL(url, flag: "listen-metrics-urls"))
    }
    if clientURLs.isEmpty {
      throw FlagError(description: "--listen-client-urls names no address")
    }
    // Clients that ask where the members are must not be sent to an address where none listens.
    if values.isGiven("listen-client-urls"), !values.isGiven("advertise-client-urls") {
      member.clientURLs = clientURLs.map(\.reachable)
    }
    let dataDirectory = member.dataDirectory
    let securesClients = (clientURLs + httpURLs + metricsURLs).contains { $0.isSecure }
    tls = try TLSFlags.read(values, isNeeded: securesClients)
    if tls == nil, securesClients {
      var options = TLSConfiguration.server(certificateFile: "", privateKeyFile: "")
      try TLSFlags.apply(values, to: &options)
      automaticTLS = AutomaticTLS(
        folder: dataDirectory + "/fixtures/client",
        years: values.number("self-signed-cert-validity"),
        hosts: (clientURLs + httpURLs).compactMap(\.host), options: options)
    }
  }
}
