public import NIOCore
public import Primitives

/// One gRPC call as its handler sees it.
///
/// Everything here is used on the call's event loop only, except `execute`, the one door for other
/// threads. After the call has ended (by `finish`, or by the client, a deadline or a lost
/// connection), `send` and `finish` do nothing, so an answer that comes too late needs no check.
public final class ServerCall: @unchecked Sendable {
  /// The request's header fields, `:authority` among them; without the other fields that begin with
  /// a colon, and without `grpc-timeout`.
  public let headers: Headers
  /// When the client stops waiting; nil if it does not say. The transport ends the call by itself
  /// then.
  public let deadline: NIODeadline?

  /// The method: `/package.Service/Method`.
  public var path: String { route.path }
  /// Who calls.
  public var peer: PeerIdentity { ends.peer }
  /// Whether the call has ended, by either side.
  public var isFinished: Bool { state.isFinished }
  /// Whether the client has sent all it had to send.
  public var isHalfClosed: Bool { state.isHalfClosed }

  /// Called with each message of the client.
  public var onMessage: ((Bytes) -> Void)? {
    get { handlers?.onMessage }
    set { makeHandlers().onMessage = newValue }
  }
  /// Called when the client has sent all; not after the call has ended.
  public var onHalfClose: (() -> Void)? {
    get { handlers?.onHalfClose }
    set { makeHandlers().onHalfClose = newValue }
  }
  /// Called at most once, and never after `finish`, if the client, its deadline or the connection
  /// ends the call.
  public var onCancel: ((CallStatus) -> Void)? {
    get { handlers?.onCancel }
    set { makeHandlers().onCancel = newValue }
  }
  /// Called when `isWritable` has become true again.
  public var onWritable: (() -> Void)? {
    get { handlers?.onWritable }
    set { makeHandlers().onWritable = newValue }
  }

  /// Called once when the call has ended, by whichever side, after what the others hold was let go.
  public var onEnd: (() -> Void)? {
    get { handlers?.onEnd }
    set { makeHandlers().onEnd = newValue }
  }

  /// When the call came: when the connection was read from, for all calls that one read brought.
  public let arrival: NIODeadline
  let streamID: Int32
  let route: Route
  let ends: ConnectionEnds
  var session: HTTP2ServerSession?
  /// Who reads the answers of a call that this process made itself; then there is no session.
  var local: LocalCall?
  var output = SendQueue()
  var input: RequestInput
  /// What stands in the trailers, once `finish` was called and until they are submitted; nil for
  /// plain success.
  var trailers: Headers?
  var state = State()
  /// What a handler wants to hear; a call that takes one message needs none.
  private var handlers: Handlers?
  /// The message of a call that takes one, until the half-close.
  private var request: Bytes?

  /// What has happened so far.
  ///
  /// Flags, and none of them under a queue or a buffer: the compiler proves then that no two
  /// accesses to them overlap, and leaves the checks out.
  struct State {
    var isFinished = false
    var isHalfClosed = false
    /// Whether the client has sent all; the handler may not know yet.
    var hasReceivedEnd = false
    /// Whether part of a message, or bytes that wait, are in `input`.
    var hasInput = false
    var hasSentHeaders = false
    /// Whether trailers are to follow what is in `output`.
    var endsWithTrailers = false
    var isDeferred = false
    var awaitsWritable = false
    var isPaused = false
    var isStarved = false
    var isDelivering = false
    var compressesAnswers = false
    var readsGzip = false
    /// Bytes in `output`, prefixes included.
    var unsentBytes = 0
  }

  /// How the client's compressed messages are to be read.
  enum RequestEncoding {
    case identity
    case gzip
  }

  private final class Handlers {
    var onMessage: ((Bytes) -> Void)?
    var onHalfClose: (() -> Void)?
    var onCancel: ((CallStatus) -> Void)?
    var onWritable: (() -> Void)?
    var onRequest: ((Bytes) -> Void)?
    var onEnd: (() -> Void)?
  }

  init(
    headers: Headers, arrival: NIODeadline, deadline: NIODeadline?, streamID: Int32, route: Route,
    session: HTTP2ServerSession
  ) {
    self.arrival = arrival
    self.headers = headers
    self.deadline = deadline
    self.streamID = streamID
    self.route = route
    self.session = session
    ends = session.ends
    input = RequestInput(limit: session.maxMessageBytes)
  }

  /// A call that this process makes itself.
  init(_ local: LocalCall, _ method: LocalMethod, _ origin: LocalCall.Origin) {
    headers = origin.headers
    arrival = .now()
    deadline = origin.deadline
    streamID = 0
    route = method.route
    ends = origin.ends
    input = RequestInput(limit: 0)
    self.local = local
  }

  private func makeHandlers() -> Handlers {
    if let handlers { return handlers }
    let new = Handlers()
    handlers = new
    return new
  }

  /// The loop on which all this happens, for timers; nil only when a session is driven without a
  /// socket.
  public var eventLoop: (any EventLoop)? { ends.outbox.eventLoop }

  /// Whether the buffers towards the client have room.
  ///
  /// Messages that are sent regardless are buffered. A call with nothing buffered is always
  /// writable.
  public var isWritable: Bool {
    guard let session, !isFinished else { return local?.isWritable ?? true }
    if state.unsentBytes == 0 || session.mayBuffer(state.unsentBytes) { return true }
    state.awaitsWritable = true
    return false
  }

