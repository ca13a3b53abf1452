import Foundation
import ProcessHarness

/// A mount namespace of its own: what is mounted in it disappears with it, and nobody else sees it.
struct MountNamespace {
  /// Whether this process may make one.
  static let isAllowed = getuid() == 0 && access("/usr/bin/nsenter", X_OK) == 0

  private let holder: ChildProcess
  private let folder: TemporaryDirectory

  /// Makes one, and runs a command in it that mounts something.
  init(_ command: String, in directory: String) async throws {
    folder = try TemporaryDirectory()
    holder = try ChildProcess(
      "/usr/bin/unshare",
      [
        "--mount", "--propagation", "private", "/bin/sh", "-c",
        "\(command) && echo mounted && exec sleep 600",
      ],
      in: folder.path)
    let isMounted = try await holder.wait(seconds: 20) { $0.output.contains("mounted") }
    guard isMounted else {
      throw HarnessError("cannot mount by `\(command)`: \(holder.errors)")
    }
  }

  /// The words before a program and its arguments that start it here.
  var entering: [String] { ["/usr/bin/nsenter", "--target", String(holder.pid), "--mount"] }

  /// Runs a shell command here.
  func run(_ command: String) async throws -> Finished {
    let answer = try await ProcessHarness.run(
      entering[0], Array(entering.dropFirst()) + ["/bin/sh", "-c", command])
    guard answer.code == 0 else { throw HarnessError("`\(command)`: \(answer.errors)") }
    return answer
  }

  /// Ends it; what was mounted is gone once no process is left in it.
  func end() { holder.kill() }
}
