internal import NIOCore
internal import Primitives
internal import Synchronization

/// The one handler of an HTTP/2 connection: bytes to the session, the session's output to the socket, once
/// per read.
final class HTTP2ServerHandler: ChannelInboundHandler, Flushable, ServerConnection,
  @unchecked Sendable
{
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let session: HTTP2ServerSession
  private let channel: any Channel
  private let registry: ConnectionRegistry
  private let metrics: TransportMetrics
  private let outbox: LoopOutbox
  private let socket: SocketOutput
  private var context: ChannelHandlerContext?
  private var wake: Scheduled<Void>?
  private var wakeAt = NIODeadline.distantFuture
  private var isClosing = false

  /// Output that is gathered for one write.
  private static let writeBytes = 131_072
  /// How long a client that was told to go away may still send before the socket is closed.
  private static let linger = TimeAmount.milliseconds(200)
  /// Between the notice that streams will be refused and their refusal: about a round trip.
  private static let shutdownNotice = TimeAmount.milliseconds(20)

  init(
    channel: any Channel, acceptor: ConnectionAcceptor, peer: PeerIdentity, outbox: LoopOutbox
  ) {
    self.channel = channel
    registry = acceptor.registry
    metrics = acceptor.configuration.metrics
    self.outbox = outbox
    socket = SocketOutput(channel, isPlain: acceptor.tls == nil)
    session = HTTP2ServerSession(
      configuration: acceptor.configuration, peer: peer, outbox: outbox)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    session.connection = self
    if !registry.add(self) { session.announceShutdown() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    session.connection = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    metrics.receivedBytes.add(bytes.readableBytes, ordering: .relaxed)
    if isClosing { return }
    outbox.noteRead(self)
    unsafe bytes.withUnsafeReadableBytes { unsafe session.receive($0) }
  }

  func channelReadComplete(context: ChannelHandlerContext) { flush() }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
    context.fireChannelWritabilityChanged()
  }

  func flush() {
    guard let context, !isClosing else { return }
    var written = 0
    while channel.isWritable, session.produce(limit: Self.writeBytes) {
      let count = session.gathered
      written += count
      socket.write(session.output, context)
      // Less than was asked for is all there is. To ask again while NIO has it would cost the session a
      // new buffer.
      if count < Self.writeBytes { break }
    }
    if written > 0 { metrics.sentBytes.add(written, ordering: .relaxed) }
    if session.isOver || (session.closesAfterFlush && context.channel.isWritable) {
      close(context)
    } else {
      scheduleWake(context)
    }
  }

  /// Ends the connection so that what was written last still arrives: a socket that is closed with unread
  /// input resets the connection, and the client may never see why.
  private func close(_ context: ChannelHandlerContext) {
    // Writing can make the channel writable, which flushes, which may have closed it already.
    if isClosing { return }
    isClosing = true
    let channel = channel
    if session.failure != nil {
      channel.close(promise: nil)
    } else {
      channel.close(mode: .output, promise: nil)
      context.eventLoop.scheduleTask(in: Self.linger) { channel.close(promise: nil) }
    }
    session.connectionLost()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosing = true
    wake?.cancel()
    registry.remove(self)
    session.connectionLost()
    session.connection = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func scheduleWake(_ context: ChannelHandlerContext) {
    let next = session.nextWake
    guard next < wakeAt else { return }
    wake?.cancel()
    wakeAt = next
    wake = context.eventLoop.scheduleTask(deadline: next) { self.wakeUp() }
  }

  private func wakeUp() {
    wakeAt = .distantFuture
    guard !isClosing else { return }
    session.tick()
    flush()
  }

  func beginShutdown() {
    channel.eventLoop.execute {
      self.session.announceShutdown()
      self.flush()
    }
    channel.eventLoop.scheduleTask(in: Self.shutdownNotice) {
      self.session.refuseNewStreams()
      self.flush()
    }
  }

  func closeNow() { channel.close(promise: nil) }
}
