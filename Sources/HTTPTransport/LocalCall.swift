public import NIOCore
public import Primitives
internal import Synchronization

/// A call that this process makes of one of its own methods, on the event loop of the request that asks for it.
///
/// Used on that loop only. The one who makes it sends messages while `wantsMessages`, reads answers in `onMessage`, and
/// cancels it when nobody waits any more. Nothing is copied or framed on the way.
public final class LocalCall: @unchecked Sendable {
  /// On whose behalf a call is made.
  public struct Origin {
    let headers: Headers
    let deadline: NIODeadline?
    let ends: ConnectionEnds

    /// On behalf of a request that is not gRPC.
    /// - Parameters:
    ///   - headers: the fields that the method sees.
    ///   - deadline: when the call is ended; nil for never.
    public init(
      _ responder: HTTPResponder, headers: Headers, peer: PeerIdentity, deadline: NIODeadline?
    ) {
      self.headers = headers
      self.deadline = deadline
      ends = ConnectionEnds(peer: peer, outbox: responder.outbox)
    }

    /// On behalf of another call: with its headers and its peer. The other's deadline ends the other, which cancels this.
    public init(_ call: ServerCall) {
      headers = call.headers
      deadline = nil
      ends = call.ends
    }
  }

  /// Called with each answer.
  public var onMessage: ((Bytes) -> Void)?
  /// Called once when the method, or the deadline, has ended the call; not after `cancel`.
  public var onEnd: ((CallStatus) -> Void)?
  /// Called when `wantsMessages` has become true again.
  public var onReadable: (() -> Void)?
  /// Asked by the method before it sends more; nil means that there is always room.
  public var hasRoom: (() -> Bool)?

  private var call: ServerCall?
  private let route: Route
  private var timer: Scheduled<Void>?
  private let maxMessageBytes: Int
  private let outbox: LoopOutbox

  /// Makes a call; `start` hands it to the method.
  /// - Parameter maxMessageBytes: the largest message that may be sent to the method.
  public init(
    _ method: LocalMethod, _ origin: Origin,
    maxMessageBytes: Int = Limits.requestBytes + Limits.messageOverheadBytes
  ) {
    route = method.route
    self.maxMessageBytes = maxMessageBytes
    outbox = origin.ends.outbox
    call = ServerCall(self, method, origin)
  }

  deinit { timer?.cancel() }

  /// Hands the call to its method, which may answer at once.
  public func start() {
    guard let call, case .success(let method) = route.resolution else { return }
    route.metrics?.started.add(1, ordering: .relaxed)
    if let deadline = call.deadline {
      timer = outbox.eventLoop?.scheduleTask(deadline: deadline) { [weak self] in
        self?.expire()
      }
    }
    if case .streaming(let handler) = method { handler.handle(call) }
  }

  /// Whether the method reads, and has not ended the call.
  public var wantsMessages: Bool {
    guard let call else { return false }
    return !call.isFinished && !call.state.isPaused
  }

  /// The loop on which all this happens.
  public var eventLoop: (any EventLoop)? { outbox.eventLoop }

  /// Whether the call has ended.
  public var isFinished: Bool { call?.isFinished ?? true }

  /// Sends a message; only while `wantsMessages`.
  public func send(_ message: Bytes) {
    guard let call, !call.isFinished else { return }
    guard message.count <= maxMessageBytes else {
      let text = "grpc: received message larger than max (\(message.count) vs. \(maxMessageBytes))"
      return refuse(CallStatus(.resourceExhausted, text))
    }
    route.metrics?.receivedMessages.add(1, ordering: .relaxed)
    call.receive(message)
  }

  /// Tells that no more messages come.
  public func halfClose() {
    guard let call, !call.isFinished, !call.isHalfClosed else { return }
    call.state.isHalfClosed = true
    call.halfClose()
  }

  /// Sends the only message.
  public func sendOnly(_ message: Bytes) {
    send(message)
    halfClose()
  }

  /// Ends the call, because nobody waits for its answers.
  public func cancel() {
    guard let call, !call.isFinished else { return release() }
    route.metrics?.ended(.cancelled, after: .now() - call.arrival)
    release()
    call.cancel(CallStatus(.cancelled, "context canceled"))
  }

  /// Tells the method that there is room again.
  public func becameWritable() {
    guard let call, !call.isFinished else { return }
    call.onWritable?()
  }

  private func expire() {
    refuse(CallStatus(.deadlineExceeded, "context deadline exceeded"))
  }

  private func refuse(_ status: CallStatus) {
    guard let call, !call.isFinished else { return }
    call.cancel(status)
    end(status)
  }

  private func release() {
    timer?.cancel()
    timer = nil
    onMessage = nil
    onEnd = nil
    onReadable = nil
    hasRoom = nil
    call = nil
  }

  // MARK: What the call asks of this

  var isWritable: Bool { hasRoom?() ?? true }

  func take(_ message: Bytes) {
    route.metrics?.sentMessages.add(1, ordering: .relaxed)
    onMessage?(message)
  }

  func end(_ status: CallStatus) {
    if let call { route.metrics?.ended(status.code, after: .now() - call.arrival) }
    let action = onEnd
    release()
    action?(status)
  }

  /// The method reads again.
  func deliver() { onReadable?() }
}

extension NIODeadline {
  /// When a client stops waiting that sends this `grpc-timeout`; nil if that is none.
  public static func after(grpcTimeout text: String) -> NIODeadline? {
    GRPCTimeout.parse(text).map { .now() + $0 }
  }
}
