public import HTTPTransport
public import Identity
public import Member
public import Telemetry

/// The etcd v3 API of a member: its gRPC methods and its plain pages, ready for a server to serve.
public struct EtcdServices: Sendable {
  /// The gRPC methods.
  public let calls: CallRouter
  /// /health, /livez, /readyz, /version, /metrics and /debug/vars.
  public let pages: any HTTPHandler
  /// What client ports answer besides gRPC: the JSON gateway and the pages.
  public let door: any HTTPHandler
  private let streams: OpenStreams

  /// The services of `member`, for callers that `authenticator` tells apart; what they and `transport` count goes
  /// to `metrics`.
  public init(
    member: Member, configuration: APIConfiguration, authenticator: Authenticator,
    metrics: MetricRegistry, transport: TransportMetrics
  ) {
    let context = APIContext(
      member: member, configuration: configuration, authenticator: authenticator)
    streams = context.streams
    var router = CallRouter()
    KVService(context: context).register(in: &router)
    WatchService(context: context).register(in: &router)
    LeaseService(context: context).register(in: &router)
    ClusterService(context: context).register(in: &router)
    AuthService(context: context).register(in: &router)
    MaintenanceService(context: context).register(in: &router)
    // Made of the methods above, so they come last.
    LockService(context: context).register(in: &router)
    ElectionService(context: context).register(in: &router)
    let services = Set(router.paths.map { String($0.dropFirst().prefix { $0 != "/" }) })
    HealthService(context: context, services: services).register(in: &router)
    let access = context.access
    for path in router.paths {
      guard case .demand(let demand) = CallPolicy.of(path) else { continue }
      router.restrict(path) { call in access.refusal(of: demand, for: call) }
    }
    for path in router.paths { router.restrict(path) { call in context.refusal(of: call) } }
    member.observeLeader { [streams] hasLeader in
      if !hasLeader { streams.endThoseThatRequireLeader() }
    }
    member.observeDoubt { [streams] in streams.endThoseThatShowHistory() }
    calls = router
    let pages = StatusPages(member: member, metrics: metrics)
    self.pages = pages
    door = ClientDoor(
      rules: configuration.access,
      gateway: configuration.servesGateway
        ? JSONGateway(context: context, calls: router, transport: transport) : nil,
      pages: pages)
    transport.prepare(router.paths)
    ServerMetrics(member: member, transport: transport).register(in: metrics)
    context.meters.register(in: metrics)
  }

  /// Ends watches, keep-alive streams and snapshots with Unavailable, "server stopped", so that a server that
  /// stops needs to wait for short calls only; those that come later are refused likewise. Any thread.
  public func endStreams() { streams.endAll() }
}
