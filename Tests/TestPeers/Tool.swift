public import Foundation

/// Runs programs from tests, whose threads may have signals blocked that the programs need.
public enum Tool {
  /// What a program left behind.
  public struct Outcome: Equatable, Sendable {
    /// The exit status; 128 and the signal's number if a signal ended it, 124 if it took too long.
    public var status: Int32
    /// Standard output.
    public var output: String
    /// Standard error.
    public var errors: String

    /// Describes an end.
    public init(status: Int32, output: String, errors: String) {
      self.status = status
      self.output = output
      self.errors = errors
    }
  }

  /// Starts a program with no signal blocked and its output in a file.
  public static func spawn(
    _ arguments: [String], environment: [String: String] = [:], input: String = "/dev/null",
    output: String, errors: String? = nil
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    var actions = posix_spawn_file_actions_t()
    posix_spawnattr_init(&attributes)
    posix_spawn_file_actions_init(&actions)
    defer {
      posix_spawnattr_destroy(&attributes)
      posix_spawn_file_actions_destroy(&actions)
    }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, output, create, 0o600)
    if let errors {
      posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o600)
    } else {
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
    var words = arguments.map { strdup($0) }
    words.append(nil)
    let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var variables = all.map { strdup("\($0.key)=\($0.value)") }
    variables.append(nil)
    defer { for text in words + variables { free(text) } }
    var process: pid_t = 0
    let error = posix_spawn(&process, arguments[0], &actions, &attributes, words, variables)
    guard error == 0 else {
      throw TestPeerError("\(arguments[0]) cannot be started: error \(error)")
    }
    return process
  }

  /// Runs a program to its end, at most `seconds` long.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
    seconds: Double = 30
  ) -> Outcome {
    do {
      return try Running(arguments, environment: environment, input: input).finish(
        seconds: seconds)
    } catch {
      return Outcome(status: -1, output: "", errors: "\(error)")
    }
  }

  /// A program that runs.
  public final class Running {
    private let folder = NSTemporaryDirectory() + "keelson-run-\(UUID().uuidString)"
    private let process: pid_t

    /// Starts a program.
    public init(
      _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []
    ) throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(input).write(to: URL(fileURLWithPath: folder + "/in"))
      process = try spawn(
        arguments, environment: environment, input: folder + "/in", output: folder + "/out",
        errors: folder + "/err")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// What it has written to standard output.
    public var output: String { text(folder + "/out") }

    /// Waits for the end, at most `seconds` long, then ends it.
    public func finish(seconds: Double) -> Outcome {
      let status = wait(for: process, seconds: seconds)
      return Outcome(status: status, output: output, errors: text(folder + "/err"))
    }
  }

  /// Waits for a program's end; after `seconds` it is ended.
  public static func wait(for process: pid_t, seconds: Double) -> Int32 {
    var status: Int32 = 0
    let deadline = Date().addingTimeInterval(seconds)
    while waitpid(process, &status, WNOHANG) == 0 {
      if Date() > deadline {
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
        return 124
      }
      usleep(2_000)
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  private static func text(_ path: String) -> String {
    String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data(), as: UTF8.self)
  }
}
