internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Primitives
internal import Synchronization

/// Sets up the pipeline of each accepted connection of one listener.
final class ConnectionAcceptor: Sendable {
  let configuration: ServerConfiguration
  let registry: ConnectionRegistry
  private let outboxes: [ObjectIdentifier: LoopOutbox]
  let tls: ServerTLS?

  init(
    configuration: ServerConfiguration, outboxes: [ObjectIdentifier: LoopOutbox],
    registry: ConnectionRegistry
  ) throws(TransportError) {
    self.configuration = configuration
    self.outboxes = outboxes
    self.registry = registry
    if let options = configuration.tls {
      tls = try ServerTLS(configuration, options)
    } else {
      tls = nil
    }
  }

  func outbox(for loop: any EventLoop) -> LoopOutbox {
    guard let outbox = outboxes[ObjectIdentifier(loop)] else {
      fatalError("a connection runs on a loop of another server")
    }
    return outbox
  }

  func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let handler = ProtocolSelector(acceptor: self, channel: channel)
      let pipeline = channel.pipeline.syncOperations
      if let tls { try pipeline.addHandler(tls.makeHandler()) }
      try pipeline.addHandler(handler)
    }
  }
}

/// Waits for the first bytes of a connection, after the TLS handshake if there is one, and puts the handler
/// for their protocol in its own place. A connection that stays silent too long is closed.
final class ProtocolSelector: ChannelInboundHandler, RemovableChannelHandler, ServerConnection,
  @unchecked Sendable
{
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let acceptor: ConnectionAcceptor
  private let channel: any Channel
  private var received = ByteBuffer()
  private var timer: Scheduled<Void>?
  private var isDone = false

  /// How HTTP/2 begins (RFC 9113, section 3.4); two bytes less than the rest of it do for the choice.
  private static let preface = Array("PRI * HTTP/2.0\r\n".utf8)

  init(acceptor: ConnectionAcceptor, channel: any Channel) {
    self.acceptor = acceptor
    self.channel = channel
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let metrics = acceptor.configuration.metrics
    metrics.acceptedConnections.add(1, ordering: .relaxed)
    metrics.openConnections.add(1, ordering: .relaxed)
    context.channel.closeFuture.whenComplete { _ in
      metrics.openConnections.subtract(1, ordering: .relaxed)
    }
    guard acceptor.registry.add(self) else {
      closeNow()
      return
    }
    let patience = TimeAmount.lasting(acceptor.configuration.handshakeSeconds)
    let channel = channel
    timer = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if isDone {
      context.fireChannelRead(wrapInboundOut(bytes))
      return
    }
    received.writeBuffer(&bytes)
    let start = received.readableBytesView.prefix(Self.preface.count)
    guard Self.preface.starts(with: start) else {
      select(context, isHTTP2: false)
      return
    }
    if start.count == Self.preface.count { select(context, isHTTP2: true) }
  }

  private func select(_ context: ChannelHandlerContext, isHTTP2: Bool) {
    isDone = true
    leave()
    guard let peer = peerIdentity(context) else {
      context.close(promise: nil)
      return
    }
    let pipeline = context.pipeline.syncOperations
    let outbox = acceptor.outbox(for: context.eventLoop)
    do {
      if isHTTP2 {
        let handler = HTTP2ServerHandler(
          channel: channel, acceptor: acceptor, peer: peer, outbox: outbox)
        try pipeline.addHandler(handler, position: .after(self))
      } else {
        let handler = HTTP1ServerHandler(
          channel: channel, acceptor: acceptor, peer: peer, outbox: outbox)
        try pipeline.addHandlers(
          [
            HTTPResponseEncoder(),
            ByteToMessageHandler(
              HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes),
              maximumBufferSize: Limits.headerListBytes * 2),
            handler,
          ], position: .after(self))
      }
    } catch {
      context.close(promise: nil)
      return
    }
    let first = received
    received = ByteBuffer()
    context.fireChannelRead(wrapInboundOut(first))
    context.fireChannelReadComplete()
    pipeline.removeHandler(self, promise: nil)
  }

  /// Who the client is; nil if its certificate no longer counts.
  private func peerIdentity(_ context: ChannelHandlerContext) -> PeerIdentity? {
    let address = channel.remoteAddress.map(Self.describe) ?? ""
    guard let tls = acceptor.tls else { return PeerIdentity(remoteAddress: address) }
    guard
      let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self),
      let certificates = tls.certificates(of: handler)
    else { return nil }
    return PeerIdentity(remoteAddress: address, isSecure: true, certificates: certificates)
  }

  private static func describe(_ address: SocketAddress) -> String {
    guard let host = address.ipAddress, let port = address.port else {
      return address.pathname ?? ""
    }
    return Endpoint.tcp(host: host, port: port).description
  }

  private func leave() {
    timer?.cancel()
    timer = nil
    acceptor.registry.remove(self)
  }

  func beginShutdown() { closeNow() }

  func closeNow() { channel.close(promise: nil) }
}
