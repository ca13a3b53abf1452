public import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
public import Primitives

/// What an HTTP/1.1 server answered.
public struct HTTPAnswer: Sendable, Hashable {
  /// 200, 404, ….
  public var status: Int
  /// The header fields.
  public var headers: Headers
  /// The whole body.
  public var body: Bytes

  /// Fetches a page such as `/health` or `/version`, on a connection of its own.
  /// - Parameters:
  ///   - path: the path and query, percent-encoded.
  ///   - seconds: for everything, the connection included.
  ///   - limit: the largest body; beyond, it fails.
  public static func fetch(
    _ path: String, from endpoint: Endpoint, tls: TLSConfiguration? = nil, seconds: Double = 5,
    limit: Int = 8_388_608, group: (any EventLoopGroup)? = nil
  ) async throws(TransportError) -> HTTPAnswer {
    let context = try tls.map { options throws(TransportError) in
      try TLSFiles.clientContext(options, protocols: ["http/1.1"])
    }
    let loop = (group ?? MultiThreadedEventLoopGroup.singleton).any()
    let promise = loop.makePromise(of: HTTPAnswer.self)
    let name = TLSFiles.serverName(endpoint, tls)
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(.lasting(seconds))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let context {
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
          }
          try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
          try pipeline.addHandler(
            FetchHandler(
              path: path, host: endpoint.authority, seconds: seconds, limit: limit,
              promise: promise))
        }
      }
    do {
      let channel: any Channel
      switch endpoint {
      case .tcp(let host, let port):
        channel = try await bootstrap.connect(host: host, port: port).get()
      case .unix(let path): channel = try await bootstrap.connect(unixDomainSocketPath: path).get()
      }
      defer { channel.close(promise: nil) }
      return try await promise.futureResult.get()
    } catch {
      promise.fail(error)
      if let known = error as? TransportError { throw known }
      throw TransportError(
        error is NIOSSLError ? .tls : .connect, "cannot fetch \(path) from \(endpoint): \(error)")
    }
  }
}

/// Sends one request and gathers its answer.
private final class FetchHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let path: String
  private let host: String
  private let seconds: Double
  private let limit: Int
  private let promise: EventLoopPromise<HTTPAnswer>
  private var answer = HTTPAnswer(status: 0, headers: [], body: [])

  init(
    path: String, host: String, seconds: Double, limit: Int, promise: EventLoopPromise<HTTPAnswer>
  ) {
    self.path = path
    self.host = host
    self.seconds = seconds
    self.limit = limit
    self.promise = promise
  }

  func channelActive(context: ChannelHandlerContext) {
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: path,
      headers: ["host": host, "connection": "close", "user-agent": "keelson"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    let promise = promise
    let timer = context.eventLoop.scheduleTask(in: .lasting(seconds)) {
      promise.fail(TransportError(.connect, "the server did not answer in time"))
    }
    promise.futureResult.whenComplete { _ in timer.cancel() }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      answer.status = Int(head.status.code)
      for (name, value) in head.headers { answer.headers.append(name, value) }
    case .body(let bytes):
      guard answer.body.count + bytes.readableBytes <= limit else {
        promise.fail(TransportError(.connect, "the answer is larger than \(limit) bytes"))
        context.close(promise: nil)
        return
      }
      answer.body.append(contentsOf: bytes.readableBytesView)
    case .end:
      promise.succeed(answer)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(TransportError(.connect, "the server closed the connection"))
    context.fireChannelInactive()
  }
}
