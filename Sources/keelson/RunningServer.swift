internal import EtcdAPI
internal import Glibc
internal import HTTPTransport
internal import Identity
internal import Jobs
internal import Logging
internal import MVCC
internal import Member
internal import Primitives
internal import Telemetry

/// A member and the listeners in front of it.
struct RunningServer: Sendable {
  private let member: Member
  private let server: HTTPServer
  private let services: EtcdServices
  private let peers: PeerDoor
  private let backups: BackupJob
  private let logger: Logger
  /// Time that open calls have to end when the server stops.
  private static let graceSeconds = 3.0

  /// Opens the data directory, and then the listeners; logs the line that probes wait for.
  static func start(
    _ settings: ServerSettings, _ logger: Logger
  ) async throws -> RunningServer {
    var configuration = settings.member
    configuration.log = { notice in
      var metadata: Logger.Metadata = [:]
      for detail in notice.details { metadata[detail.name] = "\(detail.value)" }
      logger.log(level: level(notice.level), "\(notice.message)", metadata: metadata)
    }
    configuration.onFatal = { reason in
      logger.critical("the member can't go on", metadata: ["error": "\(reason)"])
      // At once: nothing that other threads hold may be tidied up under them.
      _exit(1)
    }
    configuration.onRemoved = {
      logger.critical("the member has been permanently removed from the cluster; it stops")
      // As etcd ends then: whoever restarts what failed must not restart this.
      _exit(0)
    }
    if !Keelson.hasMember(configuration.dataDirectory) {
      try await ClusterDiscovery(settings: settings, logger: logger).complete(&configuration)
    }
    let authenticator = try Authenticator(settings.authentication)
    let peers = PeerDoor(
      settings.peers, maxRequestBytes: settings.api.maxRequestBytes, log: configuration.log)
    configuration.connect = { peers.connect($0) }
    let member = try Member.start(configuration: configuration)
    let metrics = MetricRegistry()
    let transport = TransportMetrics()
    var api = settings.api
    api.onSlowRequest = { slow in
      logger.warning("a request took long", metadata: slow.metadata)
    }
    let services = EtcdServices(
      member: member, configuration: api, authenticator: authenticator, metrics: metrics,
      transport: transport)
    let server = HTTPServer(eventLoops: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let backups = BackupJob(settings.backups, of: member, log: configuration.log)
    backups.record.register(in: metrics)
    let running = RunningServer(
      member: member, server: server, services: services, peers: peers, backups: backups,
      logger: logger)
    do {
      try await peers.open(logger, metrics, isAlone: member.members.count == 1)
      try await running.listen(settings, transport)
      try backups.start()
    } catch {
      member.stop()
      throw error
    }
    logger.info(
      "ready to serve client requests",
      metadata: [
        "member": "\(member.id)", "cluster": "\(member.cluster)",
        "revision": "\(member.store.currentRevision)",
      ])
    return running
  }

  private func listen(
    _ settings: ServerSettings, _ transport: TransportMetrics
  ) async throws {
    var settings = settings
    if let automatic = settings.automaticTLS { settings.tls = try automatic.prepare() }
    var configuration = ServerConfiguration()
    configuration.http = services.pages
    configuration.maxRequestBytes = settings.api.maxRequestBytes
    configuration.maxConcurrentStreams = settings.maxConcurrentStreams
    configuration.keepalive = settings.keepalive
    configuration.httpIdleSeconds = settings.httpRequestSeconds
    configuration.metrics = transport
    for url in settings.metricsURLs {
      try await listen(on: url, for: "metrics", configuration, settings)
    }
    configuration.maxBodyBytes = settings.api.maxGatewayBodyBytes
    configuration.http = services.door
    for url in settings.httpURLs {
      try await listen(on: url, for: "HTTP client traffic", configuration, settings)
    }
    if !settings.httpURLs.isEmpty { configuration.http = nil }
    configuration.calls = services.calls
    for url in settings.clientURLs {
      try await listen(on: url, for: "client traffic", configuration, settings)
    }
  }

  private func listen(
    on url: ListenURL, for purpose: String, _ configuration: ServerConfiguration,
    _ settings: ServerSettings
  ) async throws {
    var configuration = configuration
    if url.isSecure {
      configuration.tls = settings.tls
      let files = TLSFileTimes(settings.tls)
      configuration.tlsGeneration = { files.generation }
      configuration.onTLSProblem = { [logger] problem in
        logger.warning("a TLS client is refused", metadata: ["error": "\(problem)"])
      }
    }
    let address = try await server.bind(to: url.address, configuration: configuration)
    logger.info(
      "serving \(purpose)", metadata: ["url": "\(url.text)", "address": "\(address)"])
  }

  /// Ends open calls, and then the member: what was acknowledged is in the log, what is flushed in the engine.
  func stop() async {
    services.endStreams()
    backups.stop()
    // The member first: it answers what it has taken and refuses the rest, and the loops carry those answers.
    member.stop()
    await peers.close()
    await server.shutdown(graceSeconds: Self.graceSeconds)
    member.close()
  }

  private static func level(_ level: MemberNotice.Level) -> Logger.Level {
    switch level {
    case .information: .info
    case .warning: .warning
    case .error: .error
    }
  }
}

/// A number that changes when one of the certificate files does, so that renewed ones are read without a
/// restart.
struct TLSFileTimes: Sendable {
  private let paths: [String]

  init(_ tls: TLSConfiguration?) {
    paths = tls?.files ?? []
  }

  var generation: Int {
    var hash = 0
    for path in paths {
      var information = stat()
      if unsafe stat(path, &information) == 0 {
        hash =
          hash &* 31 &+ information.st_mtim.tv_sec &* 1_000_003
          &+ information.st_mtim.tv_nsec &+ Int(information.st_ino)
      }
    }
    return hash
  }
}
