internal import HTTPTransport
internal import Member
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import Raft
internal import ReplicaCore
internal import Telemetry

/// Streams one state to one member, over a connection of its own, and goes on over another when that breaks.
///
/// Chunks that the receiver has not taken stay in memory, `Limits.stateChunksInFlight` of them at most: the
/// receiver says which it expects, so nothing is lost or sent for nothing when the connection is made again.
struct StateSender: Sendable {
  let member: MemberID
  let mark: SnapshotMark
  let next: @Sendable () throws -> StateChunk?
  let dialer: PeerDialer
  let pool: NIOThreadPool
  let limiter: ByteRateLimiter
  let counters: PeerCounters
  /// Where the member listens, now.
  let urls: @Sendable () -> [PeerURL]

  private enum Failure: Error {
    /// It makes no sense to go on.
    case final(String)
  }

  /// What has been read from the state and not been taken by the receiver.
  private struct Window {
    var chunks: [StateChunk] = []
    var isRead = false
    var nextNumber: UInt32 = 0

    /// Drops what the receiver has; false if it lacks what is not here any more.
    mutating func confirm(_ expected: UInt32) -> Bool {
      chunks.removeAll { $0.number < expected }
      return (chunks.first?.number ?? nextNumber) == expected
    }
  }

  /// Sends the state.
  /// - Returns: its last entry once the receiver holds it durably; nil if it does not.
  func run() async -> LogIndex? {
    let transfer = UInt64.random(in: 1...UInt64.max)
    var window = Window()
    var backOff = BackOff()
    var lastProgress = ContinuousClock.Instant.now
    var attempts = 0
    while !Task.isCancelled {
      let before = window.chunks.first?.number ?? window.nextNumber
      let reason: String
      do {
        let urls = urls()
        guard !urls.isEmpty else { throw Failure.final("the member has gone") }
        attempts += 1
        try await attempt(urls[attempts % urls.count], transfer, &window)
        note(.information, "a state was sent to another member", [])
        return mark.last.index
      } catch Failure.final(let text) {
        return fail(text)
      } catch PeerDialer.Failure.refused(let refusal) {
        return fail(refusal.message)
      } catch {
        reason = "\(error)"
      }
      let now = ContinuousClock.Instant.now
      if (window.chunks.first?.number ?? window.nextNumber) != before {
        lastProgress = now
        backOff.reset()
      }
      if now - lastProgress > PeerTimes.statePatience { return fail(reason) }
      try? await Task.sleep(for: backOff.next())
    }
    return nil
  }

  private func attempt(
    _ url: PeerURL, _ transfer: UInt64, _ window: inout Window
  ) async throws {
    let (connection, welcome) = try await dialer.connect(to: member, at: url, keepsAlive: true)
    do {
      let stream = try await connection.openStream(
        PeerPath.state, headers: dialer.headers(to: member, welcome))
      try await stream.send(StateRequest.begin(transfer: transfer, mark: mark).encoded())
      if try await take(stream, &window) {
        for chunk in window.chunks { try await send(chunk, stream) }
        var isComplete = false
        while !isComplete {
          try await fill(&window, stream)
          isComplete = try await !take(stream, &window)
        }
      }
      stream.halfClose()
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// Reads and sends chunks while there is room in the window.
  private func fill(_ window: inout Window, _ stream: ClientStream) async throws {
    while !window.isRead, window.chunks.count < Limits.stateChunksInFlight {
      let next = next
      let chunk: StateChunk?
      do {
        chunk = try await pool.runIfActive { try next() }
      } catch {
        try? await stream.send(StateRequest.abandon.encoded())
        throw Failure.final("the state cannot be read: \(error)")
      }
      guard let chunk else {
        window.isRead = true
        return
      }
      window.chunks.append(chunk)
      window.nextNumber = chunk.number + 1
      window.isRead = chunk.isLast
      try await send(chunk, stream)
    }
  }

  private func send(_ chunk: StateChunk, _ stream: ClientStream) async throws {
    try await limiter.take(chunk.content.count)
    counters.sentBytes.add(chunk.content.count)
    try await stream.send(StateRequest.chunk(chunk).encoded())
  }

  /// Waits for the next answer; false once the receiver has everything.
  private func take(_ stream: ClientStream, _ window: inout Window) async throws -> Bool {
    guard let message = try await stream.receive() else {
      throw CallStatus(.unavailable, "the receiver ended the stream")
    }
    switch try StateAnswer.decode(message) {
    case .expects(let number):
      if window.confirm(number) { return true }
      try? await stream.send(StateRequest.abandon.encoded())
      throw Failure.final("the receiver lost what it had taken")
    case .complete: return false
    case .refused(let refusal): throw Failure.final(refusal.message)
    }
  }

  private func fail(_ reason: String) -> LogIndex? {
    counters.statesFailed.add()
    note(.warning, "a state could not be sent to another member", [.init("error", reason)])
    return nil
  }

  private func note(
    _ level: MemberNotice.Level, _ text: String, _ details: [MemberNotice.Detail]
  ) {
    let names: [MemberNotice.Detail] = [
      .init("member", "\(member)"), .init("last-entry", "\(mark.last)"),
    ]
    dialer.configuration.log(MemberNotice(level, text, names + details))
  }
}

/// Lets so many bytes pass in a second, over all who ask.
actor ByteRateLimiter {
  private let bytesPerSecond: Int
  /// When all that was let through will have had its time.
  private var paidUntil = ContinuousClock.Instant.now
  /// What may pass at once after a pause.
  private static let burst = Duration.milliseconds(20)

  init(bytesPerSecond: Int) { self.bytesPerSecond = max(1, bytesPerSecond) }

  /// Waits until the bytes may pass.
  func take(_ count: Int) async throws {
    let now = ContinuousClock.Instant.now
    let start = max(paidUntil, now - Self.burst)
    paidUntil = start + .nanoseconds(Int64(Double(count) / Double(bytesPerSecond) * 1e9))
    if start > now { try await Task.sleep(until: start) }
  }
}
