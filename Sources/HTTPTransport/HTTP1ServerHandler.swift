internal import NIOCore
internal import NIOHTTP1
internal import Primitives
internal import Synchronization

/// Serves HTTP/1.1: one request after the other, bodies whole and bounded, answers whole or chunked.
final class HTTP1ServerHandler: ChannelInboundHandler, HTTPResponseSink, ServerConnection,
  @unchecked Sendable
{
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Where the connection is in its current request.
  private enum State {
    case idle
    case receiving(HTTPRequest)
    case refusing
    case answering
    case closing
  }

  private let channel: any Channel
  private let acceptor: ConnectionAcceptor
  private let peer: PeerIdentity
  private let outbox: LoopOutbox
  private var context: ChannelHandlerContext?
  private var state = State.idle
  private var responder: HTTPResponder?
  private var keepsAlive = true
  private var isHead = false
  private var isShuttingDown = false
  private var isChunked = false
  private var version = HTTPVersion.http1_1
  private var timer: Scheduled<Void>?
  /// Parts of requests that a client sent before the answer to the one before (pipelining).
  private var pipelined: [HTTPServerRequestPart] = []

  /// Parts that may wait. Beyond: the socket is not read.
  private static let pipelinedParts = 16

  init(
    channel: any Channel, acceptor: ConnectionAcceptor, peer: PeerIdentity, outbox: LoopOutbox
  ) {
    self.channel = channel
    self.acceptor = acceptor
    self.peer = peer
    self.outbox = outbox
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if !acceptor.registry.add(self) { isShuttingDown = true }
    expectRequest()
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    acceptor.registry.remove(self)
    state = .closing
    let lost = responder
    responder = nil
    lost?.peerLost()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError, case .idle = state {
      keepsAlive = false
      answer(400, "the request is malformed\n")
    } else {
      context.close(promise: nil)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { responder?.onWritable?() }
    context.fireChannelWritabilityChanged()
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    outbox.noteRead(self)
    if case .answering = state {
      pipelined.append(part)
      if pipelined.count > Self.pipelinedParts { setReading(false) }
    } else {
      take(part)
    }
  }

  private func take(_ part: HTTPServerRequestPart) {
    switch (part, state) {
    case (.head(let head), .idle):
      begin(head)
    case (.body(let bytes), .receiving(var request)):
      state = .idle
      guard request.body.count + bytes.readableBytes <= acceptor.configuration.bodyLimit
      else {
        refuse(413, "the request body is too large\n")
        return
      }
      acceptor.configuration.metrics.receivedBytes.add(bytes.readableBytes, ordering: .relaxed)
      request.body.append(contentsOf: bytes.readableBytesView)
      state = .receiving(request)
    case (.end, .receiving(let request)):
      dispatch(request)
    default: break
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    keepsAlive = head.isKeepAlive
    isHead = head.method == .HEAD
    version = head.version
    var headers = Headers()
    for (name, value) in head.headers { headers.append(name, value) }
    guard headers.byteCount <= Limits.headerListBytes else {
      refuse(431, "the header fields are too large\n")
      return
    }
    state = .receiving(
      HTTPRequest(method: head.method.rawValue, target: head.uri, headers: headers, peer: peer))
    if headers.first(named: "expect")?.lowercased() == "100-continue" {
      let interim = HTTPResponseHead(version: version, status: .continue)
      context?.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
    }
  }

  private func dispatch(_ request: HTTPRequest) {
    timer?.cancel()
    timer = nil
    state = .answering
    let responder = HTTPResponder(sink: self, outbox: outbox)
    self.responder = responder
    if let handler = acceptor.configuration.http {
      handler.handle(request, responder: responder)
    } else {
      responder.respond(
        status: 404, headers: [("content-type", "text/plain")],
        body: Bytes("404 page not found\n".utf8))
    }
  }

  /// Answers a request that is not read to its end, and closes.
  private func refuse(_ status: Int, _ text: String) {
    keepsAlive = false
    state = .refusing
    answer(status, text)
  }

  private func answer(_ status: Int, _ text: String) {
    let body = Bytes(text.utf8)
    begin(status: status, headers: [("content-type", "text/plain")], bodyLength: body.count)
    write(body)
    end()
  }

  private func expectRequest() {
    let patience = TimeAmount.lasting(acceptor.configuration.httpIdleSeconds)
    let channel = channel
    timer?.cancel()
    timer = context?.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }

  private func setReading(_ isReading: Bool) {
    _ = channel.setOption(.autoRead, value: isReading)
  }

  // MARK: Answers

  var isWritable: Bool { context?.channel.isWritable ?? true }

  func begin(status: Int, headers: Headers, bodyLength: Int?) {
    guard let context else { return }
    var fields = HTTPHeaders()
    for (name, value) in headers.fields { fields.add(name: name, value: value) }
    let allowsBody = status != 204 && status != 304
    if let bodyLength {
      if allowsBody { fields.replaceOrAdd(name: "content-length", value: String(bodyLength)) }
    } else if version.major > 1 || (version.major == 1 && version.minor >= 1) {
      fields.replaceOrAdd(name: "transfer-encoding", value: "chunked")
    } else {
      keepsAlive = false
    }
    if isShuttingDown { keepsAlive = false }
    if !keepsAlive { fields.replaceOrAdd(name: "connection", value: "close") }
    let head = HTTPResponseHead(
      version: version, status: HTTPResponseStatus(statusCode: status), headers: fields)
    isChunked = bodyLength == nil
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if isChunked { context.flush() }
  }

  func write(_ bytes: Bytes) {
    guard let context, !isHead else { return }
    let buffer = ByteBuffer(bytes: bytes)
    acceptor.configuration.metrics.sentBytes.add(bytes.count, ordering: .relaxed)
    context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    if isChunked { context.flush() }
  }

  func end() {
    guard let context else { return }
    responder = nil
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    guard keepsAlive, !isShuttingDown else {
      finishConnection(context)
      return
    }
    state = .idle
    expectRequest()
    takePipelined()
  }

  private func finishConnection(_ context: ChannelHandlerContext) {
    state = .closing
    let channel = channel
    channel.close(mode: .output, promise: nil)
    timer?.cancel()
    timer = context.eventLoop.scheduleTask(in: .milliseconds(200)) { channel.close(promise: nil) }
  }

  private func takePipelined() {
    guard !pipelined.isEmpty else { return }
    while !pipelined.isEmpty {
      if case .answering = state { return }
      take(pipelined.removeFirst())
    }
    setReading(true)
  }

  // MARK: The end

  func beginShutdown() {
    channel.eventLoop.execute {
      self.isShuttingDown = true
      if case .idle = self.state { self.closeNow() }
    }
  }

  func closeNow() { channel.close(promise: nil) }
}
