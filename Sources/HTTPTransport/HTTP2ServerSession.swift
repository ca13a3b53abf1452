internal import CNGHTTP2
internal import NIOCore
internal import Primitives
internal import Synchronization

/// The server's end of an HTTP/2 connection, without a socket.
///
/// The one who owns it feeds `receive`, writes what `produce` gathers, calls `tick` no later than
/// `nextWake`, and `connectionLost` at the end.
final class HTTP2ServerSession: HTTP2Session {
  /// What a stream is.
  enum Stream {
    case call(ServerCall)
    case exchange(HTTPExchange)
  }

  let configuration: ServerConfiguration
  let maxMessageBytes: Int
  let ends: ConnectionEnds
  /// Messages and bodies that wait to be sent, in bytes, over all streams.
  var bufferedBytes = 0
  /// Bytes of messages and bodies that have not arrived whole, over all streams.
  var assembledBytes = 0
  private let streams = StreamTable<Stream>()
  private let request = RequestHead()
  /// Calls whose requests wait unread until the answers to others have been taken.
  private var waiting: [ServerCall] = []
  private var mayBeWritable: [Int32] = []
  /// When the bytes came that are being read.
  private var arrival: NIODeadline?
  var pings = PingPolicy()
  /// Whether data was sent since the client's last ping, which makes the next one legitimate.
  private var hasSentData = false
  private var resets = RateCounter(limit: Limits.resetsPerSecond)
  private var idleFrames = RateCounter(limit: Limits.resetsPerSecond)
  var earliestDeadline: NIODeadline?
  var frames = FrameProgress()
  /// When the frame or header block that has come in part must be whole.
  var frameDeadline: NIODeadline?
  var isShuttingDown = false

  init(
    configuration: ServerConfiguration, peer: PeerIdentity, outbox: LoopOutbox,
    now: @escaping @Sendable () -> NIODeadline = { NIODeadline.now() }
  ) {
    self.configuration = configuration
    ends = ConnectionEnds(peer: peer, outbox: outbox)
    maxMessageBytes = configuration.maxMessageBytes
    super.init(
      isServer: true,
      settings: [
        (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, configuration.maxConcurrentStreams),
        (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(Limits.streamWindowBytes)),
        (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(Limits.headerListBytes)),
      ],
      connectionWindow: Limits.connectionWindowBytes, outbox: outbox, now: now)
    let instant = now()
    pings.start(at: instant, configuration.keepalive)
    frameDeadline = instant + .lasting(configuration.handshakeSeconds)
  }

  override var openStreams: Int { streams.count }

  /// Whether a stream that has `count` bytes waiting may buffer more.
  func mayBuffer(_ count: Int) -> Bool {
    count < Limits.streamBufferBytes && bufferedBytes < Limits.connectionBufferBytes
  }

  /// All gRPC calls that are open.
  var openCalls: [ServerCall] {
    streams.numbers.compactMap { call($0) }
  }

  // MARK: Requests

  override func willReceive(_ bytes: UnsafeRawBufferPointer) {
    let hasEndedOne = unsafe frames.take(bytes)
    if frames.isBetweenFrames {
      frameDeadline = nil
    } else if hasEndedOne || frameDeadline == nil {
      frameDeadline = now() + .lasting(configuration.frameSeconds)
    }
  }

  override func didBeginHeaders(stream: Int32, isRequest: Bool) {
    request.begin(stream: stream, isRequest: isRequest)
  }

  override func didReceiveField(
    stream: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
  ) -> Bool {
    unsafe request.add(name: name, value: value)
  }

  override func didReceiveHeaders(stream: Int32, isRequest: Bool) {
    guard isRequest, streams[stream] == nil else { return }
    request.end()
    if request.isGRPC { beginCall(stream) } else { beginExchange(stream) }
  }

