public import NIOCore
internal import NIOPosix
internal import NIOSSL
public import Primitives
internal import Synchronization

/// One HTTP/2 connection to a gRPC server. It does not reconnect: when it has closed, make another.
public final class ClientConnection: Sendable {
  private let channel: any Channel
  let handler: HTTP2ClientHandler
  let outbox: LoopOutbox
  private let openness: ClientOpenness
  let maxMessageBytes: Int

  private init(
    channel: any Channel, handler: HTTP2ClientHandler, outbox: LoopOutbox,
    openness: ClientOpenness, maxMessageBytes: Int
  ) {
    self.channel = channel
    self.handler = handler
    self.outbox = outbox
    self.openness = openness
    self.maxMessageBytes = maxMessageBytes
  }

  deinit { channel.close(promise: nil) }

  /// Connects and, with TLS, completes the handshake.
  /// - Parameter group: the event loops; nil means those that the process shares.
  public static func connect(
    to endpoint: Endpoint, configuration: ClientConfiguration = ClientConfiguration(),
    group: (any EventLoopGroup)? = nil
  ) async throws(TransportError) -> ClientConnection {
    let context = try configuration.tls.map { options throws(TransportError) in
      try TLSFiles.clientContext(options)
    }
    let loop = (group ?? MultiThreadedEventLoopGroup.singleton).any()
    let outbox = LoopOutbox(eventLoop: loop)
    let openness = ClientOpenness()
    let name = TLSFiles.serverName(endpoint, configuration.tls)
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(.lasting(configuration.connectSeconds))
      .channelOption(
        .writeBufferWaterMark,
        value: ChannelOptions.Types.WriteBufferWaterMark(
          low: Limits.streamBufferBytes / 2, high: Limits.streamBufferBytes))
    let ready = loop.makePromise(of: HTTP2ClientHandler.self)
    let gate = bootstrap.channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        if let context {
          try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
        }
        try pipeline.addHandler(
          ClientGate(
            isSecure: context != nil, seconds: configuration.connectSeconds, ready: ready
          ) {
            HTTP2ClientHandler(
              session: HTTP2ClientSession(
                configuration: configuration, authority: endpoint.authority, outbox: outbox),
              openness: openness)
          })
      }
    }
    do {
      let channel: any Channel
      switch endpoint {
      case .tcp(let host, let port):
        channel = try await gate.channelOption(.tcpOption(.tcp_nodelay), value: 1)
          .connect(host: host, port: port).get()
      case .unix(let path): channel = try await gate.connect(unixDomainSocketPath: path).get()
      }
      let handler = try await ready.futureResult.get()
      return ClientConnection(
        channel: channel, handler: handler, outbox: outbox, openness: openness,
        maxMessageBytes: configuration.maxMessageBytes)
    } catch {
      ready.fail(error)
      if let known = error as? TransportError { throw known }
      let code: TransportError.Code = error is NIOSSLError ? .tls : .connect
      throw TransportError(code, "cannot connect to \(endpoint): \(error)")
    }
  }

  /// Whether new calls can be made: neither closed, nor told by the server to go away.
  public var isOpen: Bool { openness.isOpen }

  /// Calls a method with one message in both directions. Cancelling the task cancels the call.
  public func unary(
    _ path: String, headers: Headers = [], message: Bytes, deadline: NIODeadline? = nil
  ) async throws(CallStatus) -> Bytes {
    let holder = CallHolder(connection: self)
    let result: Result<Bytes, CallStatus> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        onLoop {
          let call = self.unaryCall(path, headers, deadline) { continuation.resume(returning: $0) }
          holder.set(call)
          self.startUnary(call, message)
        }
      }
    } onCancel: {
      holder.cancel()
    }
    return try result.get()
  }

  /// The same without `async`; `completion` runs on the connection's event loop. The caller keeps the
  /// connection: one that nobody holds closes.
  public func call(
    _ path: String, headers: Headers = [], message: Bytes, deadline: NIODeadline? = nil,
    completion: @escaping @Sendable (Result<Bytes, CallStatus>) -> Void
  ) {
    onLoop {
      self.startUnary(self.unaryCall(path, headers, deadline, completion), message)
    }
  }

  private func unaryCall(
    _ path: String, _ headers: Headers, _ deadline: NIODeadline?,
    _ completion: @escaping (Result<Bytes, CallStatus>) -> Void
  ) -> ClientCall {
    var answer: Bytes?
    return ClientCall(
      path: path, headers: headers, deadline: deadline, maxMessageBytes: maxMessageBytes,
      onMessage: { answer = $0 },
      onEnd: { status in
        if status.code != .ok {
          completion(.failure(status))
        } else if let answer {
          completion(.success(answer))
        } else {
          completion(.failure(CallStatus(.internalError, "the server sent no message")))
        }
      })
  }

  private func startUnary(_ call: ClientCall, _ message: Bytes) {
    handler.session.start(call)
    handler.session.send(message, on: call)
    handler.session.halfClose(call)
  }

  /// Opens a stream in both directions; a server-streaming method gets its message by `send` and `halfClose`.
  public func openStream(
    _ path: String, headers: Headers = [], deadline: NIODeadline? = nil
  ) async throws(CallStatus) -> ClientStream {
    guard isOpen else { throw CallStatus(.unavailable, openness.reason) }
    let stream = ClientStream(connection: self)
    onLoop { stream.start(path, headers, deadline) }
    return stream
  }

  /// Returns when the connection has closed, for whatever reason.
  public func waitUntilClosed() async { try? await channel.closeFuture.get() }

  /// Ends all calls with CANCELLED and closes.
  public func close() async {
    onLoop { self.handler.close(CallStatus(.cancelled, "the client closed the connection")) }
    await waitUntilClosed()
  }

  /// Runs `body` on the loop: at once where possible.
  func onLoop(_ body: @escaping @Sendable () -> Void) {
    if outbox.isCurrent { body() } else { outbox.execute(body) }
  }
}

/// Whether a connection takes calls, for any thread.
final class ClientOpenness: Sendable {
  private let flag = Atomic<Bool>(true)
  private let first = Mutex<String?>(nil)

  var isOpen: Bool { flag.load(ordering: .acquiring) }

  /// Why it takes none.
  var reason: String { first.withLock { $0 } ?? "the connection is closed" }

  func close(because reason: String) {
    first.withLock { if $0 == nil { $0 = reason } }
    flag.store(false, ordering: .releasing)
  }
}

/// Lets another thread cancel a call that is made on the loop.
private final class CallHolder: @unchecked Sendable {
  private let connection: ClientConnection
  /// Both only on the loop.
  private var call: ClientCall?
  private var isCancelled = false

  init(connection: ClientConnection) { self.connection = connection }

  func set(_ call: ClientCall) {
    self.call = call
    if isCancelled { connection.handler.session.cancel(call, Self.status) }
  }

  func cancel() {
    connection.onLoop {
      self.isCancelled = true
      if let call = self.call { self.connection.handler.session.cancel(call, Self.status) }
    }
  }

  private static let status = CallStatus(.cancelled, "context canceled")
}
