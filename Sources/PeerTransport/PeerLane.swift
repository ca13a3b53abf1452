internal import HTTPTransport
internal import Member
internal import NIOCore
internal import Primitives
internal import Raft
internal import Synchronization
internal import Telemetry

/// One of the two connections to another member, made again whenever it breaks: a stream of frames there, and
/// answers to questions back.
///
/// Heartbeats, votes and answers have a lane of their own, so that they never wait behind entries, neither
/// here nor in a socket's buffer. Who sends only puts things into the queue; the lane's event loop takes
/// all that has queued, makes frames of it, and stops when the connection takes no more.
///
/// `@unchecked`: what is not under the lock belongs to the event loop.
final class PeerLane: @unchecked Sendable {
  /// What travels here.
  enum Purpose: Sendable {
    /// Everything that is short.
    case prompt
    /// Entries, and long questions.
    case bulk
  }

  private enum Phase: Equatable {
    /// Not connected yet, and nothing has failed: what is sent waits.
    case connecting
    case open
    /// The last attempt failed: what is sent is dropped.
    case failing
    case stopped
  }

  private struct Shared {
    var queue: LaneQueue
    var urls: [PeerURL]
    var phase = Phase.connecting
    var welcome: PeerWelcome?
    /// Whether the loop will look at the queue without being asked.
    var isPumpDue = false
    var isExpiryDue = false
    var lastReport: ContinuousClock.Instant?
    var runner: Task<Void, Never>?
  }

  let member: MemberID
  let purpose: Purpose
  private let dialer: PeerDialer
  private let inbox: any PeerInbox
  private let counters: PeerCounters
  private let shared: Mutex<Shared>
  private let loop: any EventLoop

  // On the loop.
  private var stream: CallbackStream?
  private var protocolNumber = PeerProtocol.spoken.lowerBound
  private var unsentBytes = 0
  private var isStalled = false
  private var pings: RepeatedTask?
  private var isPinging = false
  private var framesReceived = 0

  /// gRPC's prefix of a message.
  private static let prefixBytes = 5

  init(
    to member: MemberID, at urls: [PeerURL], _ purpose: Purpose, dialer: PeerDialer,
    inbox: any PeerInbox, counters: PeerCounters
  ) {
    self.member = member
    self.purpose = purpose
    self.dialer = dialer
    self.inbox = inbox
    self.counters = counters
    loop = dialer.loop
    let limit = purpose == .prompt ? Limits.peerPromptBytes : Limits.peerBulkBytes
    shared = Mutex(Shared(queue: LaneQueue(limitBytes: limit), urls: urls))
    let runner = Task { await self.run() }
    shared.withLock { $0.runner = runner }
  }

  /// What the other member said when the connection was made last; nil before.
  var welcome: PeerWelcome? { shared.withLock { $0.welcome } }

  var isOpen: Bool { shared.withLock { $0.phase == .open } }

  /// Goes to other addresses from the next attempt on.
  func move(to urls: [PeerURL]) {
    let hasMoved = shared.withLock { shared in
      if shared.urls == urls { return false }
      shared.urls = urls
      return true
    }
    if hasMoved { loop.execute { self.stream?.cancel() } }
  }

  /// Ends the connection for good.
  func stop() {
    let runner = shared.withLock { shared in
      shared.phase = .stopped
      return shared.runner
    }
    runner?.cancel()
    loop.execute { self.stream?.cancel() }
    dropAll()
  }

  // MARK: In

  /// Queues a message, or drops it and reports that.
  func send(_ message: Message) {
    let (isTaken, isPumpNeeded) = shared.withLock { shared in
      guard shared.phase == .open || shared.phase == .connecting, shared.queue.append(message)
      else { return (false, false) }
      return (true, Self.claimPump(&shared))
    }
    if isPumpNeeded { loop.execute { self.pump() } }
    if !isTaken {
      counters.sendFailures.add()
      report()
    }
  }