  private func beginCall(_ stream: Int32) {
    let route = request.route(in: configuration)
    var deadline: NIODeadline?
    if let timeout = request.timeout {
      let instant = now() + timeout
      deadline = instant
      if earliestDeadline.map({ instant < $0 }) ?? true { earliestDeadline = instant }
    }
    // One look at the clock for all calls that one read brings.
    let arrival = arrival ?? now()
    self.arrival = arrival
    let call = ServerCall(
      headers: request.headers, arrival: arrival, deadline: deadline, streamID: stream,
      route: route, session: self)
    streams[stream] = .call(call)
    outbox.noteCall(isAlone: streams.count == 1)
    route.metrics?.started.add(1, ordering: .relaxed)
    if let refusal = request.refusal {
      call.finish(refusal)
      return
    }
    if request.encoding == .gzip {
      call.state.readsGzip = true
      call.state.compressesAnswers = request.acceptsGzip
    }
    if route.unary != nil { return }
    switch route.resolution {
    case .success(.streaming(let handler)): handler.handle(call)
    case .success(.unary): break
    case .failure(let status): call.finish(status)
    }
  }

  private func beginExchange(_ stream: Int32) {
    let exchange = HTTPExchange(
      stream: stream, request: request.httpRequest(peer: ends.peer), session: self)
    streams[stream] = .exchange(exchange)
  }

  // MARK: Messages in

  override func didReceiveData(stream: Int32, _ bytes: UnsafeRawBufferPointer) {
    switch streams[stream] {
    case .call(let call)?: unsafe receive(bytes, on: call)
    case .exchange(let exchange)?:
      consume(stream: stream, bytes.count)
      unsafe exchange.receive(bytes)
    case nil: consume(stream: stream, bytes.count)
    }
  }

  private func receive(_ bytes: UnsafeRawBufferPointer, on call: ServerCall) {
    if call.isFinished {
      consume(stream: call.streamID, bytes.count)
      return
    }
    if !call.state.isStarved, bufferedBytes >= Limits.connectionAnswerBytes {
      call.state.isStarved = true
      waiting.append(call)
      hasFollowUp = true
    }
    if call.mustHold {
      call.state.hasInput = true
      unsafe call.input.hold(bytes)
      return
    }
    if !call.state.hasInput,
      let message = unsafe MessageAssembler.whole(bytes, limit: maxMessageBytes)
    {
      // By far the most frequent: a frame that is one message.
      call.state.isDelivering = true
      call.route.metrics?.receivedMessages.add(1, ordering: .relaxed)
      call.receive(message)
      call.state.isDelivering = false
      consume(stream: call.streamID, bytes.count)
      return
    }
    call.state.hasInput = true
    var position = 0
    unsafe take(bytes, &position, on: call)
    if call.isFinished { position = bytes.count }
    consume(stream: call.streamID, position)
    if position < bytes.count {
      unsafe call.input.hold(UnsafeRawBufferPointer(rebasing: bytes[position...]))
    }
    call.state.hasInput = !call.input.isEmpty
  }

  override func didReceiveEnd(stream: Int32) {
    switch streams[stream] {
    case .call(let call)?:
      call.state.hasReceivedEnd = true
      if !call.mustHold { halfClose(call) }
    case .exchange(let exchange)?: exchange.receiveEnd()
    case nil: break
    }
  }

  // MARK: Messages out

  override func read(stream: Int32, upTo limit: Int) -> ReadResult {
    switch streams[stream] {
    case .call(let call)?: return read(call, upTo: limit)
    case .exchange(let exchange)?: return exchange.read(upTo: limit)
    case nil: return .lastBytes(0)
    }
  }

  private func read(_ call: ServerCall, upTo limit: Int) -> ReadResult {
    let count = call.state.unsentBytes
    if count > limit { return .bytes(limit) }
    if call.state.endsWithTrailers {
      if let trailers = call.trailers {
        submitTrailers(stream: call.streamID, .fields(trailers))
      } else {
        submitTrailers(stream: call.streamID, .constant(ConstantHeaders.grpcSuccess))
      }
      return .lastBytesBeforeTrailers(count)
    }
    if count > 0 { return .bytes(count) }
    call.state.isDeferred = true
    return .later
  }

