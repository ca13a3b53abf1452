internal import HTTPTransport
internal import Logging
internal import Member
internal import PeerTransport
internal import Primitives
internal import Synchronization
internal import Telemetry

/// What connects a member with the others: made by the member when it knows who it is, opened by the server.
final class PeerDoor: Sendable {
  private let settings: PeerSettings
  private let maxRequestBytes: Int
  private let log: @Sendable (MemberNotice) -> Void
  private let transport = Mutex<PeerTransport?>(nil)
  private let server = HTTPServer(on: PeerTransport.group)

  init(
    _ settings: PeerSettings, maxRequestBytes: Int, log: @escaping @Sendable (MemberNotice) -> Void
  ) {
    self.settings = settings
    self.maxRequestBytes = maxRequestBytes
    self.log = log
  }

  /// Makes the way to the other members, once.
  func connect(_ setup: PeerSetup) -> any PeerLink {
    var configuration = PeerConfiguration(cluster: setup.cluster, member: setup.member)
    configuration.clientTLS = settings.clientTLS
    configuration.maxRequestBytes = maxRequestBytes
    configuration.log = log
    if settings.checksAddress { configuration.refusal = { PeerAccess.refusal($0) } }
    let made = PeerTransport(configuration, inbox: setup.inbox)
    transport.withLock { $0 = made }
    return made
  }

  /// Listens to the other members.
  /// - Parameter isAlone: whether there are none: the address that nobody chose may then be another server's.
  func open(_ logger: Logger, _ metrics: MetricRegistry, isAlone: Bool) async throws {
    guard let transport = transport.withLock({ $0 }) else { return }
    transport.register(in: metrics)
    let tls = try settings.automaticTLS?.prepare() ?? settings.serverTLS
    for url in settings.listenURLs {
      var configuration = transport.serverConfiguration
      if url.isSecure {
        configuration.tls = tls
        let files = TLSFileTimes(tls)
        configuration.tlsGeneration = { files.generation }
        configuration.onTLSProblem = { problem in
          logger.warning("a member is refused", metadata: ["error": "\(problem)"])
        }
      }
      do {
        let address = try await server.bind(to: url.address, configuration: configuration)
        logger.info(
          "serving peer traffic", metadata: ["url": "\(url.text)", "address": "\(address)"])
      } catch {
        guard isAlone, !settings.isListenGiven else { throw error }
        logger.warning(
          "no other member can join: the default of --listen-peer-urls is taken",
          metadata: ["error": "\(error)"])
      }
    }
  }

  /// Ends all connections with other members.
  func close() async {
    await transport.withLock { $0 }?.stop()
    await server.shutdown(graceSeconds: 0.2)
  }
}
