internal import KeelsonClient
internal import Primitives

/// A lease that is kept alive while a command holds something, and what ends the holding.
struct LineSession: Sendable {
  /// Why a command holds no longer.
  enum End: Sendable {
    case interrupted
    /// The lease is gone.
    case expired
  }

  let client: StoreClient
  let lease: LeaseID
  private let interruption: Interruption
  private let interrupted: Task<Void, Never>
  private let expired: Task<Void, Never>

  init(_ client: StoreClient, seconds: Int64) async throws {
    let interruption = Interruption()
    self.client = client
    self.interruption = interruption
    let lease = try await client.grantLease(seconds: seconds).lease
    self.lease = lease
    interrupted = Task { await interruption.wait() }
    expired = Task {
      // Ends with the lease, or with an error, which is the same here.
      do { for try await _ in client.keepAlive(lease) {} } catch {}
    }
  }

  /// Stands in line; a signal gives the place up.
  func waitForTurn(_ name: Bytes, value: Bytes = []) async throws -> LinePlace {
    try await unlessInterrupted { () async throws(KeelsonError) in
      try await client.waitForTurn(name, value: value, lease: lease)
    }
  }

  /// Waits for something; a signal ends the wait and gives back what hangs on the lease.
  func unlessInterrupted<Result: Sendable>(
    _ body: @escaping @Sendable () async throws(KeelsonError) -> Result
  ) async throws -> Result {
    let waiting = Task { () async throws(KeelsonError) in try await body() }
    let watcher = Task {
      await interrupted.value
      waiting.cancel()
    }
    defer { watcher.cancel() }
    do { return try await waiting.value } catch {
      await close()
      if let error = error as? KeelsonError, error.code != .cancelled { throw error }
      throw Failure(.error, "context canceled")
    }
  }

  /// Returns when a signal has come, or the lease is gone.
  func hold() async -> End {
    await withCheckedContinuation { continuation in
      let once = Once(continuation)
      Task {
        await interrupted.value
        once.resume(.interrupted)
      }
      Task {
        await expired.value
        once.resume(.expired)
      }
    }
  }

  /// Runs a command, waits for its end, and does what is to be done then; its exit status becomes the program's.
  func run(
    _ command: [String], adding variables: [String: String] = [:], andThen: () async throws -> Void
  ) async throws {
    let outcome = await withCheckedContinuation { continuation in
      detachThread {
        continuation.resume(
          returning: Subprocess.run(command.map(ArgumentText.bytes), adding: variables))
      }
    }
    try await andThen()
    switch outcome {
    case .exited(0): return
    case .exited(let status): throw ChildFailure(status: status, reason: "exit status \(status)")
    // As etcdctl has it: Go's status of a process that a signal ended is -1.
    case .signalled(let signal): throw ChildFailure(status: 255, reason: "signal: \(signal)")
    case .failed(let reason): throw Failure(.error, reason)
    }
  }

  /// Gives everything back that hangs on the lease.
  func close() async { _ = try? await client.revokeLease(lease) }
}

/// Resumes a continuation with the first of several outcomes.
private actor Once {
  private var continuation: CheckedContinuation<LineSession.End, Never>?

  init(_ continuation: CheckedContinuation<LineSession.End, Never>) {
    self.continuation = continuation
  }

  nonisolated func resume(_ end: LineSession.End) { Task { await take(end) } }

  private func take(_ end: LineSession.End) {
    continuation?.resume(returning: end)
    continuation = nil
  }
}