  override func move(stream: Int32, count: Int, to output: inout ByteBuffer) {
    bufferedBytes -= count
    hasSentData = true
    switch streams[stream] {
    case .call(let call)?:
      call.state.unsentBytes -= count
      call.output.move(count, to: &output)
      if call.state.awaitsWritable { noteWritable(stream) }
    case .exchange(let exchange)?:
      exchange.output.move(count, to: &output)
      if exchange.awaitsWritable { noteWritable(stream) }
    case nil: break
    }
  }

  private func noteWritable(_ stream: Int32) {
    mayBeWritable.append(stream)
    hasFollowUp = true
  }

  /// Tells handlers that waited for room, and reads the requests that did.
  override func didProduce() -> Bool {
    let readsOn = !waiting.isEmpty && bufferedBytes < Limits.connectionAnswerBytes / 2
    if mayBeWritable.isEmpty && !readsOn { return false }
    let candidates = mayBeWritable
    mayBeWritable = []
    for stream in candidates {
      switch streams[stream] {
      case .call(let call)?:
        guard call.state.awaitsWritable else { continue }
        call.state.awaitsWritable = false
        if call.isWritable { call.onWritable?() }
      case .exchange(let exchange)?: exchange.becameWritable()
      case nil: continue
      }
    }
    if readsOn {
      let calls = waiting
      waiting = []
      for (index, call) in calls.enumerated() {
        if bufferedBytes >= Limits.connectionAnswerBytes {
          waiting.append(contentsOf: calls[index...])
          break
        }
        call.state.isStarved = false
        deliver(call)
      }
    }
    hasFollowUp = !waiting.isEmpty || !mayBeWritable.isEmpty
    return true
  }

  // MARK: Ends

  override func didSendEnd(stream: Int32) {
    // A client that still sends is told to stop: nobody reads it any more (RFC 9113, section 8.1).
    let isHeard =
      switch streams[stream] {
      case .call(let call)?: call.state.hasReceivedEnd
      case .exchange(let exchange)?: exchange.hasRequest
      case nil: true
      }
    if !isHeard { reset(stream: stream, NGHTTP2_NO_ERROR) }
  }

  override func didClose(stream: Int32, code: UInt32) {
    guard let closed = streams.removeValue(forKey: stream) else { return }
    switch closed {
    case .call(let call):
      dropOutput(of: call)
      if call.state.hasInput {
        assembledBytes -= call.input.assembler.heldBytes
        consumeConnection(call.input.heldCount)
      }
      if !call.isFinished {
        if resets.count(now()) { calmDown("too_many_resets") }
        count(call, endedWith: .cancelled)
        call.cancel(CallStatus(.cancelled, "context canceled"))
      }
      call.releaseHandlers()
      call.session = nil
    case .exchange(let exchange):
      bufferedBytes -= exchange.output.byteCount
      if !exchange.isAnswered, resets.count(now()) { calmDown("too_many_resets") }
      exchange.close()
    }
  }

  override func didReceivePing() {
    let isIdle = streams.count == 0
    if hasSentData {
      hasSentData = false
      pings.didSendData()
    }
    if pings.isExcessive(at: now(), isIdle: isIdle, configuration.keepalive) {
      calmDown("too_many_pings")
    }
  }

  override func didFinishReceiving() { arrival = nil }

  /// Counts a call that ends.
  func count(_ call: ServerCall, endedWith code: StatusCode) {
    guard let metrics = call.route.metrics else { return }
    metrics.ended(code, after: now() - call.arrival)
  }

  override func didReceiveIdleFrame() {
    if idleFrames.count(now()) { calmDown("too_many_idle_frames") }
  }

  /// Ends a connection whose client asks too much.
  func calmDown(_ text: String) {
    if closesAfterFlush { return }
    submitGoAway(NGHTTP2_ENHANCE_YOUR_CALM, text)
    closesAfterFlush = true
  }

  /// Ends every call: the socket is gone.
  func connectionLost() {
    fail("the connection is closed")
    for stream in streams.numbers { didClose(stream: stream, code: 0) }
    waiting = []
  }

  private func call(_ stream: Int32) -> ServerCall? {
    guard case .call(let call)? = streams[stream] else { return nil }
    return call
  }
}
