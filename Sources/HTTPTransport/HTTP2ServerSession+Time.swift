internal import CNGHTTP2
internal import NIOCore

extension HTTP2ServerSession {
  /// Deadlines are looked at in steps of this size.
  private static let deadlineStep = TimeAmount.milliseconds(5)

  /// When `tick` must be called next.
  var nextWake: NIODeadline {
    var next = pings.nextWake
    if let earliestDeadline { next = min(next, earliestDeadline) }
    if let frameDeadline { next = min(next, frameDeadline) }
    return next
  }

  /// Ends calls whose deadline has passed, pings a peer that has been silent, and drops one that does not end
  /// what it has begun to send.
  func tick() {
    let instant = now()
    if let frameDeadline, frameDeadline <= instant {
      fail("the client does not end its \(frames.unfinished)")
    }
    if let earliest = earliestDeadline, earliest <= instant { expire(instant) }
    switch pings.tick(at: instant, hasReceived: hasReceived, configuration.keepalive) {
    case .nothing: break
    case .ping: submitPing()
    case .giveUp: fail("the client does not answer a ping")
    }
    hasReceived = false
  }

  private func expire(_ instant: NIODeadline) {
    var next: NIODeadline?
    for call in openCalls {
      guard let deadline = call.deadline, !call.isFinished else { continue }
      if deadline <= instant {
        refuse(call, CallStatus(.deadlineExceeded, "context deadline exceeded"))
      } else if next.map({ deadline < $0 }) ?? true {
        next = deadline
      }
    }
    earliestDeadline = next.map { max($0, instant + Self.deadlineStep) }
  }

  /// Begins a graceful end: says that streams will be refused.
  func announceShutdown() {
    isShuttingDown = true
    submitShutdownNotice()
  }

  /// Refuses new streams; when the open ones have ended, the connection is over.
  func refuseNewStreams() { submitGoAway(NGHTTP2_NO_ERROR) }
}

/// What a server thinks about pings: the client's, as grpc-go's enforcement policy judges them, and its own.
struct PingPolicy {
  /// What to do now.
  enum Action {
    case nothing
    case ping
    case giveUp
  }

  private var strikes = 0
  private var lastPing: NIODeadline?
  private var mayResetStrikes = false
  private var lastActivity = NIODeadline.distantPast
  private var pingSentAt: NIODeadline?
  private(set) var nextWake = NIODeadline.distantFuture

  /// Early pings that are forgiven.
  private static let forgivenPings = 2
  /// The pace that is demanded while no call is open.
  private static let idlePingInterval = TimeAmount.hours(2)

  mutating func start(at instant: NIODeadline, _ policy: KeepalivePolicy) {
    lastActivity = instant
    nextWake =
      policy.intervalSeconds > 0
      ? instant + .lasting(policy.intervalSeconds) : .distantFuture
  }

  /// Sending data makes the client's pings legitimate again.
  mutating func didSendData() { mayResetStrikes = true }

  /// Takes note of a client's ping; true if it was one too many.
  mutating func isExcessive(
    at instant: NIODeadline, isIdle: Bool, _ policy: KeepalivePolicy
  ) -> Bool {
    defer { lastPing = instant }
    if mayResetStrikes {
      mayResetStrikes = false
      strikes = 0
      return false
    }
    let interval =
      isIdle && !policy.permitsPingsWithoutCalls
      ? Self.idlePingInterval : .lasting(policy.minimumPingIntervalSeconds)
    if let lastPing, instant < lastPing + interval { strikes += 1 }
    return strikes > Self.forgivenPings
  }

  /// Decides whether to ping a client that is silent, and when to look again.
  mutating func tick(
    at instant: NIODeadline, hasReceived: Bool, _ policy: KeepalivePolicy
  ) -> Action {
    guard policy.intervalSeconds > 0 else { return .nothing }
    let interval = TimeAmount.lasting(policy.intervalSeconds)
    let timeout = TimeAmount.lasting(policy.timeoutSeconds)
    if hasReceived {
      lastActivity = instant
      pingSentAt = nil
      nextWake = instant + interval
      return .nothing
    }
    if let sent = pingSentAt {
      nextWake = sent + timeout
      return instant >= sent + timeout ? .giveUp : .nothing
    }
    nextWake = lastActivity + interval
    guard instant >= lastActivity + interval else { return .nothing }
    pingSentAt = instant
    nextWake = instant + timeout
    return .ping
  }
}

/// Counts what a client may do only so often in a second.
struct RateCounter {
  private var windowStart = NIODeadline.distantPast
  private var seen = 0
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Counts one; true if it is one too many.
  mutating func count(_ instant: NIODeadline) -> Bool {
    if windowStart == .distantPast || instant - windowStart > .seconds(1) {
      windowStart = instant
      seen = 0
    }
    seen += 1
    return seen > limit
  }
}