  /// Asks something.
  func call(
    _ method: PeerMethod, _ payload: Bytes, timeout: Duration,
    completion: @escaping LaneQueue.Completion
  ) {
    let (isTaken, isPumpNeeded) = shared.withLock { shared in
      guard shared.phase == .open || shared.phase == .connecting,
        shared.queue.append(method, payload, deadline: .now + timeout, completion)
      else { return (false, false) }
      let isExpiryNeeded = !shared.isExpiryDue
      shared.isExpiryDue = true
      if isExpiryNeeded { loop.execute { self.planExpiry() } }
      return (true, Self.claimPump(&shared))
    }
    if isPumpNeeded { loop.execute { self.pump() } }
    if !isTaken {
      counters.sendFailures.add()
      completion(.failure(.unreachable))
    }
  }

  private static func claimPump(_ shared: inout Shared) -> Bool {
    guard shared.phase == .open, !shared.isPumpDue else { return false }
    shared.isPumpDue = true
    return true
  }

  /// Tells the member that messages are lost, at most so often.
  private func report() {
    let now = ContinuousClock.Instant.now
    let isDue = shared.withLock { shared in
      if let last = shared.lastReport, now - last < PeerTimes.reportInterval { return false }
      shared.lastReport = now
      return shared.phase != .stopped
    }
    if isDue { inbox.unreachable(member) }
  }

  // MARK: Out, on the loop

  private func pump() {
    while let stream {
      if unsentBytes >= Limits.streamBufferBytes {
        // The pump stays claimed: what makes room goes on.
        isStalled = true
        return
      }
      let items = shared.withLock { shared in
        let items = shared.queue.take(upTo: Limits.peerFrameBytes)
        if items.isEmpty { shared.isPumpDue = false }
        return items
      }
      if items.isEmpty { return }
      let frame = PeerFrame.encode(items, speaking: protocolNumber)
      unsentBytes += frame.count + Self.prefixBytes
      counters.sentBytes.add(frame.count)
      stream.send(frame)
    }
    shared.withLock { $0.isPumpDue = false }
  }

  private func didSend(_ count: Int) {
    unsentBytes -= count
    guard isStalled, unsentBytes <= Limits.streamBufferBytes / 2 else { return }
    isStalled = false
    loop.execute { self.pump() }
  }

  private func didReceive(_ frame: Bytes) {
    framesReceived += 1
    counters.receivedBytes.add(frame.count)
    let items: [PeerItem]
    do throws(DecodingError) {
      items = try PeerFrame.decode(frame, from: member, to: dialer.configuration.member)
    } catch {
      counters.receiveFailures.add()
      stream?.cancel()
      return
    }
    for case .reply(let number, let result) in items {
      let completion = shared.withLock { $0.queue.removeCall(number) }
      completion?(result.mapError { PeerCallError.refused($0) })
    }
  }

  private func planExpiry() {
    loop.scheduleTask(in: .milliseconds(PeerTimes.callStep.milliseconds)) {
      let now = ContinuousClock.Instant.now
      let (expired, goesOn) = self.shared.withLock { shared in
        let expired = shared.queue.removeCalls(before: now)
        shared.isExpiryDue = !shared.queue.calls.isEmpty
        return (expired, shared.isExpiryDue)
      }
      for completion in expired { completion(.failure(.timeout)) }
      if goesOn { self.planExpiry() }
    }
  }

  /// Asks for a sign of life. What is behind a broken cable never ends a connection by itself.
  private func ping() {
    if isPinging || stream == nil { return }
    isPinging = true
    let (start, framesBefore) = (ContinuousClock.Instant.now, framesReceived)
    shared.withLock { shared in
      shared.queue.prependPing(deadline: start + PeerTimes.pingTimeout) { [weak self] result in
        let end = ContinuousClock.Instant.now
        guard let self else { return }
        loop.execute { self.didPing(result, end - start, framesBefore) }
      }
      if !shared.isExpiryDue {
        shared.isExpiryDue = true
        loop.execute { self.planExpiry() }
      }
    }
    pump()
  }

  private func didPing(
    _ result: Result<Bytes, PeerCallError>, _ time: Duration, _ framesBefore: Int
  ) {
    isPinging = false
    switch result {
    case .success:
      let nanoseconds = time.nanoseconds
      counters.roundTrips.observe(nanoseconds: nanoseconds)
      counters.lastRoundTrip.store(max(1, nanoseconds), ordering: .relaxed)
    case .failure(.timeout):
      if framesReceived == framesBefore { stream?.cancel() }
    case .failure: break
    }
  }

  // MARK: The connection