  /// Whether its event loop has had nothing for a while but the calls of this connection, one at a
  /// time, so that to hold the loop up for a moment holds up nobody else who is busy.
  public var isAlone: Bool { session != nil && ends.outbox.isCalm }

  /// For unary and server-streaming methods: calls `body` with the one message of the request.
  ///
  /// A client that half-closes without a message, or sends two, is answered with INTERNAL as
  /// grpc-go does.
  public func onRequest(_ body: @escaping (_ message: Bytes) -> Void) {
    makeHandlers().onRequest = body
  }

  /// Hands a message of the client on.
  func receive(_ message: Bytes) {
    if route.unary == nil, handlers?.onRequest == nil {
      handlers?.onMessage?(message)
    } else if request == nil {
      request = message
    } else {
      finish(CallStatus(.internalError, "too many messages in a call that takes one"))
    }
  }

  /// Tells that the client has sent all.
  func halfClose() {
    let unary = route.unary
    let body = unary == nil ? handlers?.onRequest : nil
    if unary == nil, body == nil {
      handlers?.onHalfClose?()
      return
    }
    guard let message = request else {
      finish(CallStatus(.internalError, "the request has no message"))
      return
    }
    request = nil
    if let unary { return unary(self, message) }
    handlers?.onRequest = nil
    body?(message)
  }

  /// Sends the response's headers now, with `headers` among them; otherwise they go with the first
  /// message.
  public func sendHeaders(_ headers: Headers = []) {
    assertOnLoop()
    guard let session, !isFinished, !state.hasSentHeaders else { return }
    session.submitHeaders(self, headers)
  }

  /// Sends a message. It is shared, not copied, until it goes into the connection's buffer.
  public func send(_ message: Bytes) {
    assertOnLoop()
    guard let session, !isFinished else {
      if !isFinished { local?.take(message) }
      return
    }
    session.send(message, on: self)
  }

  /// Sends the only message, of exactly `count` bytes, which `body` writes, and ends the call with
  /// OK.
  public func finish(count: Int, _ body: (inout MessageWriter) -> Void) {
    finish(Bytes.message(count: count, body))
  }

  /// Ends the call, after all that was sent.
  public func finish(_ status: CallStatus = .ok, trailers: Headers = []) {
    assertOnLoop()
    guard !isFinished else { return }
    state.isFinished = true
    releaseHandlers()
    guard let session else {
      local?.end(status)
      return
    }
    session.finish(self, status, trailers)
  }

  /// Sends the only message and ends the call with OK.
  public func finish(_ message: Bytes) {
    assertOnLoop()
    guard let session, !isFinished else { return finishLocally(message) }
    session.send(message, on: self, isLast: true)
  }

  /// Whether a `MessageSource` is sent piece by piece, and not made whole first. It never changes.
  public var takesPieces: Bool { session != nil && !state.compressesAnswers }

  /// Sends the only message, made as the connection takes it, and ends the call with OK.
  ///
  /// Where all of it is needed at once, because the client wants it compressed or because this
  /// process made the call itself, it is made whole.
  public func finish(_ source: any MessageSource) {
    assertOnLoop()
    if isFinished { return }
    if source.count > Limits.answerBytes {
      let text = "grpc: trying to send message larger than max"
      return finish(
        CallStatus(
          .resourceExhausted, "\(text) (\(source.count) vs. \(Limits.answerBytes))"))
    }
    guard let session, !state.compressesAnswers else { return finish(source.whole()) }
    session.send(source, on: self)
  }

  private func finishLocally(_ message: Bytes) {
    if isFinished { return }
    local?.take(message)
    finish(.ok)
  }

  /// Stops `onMessage` until `resumeReading`; the client is held back by flow control.
  public func pauseReading() { state.isPaused = true }

  /// Lets messages come again.
  public func resumeReading() {
    assertOnLoop()
    guard state.isPaused else { return }
    state.isPaused = false
    if let session { session.deliver(self) } else { local?.deliver() }
  }

  /// Runs `body` on the call's event loop; may be called from any thread, also after the call has
  /// ended.
  ///
  /// Many of these from another thread cost one wake-up of the loop and one flush per connection.
  /// Keep at most a few under way per call: the queue is bounded by nothing else.
  public func execute(_ body: @escaping @Sendable () -> Void) { ends.outbox.execute(body) }

  func releaseHandlers() {
    if request != nil { request = nil }
    guard let handlers else { return }
    self.handlers = nil
    // They may hold the call that holds them.
    handlers.onMessage = nil
    handlers.onHalfClose = nil
    handlers.onCancel = nil
    handlers.onWritable = nil
    handlers.onRequest = nil
    guard let onEnd = handlers.onEnd else { return }
    handlers.onEnd = nil
    onEnd()
  }

  /// Ends the call from outside the handler.
  func cancel(_ status: CallStatus) {
    guard !isFinished else { return }
    state.isFinished = true
    let action = onCancel
    releaseHandlers()
    action?(status)
  }

  private func assertOnLoop() {
    invariant(ends.outbox.isCurrent, "a call to \(path) was used outside its event loop")
  }
}

/// What a connection's calls need to know of it, also after it has closed.
final class ConnectionEnds: Sendable {
  let peer: PeerIdentity
  let outbox: LoopOutbox

  init(peer: PeerIdentity, outbox: LoopOutbox) {
    self.peer = peer
    self.outbox = outbox
  }
}
