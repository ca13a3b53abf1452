internal import Glibc
internal import HTTPTransport
internal import NIOCore
internal import Primitives

/// What a load runs on: one server, or several that are one store.
protocol MeasuredTarget: Sendable {
  /// What the tables call it.
  var name: String { get }
  /// What every call of a load carries, such as a token.
  var headers: Headers { get }
  /// Its memory now.
  var memory: Memory { get }
  /// So many connections.
  func connect(_ count: Int) async throws -> [ClientConnection]
  /// The store's revision.
  func revision() async throws -> Int64
  /// CPU seconds that it has used.
  func cpuSeconds() throws -> Double
}

/// A server that was started for measurement.
final class RunningServer: MeasuredTarget, @unchecked Sendable {
  /// What it is.
  let program: ServerProgram
  /// Where it serves clients.
  let endpoint: Endpoint
  private let folder: String
  private let port: Int
  private let group: any EventLoopGroup
  private let arguments: [String]?
  private var pid: pid_t = 0
  /// What every call of a load carries, such as a token.
  var headers: Headers = []
  /// The CPU time of its process.
  private(set) var clock = ProcessClock.own

  /// How long a start may take, with any amount of data.
  private static let startSeconds = 90.0

  /// Describes a server in a folder of its own.
  /// - Parameter arguments: its flags; without them it is alone.
  init(
    _ program: ServerProgram, folder: String, port: Int, group: any EventLoopGroup,
    arguments: [String]? = nil
  ) {
    self.program = program
    self.arguments = arguments
    self.folder = folder
    self.port = port
    self.group = group
    endpoint = .tcp(host: "127.0.0.1", port: port)
  }

  /// Where it serves clients, as programs are told.
  var address: String { "127.0.0.1:\(port)" }

  /// What the tables call it.
  var name: String { program.name }

  /// Starts it and waits for its first answer to a read.
  /// - Returns: how many seconds that took.
  @discardableResult
  func start() async throws -> Double {
    let begin = ProcessClock.now
    try launch()
    try await waitUntilServing()
    return ProcessClock.now - begin
  }

  /// Starts it, without waiting.
  func launch() throws {
    pid = try ChildProcesses.start(
      program.path, arguments ?? program.arguments(folder: folder + "/data", port: port),
      log: folder + "/log")
    guard let clock = ProcessClock(pid: pid) else { throw BenchError("\(name) did not start") }
    self.clock = clock
  }

  /// Waits for its first answer to a read.
  func waitUntilServing() async throws {
    let begin = ProcessClock.now
    while ProcessClock.now - begin < Self.startSeconds {
      if try await answers() { return }
      if ChildProcesses.ending(of: pid) != nil {
        pid = 0
        throw BenchError("\(name) ended while it started: see its log in \(folder)")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw BenchError("\(name) does not answer after \(Int(Self.startSeconds)) s")
  }

  private func answers() async throws -> Bool {
    guard let connection = try? await connect() else { return false }
    let answer = try? await connection.unary(
      Methods.range, message: Requests.range([0]), deadline: .now() + .seconds(60))
    await connection.close()
    return answer != nil
  }

  /// Sends a signal to its process, without waiting.
  func signal(_ number: Int32) throws {
    guard pid > 0, kill(pid, number) == 0 else { throw BenchError("\(name) does not run") }
  }

  /// Ends it with a signal and waits until it is gone.
  func stop(_ number: Int32 = SIGTERM) async throws {
    guard pid > 0 else { return }
    kill(pid, number)
    for round in 0..<12_000 {
      if ChildProcesses.ending(of: pid) != nil {
        pid = 0
        return
      }
      if round == 6_000 { kill(pid, SIGKILL) }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw BenchError("\(name) does not end")
  }

  /// One more connection.
  func connect() async throws -> ClientConnection {
    var configuration = ClientConfiguration()
    configuration.tls = program.security?.tls
    return try await ClientConnection.connect(
      to: endpoint, configuration: configuration, group: group)
  }

  /// So many connections.
  func connect(_ count: Int) async throws -> [ClientConnection] {
    var connections: [ClientConnection] = []
    for _ in 0..<count { connections.append(try await connect()) }
    return connections
  }

  /// Asks once.
  func ask(_ method: String, _ message: Bytes, seconds: Int64 = 60) async throws -> Bytes {
    let connection = try await connect()
    do throws(CallStatus) {
      let answer = try await connection.unary(
        method, headers: headers, message: message, deadline: .now() + .seconds(seconds))
      await connection.close()
      return answer
    } catch {
      throw BenchError("\(name) refuses \(method): \(error)")
    }
  }

  /// The store's revision.
  func revision() async throws -> Int64 {
    let answer = try await ask(Methods.range, Requests.range([0]))
    guard let revision = Answers.revision(answer) else {
      throw BenchError("\(name) answers without a revision")
    }
    return revision
  }

  /// CPU seconds that it has used.
  func cpuSeconds() throws -> Double {
    guard let seconds = clock.seconds else { throw BenchError("\(name) has ended") }
    return seconds
  }

  /// Its memory now.
  var memory: Memory { Memory(pid: pid) }

  /// Lets the peak of its memory begin anew.
  func resetPeakMemory() { SystemFile.write("5", to: "/proc/\(pid)/clear_refs") }

  /// Waits until it uses almost no CPU for a second, for at most so long.
  func waitUntilIdle(seconds: Double) async throws {
    let deadline = ProcessClock.now + seconds
    while ProcessClock.now < deadline {
      let before = try cpuSeconds()
      try await Task.sleep(for: .seconds(1))
      if try cpuSeconds() - before < 0.03 { return }
    }
  }
}
