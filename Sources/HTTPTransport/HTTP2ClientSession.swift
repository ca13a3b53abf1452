internal import CNGHTTP2
internal import NIOCore
internal import Primitives

/// The client's end of an HTTP/2 connection, without a socket.
final class HTTP2ClientSession: HTTP2Session {
  private var calls: [Int32: ClientCall] = [:]
  private var lastCall: ClientCall?
  private var response = ResponseHead()
  /// The fields of the last call that had a path and nothing else to say.
  private var usual: (path: String, fields: Headers) = ("", [])
  private let configuration: ClientConfiguration
  private let scheme: String
  private let authority: String
  private var earliestDeadline: NIODeadline?
  private var keepalive = PingPolicy()
  private let policy: KeepalivePolicy
  /// Why the server no longer takes calls.
  private(set) var goAway: CallStatus?

  /// Deadlines are looked at in steps of this size.
  private static let deadlineStep = TimeAmount.milliseconds(5)

  init(
    configuration: ClientConfiguration, authority: String, outbox: LoopOutbox,
    now: @escaping @Sendable () -> NIODeadline = { NIODeadline.now() }
  ) {
    self.configuration = configuration
    scheme = configuration.tls == nil ? "http" : "https"
    self.authority = configuration.authority ?? authority
    var policy = KeepalivePolicy()
    policy.intervalSeconds = configuration.keepaliveIntervalSeconds ?? 0
    policy.timeoutSeconds = configuration.keepaliveTimeoutSeconds
    self.policy = policy
    super.init(
      isServer: false,
      settings: [
        (NGHTTP2_SETTINGS_ENABLE_PUSH, 0),
        (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(Limits.streamWindowBytes)),
        (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(Limits.headerListBytes)),
      ],
      connectionWindow: Limits.connectionWindowBytes, outbox: outbox, now: now)
    keepalive.start(at: now(), policy)
  }

  override var openStreams: Int { calls.count }

  /// Whether calls can be started.
  var takesCalls: Bool { goAway == nil && !closesAfterFlush && mayRequest }

  // MARK: Calls

  /// Sends a call's headers; its messages follow as they are put into `output`.
  func start(_ call: ClientCall) {
    guard takesCalls else {
      call.end(goAway ?? CallStatus(.unavailable, failure ?? "the connection is closed"))
      return
    }
    if let deadline = call.deadline {
      if deadline <= now() {
        call.end(CallStatus(.deadlineExceeded, "context deadline exceeded"))
        return
      }
      if earliestDeadline.map({ deadline < $0 }) ?? true { earliestDeadline = deadline }
    }
    guard let stream = submitHeaders(stream: nil, .fields(requestFields(call)), hasBody: true)
    else {
      call.end(CallStatus(.unavailable, "the connection takes no more calls"))
      return
    }
    call.streamID = stream
    calls[stream] = call
  }

  /// The fields of a call; equal calls share one list.
  private func requestFields(_ call: ClientCall) -> Headers {
    let isUsual = call.headers.isEmpty && call.deadline == nil
    if isUsual, call.path == usual.path { return usual.fields }
    let fields = newRequestFields(call)
    if isUsual { usual = (call.path, fields) }
    return fields
  }

  private func newRequestFields(_ call: ClientCall) -> Headers {
    var fields = Headers()
    fields.reserve(320)
    fields.append(":method", "POST")
    fields.append(":scheme", scheme)
    fields.append(":path", call.path)
    fields.append(":authority", authority)
    fields.append("content-type", "application/grpc")
    fields.append("user-agent", configuration.userAgent)
    fields.append("te", "trailers")
    if configuration.compressesMessages {
      fields.append("grpc-encoding", "gzip")
      fields.append("grpc-accept-encoding", "gzip")
    }
    if let deadline = call.deadline {
      fields.append("grpc-timeout", GRPCTimeout.format(deadline - now()))
    }
    fields.append(call.headers)
    return fields
  }

  func send(_ message: Bytes, on call: ClientCall) {
    guard !call.isEnded, !call.isHalfClosed else { return }
    if configuration.compressesMessages {
      call.output.append(Gzip.compress(message), .gzip)
    } else {
      call.output.append(message, .identity)
    }
    goOn(call)
  }

  func halfClose(_ call: ClientCall) {
    guard !call.isEnded, !call.isHalfClosed else { return }
    call.isHalfClosed = true
    goOn(call)
  }

  /// Ends a call from this side.
  func cancel(_ call: ClientCall, _ status: CallStatus) {
    guard !call.isEnded else { return }
    call.output.removeAll()
    if call.streamID != 0 { reset(stream: call.streamID, NGHTTP2_CANCEL) }
    call.end(status)
  }

  /// Holds the server back, or lets it go on.
  func setPaused(_ call: ClientCall, _ isPaused: Bool) {
    call.isPaused = isPaused
    guard !isPaused, calls[call.streamID] === call else { return }
    consumeStream(call.streamID, call.unconsumed)
    call.unconsumed = 0
    needsFlush()
  }

  private func goOn(_ call: ClientCall) {
    if call.isDeferred {
      call.isDeferred = false
      resume(stream: call.streamID)
    } else {
      needsFlush()
    }
  }

