internal import Glibc
internal import Synchronization

/// The processes that the load generator has started, so that a signal ends them too.
enum ChildProcesses {
  private static let capacity = 32
  private static let places: [ProcessPlace] = (0..<capacity).map { _ in ProcessPlace() }

  /// One process, or none: a signal handler may look at it at any time.
  private final class ProcessPlace: Sendable {
    let pid = Atomic<pid_t>(0)
  }

  /// Ends all of them, and this process, when it is interrupted or terminated.
  static func endWithUs() {
    // Made now, not in the handler.
    _ = places.count
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        ChildProcesses.killAll()
        _exit(128 + number)
      }
    }
  }

  static func killAll() {
    for place in places {
      let pid = place.pid.load(ordering: .relaxed)
      if pid > 0 { kill(pid, SIGKILL) }
    }
  }

  static func add(_ pid: pid_t) {
    for place in places where place.pid.load(ordering: .relaxed) == 0 {
      place.pid.store(pid, ordering: .relaxed)
      return
    }
  }

  static func remove(_ pid: pid_t) {
    for place in places where place.pid.load(ordering: .relaxed) == pid {
      place.pid.store(0, ordering: .relaxed)
    }
  }

  /// Starts a program whose output goes to the end of a file.
  static func start(_ path: String, _ arguments: [String], log: String) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let writing = O_WRONLY | O_CREAT | O_APPEND
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, log, writing, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    keepDescriptors()
    var pid: pid_t = 0
    let code = unsafe posix_spawn(&pid, path, &actions, nil, &words, environ)
    guard code == 0 else {
      throw BenchError("cannot start \(path): \(unsafe String(cString: strerror(code)))")
    }
    add(pid)
    return pid
  }

  /// Keeps this process's connections out of the programs that it starts: one that a second process
  /// holds does not close with the first.
  private static func keepDescriptors() {
    for descriptor in 3..<Int32(4_096) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  }

  /// What a program has used that has ended.
  struct Usage: Sendable {
    var code: Int32
    /// CPU seconds of all its threads.
    var seconds: Double
    /// The highest that its resident memory was.
    var peakBytes: Int
  }

  /// Waits until a program has ended.
  static func wait(for pid: pid_t) async throws -> Usage {
    var peakBytes = 0
    while true {
      // The usage below would count the memory of this process too, from which the program was started.
      peakBytes = max(peakBytes, Memory(pid: pid).peak)
      var status: Int32 = 0
      var usage = rusage()
      let ended = unsafe wait4(pid, &status, WNOHANG, &usage)
      guard ended >= 0 else { throw BenchError("the program cannot be waited for") }
      if ended == pid {
        remove(pid)
        let times = [usage.ru_utime, usage.ru_stime]
        return Usage(
          code: code(status),
          seconds: times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 },
          peakBytes: peakBytes)
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private static func code(_ status: Int32) -> Int32 {
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  /// The exit code of a process that has ended; nil while it runs.
  static func ending(of pid: pid_t) -> Int32? {
    var status: Int32 = 0
    guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
    remove(pid)
    return code(status)
  }
}
