internal import HTTPTransport
internal import NIOCore
internal import Primitives

/// How a load sends its requests.
enum Pace: Sendable, Hashable, CustomStringConvertible {
  /// Each answer sends the lane's next request.
  case closed
  /// So many requests a second, whatever the answers do; their latency counts from when they were
  /// due.
  case open(perSecond: Int)

  var description: String {
    switch self {
    case .closed: "closed"
    case .open(let rate): "open, \(rate)/s"
    }
  }
}

/// A load on one server: connections, and lanes on them that each have one call in flight.
///
/// All of it lives on one event loop, so that an answer costs no lock and no hop. A call that fails
/// is not repeated: it ends its lane, so that a refusing server is not hammered, and the error
/// stays visible.
final class LoadRun: @unchecked Sendable {
  /// What was answered since the last look.
  struct Counts: Sendable {
    var answers = 0
    var latencies = Histogram()
  }

  private let loop: any EventLoop
  private let connections: [ClientConnection]
  private let traffic: any Traffic
  private let pace: Pace
  private let lanes: Int
  /// Where each lane is a stream of its own, its method.
  private let streamMethod: String?
  /// What each call carries; streams carry nothing.
  private let headers: Headers
  private var streams: [CallbackStream] = []
  private var dueTimes: [NIODeadline]
  private var counts = Counts()
  private var errors = 0
  private var wrong = 0
  private var firstError: CallStatus?
  private var inFlight = 0
  private var isRunning = false
  private var remaining = Int.max
  // Of an open loop only.
  private var idleLanes: [Int] = []
  private var startedAt = NIODeadline.uptimeNanoseconds(0)
  private var issued = 0
  private var ticker: RepeatedTask?

  /// An open loop looks this often whether requests are due.
  private static let tick = TimeAmount.milliseconds(1)

  /// Prepares a load; nothing is sent yet.
  init(
    connections: [ClientConnection], loop: any EventLoop, lanes: Int, pace: Pace = .closed,
    streamMethod: String? = nil, headers: Headers = [], traffic: any Traffic
  ) {
    self.connections = connections
    self.loop = loop
    self.lanes = lanes
    self.pace = pace
    self.streamMethod = streamMethod
    self.headers = headers
    self.traffic = traffic
    dueTimes = [NIODeadline](repeating: .now(), count: lanes)
  }

  /// Begins, for at most so many requests.
  func start(requests: Int = .max) async throws {
    try await onLoop {
      self.isRunning = true
      self.remaining = requests
      self.openStreams()
      switch self.pace {
      case .closed:
        for lane in 0..<self.lanes { self.goOn(lane) }
      case .open:
        self.idleLanes = Array(0..<self.lanes)
        self.startedAt = .now()
        self.issued = 0
        self.ticker = self.loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tick) { _ in
          self.sendDue()
        }
      }
    }
  }

  /// Takes what was counted since the last look.
  func take() async throws -> Counts {
    try await onLoop {
      defer { self.counts = Counts() }
      return self.counts
    }
  }

  /// Lets the calls in flight be the last ones, and waits for them.
  /// - Throws: `BenchError` if one failed, was answered wrongly, or is not answered in time.
  func stop(seconds: Double = 20) async throws {
    try await onLoop {
      self.isRunning = false
      self.ticker?.cancel()
      self.ticker = nil
    }
    try await drain(seconds: seconds)
    try await onLoop {
      for stream in self.streams { stream.cancel() }
      self.streams = []
    }
  }

  /// Waits until all requests of `start(requests:)` have been answered.
  func drain(seconds: Double) async throws {
    let deadline = NIODeadline.now() + .milliseconds(Int64(seconds * 1000))
    while try await onLoop({ self.inFlight }) > 0 {
      guard NIODeadline.now() < deadline else { throw BenchError("calls are not answered") }
      try await Task.sleep(for: .milliseconds(2))
    }
    try await check()
  }

  /// How many writes have been answered rightly so far.
  func writes() async throws -> Int { try await onLoop { self.traffic.writes } }

  /// Sends nothing more, whatever became of what was sent.
  func abandon() async {
    try? await onLoop {
      self.isRunning = false
      self.ticker?.cancel()
      for stream in self.streams { stream.cancel() }
    }
  }

  /// - Throws: `BenchError` if a call failed or was answered wrongly.
  func check() async throws {
    let (errors, wrong, first) = try await onLoop { (self.errors, self.wrong, self.firstError) }
    guard errors == 0, wrong == 0 else {
      throw BenchError("\(errors) errors, \(wrong) wrong answers. \(first?.description ?? "")")
    }
  }

  private func onLoop<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async throws -> Result {
    try await loop.submit(body).get()
  }

  private func goOn(_ lane: Int) {
    guard isRunning, remaining > 0 else { return }
    remaining -= 1
    send(lane, due: .now())
  }

  private func sendDue() {
    guard isRunning, case .open(let rate) = pace else { return }
    let elapsed = (NIODeadline.now() - startedAt).nanoseconds
    let due = Int(elapsed / 1_000 * Int64(rate) / 1_000_000)
    while issued < due, let lane = idleLanes.popLast() {
      let offset = Int64(issued) * 1_000_000_000 / Int64(rate)
      issued += 1
      send(lane, due: startedAt + .nanoseconds(offset))
    }
  }

  private func openStreams() {
    guard let streamMethod, streams.isEmpty else { return }
    streams = (0..<lanes).map { lane in
      connections[lane % connections.count].openStream(streamMethod) { message in
        self.finish(lane, .success(message))
      } onEnd: { status in
        if self.isRunning { self.finish(lane, .failure(status)) }
      }
    }
  }

  private func send(_ lane: Int, due: NIODeadline) {
    let (method, message) = traffic.request(lane)
    inFlight += 1
    dueTimes[lane] = due
    if streamMethod != nil {
      streams[lane].send(message)
    } else {
      connections[lane % connections.count].call(
        method, headers: headers, message: message
      ) { result in
        self.finish(lane, result)
      }
    }
  }

  private func finish(_ lane: Int, _ result: Result<Bytes, CallStatus>) {
    inFlight -= 1
    switch result {
    case .success(let answer):
      if traffic.isRight(answer, lane) {
        counts.answers += 1
        counts.latencies.add((NIODeadline.now() - dueTimes[lane]).nanoseconds)
      } else {
        wrong += 1
      }
      if pace == .closed { goOn(lane) } else { idleLanes.append(lane) }
    case .failure(let status):
      errors += 1
      if firstError == nil { firstError = status }
    }
  }
}
