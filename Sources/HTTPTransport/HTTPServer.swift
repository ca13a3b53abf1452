internal import Glibc
internal import NIOCore
public import NIOPosix
internal import Primitives
internal import Synchronization

/// Serves gRPC and HTTP/1.1 on any number of listeners.
public final class HTTPServer: Sendable {
  private let group: MultiThreadedEventLoopGroup
  /// Whether nobody else uses the group.
  private let ownsGroup: Bool
  private let outboxes: [ObjectIdentifier: LoopOutbox]
  private let connections = ConnectionRegistry()
  private let listeners = Mutex<[any Channel]>([])
  private let isClosed = Atomic<Bool>(false)

  /// Connections that the kernel keeps until they are accepted.
  private static let backlog: ChannelOptions.Types.BacklogOption.Value = 1_024

  /// A server without listeners.
  /// - Parameter eventLoops: the threads that serve connections.
  public convenience init(eventLoops: Int = 1) {
    self.init(
      group: MultiThreadedEventLoopGroup(numberOfThreads: max(1, eventLoops)), ownsGroup: true)
  }

  /// A server without listeners, on event loops that others use as well, and that outlive it.
  public convenience init(on group: MultiThreadedEventLoopGroup) {
    self.init(group: group, ownsGroup: false)
  }

  private init(group: MultiThreadedEventLoopGroup, ownsGroup: Bool) {
    self.group = group
    self.ownsGroup = ownsGroup
    var outboxes: [ObjectIdentifier: LoopOutbox] = [:]
    for loop in group.makeIterator() {
      outboxes[ObjectIdentifier(loop)] = LoopOutbox(eventLoop: loop)
    }
    self.outboxes = outboxes
  }

  /// Starts listening.
  /// - Returns: the address that was bound, with the port that the system chose.
  public func bind(
    to address: ListenAddress, configuration: ServerConfiguration
  ) async throws(TransportError) -> ListenAddress {
    let acceptor = try ConnectionAcceptor(
      configuration: configuration, outboxes: outboxes, registry: connections)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Self.backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(
        .writeBufferWaterMark,
        value: ChannelOptions.Types.WriteBufferWaterMark(
          low: Limits.streamBufferBytes / 2, high: Limits.streamBufferBytes)
      )
      .childChannelInitializer { channel in acceptor.accept(channel) }
    do {
      let channel: any Channel
      switch address {
      case .tcp(let host, let port):
        channel =
          try await bootstrap
          .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
          .bind(host: host, port: port).get()
      case .unix(let path):
        channel = try await bootstrap.bind(
          unixDomainSocketPath: path, cleanupExistingSocketFile: true
        ).get()
      }
      listeners.withLock { $0.append(channel) }
      guard case .tcp(let host, _) = address else { return address }
      return .tcp(host: host, port: channel.localAddress?.port ?? 0)
    } catch {
      throw TransportError(.bind, "cannot listen on \(address): \(Self.explain(error))")
    }
  }

  /// What the system says of an address, and what a person can do about it.
  private static func explain(_ error: any Error) -> String {
    guard let number = (error as? IOError)?.errnoCode else { return "\(error)" }
    let text = unsafe String(cString: strerror(number)).lowercased()
    return switch number {
    case EADDRINUSE: text + "; stop what listens there, or choose another port"
    case EADDRNOTAVAIL: text + "; choose an address of this machine"
    case EACCES:
      text + "; a port below 1024 takes a privilege, and a socket's folder must be writable"
    default: text
    }
  }

  /// Stops listening, sends GOAWAY, waits for open calls up to `graceSeconds`, and closes.
  public func shutdown(graceSeconds: Double = 5) async {
    if isClosed.exchange(true, ordering: .relaxed) { return }
    for listener in listeners.withLock({ $0 }) { try? await listener.close().get() }
    connections.shutdown()
    let end = NIODeadline.now() + .lasting(graceSeconds)
    while connections.count > 0, NIODeadline.now() < end {
      try? await Task.sleep(nanoseconds: 5_000_000)
    }
    connections.closeAll()
    while connections.count > 0, NIODeadline.now() < end + .seconds(2) {
      try? await Task.sleep(nanoseconds: 2_000_000)
    }
    if ownsGroup { try? await group.shutdownGracefully() }
  }
}

/// The connections of a server.
final class ConnectionRegistry: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: any ServerConnection] = [:]
    var isShuttingDown = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.connections.count } }

  /// Adds a connection; false if the server is shutting down.
  func add(_ connection: any ServerConnection) -> Bool {
    state.withLock { state in
      if state.isShuttingDown { return false }
      state.connections[ObjectIdentifier(connection)] = connection
      return true
    }
  }

  func remove(_ connection: any ServerConnection) {
    _ = state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
  }

  func shutdown() {
    let all = state.withLock { state in
      state.isShuttingDown = true
      return Array(state.connections.values)
    }
    for connection in all { connection.beginShutdown() }
  }

  func closeAll() {
    for connection in state.withLock({ Array($0.connections.values) }) { connection.closeNow() }
  }
}

/// One connection, as the server sees it when it ends; any thread.
protocol ServerConnection: AnyObject, Sendable {
  /// Ends the connection once its open calls have ended.
  func beginShutdown()
  /// Closes the socket.
  func closeNow()
}
