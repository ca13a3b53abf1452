public import NIOCore
public import Primitives

/// One gRPC call as its handler sees it.
///
/// Everything here is used on the call's event loop only, except `execute`, the one door for other threads.
/// After the call has ended (by `finish`, or by the client, a deadline or a lost connection), `send` and
/// `finish` do nothing, so an answer that comes too late needs no check.
public final class ServerCall: @unchecked Sendable {
  /// The method: `/package.Service/Method`.
  public let path: String
  /// The request's header fields, `:authority` among them; without the other fields that begin with a colon.
  public let headers: Headers
  /// Who calls.
  public let peer: PeerIdentity
  /// When the client stops waiting; nil if it does not say. The transport ends the call by itself then.
  public let deadline: NIODeadline?
  /// Whether the call has ended, by either side.
  public internal(set) var isFinished = false
  /// Whether the client has sent all it had to send.
  public internal(set) var isHalfClosed = false

  /// Called with each message of the client.
  public var onMessage: ((Bytes) -> Void)?
  /// Called when the client has sent all; not after the call has ended.
  public var onHalfClose: (() -> Void)?
  /// Called at most once, and never after `finish`, if the client, its deadline or the connection ends the call.
  public var onCancel: ((CallStatus) -> Void)?
  /// Called when `isWritable` has become true again.
  public var onWritable: (() -> Void)?

  let streamID: Int32
  let route: Route
  var session: HTTP2ServerSession?
  var output = SendQueue()
  var input: RequestInput
  /// What stands in the trailers, once `finish` was called and until they are submitted.
  var trailers: Headers?
  var status = CallStatus.ok
  var state = State()
  var requestEncoding = RequestEncoding.identity
  /// What `onRequest` was given, and the message that waits for the half-close: kept here, not in closures
  /// over each other, because that costs a small call three allocations.
  private var requestBody: ((Bytes) -> Void)?
  private var request: Bytes?

  /// What has happened on the way out.
  struct State {
    var hasSentHeaders = false
    var isDeferred = false
    var awaitsWritable = false
    var isPaused = false
    var isStarved = false
    var isDelivering = false
    var compressesAnswers = false
  }

  /// How the client's compressed messages are to be read.
  enum RequestEncoding {
    case identity
    case gzip
  }

  init(
    path: String, headers: Headers, peer: PeerIdentity, deadline: NIODeadline?, streamID: Int32,
    route: Route, session: HTTP2ServerSession
  ) {
    self.path = path
    self.headers = headers
    self.peer = peer
    self.deadline = deadline
    self.streamID = streamID
    self.route = route
    self.session = session
    outbox = session.outbox
    input = RequestInput(limit: session.maxMessageBytes)
  }

  private let outbox: LoopOutbox

  /// The loop on which all this happens, for timers; nil only when a session is driven without a socket.
  public var eventLoop: (any EventLoop)? { outbox.eventLoop }

  /// Whether the buffers towards the client have room.
  ///
  /// Messages that are sent regardless are buffered. A call with nothing buffered is always writable.
  public var isWritable: Bool {
    guard let session, !isFinished else { return true }
    if output.byteCount == 0 || session.mayBuffer(output.byteCount) { return true }
    state.awaitsWritable = true
    return false
  }

  /// For unary and server-streaming methods: calls `body` with the one message of the request.
  ///
  /// A client that half-closes without a message, or sends two, is answered with INTERNAL as grpc-go does.
  public func onRequest(_ body: @escaping (_ message: Bytes) -> Void) { requestBody = body }

  /// Hands a message of the client on.
  func receive(_ message: Bytes) {
    if requestBody == nil {
      onMessage?(message)
    } else if request == nil {
      request = message
    } else {
      finish(CallStatus(.internalError, "too many messages in a call that takes one"))
    }
  }

  /// Tells that the client has sent all.
  func halfClose() {
    guard let body = requestBody else {
      onHalfClose?()
      return
    }
    guard let message = request else {
      finish(CallStatus(.internalError, "the request has no message"))
      return
    }
    requestBody = nil
    request = nil
    body(message)
  }

  /// Sends the response's headers now, with `headers` among them; otherwise they go with the first message.
  public func sendHeaders(_ headers: Headers = []) {
    assertOnLoop()
    guard let session, !isFinished, !state.hasSentHeaders else { return }
    session.submitHeaders(self, headers)
  }

  /// Sends a message. It is shared, not copied, until it goes into the connection's buffer.
  public func send(_ message: Bytes) {
    assertOnLoop()
    guard let session, !isFinished else { return }
    session.send(message, on: self)
  }

  /// Sends a message that `body` writes, with room for `capacity` bytes reserved at once.
  public func send(reserving capacity: Int, _ body: (inout ByteWriter) -> Void) {
    var writer = ByteWriter(capacity: capacity)
    body(&writer)
    send(writer.bytes)
  }

  /// Ends the call, after all that was sent.
  public func finish(_ status: CallStatus = .ok, trailers: Headers = []) {
    assertOnLoop()
    guard let session, !isFinished else { return }
    isFinished = true
    releaseHandlers()
    session.finish(self, status, trailers)
  }

  /// Sends the only message and ends the call with OK.
  public func finish(_ message: Bytes) {
    send(message)
    finish(.ok)
  }

  /// Stops `onMessage` until `resumeReading`; the client is held back by flow control.
  public func pauseReading() { state.isPaused = true }

  /// Lets messages come again.
  public func resumeReading() {
    assertOnLoop()
    guard state.isPaused else { return }
    state.isPaused = false
    session?.deliver(self)
  }

  /// Runs `body` on the call's event loop; may be called from any thread, also after the call has ended.
  ///
  /// Many of these from another thread cost one wake-up of the loop and one flush per connection. Keep at
  /// most a few under way per call: the queue is bounded by nothing else.
  public func execute(_ body: @escaping @Sendable () -> Void) { outbox.execute(body) }

  func releaseHandlers() {
    requestBody = nil
    request = nil
    onMessage = nil
    onHalfClose = nil
    onCancel = nil
    onWritable = nil
  }

  /// Ends the call from outside the handler.
  func cancel(_ status: CallStatus) {
    guard !isFinished else { return }
    isFinished = true
    let action = onCancel
    releaseHandlers()
    action?(status)
  }

  private func assertOnLoop() {
    invariant(outbox.isCurrent, "a call to \(path) was used outside its event loop")
  }
}