  override func read(stream: Int32, upTo limit: Int) -> ReadResult {
    guard let call = call(stream) else { return .lastBytes(0) }
    let count = call.output.byteCount
    if count > limit { return .bytes(limit) }
    if call.isHalfClosed { return .lastBytes(count) }
    if count > 0 { return .bytes(count) }
    call.isDeferred = true
    return .later
  }

  override func move(stream: Int32, count: Int, to output: inout ByteBuffer) {
    guard let call = call(stream) else { return }
    call.output.move(count, to: &output)
    call.onSent?(count)
  }

  // MARK: Answers

  override func didBeginHeaders(stream: Int32, isRequest: Bool) { response.begin() }

  override func didReceiveField(
    stream: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
  ) -> Bool {
    unsafe response.add(name: name, value: value)
  }

  override func didReceiveHeaders(stream: Int32, isRequest: Bool) {
    guard let call = call(stream) else { return }
    let status = response.status(isFirst: !call.hasResponse)
    if response.isFinal || call.hasResponse { call.hasResponse = true }
    if response.isCompressed { call.acceptsCompressed = true }
    if let status, call.status == nil { call.status = status }
  }

  override func didReceiveData(stream: Int32, _ bytes: UnsafeRawBufferPointer) {
    consumeConnection(bytes.count)
    guard let call = call(stream), !call.isEnded, call.status == nil else {
      consumeStream(stream, bytes.count)
      return
    }
    var position = 0
    do throws(CallStatus) {
      while !call.isEnded,
        let (body, isCompressed) = try unsafe call.assembler.next(bytes, &position)
      {
        guard isCompressed else {
          call.onMessage(body)
          continue
        }
        guard call.acceptsCompressed else {
          throw CallStatus(
            .internalError, "grpc: compressed flag set with identity or empty encoding")
        }
        call.onMessage(try Gzip.decompress(body, limit: configuration.maxMessageBytes))
      }
    } catch {
      cancel(call, error)
    }
    if call.isPaused {
      call.unconsumed += bytes.count
    } else {
      consumeStream(stream, bytes.count)
    }
  }

  override func didReceiveEnd(stream: Int32) {
    guard let call = call(stream) else { return }
    if !call.assembler.isBetweenMessages, call.status == nil || call.status?.code == .ok {
      call.status = CallStatus(.internalError, "unexpected EOF: the last message is cut short")
    }
    call.end(call.status ?? CallStatus(.internalError, "the server ended without trailers"))
    if !call.isHalfClosed {
      call.output.removeAll()
      reset(stream: stream, NGHTTP2_CANCEL)
    }
  }

  override func didClose(stream: Int32, code: UInt32) {
    guard let call = calls.removeValue(forKey: stream) else { return }
    if lastCall === call { lastCall = nil }
    call.end(call.status ?? Self.status(forReset: code))
  }

  /// The mapping of gRPC's `PROTOCOL-HTTP2.md`, "Errors".
  private static func status(forReset code: UInt32) -> CallStatus {
    let text = "stream terminated by RST_STREAM with error code \(code)"
    switch code {
    case NGHTTP2_REFUSED_STREAM.rawValue: return CallStatus(.unavailable, text)
    case NGHTTP2_CANCEL.rawValue: return CallStatus(.cancelled, text)
    case NGHTTP2_ENHANCE_YOUR_CALM.rawValue: return CallStatus(.resourceExhausted, text)
    case NGHTTP2_INADEQUATE_SECURITY.rawValue: return CallStatus(.permissionDenied, text)
    default: return CallStatus(.internalError, text)
    }
  }

  // MARK: The connection

  override func didReceiveGoAway(code: UInt32, text: String) {
    let reason = text.isEmpty ? "the server closes the connection" : "the server says: \(text)"
    goAway = CallStatus(.unavailable, reason)
  }

  /// When `tick` must be called next.
  var nextWake: NIODeadline { min(earliestDeadline ?? .distantFuture, keepalive.nextWake) }

  /// Ends calls whose deadline has passed, and pings a silent server.
  func tick() {
    let instant = now()
    if let earliest = earliestDeadline, earliest <= instant { expire(instant) }
    // Without a call there is nothing to find out, and servers count such pings as abuse.
    let isQuiet = hasReceived || calls.isEmpty
    switch keepalive.tick(at: instant, hasReceived: isQuiet, policy) {
    case .nothing: break
    case .ping: submitPing()
    case .giveUp: fail("the server does not answer a ping")
    }
    hasReceived = false
  }

  private func expire(_ instant: NIODeadline) {
    var next: NIODeadline?
    for call in Array(calls.values) {
      guard let deadline = call.deadline, !call.isEnded else { continue }
      if deadline <= instant {
        cancel(call, CallStatus(.deadlineExceeded, "context deadline exceeded"))
      } else if next.map({ deadline < $0 }) ?? true {
        next = deadline
      }
    }
    earliestDeadline = next.map { max($0, instant + Self.deadlineStep) }
  }

  /// Ends every call: the socket is gone, or we close it.
  func connectionLost(_ status: CallStatus) {
    fail(status.message)
    let ended = calls
    calls = [:]
    lastCall = nil
    for call in ended.values { call.end(call.status ?? status) }
  }

  private func call(_ stream: Int32) -> ClientCall? {
    if let lastCall, lastCall.streamID == stream { return lastCall }
    lastCall = calls[stream]
    return lastCall
  }
}
