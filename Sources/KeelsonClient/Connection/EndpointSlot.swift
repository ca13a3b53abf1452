internal import HTTPTransport
internal import Synchronization

/// One endpoint with at most one connection to it; all callers share the attempt to make it.
final class EndpointSlot: Sendable {
  private struct State {
    var connection: ClientConnection?
    var attempt: Task<Result<ClientConnection, KeelsonError>, Never>?
    var failures = 0
    var restsUntil: ContinuousClock.Instant?
    var isClosed = false
  }

  let address: ServerAddress
  let settings: ClientConfiguration
  private let state = Mutex(State())

  init(address: ServerAddress, settings: ClientConfiguration) {
    self.address = address
    self.settings = settings
  }

  /// The open connection, if there is one.
  var openConnection: ClientConnection? {
    state.withLock { $0.connection }.flatMap { $0.isOpen ? $0 : nil }
  }

  /// When it makes sense to try this endpoint again; nil means now.
  var restsUntil: ContinuousClock.Instant? { state.withLock { $0.restsUntil } }

  /// The open connection, or a new one.
  func connect(within deadline: Deadline) async throws(KeelsonError) -> ClientConnection {
    if let connection = openConnection { return connection }
    let attempt = state.withLock { state -> Task<Result<ClientConnection, KeelsonError>, Never> in
      if let attempt = state.attempt { return attempt }
      let attempt = Task { await self.dial() }
      state.attempt = attempt
      return attempt
    }
    return try await Self.value(of: attempt, within: deadline, address: address).get()
  }

  /// Notes that a call on `connection` failed in a way that speaks against this endpoint.
  func reportFailure() {
    state.withLock { Self.noteFailure(&$0) }
  }

  /// Notes that a call was answered.
  func reportSuccess() {
    state.withLock {
      $0.failures = 0
      $0.restsUntil = nil
    }
  }

  /// Closes the connection; later attempts fail.
  func close() async {
    let (connection, attempt) = state.withLock { state in
      state.isClosed = true
      return (state.connection, state.attempt)
    }
    await connection?.close()
    attempt?.cancel()
  }

  private func dial() async -> Result<ClientConnection, KeelsonError> {
    let outcome: Result<ClientConnection, KeelsonError>
    do throws(TransportError) {
      outcome = .success(
        try await ClientConnection.connect(to: address.endpoint, configuration: settings))
    } catch {
      outcome = .failure(KeelsonError(error, endpoint: address.text))
    }
    let isUnwanted = state.withLock { state in
      state.attempt = nil
      switch outcome {
      case .success(let connection):
        state.connection = connection
        state.failures = 0
        state.restsUntil = nil
      case .failure: Self.noteFailure(&state)
      }
      return state.isClosed
    }
    if isUnwanted {
      if case .success(let connection) = outcome { await connection.close() }
      return .failure(.clientClosed)
    }
    return outcome
  }

  /// Rests 50 ms after the first failure, twice as long after each further one, 3 s at most; a random
  /// part keeps many clients from returning at once.
  private static func noteFailure(_ state: inout State) {
    state.failures += 1
    let milliseconds = min(3_000, 50 << min(state.failures - 1, 6))
    let spread = Int.random(in: milliseconds / 2...milliseconds)
    state.restsUntil = .now + .milliseconds(spread)
  }

  /// Waits for a shared attempt, but neither longer than the deadline nor past the caller's cancellation.
  private static func value(
    of attempt: Task<Result<ClientConnection, KeelsonError>, Never>, within deadline: Deadline,
    address: ServerAddress
  ) async -> Result<ClientConnection, KeelsonError> {
    let gate = OneShot<Result<ClientConnection, KeelsonError>>()
    let forward = Task { gate.set(await attempt.value) }
    let timer = deadline.remaining.map { remaining in
      Task {
        guard (try? await Task.sleep(for: max(.zero, remaining))) != nil else { return }
        gate.set(
          .failure(
            KeelsonError(
              .deadlineExceeded, "the deadline passed while connecting to \(address.text)")))
      }
    }
    defer {
      forward.cancel()
      timer?.cancel()
    }
    return await withTaskCancellationHandler {
      await gate.value()
    } onCancel: {
      gate.set(.failure(.taskCancelled))
    }
  }
}