  private func run() async {
    var backOff = BackOff()
    var outage = Outage(lane: self)
    var turn = 0
    while let urls = runningURLs() {
      turn += 1
      guard !urls.isEmpty else {
        try? await Task.sleep(for: PeerTimes.longestPause)
        continue
      }
      let url = urls[turn % urls.count]
      do throws(PeerDialer.Failure) {
        let (connection, welcome) = try await dialer.connect(to: member, at: url)
        outage.ends()
        let begin = ContinuousClock.Instant.now
        let status = await carry(connection, welcome)
        await connection.close()
        counters.disconnections.add()
        if begin.duration(to: .now) > PeerTimes.longestPause { backOff.reset() }
        lose()
        outage.begins("the connection ended: \(status.message)")
      } catch {
        lose()
        switch error {
        case .refused(let refusal):
          backOff.exhaust()
          if purpose == .prompt { inbox.refused(by: member, refusal) }
          outage.begins("it refuses: \(refusal.message)")
        case .unreachable(let reason): outage.begins(reason)
        }
      }
      if runningURLs() != nil { try? await Task.sleep(for: backOff.next()) }
    }
    dropAll()
  }

  /// Where to connect to; nil once the lane has been stopped.
  private func runningURLs() -> [PeerURL]? {
    shared.withLock { $0.phase == .stopped ? nil : $0.urls }
  }

  /// Carries frames until the stream ends.
  private func carry(_ connection: ClientConnection, _ welcome: PeerWelcome) async -> CallStatus {
    await withCheckedContinuation { continuation in
      loop.execute {
        let isRunning = self.shared.withLock { shared in
          if shared.phase == .stopped { return false }
          shared.phase = .open
          shared.welcome = welcome
          shared.isPumpDue = true
          return true
        }
        guard isRunning else {
          return continuation.resume(returning: CallStatus(.cancelled, "the member stops"))
        }
        (self.unsentBytes, self.isStalled, self.isPinging) = (0, false, false)
        self.protocolNumber = welcome.protocolNumber
        self.stream = connection.openStream(
          PeerPath.messages, headers: self.dialer.headers(to: self.member, welcome),
          onSent: { [weak self] in self?.didSend($0) },
          onMessage: { [weak self] in self?.didReceive($0) },
          onEnd: { [weak self] status in
            self?.pings?.cancel()
            self?.stream = nil
            continuation.resume(returning: status)
          })
        let interval = TimeAmount.milliseconds(PeerTimes.pingInterval.milliseconds)
        self.pings = self.loop.scheduleRepeatedTask(initialDelay: .zero, delay: interval) { _ in
          self.ping()
        }
        self.pump()
      }
    }
  }

  /// From now on messages are dropped; those that wait are, too.
  private func lose() {
    let wasUp = shared.withLock { shared in
      if shared.phase == .stopped { return false }
      let wasUp = shared.phase == .open
      shared.phase = .failing
      shared.isPumpDue = false
      return wasUp
    }
    if dropAll() > 0 || wasUp { inbox.unreachable(member) }
  }

  @discardableResult
  private func dropAll() -> Int {
    let (calls, messages) = shared.withLock { $0.queue.removeAll() }
    for (completion, isSent) in calls { completion(.failure(isSent ? .lost : .unreachable)) }
    counters.sendFailures.add(messages)
    return messages
  }

  /// Tells that a member can't be reached, each reason once, and that it can again.
  private struct Outage {
    let lane: PeerLane
    private var reasons: Set<String> = []
    /// Reasons that are told. Beyond: nothing new is learnt from more.
    private static let reasonsTold = 4

    init(lane: PeerLane) { self.lane = lane }

    mutating func begins(_ reason: String) {
      guard lane.purpose == .prompt, reasons.count < Self.reasonsTold, !reasons.contains(reason),
        lane.runningURLs() != nil
      else { return }
      reasons.insert(reason)
      lane.dialer.configuration.log(
        MemberNotice(
          .warning, "another member cannot be reached",
          [.init("member", "\(lane.member)"), .init("error", reason)]))
    }

    mutating func ends() {
      guard lane.purpose == .prompt else { return }
      reasons = []
      lane.dialer.configuration.log(
        MemberNotice(
          .information, "connected to another member", [.init("member", "\(lane.member)")]))
    }
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 { nanoseconds / 1_000_000 }

  /// Whole nanoseconds, up to the largest number.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow
      ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
  }
}
