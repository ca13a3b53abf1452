import NIOCore
import NIOPosix
import Primitives
import Testing

@testable import HTTPTransport

@Suite("output of a plain socket")
struct SocketOutputTests {
  /// More than the buffers of two sockets take.
  private static let large = Bytes((0..<16_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) })

  @Test("goes to the socket at once, through NIO while the socket is full, and in order")
  func order() async throws {
    let listener = try await Listener.start()
    let client = PlainSocket(port: listener.port)
    let connection = try await listener.connection()
    #expect(try await connection.write(Bytes("at once;".utf8)) == 0)
    #expect(try await connection.write(Self.large) == 1)
    #expect(try await connection.write(Bytes(";behind it".utf8)) == 2)
    let received = try await readAsync(client, count: Self.large.count + 18)
    #expect(received == Bytes("at once;".utf8) + Self.large + Bytes(";behind it".utf8))
    // NIO hears a little later than the client that all is written.
    while try await connection.pendingWrites() > 0 { await Task.yield() }
    #expect(try await connection.write(Bytes("at once again".utf8)) == 0)
    #expect(try await readAsync(client, count: 13) == Bytes("at once again".utf8))
    try await listener.stop()
  }

  @Test("is let go when the client goes, and touches no descriptor afterwards")
  func close() async throws {
    let listener = try await Listener.start()
    var client: PlainSocket? = PlainSocket(port: listener.port)
    let connection = try await listener.connection()
    #expect(try await connection.write(Self.large) == 1)
    #expect(client != nil)
    client = nil
    try await connection.channel.closeFuture.get()
    #expect(try await connection.pendingWrites() == 0)
    // The descriptor of the connection that is gone is this one's now, more likely than not.
    let next = PlainSocket(port: listener.port)
    let second = try await listener.connection()
    #expect(try await connection.write(Bytes("to nobody".utf8)) == 0)
    #expect(try await second.write(Bytes("to the second".utf8)) == 0)
    #expect(try await readAsync(next, count: 13) == Bytes("to the second".utf8))
    try await listener.stop()
  }

  private func readAsync(_ socket: PlainSocket, count: Int) async throws -> Bytes {
    let holder = SocketHolder(socket)
    return await withCheckedContinuation { continuation in
      NIOThreadPool.singleton.submit { _ in
        continuation.resume(returning: holder.socket.read(count: count))
      }
    }
  }
}

/// Takes a socket to the thread that reads it, while nobody else uses it.
private final class SocketHolder: @unchecked Sendable {
  let socket: PlainSocket
  init(_ socket: PlainSocket) { self.socket = socket }
}

/// A listener that hands out its ends of the connections.
private struct Listener {
  let channel: any Channel
  let arrivals: AsyncStream<ListenerEnd>

  var port: Int { channel.localAddress?.port ?? 0 }

  static func start() async throws -> Listener {
    let (arrivals, source) = AsyncStream.makeStream(of: ListenerEnd.self)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ListenerEnd(channel, source))
        }
      }
      .childChannelOption(.socketOption(.so_sndbuf), value: 65_536)
      .bind(host: "127.0.0.1", port: 0).get()
    return Listener(channel: channel, arrivals: arrivals)
  }

  func connection() async throws -> ListenerEnd {
    for await connection in arrivals { return connection }
    throw CancellationError()
  }

  func stop() async throws { try await channel.close() }
}

/// The listener's end of a connection, which writes what the test says.
private final class ListenerEnd: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer

  let channel: any Channel
  private let source: AsyncStream<ListenerEnd>.Continuation
  private let output: SocketOutput
  private var context: ChannelHandlerContext?

  init(_ channel: any Channel, _ source: AsyncStream<ListenerEnd>.Continuation) {
    self.channel = channel
    self.source = source
    output = SocketOutput(channel, isPlain: true)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func channelActive(context: ChannelHandlerContext) { source.yield(self) }

  /// Writes bytes, and says how many writes NIO has then.
  func write(_ bytes: Bytes) async throws -> Int {
    try await channel.eventLoop.submit {
      if let context = self.context { self.output.write(ByteBuffer(bytes: bytes), context) }
      return self.output.pendingWrites
    }.get()
  }

  func pendingWrites() async throws -> Int {
    try await channel.eventLoop.submit { self.output.pendingWrites }.get()
  }
}
