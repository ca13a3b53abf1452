internal import NIOCore
internal import Primitives

/// The one handler of a client's connection: bytes to the session, the session's output to the socket.
final class HTTP2ClientHandler: ChannelInboundHandler, Flushable, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let session: HTTP2ClientSession
  private let openness: ClientOpenness
  private var context: ChannelHandlerContext?
  private var wake: Scheduled<Void>?
  private var wakeAt = NIODeadline.distantFuture
  private var isClosing = false
  private var lastError: String?
  /// Whether the server has said anything.
  private var hasHeard = false

  private static let writeBytes = 131_072
  /// How an alert of TLS begins (RFC 8446, section 5.1), which is all that one hears who does not speak it. No server's
  /// settings are as long as this would make them.
  private static let alert: UInt8 = 21

  init(session: HTTP2ClientSession, openness: ClientOpenness) {
    self.session = session
    self.openness = openness
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    session.connection = self
    if context.channel.isActive { flush() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    session.connection = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    flush()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isClosing { return }
    let bytes = unwrapInboundIn(data)
    if !hasHeard, bytes.readableBytesView.first == Self.alert {
      lastError = "the server speaks TLS there"
    }
    hasHeard = true
    unsafe bytes.withUnsafeReadableBytes { unsafe session.receive($0) }
  }

  func channelReadComplete(context: ChannelHandlerContext) { flush() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
    context.fireChannelWritabilityChanged()
  }

  func flush() {
    guard let context, !isClosing else { return }
    var hasWritten = false
    while context.channel.isWritable, session.produce(limit: Self.writeBytes) {
      context.write(wrapOutboundOut(session.output), promise: nil)
      hasWritten = true
      if session.output.readableBytes >= Self.writeBytes { context.flush() }
    }
    if hasWritten { context.flush() }
    if let goAway = session.goAway { openness.close(because: goAway.message) }
    if session.isOver || (session.closesAfterFlush && context.channel.isWritable) {
      close(
        session.goAway ?? CallStatus(.unavailable, session.failure ?? "the connection is closed"))
    } else {
      scheduleWake(context)
    }
  }

  /// Ends all calls with `status` and closes the socket.
  func close(_ status: CallStatus) {
    if isClosing { return }
    isClosing = true
    openness.close(because: status.message)
    wake?.cancel()
    session.connectionLost(status)
    context?.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    let hint =
      hasHeard ? "" : " before it said anything: it may expect TLS, or a client's certificate"
    let reason = lastError ?? "the server closed the connection" + hint
    close(session.goAway ?? CallStatus(.unavailable, reason))
    session.connection = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    lastError = "the connection failed: \(error)"
    close(CallStatus(.unavailable, "the connection failed: \(error)"))
  }

  private func scheduleWake(_ context: ChannelHandlerContext) {
    let next = session.nextWake
    guard next < wakeAt else { return }
    wake?.cancel()
    wakeAt = next
    wake = context.eventLoop.scheduleTask(deadline: next) {
      self.wakeAt = .distantFuture
      guard !self.isClosing else { return }
      self.session.tick()
      self.flush()
    }
  }
}
