import Foundation
import Synchronization

/// A member of etcd or Keelson on loopback ports of its own, that can be killed and started again.
public final class ServerProcess: Sendable {
  /// Which server.
  public enum Kind: Sendable {
    /// The peer.
    case etcd
    /// Ours.
    case keelson
  }

  /// Which server.
  public let kind: Kind
  /// Where its data is.
  public let dataDirectory: String
  /// The port of its clients.
  public let clientPort: Int
  /// The port it names for its peers.
  public let peerPort: Int
  /// The port for probes and metrics.
  public let metricsPort: Int
  /// The folder for whatever belongs to this server; removed with it.
  public let folder: TemporaryDirectory
  private let flags: [String]
  private let current = Mutex<ChildProcess?>(nil)

  /// Describes a server; nothing runs yet.
  public init(
    _ kind: Kind, flags: [String] = [], dataDirectory: String? = nil, name: String = "m1"
  ) throws {
    self.kind = kind
    folder = try TemporaryDirectory()
    self.dataDirectory = dataDirectory ?? folder.path + "/data"
    clientPort = LoopbackPorts.next()
    peerPort = LoopbackPorts.next()
    metricsPort = LoopbackPorts.next()
    self.flags =
      [
        "--name", name, "--data-dir", self.dataDirectory,
        "--listen-client-urls", "http://127.0.0.1:\(clientPort)",
        "--advertise-client-urls", "http://127.0.0.1:\(clientPort)",
        "--listen-peer-urls", "http://127.0.0.1:\(peerPort)",
        "--initial-advertise-peer-urls", "http://127.0.0.1:\(peerPort)",
        "--initial-cluster", "\(name)=http://127.0.0.1:\(peerPort)",
        "--initial-cluster-token", "interop", "--initial-cluster-state", "new",
        "--listen-metrics-urls", "http://127.0.0.1:\(metricsPort)",
      ] + flags
  }

  deinit { current.withLock { $0?.kill() } }

  /// Where clients connect.
  public var endpoint: String { "127.0.0.1:\(clientPort)" }

  /// The process that runs now or ran last.
  public var process: ChildProcess? { current.withLock { $0 } }

  /// What the process that runs now or ran last wrote to its log.
  public var log: String { process.map { $0.output + $0.errors } ?? "" }

  /// Starts it without waiting until it serves.
  /// - Parameter wrapper: a program, with its arguments, that starts the server.
  @discardableResult
  public func launch(wrapper: [String] = []) throws -> ChildProcess {
    let program =
      switch kind {
      case .etcd: try Programs.peer("bin/etcd")
      case .keelson: try Programs.ours("keelson")
      }
    let words = wrapper + [program] + flags
    let child = try ChildProcess(words[0], Array(words.dropFirst()), in: folder.path)
    current.withLock { $0 = child }
    return child
  }

  /// Starts it and waits until it serves.
  public func start(wrapper: [String] = [], seconds: Double = 30) async throws {
    let child = try launch(wrapper: wrapper)
    try await waitUntilReady(child, seconds: seconds)
  }

  /// Waits for the line that says that clients can come.
  public func waitUntilReady(_ child: ChildProcess, seconds: Double = 30) async throws {
    let isReady = try await child.wait(seconds: seconds) {
      ($0.errors + $0.output).contains("ready to serve client requests")
    }
    guard isReady else {
      let ended = child.exitCode.map { "ended with code \($0)" } ?? "is not ready"
      throw HarnessError("the \(kind) server \(ended) after \(seconds) s or less; its log:\n\(log)")
    }
  }

  /// Asks it to stop, and waits until it has.
  /// - Returns: its exit code.
  @discardableResult
  public func stop(seconds: Double = 30) async throws -> Int32 {
    guard let process else { return 0 }
    process.signal(SIGTERM)
    return try await process.wait(seconds: seconds)
  }

  /// Kills it: nothing is flushed or said.
  public func kill() { process?.kill() }

  /// Runs a program of the peers, or `keelsonctl`, against it.
  public func control(
    _ arguments: [String], program: String? = nil, input: String = "", seconds: Double = 30
  ) async throws -> Finished {
    try await run(
      try program ?? Programs.peer("bin/etcdctl"), ["--endpoints", endpoint] + arguments,
      input: input, environment: ["ETCDCTL_API": "3"], seconds: seconds)
  }
}

/// Starts a server, and ends it whatever happens in `body`.
public func withServer<Result>(
  _ kind: ServerProcess.Kind, flags: [String] = [],
  _ body: (ServerProcess) async throws -> Result
) async throws -> Result {
  let server = try ServerProcess(kind, flags: flags)
  defer { server.kill() }
  try await server.start()
  return try await body(server)
}

extension ServerProcess.Kind {
  /// What tests of one server start: ours, unless `KEELSON_SERVER_UNDER_TEST` is `etcd`, with which one sees
  /// whether a test asks for more than etcd gives.
  public static let underTest: Self =
    ProcessInfo.processInfo.environment["KEELSON_SERVER_UNDER_TEST"] == "etcd" ? .etcd : .keelson
}
