public import Foundation
import Synchronization

/// A program that runs; its output goes to files, so that nothing it prints can block it.
public final class ChildProcess: Sendable {
  /// The process's number, also after it ended.
  public let pid: pid_t
  private let outputPath: String
  private let errorPath: String
  private let ending = Mutex<Int32?>(nil)

  /// Starts a program.
  /// - Parameter folder: where its input and output files go.
  public init(
    _ program: String, _ arguments: [String], input: String = "",
    environment: [String: String] = [:], in folder: String
  ) throws {
    let stem = folder + "/" + UUID().uuidString
    outputPath = stem + ".out"
    errorPath = stem + ".err"
    try Data(input.utf8).write(to: URL(filePath: stem + ".in"))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let writing = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_addopen(&actions, 0, stem + ".in", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, writing, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errorPath, writing, 0o600)
    Self.keepDescriptors()
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A test runner may hold signals back, which a program would inherit.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, program, &actions, &attributes, &words, &settings)
    guard code == 0 else {
      throw HarnessError("cannot start \(program): \(String(cString: strerror(code)))")
    }
    self.pid = pid
    RunningChildren.add(pid)
  }

  /// Keeps this process's files and connections out of the programs that it starts: a connection that a
  /// second process holds does not close with the first.
  private static func keepDescriptors() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in names.compactMap({ Int32($0) }) where descriptor > 2 {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    if !hasEnded { kill() }
  }

  /// What it printed so far.
  public var output: String { Self.text(outputPath) }
  /// The same as bytes, for what is no text.
  public var outputBytes: Data { Self.bytes(outputPath) }
  /// What it printed so far on standard error.
  public var errors: String { Self.text(errorPath) }

  private static func text(_ path: String) -> String {
    String(decoding: bytes(path), as: UTF8.self)
  }

  private static func bytes(_ path: String) -> Data {
    (try? Data(contentsOf: URL(filePath: path))) ?? Data()
  }

  /// Whether it ended.
  public var hasEnded: Bool { exitCode != nil }

  /// Its exit code, or 128 and the number of the signal that ended it; nil while it runs.
  public var exitCode: Int32? {
    ending.withLock { code in
      if code == nil { code = Self.reap(pid, WNOHANG) }
      return code
    }
  }

  private static func reap(_ pid: pid_t, _ options: Int32) -> Int32? {
    var status: Int32 = 0
    guard waitpid(pid, &status, options) == pid else { return nil }
    RunningChildren.remove(pid)
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  /// Sends a signal, unless it has ended.
  public func signal(_ number: Int32) {
    ending.withLock { code in
      if code == nil { Glibc.kill(pid, number) }
    }
  }

  /// Ends it at once, and returns when it is gone.
  public func kill() {
    ending.withLock { code in
      guard code == nil else { return }
      Glibc.kill(pid, SIGKILL)
      code = Self.reap(pid, 0)
    }
  }

  /// Waits until it ends.
  /// - Throws: if it still runs after `seconds`; it is killed then.
  @discardableResult
  public func wait(seconds: Double) async throws -> Int32 {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if let code = exitCode { return code }
      try await Task.sleep(for: .milliseconds(2))
    }
    // On a busy machine this task may not have run for long.
    if let code = exitCode { return code }
    kill()
    throw HarnessError("still running after \(seconds) s; it printed: \(output)\(errors)")
  }

  /// Waits until `condition` holds, or it ended, or the time is over; says whether the condition holds.
  public func wait(seconds: Double, until condition: (ChildProcess) -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !condition(self) {
      if hasEnded || ContinuousClock.now >= deadline { return condition(self) }
      try await Task.sleep(for: .milliseconds(5))
    }
    return true
  }
}

/// What still runs, so that nothing outlives the tests.
private enum RunningChildren {
  private static let pids = Mutex<Set<pid_t>?>(nil)

  static func add(_ pid: pid_t) {
    pids.withLock { pids in
      if pids == nil {
        pids = []
        atexit { RunningChildren.killAll() }
      }
      pids?.insert(pid)
    }
  }

  static func remove(_ pid: pid_t) { pids.withLock { _ = $0?.remove(pid) } }

  private static func killAll() {
    pids.withLock { pids in
      for pid in pids ?? [] { kill(pid, SIGKILL) }
    }
  }
}

/// What a program that ended left behind.
public struct Finished: Sendable, Hashable {
  /// What it printed.
  public var output: String
  /// What it printed on standard error.
  public var errors: String
  /// Its exit code.
  public var code: Int32
}

/// Runs a program to its end.
/// - Throws: if it cannot be started, or still runs after `seconds`.
public func run(
  _ program: String, _ arguments: [String], input: String = "",
  environment: [String: String] = [:], seconds: Double = 30
) async throws -> Finished {
  let folder = try TemporaryDirectory()
  let child = try ChildProcess(
    program, arguments, input: input, environment: environment, in: folder.path)
  let code = try await child.wait(seconds: seconds)
  return Finished(output: child.output, errors: child.errors, code: code)
}
