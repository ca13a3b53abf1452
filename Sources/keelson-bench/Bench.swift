internal import Glibc
internal import HTTPTransport
internal import NIOCore
internal import NIOPosix

/// What all workloads share: the servers' programs, how long to measure, and what was found.
final class Bench {
  /// Keelson first, then what it is compared with.
  let programs: [ServerProgram]
  /// Whether to be done in two minutes, with figures that mean little.
  let isQuick: Bool
  let group: MultiThreadedEventLoopGroup
  var report = Report()
  /// Where servers and workloads keep their files.
  let folder: String
  /// The keelsonctl program; nil if it was not named.
  let control: String?
  private let only: [String]
  private let firstPort: Int
  private let deadline: Double
  private var pairs = 0

  init(
    programs: [ServerProgram], control: String? = nil, folder: String, only: [String],
    isQuick: Bool, port: Int, deadline: Double
  ) {
    self.programs = programs
    self.control = control
    self.folder = folder
    self.only = only
    self.isQuick = isQuick
    self.deadline = deadline
    firstPort = port
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  }

  /// The one event loop of the load generator.
  var loop: any EventLoop { group.next() }

  /// Windows for each server in a row.
  var windows: Int { isQuick ? 1 : 3 }
  /// Seconds of a window.
  var seconds: Double { isQuick ? 0.3 : 1.5 }
  /// Seconds of load before a window, which do not count.
  var warmup: Double { isQuick ? 0.1 : 0.4 }
  /// The keys of most key spaces.
  var usualKeys: Int { isQuick ? 1_000 : 10_000 }

  /// Whether a row, or one of a group of them, was asked for.
  func wants(_ row: String) -> Bool {
    only.isEmpty || only.contains { row.hasPrefix($0) || $0.hasPrefix(row + "-") || $0 == row }
  }

  /// Whether there is time left; the workloads look here before each row.
  var hasTime: Bool { ProcessClock.now < deadline }

  /// Says what is going on.
  func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  // MARK: Servers

  /// Starts all servers with empty folders, and ends and removes them afterwards.
  func withServers<Result>(
    _ programs: [ServerProgram]? = nil, _ body: ([RunningServer]) async throws -> Result
  ) async throws -> Result {
    pairs += 1
    var servers: [RunningServer] = []
    for (place, program) in (programs ?? self.programs).enumerated() {
      let own = "\(folder)/\(pairs)-\(program.name)"
      try SystemFile.makeFolder(own)
      servers.append(
        RunningServer(
          program, folder: own, port: firstPort + 4 * (pairs % 100) + 2 * place, group: group))
    }
    func end() async {
      for server in servers { try? await server.stop(SIGKILL) }
      for program in programs ?? self.programs {
        SystemFile.removeFolder("\(folder)/\(pairs)-\(program.name)")
      }
    }
    do {
      for server in servers { try await server.start() }
      let result = try await body(servers)
      await end()
      return result
    } catch {
      await end()
      throw error
    }
  }

  /// The first port that no single server uses.
  var clusterPort: Int { firstPort + 500 }

  /// A new folder for servers' data.
  func nextFolder() throws -> String {
    pairs += 1
    let own = "\(folder)/\(pairs)"
    try SystemFile.makeFolder(own)
    return own
  }

  /// The device that the servers write to.
  var device: BlockDevice? { BlockDevice(below: folder) }

  // MARK: Loads

  /// Puts all keys of a key space from number `first` on.
  func fill(_ server: some MeasuredTarget, _ keys: KeySpace, from first: Int = 0) async throws {
    let before = try await server.revision()
    let connections = try await server.connect(8)
    let run = LoadRun(
      connections: connections, loop: loop, lanes: 256, headers: server.headers,
      traffic: FillTraffic(keys, from: first))
    try await run.start(requests: keys.count - first)
    try await run.drain(seconds: 600)
    for connection in connections { await connection.close() }
    try await expectGrowth(server, before, by: keys.count - first)
  }

  /// Holds a server to the number of requests that it has answered.
  func expectGrowth(_ server: some MeasuredTarget, _ before: Int64, by count: Int) async throws {
    let grown = try await server.revision() - before
    guard grown == Int64(count) else {
      throw BenchError("\(server.name): the revision grew by \(grown), for \(count) writes")
    }
  }

  /// One load on each server, in alternating windows.
  /// - Parameter traffic: what is asked; made once for each server, before its first window.
  /// - Returns: the windows of each server.
  /// - Throws: `BenchError` if a call failed, an answer is wrong, or the revision does not tell of
  ///   every write.
  func alternate<Target: MeasuredTarget>(
    _ servers: [Target], _ shape: LoadShape, _ pace: Pace = .closed, windows: Int? = nil,
    seconds: Double? = nil, streamMethod: String? = nil,
    _ traffic: (Target) async throws -> any Traffic
  ) async throws -> [Windows] {
    var loads: [Load] = []
    do {
      for server in servers {
        let connections = try await server.connect(shape.connections)
        let run = LoadRun(
          connections: connections, loop: loop, lanes: shape.connections * shape.depth, pace: pace,
          streamMethod: streamMethod, headers: server.headers,
          traffic: try await traffic(server))
        loads.append(Load(server: server, connections: connections, run: run))
      }
      let results = try await alternate(
        loads, windows: windows ?? self.windows, seconds: seconds ?? self.seconds)
      await Self.end(loads)
      return results
    } catch {
      await Self.end(loads)
      throw error
    }
  }

  /// A load on one server, with what it runs on.
  private struct Load {
    let server: any MeasuredTarget
    let connections: [ClientConnection]
    let run: LoadRun
  }

  private static func end(_ loads: [Load]) async {
    for load in loads {
      await load.run.abandon()
      for connection in load.connections { await connection.close() }
    }
  }

  private func alternate(
    _ loads: [Load], windows: Int, seconds: Double
  ) async throws -> [Windows] {
    var before: [Int64] = []
    for load in loads { before.append(try await load.server.revision()) }
    var results = [Windows](repeating: Windows(list: []), count: loads.count)
    for _ in 0..<windows {
      for (place, load) in loads.enumerated() {
        try await load.run.start()
        try await Task.sleep(for: .seconds(warmup))
        results[place].list.append(try await window(load.run, load.server, seconds: seconds))
        try await load.run.stop()
      }
    }
    for (load, before) in zip(loads, before) {
      try await expectGrowth(load.server, before, by: try await load.run.writes())
    }
    return results
  }

  /// Measures a load that is running.
  func window(
    _ run: LoadRun, _ server: any MeasuredTarget, seconds: Double
  ) async throws -> Window {
    _ = try await run.take()
    let begin = (ProcessClock.now, try server.cpuSeconds(), ProcessClock.own.seconds ?? 0)
    try await Task.sleep(for: .seconds(seconds))
    let counts = try await run.take()
    let window = Window(
      seconds: ProcessClock.now - begin.0, answers: counts.answers,
      serverSeconds: try server.cpuSeconds() - begin.1,
      ownSeconds: (ProcessClock.own.seconds ?? 0) - begin.2, latencies: counts.latencies,
      memory: server.memory)
    try await run.check()
    guard window.answers > 0 else { throw BenchError("\(server.name): no answers") }
    return window
  }
}
