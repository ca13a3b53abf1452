internal import NIOCore

/// When a call's time is up; nil inside means never.
struct Deadline: Sendable {
  let instant: ContinuousClock.Instant?

  init(after timeout: Duration?) {
    instant = timeout.map { ContinuousClock.now + $0 }
  }

  /// The time that is left; nil means no limit.
  var remaining: Duration? { instant.map { $0 - ContinuousClock.now } }

  var hasPassed: Bool { remaining.map { $0 <= .zero } ?? false }

  /// The same moment on the transport's clock.
  var forTransport: NIODeadline? {
    remaining.map { .now() + .nanoseconds(max(0, $0.nanoseconds)) }
  }

  /// Sleeps, but not past the deadline.
  /// - Throws: `cancelled` if the task is.
  func sleep(_ duration: Duration) async throws(KeelsonError) {
    do {
      try await Task.sleep(for: min(duration, max(.zero, remaining ?? duration)))
    } catch {
      throw .taskCancelled
    }
  }
}

extension Duration {
  /// As whole nanoseconds, saturated at about 146 years.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let limit = Int64.max / 2_000_000_000
    return max(-limit, min(limit, seconds)) * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// As seconds with a fraction.
  var inSeconds: Double { Double(nanoseconds) / 1e9 }
}

extension KeelsonError {
  static let taskCancelled = KeelsonError(.cancelled, "the call was cancelled")
  static let clientClosed = KeelsonError(.cancelled, "the client is shut down")
}
