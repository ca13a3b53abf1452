internal import Glibc
internal import NIOCore

/// Writes a connection's output: to a plain socket itself, as far as that takes it at once, and through NIO otherwise.
///
/// NIO's queue of writes costs a small call a seventh of its instructions, and is needed by few. What the socket does
/// not take is NIO's, which waits for room, or meets the error again and closes. Until that is done everything goes
/// to NIO, so that bytes keep their order. Used on the connection's event loop only.
final class SocketOutput: @unchecked Sendable {
  private let channel: any Channel
  /// The socket; nil where something is between it and the output, such as TLS.
  private let descriptor: NIOBSDSocket.Handle?
  /// Writes that NIO has and has not completed.
  private(set) var pendingWrites = 0

  init(_ channel: any Channel, isPlain: Bool) {
    self.channel = channel
    descriptor =
      isPlain
      ? (try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
        of: NIOBSDSocket.Handle.self
      ) { $0 }) ?? nil
      : nil
  }

  /// Writes bytes behind all that was written before.
  func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    guard let descriptor else {
      context.writeAndFlush(NIOAny(bytes), promise: nil)
      return
    }
    var rest = bytes
    // Once the channel is not active its descriptor may be somebody else's. NIO says so before it tells anybody.
    if pendingWrites == 0, channel.isActive {
      let count = unsafe bytes.withUnsafeReadableBytes {
        unsafe send(descriptor, $0.baseAddress, $0.count, Self.flags)
      }
      if count == bytes.readableBytes { return }
      if count > 0 { rest.moveReaderIndex(forwardBy: count) }
    }
    pendingWrites += 1
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.whenComplete { _ in self.pendingWrites -= 1 }
    context.writeAndFlush(NIOAny(rest), promise: promise)
  }

  /// Neither to wait for room nor to raise a signal when the client has gone.
  private static let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
}
