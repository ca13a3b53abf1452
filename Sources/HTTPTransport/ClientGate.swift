internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Holds a client's connection until it is usable: connected and, under TLS, with the handshake done and
/// HTTP/2 chosen. Then the HTTP/2 handler takes its place.
final class ClientGate: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer

  private let isSecure: Bool
  private let seconds: Double
  private let ready: EventLoopPromise<HTTP2ClientHandler>
  private let makeHandler: () -> HTTP2ClientHandler
  private var timer: Scheduled<Void>?
  private var isDone = false

  init(
    isSecure: Bool, seconds: Double, ready: EventLoopPromise<HTTP2ClientHandler>,
    makeHandler: @escaping () -> HTTP2ClientHandler
  ) {
    self.isSecure = isSecure
    self.seconds = seconds
    self.ready = ready
    self.makeHandler = makeHandler
  }

  func channelActive(context: ChannelHandlerContext) {
    if !isSecure {
      open(context)
    } else {
      let channel = context.channel
      timer = context.eventLoop.scheduleTask(in: .lasting(seconds)) {
        self.fail(TransportError(.tls, "the TLS handshake took too long"))
        channel.close(promise: nil)
      }
    }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted(let chosen)? = event as? TLSUserEvent {
      if let chosen, chosen != "h2" {
        fail(TransportError(.tls, "the server speaks \(chosen), not HTTP/2"))
        context.close(promise: nil)
      } else {
        open(context)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(TransportError(isSecure ? .tls : .connect, "the connection failed: \(error)"))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(TransportError(isSecure ? .tls : .connect, "the server closed the connection"))
    context.fireChannelInactive()
  }

  private func open(_ context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    timer?.cancel()
    let handler = makeHandler()
    do {
      try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
      ready.succeed(handler)
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    } catch {
      ready.fail(error)
      context.close(promise: nil)
    }
  }

  private func fail(_ error: TransportError) {
    guard !isDone else { return }
    isDone = true
    timer?.cancel()
    ready.fail(error)
  }
}
