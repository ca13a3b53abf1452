internal import HTTPTransport
internal import Synchronization

/// The endpoints of a client: stays with one while it works, and goes round when it does not.
final class EndpointPool: Sendable {
  private struct State {
    var preferred = 0
    var isClosed = false
  }

  private let slots: [EndpointSlot]
  private let waitsForConnection: Bool
  private let state = Mutex(State())

  init(_ configuration: Configuration) throws(KeelsonError) {
    guard !configuration.endpoints.isEmpty else {
      throw KeelsonError(.invalidConfiguration, "no endpoint is given")
    }
    var slots: [EndpointSlot] = []
    for text in configuration.endpoints {
      let address = try ServerAddress(text)
      slots.append(
        EndpointSlot(address: address, settings: Self.settings(configuration, for: address)))
    }
    self.slots = slots
    waitsForConnection = configuration.waitsForConnection
  }

  /// The endpoint that the configuration names first.
  var first: EndpointSlot { slots[0] }

  private static func settings(
    _ configuration: Configuration, for address: ServerAddress
  ) -> ClientConfiguration {
    var settings = ClientConfiguration()
    if address.isEncrypted ?? (configuration.tls != nil && configuration.encryptsWithoutScheme) {
      let tls = configuration.tls ?? Configuration.TLS()
      settings.tls = .client(
        authorityFile: tls.authorityFile, certificateFile: tls.certificateFile,
        privateKeyFile: tls.keyFile, serverName: tls.serverName,
        verification: tls.skipsVerification ? .none : .require)
    }
    settings.connectSeconds = configuration.dialTimeout.inSeconds
    settings.maxMessageBytes = configuration.maxResponseBytes
    settings.keepaliveIntervalSeconds = configuration.keepaliveInterval?.inSeconds
    settings.keepaliveTimeoutSeconds = configuration.keepaliveTimeout.inSeconds
    settings.userAgent = "keelson-client"
    return settings
  }

  /// An open connection and the endpoint that it belongs to.
  ///
  /// Without one, endpoints that have not failed lately are tried first, from the preferred one on. If all
  /// fail, the round is repeated until the deadline, or the failure is thrown if waiting is switched off.
  /// - Throws: `connectionFailed` (nothing was sent), `deadlineExceeded`, `cancelled`.
  func connection(
    within deadline: Deadline
  ) async throws(KeelsonError) -> (connection: ClientConnection, slot: EndpointSlot) {
    var failures: [String: KeelsonError] = [:]
    while true {
      let (preferred, isClosed) = state.withLock { ($0.preferred, $0.isClosed) }
      if isClosed { throw .clientClosed }
      let slot = slots[preferred]
      if slot.restsUntil == nil, let connection = slot.openConnection { return (connection, slot) }

      for index in candidates(from: preferred) {
        do throws(KeelsonError) {
          let connection = try await slots[index].connect(within: deadline)
          state.withLock { $0.preferred = index }
          return (connection, slots[index])
        } catch {
          if error.code != .connectionFailed {
            throw failures.isEmpty || error.code == .cancelled
              ? error : Self.merged(failures, slots)
          }
          failures[slots[index].address.text] = error
        }
      }
      if !waitsForConnection || deadline.hasPassed { throw Self.merged(failures, slots) }
      let wakeUp = slots.compactMap(\.restsUntil).min() ?? .now
      try await deadline.sleep(max(.milliseconds(10), wakeUp - .now))
    }
  }

  /// Moves on from an endpoint that failed a call.
  func reportFailure(of slot: EndpointSlot) {
    slot.reportFailure()
    state.withLock { state in
      if slots[state.preferred] === slot { state.preferred = (state.preferred + 1) % slots.count }
    }
  }

  func close() async {
    state.withLock { $0.isClosed = true }
    for slot in slots { await slot.close() }
  }

  /// All endpoints in the order in which to try them: those that rest come last, the soonest back first.
  private func candidates(from preferred: Int) -> [Int] {
    let now = ContinuousClock.now
    let ring = slots.indices.map { (preferred + $0) % slots.count }
    let rests = ring.map { slots[$0].restsUntil.flatMap { $0 > now ? $0 : nil } }
    let ready = zip(ring, rests).filter { $0.1 == nil }.map(\.0)
    let resting = zip(ring, rests).compactMap { index, until in until.map { (index, $0) } }
      .sorted { $0.1 < $1.1 }.map(\.0)
    return ready + resting
  }

  private static func merged(
    _ failures: [String: KeelsonError], _ slots: [EndpointSlot]
  ) -> KeelsonError {
    let texts = slots.compactMap { failures[$0.address.text]?.message }
    return KeelsonError(.connectionFailed, "cannot connect to " + texts.joined(separator: "; "))
  }
}
