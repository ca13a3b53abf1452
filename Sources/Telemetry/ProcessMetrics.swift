internal import Glibc

/// What Prometheus' client libraries tell of a process, read from /proc as proc(5) describes it.
public enum ProcessMetrics {
  /// Adds the process' metrics to a registry.
  public static func register(in registry: MetricRegistry) {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    let page = Double(sysconf(Int32(_SC_PAGESIZE)))
    let start = startSeconds(ticks: ticks)
    registry.computed(
      "process_cpu_seconds_total", help: "Processor time of the process, in seconds.",
      isCounter: true
    ) {
      let fields = statFields()
      return ((fields[safe: 11] ?? 0) + (fields[safe: 12] ?? 0)) / ticks
    }
    registry.computed("process_resident_memory_bytes", help: "Resident memory, in bytes.") {
      (statFields()[safe: 21] ?? 0) * page
    }
    registry.computed("process_virtual_memory_bytes", help: "Virtual memory, in bytes.") {
      statFields()[safe: 20] ?? 0
    }
    registry.computed(
      "process_virtual_memory_max_bytes", help: "The most virtual memory there may be, in bytes."
    ) { limit(RLIMIT_AS) }
    registry.computed("process_start_time_seconds", help: "When the process began, Unix time.") {
      start
    }
    // Under Prometheus' names and under etcd's.
    for name in ["process_open_fds", "os_fd_used"] {
      registry.computed(name, help: "Open file descriptors.") { Double(openFiles()) }
    }
    for name in ["process_max_fds", "os_fd_limit"] {
      registry.computed(name, help: "The most file descriptors that may be open.") {
        limit(RLIMIT_NOFILE)
      }
    }
  }

  private static func limit(_ resource: __rlimit_resource) -> Double {
    var limit = rlimit()
    return unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0
      ? Double(limit.rlim_cur) : 0
  }

  /// What stands behind the command's name in /proc/self/stat, from the state (field 3, here 0) on.
  private static func statFields() -> [Double] {
    let text = contents(of: "/proc/self/stat")
    guard let end = text.lastIndex(of: ")") else { return [] }
    return text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
  }

  private static func startSeconds(ticks: Double) -> Double {
    let boot = contents(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
    let seconds = boot.flatMap { Double($0.dropFirst(6)) } ?? 0
    return seconds + (statFields()[safe: 19] ?? 0) / ticks
  }

  private static func openFiles() -> Int {
    guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
    defer { unsafe _ = closedir(directory) }
    var count = 0
    while unsafe readdir(directory) != nil { count += 1 }
    // Without ".", ".." and the descriptor that reads the directory.
    return max(0, count - 3)
  }

  private static func contents(of path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { _ = close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

extension Array {
  /// The element, or nil where the array is shorter.
  fileprivate subscript(safe index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}
